"""Decision files that were checked and are not deployed: kept by the page that shows them, never by the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import FormData

from engine.decisions.library import is_decision_file
from engine.errors import FieldProblem, InvalidInput

MAX_FILES: Final = 20
MAX_CHARACTERS: Final = 2_000_000
_PATH, _CONTENT = "draft.path", "draft.content"


def fields(files: Mapping[str, bytes]) -> Sequence[tuple[str, str]]:
    """The decision files among others as path and content, for hidden fields; none where they are too large."""
    found = [(path, content) for path, content in files.items() if is_decision_file(path)]
    if len(found) > MAX_FILES or sum(len(content) for _, content in found) > MAX_CHARACTERS:
        return []
    try:
        return [(path, content.decode("utf-8-sig")) for path, content in found]
    except UnicodeDecodeError:
        return []  # written in another encoding, which a text field would not keep


def of_form(posted: FormData) -> dict[str, bytes]:
    """The files as they came back.

    Raises:
        InvalidInput: there are none, too many, or they are too large.
    """
    paths = [str(path)[:300] for path in posted.getlist(_PATH)]
    contents = [str(content) for content in posted.getlist(_CONTENT)]
    if not paths or len(paths) != len(contents) or len(paths) > MAX_FILES or sum(map(len, contents)) > MAX_CHARACTERS:
        message = "Expected the decision files that were checked; upload them again and choose «Check only»."
        message_zh = "没有收到检查过的决策文件，请重新上传并选择“仅检查”。"
        problem = FieldProblem(field="files", code="no_draft", message=message, message_zh=message_zh)
        raise InvalidInput(message, problems=[problem])
    return {path: content.encode() for path, content in zip(paths, contents, strict=True)}

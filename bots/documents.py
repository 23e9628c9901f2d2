"""Documents: a Typst template and JSON data become a PDF.

The template is program text from the process application; data never is: it stands beside the template
as `data.json`, which the template reads with `json("data.json")`. Fonts come from packages and the
site's own folders, never from the system, so that a PDF looks the same on every machine.

Typst is native code, and templates are programs: `render_pdf` may crash or never return. Call it in a
process of its own; the bot `document.render` does. Reference: https://typst.app/docs/
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from engine.contracts.errors import BusinessError

TEMPLATE_ERROR = "TEMPLATE_ERROR"
"""BPMN error code of a template that cannot be rendered with the data it got."""

FONTS_VARIABLE = "CIVIFLOW_FONTS"
"""Environment variable of the bot's process: folders with the site's own fonts, as in PATH."""

DATA_NAME = "data.json"
_MAIN_NAME = "civiflow-main.typ"

# Defaults that a template's own set rules override. `include` keeps the template's line numbers.
_MAIN = """\
#set document(title: sys.inputs.at("title", default: none), author: sys.inputs.at("author", default: ()))
#set text(lang: "zh", font: ("Noto Serif SC",))
#include {template}
"""

_PACKAGE_IMPORT = re.compile(r'#?\b(?:import|include)\s*\(?\s*"@')
_PLACE = re.compile(r"┌─ (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)")
_PART = re.compile(r"[\w][\w .()-]*")


def render_pdf(
    template: bytes,
    data: Mapping[str, object],
    *,
    assets: Mapping[str, bytes] | None = None,
    name: str = "template.typ",
    inputs: Mapping[str, str] | None = None,
    created: datetime | None = None,
    fonts: Sequence[Path] = (),
) -> bytes:
    """Render a Typst template to a PDF. The same arguments give the same bytes.

    Args:
        template: Typst source in UTF-8.
        data: JSON values; the template reads them with `json("data.json")`.
        assets: files beside the template by relative path, such as 'logo.svg' or 'images/1.png'.
        name: the template's file name, for messages.
        inputs: short texts, seen as `sys.inputs`; 'title' and 'author' also become the PDF's metadata
            unless the template sets its own.
        created: aware; the PDF's creation date, and what `datetime.today()` gives in UTC. None means
            1970-01-01.
        fonts: folders with further fonts, beside Noto Sans SC and Noto Serif SC.

    Raises:
        BusinessError: the template has a mistake, or does not fit the data; code TEMPLATE_ERROR, the
            message names file, line and column.
    """
    import typst

    source = _checked_source(template, name)
    with tempfile.TemporaryDirectory(prefix="civiflow-document-") as folder:
        root = Path(folder)
        files = {**(assets or {}), name: source.encode(), DATA_NAME: _json(data)}
        files[_MAIN_NAME] = _MAIN.format(template=json.dumps(name, ensure_ascii=False)).encode()
        for each, content in files.items():
            path = root / _relative(each)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        empty = root / "no-packages"
        try:
            pdf = typst.compile(
                str(root / _MAIN_NAME),
                root=str(root),
                font_paths=_fonts(tuple(fonts)),
                format="pdf",
                timestamp=_seconds(created),
                sys_inputs=dict(inputs or {}),
                package_path=str(empty),
                package_cache_path=str(empty),
            )
        except typst.TypstError as error:
            raise BusinessError(_in_words(error, root), code=TEMPLATE_ERROR) from error
    return bytes(pdf)


def _checked_source(template: bytes, name: str) -> str:
    try:
        source = template.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BusinessError(
            f"Expected template {name} to be UTF-8 but byte {error.start} is not; save it as UTF-8.",
            code=TEMPLATE_ERROR,
        ) from error
    if found := _PACKAGE_IMPORT.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise BusinessError(
            f"Template {name}, line {line}: packages from the network are not available; "
            "put the package's .typ file beside the template and import that.",
            code=TEMPLATE_ERROR,
        )
    return source


def _json(data: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BusinessError(f"Expected JSON data for the document but {error}.", code=TEMPLATE_ERROR) from error


def _relative(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or not all(_PART.fullmatch(part) for part in path.parts):
        raise BusinessError(f"Expected a file name such as 'logo.svg' but got {name!r}.", code=TEMPLATE_ERROR)
    return path


@lru_cache(maxsize=4)
def _fonts(folders: tuple[Path, ...]) -> Any:
    """Read once a process: reading them takes longer than to set a page."""
    import pylopdf_fonts_zh_cn
    import typst

    packaged = pylopdf_fonts_zh_cn.sans_path().parent
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(packaged), *(str(folder) for folder in folders)],
    )


def _seconds(created: datetime | None) -> int:
    """Seconds since 1970, which is what Typst takes beside datetimes of fixed offset."""
    return 0 if created is None else (created - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def _in_words(error: Any, root: Path) -> str:
    """Where and what, from Typst's diagnostic: 'Template n.typ, line 3, column 6: unknown variable: b'."""
    place = _PLACE.search(error.diagnostic)
    message = error.message.replace(f"{root}/", "")
    if place is None:
        return f"Template: {message}"
    file = Path(place["file"]).name
    hints = "".join(f" ({hint})" for hint in error.hints)
    return f"Template {file}, line {place['line']}, column {place['column']}: {message}{hints}"

"""Short texts filled from a case: `办结通知书-{businessKey}.pdf`, `您好，{reporter.name}`.

Not a template language: a placeholder is a name or a path of names, looked up once in plain data.
What was filled in is never read again, so a value that looks like a placeholder stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from engine.contracts.errors import BusinessError
from engine.contracts.jobs import Job, JobContext

PLACEHOLDER_ERROR = "PLACEHOLDER_ERROR"
"""BPMN error code of a text that cannot be filled."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_MAX_NAME_BYTES = 200


def case_facts(job: Job, context: JobContext) -> dict[str, str]:
    """What every text and document may say about the case: texts under camelCase names.

    `today` is the site's date (ISO 8601) when the process reached the task, so that a second attempt
    says the same; `businessKey` falls back to the instance's id.
    """
    reached = (job.created_at or context.now).astimezone(ZoneInfo(context.zone))
    return {
        "businessKey": job.business_key or job.instance_id,
        "definitionKey": job.definition_key,
        "elementName": job.element_name or job.element_id,
        "instanceId": job.instance_id,
        "today": reached.date().isoformat(),
    }


def fill(text: str, facts: Mapping[str, str], variables: Mapping[str, object]) -> str:
    """The text with each `{name}` or `{name.field}` replaced; `{{` and `}}` stand for braces.

    Args:
        text: from the model, never from a user.
        facts: looked up first, see `case_facts`.
        variables: looked up next. Texts, numbers and truth values can be filled in; null becomes ''.

    Raises:
        BusinessError: a placeholder names nothing, or a list or an object; code PLACEHOLDER_ERROR.
    """

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        return facts[match[1]] if match[1] in facts else _look_up(match[1], facts, variables)

    return _PLACEHOLDER.sub(replace, text)


def file_name(text: str, *, suffix: str) -> str:
    """A name that every file system takes: NFC, no path, no control or invisible characters, 200 bytes.

    Args:
        text: as filled from the case.
        suffix: such as '.pdf'; added unless the text ends in it.
    """
    text = unicodedata.normalize("NFC", text)
    # Cc and Cf: control characters and the bidirectional marks that make 'fdp.exe' read 'exe.pdf'.
    text = "".join(each for each in text if each.isspace() or unicodedata.category(each)[0] != "C")
    stem = _UNSAFE_IN_NAMES.sub("_", text.strip()).removesuffix(suffix).strip("._ ") or "document"
    while len((stem + suffix).encode()) > _MAX_NAME_BYTES:
        stem = stem[:-1]
    return stem + suffix


def _look_up(path: str, facts: Mapping[str, str], variables: Mapping[str, object]) -> str:
    value: object = variables
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            known = ", ".join([*facts, *variables][:40])
            raise BusinessError(
                f"Expected {{{path}}} to name a value of the case but there is none; "
                f"there are: {known}. Correct the text in the model, or set the variable before this task.",
                code=PLACEHOLDER_ERROR,
            )
        value = value[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise BusinessError(
        f"Expected {{{path}}} to be a text or a number but it is a {type(value).__name__}; "
        "name one of its fields, such as {applicant.name}.",
        code=PLACEHOLDER_ERROR,
    )

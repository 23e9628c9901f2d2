"""What was found in an uploaded file: plain data, shown to its author."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error keeps the model from being started."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a model that its author should know.

    Args:
        severity: whether it can be started all the same.
        code: stable, for programs: 'no-start-event', 'flow-without-condition', …
        element: id of the element, or '' for the whole file.
        element_name: its name, if it has one.
        message, message_zh: what is wrong, naming the element.
        mend, mend_zh: how to put it right.
    """

    severity: Severity
    code: str
    element: str
    element_name: str = ""
    message: str
    message_zh: str
    mend: str = ""
    mend_zh: str = ""

"""Lint: what is wrong with a normalised model, and how to mend it. One idea a module in `lints/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.models.bpmn_xml import Element
from engine.models.findings import Report
from engine.models.model import Process

_PROCESS_LINTS: Final[Sequence[Callable[[Process, Report], None]]] = ()
_FILE_LINTS: Final[Sequence[Callable[[Element, Sequence[Process], Report], None]]] = ()


def lint(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Check a file and each of its processes; findings go to `report`."""
    for file_check in _FILE_LINTS:
        file_check(root, processes, report)
    for process in processes:
        for check in _PROCESS_LINTS:
            check(process, report)

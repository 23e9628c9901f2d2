"""Lint: what is wrong with a normalised model, and how to mend it. One idea a module in `lints/`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from engine.models.bpmn_xml import Element
from engine.models.findings import Report
from engine.models.lints import (
    collaboration,
    conditions,
    connected,
    data,
    deadlines,
    diagram,
    embedded_forms,
    ends,
    events,
    executable,
    expressions,
    flows,
    gateways,
    joins,
    links,
    loops,
    membership,
    naming,
    reachability,
    references,
    schema,
    starts,
    structure,
    tasks,
    timing,
)
from engine.models.model import Process

_FILE_LINTS: Final = (executable, schema, references, collaboration, data, membership, structure, diagram)
_PROCESS_LINTS: Final = (
    naming,
    starts,
    flows,
    conditions,
    gateways,
    events,
    timing,
    links,
    tasks,
    loops,
    connected,
    reachability,
    joins,
    ends,
)


def lint(root: Element, processes: Sequence[Process], report: Report, *, functions: Collection[str] = ()) -> None:
    """Check a file and each of its processes; findings go to `report`.

    Args:
        functions: names of the functions that the site adds to FEEL.
    """
    for of_file in _FILE_LINTS:
        of_file.check(root, processes, report)
    for process in processes:
        for of_process in _PROCESS_LINTS:
            of_process.check(process, report)
        expressions.check(process, report, functions)
        deadlines.check(process, report, functions)
        embedded_forms.check(process, report, functions)

"""What the author of decisions should know before anybody relies on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from engine.decisions.checks.externals import check_externals
from engine.decisions.checks.links import check_links
from engine.decisions.checks.tables import check_table
from engine.decisions.checks.texts import check_texts
from engine.decisions.checks.twice import check_twice
from engine.decisions.space import Space
from engine.findings import Finding, Severity
from engine.models.dmn.model import BusinessKnowledge, Decision
from engine.models.dmn.subjects import of_element
from engine.models.dmn.walk import tables_of
from engine.models.findings import Report

__all__ = ["errors_of", "findings_of"]

MAX_PER_CODE: Final = 200
_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def errors_of(space: Space) -> tuple[Finding, ...]:
    """What keeps the model, or a model it imports, from being used: quick."""
    report = Report()
    for one in _with_imports(space):
        _compile(one)
        check_links(one, report)
        check_texts(one, report)
        check_twice(one, report)
        check_externals(one, report)
    read = (finding for file in space.library.files for finding in file.findings)
    return _sorted((*read, *(finding for finding, _ in report.found())))


def findings_of(space: Space) -> tuple[Finding, ...]:
    """All findings: `errors_of`, and what the search through every table shows."""
    report = Report()
    for element in space.members.values():
        for table in tables_of(element):
            check_table(table, of_element(element), space.types, space.input_data, report)
    return _sorted((*errors_of(space), *(finding for finding, _ in report.found())))


def _with_imports(space: Space) -> list[Space]:
    found, waiting = [space], [space]
    while waiting:
        one = waiting.pop()
        for name in one.imports:
            deeper = one.imported(name)
            if deeper is not None and deeper not in found:
                found.append(deeper)
                waiting.append(deeper)
    return found


def _compile(space: Space) -> None:
    for element in space.members.values():
        if isinstance(element, Decision):
            space.decision(element)
        elif isinstance(element, BusinessKnowledge):
            space.knowledge(element)
    for name in space.types.definitions:
        space.types.get(name)


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, each code a bounded number of times."""
    counts: Counter[str] = Counter()
    kept = []
    for finding in dict.fromkeys(found):
        counts[finding.code] += 1
        if counts[finding.code] <= MAX_PER_CODE:
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: _ORDER[finding.severity]))

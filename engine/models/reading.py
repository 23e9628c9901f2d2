"""From uploaded bytes to a checked, normalised model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from engine.errors import InvalidModel
from engine.findings import Finding, Severity
from engine.models.findings import Report
from engine.models.intake import parse_xml
from engine.models.lint import lint
from engine.models.model import Model, Process
from engine.models.normalise import has_diagram, normalise
from engine.models.rules import Kind, kind_of

MAX_PER_CODE: Final = 200
_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def read_model(data: bytes, *, filename: str = "", functions: Collection[str] = ()) -> Model:
    """Read an uploaded BPMN file: intake, normalise, lint.

    Args:
        data: the file's bytes, from anybody.
        filename: as uploaded, for messages only.
        functions: names of the functions that the site adds to FEEL.

    Returns:
        The model with all findings, errors first. A file that cannot be read at all gives a model
        without processes and with the reason; bad content never raises.
    """
    try:
        root = parse_xml(data, filename=filename)
    except InvalidModel as refused:
        return Model(processes=(), findings=tuple(f for f in refused.findings if isinstance(f, Finding)))
    report = Report()
    processes = normalise(root, report)
    lint(root, processes, report, functions=functions)
    return Model(processes=processes, findings=_findings(report, processes), has_diagram=has_diagram(root))


def _findings(report: Report, processes: tuple[Process, ...]) -> tuple[Finding, ...]:
    """Errors first, each code a bounded number of times.

    A partner's process that is only drawn beside an executable one cannot block it, unless it is no BPMN at all.
    """
    one_runs = any(process.executable for process in processes)
    drawn = {process.key for process in processes if one_runs and not process.executable}
    found = dict.fromkeys(
        replace(finding, severity=Severity.WARNING)
        if key in drawn and finding.severity is Severity.ERROR and kind_of(finding.code) is not Kind.BROKEN
        else finding
        for finding, key in report.found()
    )
    return tuple(sorted(_bounded(found), key=lambda finding: _ORDER[finding.severity]))


def _bounded(found: Iterable[Finding]) -> Iterator[Finding]:
    counts: Counter[tuple[Severity, str]] = Counter()
    for finding in found:
        counts[(finding.severity, finding.code)] += 1
        if counts[(finding.severity, finding.code)] <= MAX_PER_CODE:
            yield finding
    for (severity, code), count in counts.items():
        if count > MAX_PER_CODE:
            more = count - MAX_PER_CODE
            yield Finding(
                severity=severity,
                code=code,
                element="",
                message=f"The same holds for {more:,} further elements ({code}).",
                message_zh=f"另有 {more:,} 个元素存在同样的问题({code})。",
            )

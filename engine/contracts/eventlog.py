"""The event log as mining reads it: two column tables, whoever wrote them.

The engine's own log and an imported XES or CSV file arrive in the same shape, so a
report is written once. Source of the schema: the XES standard (IEEE 1849-2023) and
the activity-instance model of process-mining practice (enabled, started, completed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

Columns = Mapping[str, Sequence[Any]]
"""Column name -> values; all columns of a table have the same length."""

CASE_COLUMNS: Final = {
    "case_id": "str; the process instance, or the trace's concept:name",
    "definition_key": "str; '' for an imported log",
    "version": "int; 0 for an imported log",
    "business_key": "str | None",
    "started_at": "int | None; UTC microseconds since 1970",
    "ended_at": "int | None; None while the case runs",
    "end_state": "str; 'running' | 'completed' | 'terminated' | 'cancelled' ('completed' if imported)",
    "due_at": "int | None; the case's own deadline, if it has one",
}
"""Columns of `EventLog.cases()`. An imported log may add `attr:<name>` columns (case attributes)."""

ACTIVITY_COLUMNS: Final = {
    "activity_id": "str; unique in the log",
    "case_id": "str",
    "seq": "int; order of record, breaks ties in time",
    "element_id": "str; BPMN element id, or the activity's name in an imported log",
    "name": "str; shown to people",
    "element_type": "str; 'userTask', 'serviceTask', 'intermediateCatchEvent', … ('task' if imported)",
    "enabled_at": "int | None; UTC microseconds; None if the log does not say",
    "claimed_at": "int | None",
    "started_at": "int | None; None if the log does not say",
    "completed_at": "int | None; None while it is open",
    "state": "str; 'open' | 'completed' | 'cancelled' | 'failed'",
    "performer": "str | None; who completed it",
    "performer_kind": "str | None; 'person' | 'bot' | 'system'",
    "group": "str | None; candidate group or role",
    "department": "str | None",
    "due_at": "int | None; the task's deadline",
    "iteration": "str; which instance of each multi-instance activity around it, outermost first, its own last: "
    "'1.0' is the first of the second; '' outside of any, and in an imported log",
    "predecessors": "list[str]; activity ids that led to it ([] if not known)",
    "waiting_for": "str | None; 'message' | 'timer' | 'applicant' | …, when nobody inside could act",
    "offered": "bool; an offer nobody has to take up, such as withdrawing: neither waiting nor work",
}
"""Columns of `EventLog.activities()`."""


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which part of the log a report is about.

    Args:
        definition_key: the process; '' means all.
        version: one version of it, or None for all.
        since, until: completed in this half-open range, UTC microseconds.
        human_and_bot_only: leave out gateways and events that take no time.
    """

    definition_key: str = ""
    version: int | None = None
    since: int | None = None
    until: int | None = None
    human_and_bot_only: bool = False


class EventLog(Protocol):
    """A readable log. Both calls give whole columns; rows are ordered by (case, seq)."""

    def cases(self, where: LogFilter) -> Columns:
        """One row a case, the columns of `CASE_COLUMNS`."""
        ...

    def activities(self, where: LogFilter) -> Columns:
        """One row an activity instance, the columns of `ACTIVITY_COLUMNS`."""
        ...

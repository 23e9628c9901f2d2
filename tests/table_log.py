"""An `EventLog` written out row by row, for tests of what reads one."""

from __future__ import annotations

from typing import Any

from engine.contracts.eventlog import ACTIVITY_COLUMNS, CASE_COLUMNS, Columns, LogFilter

HOUR = 3_600_000_000
"""Microseconds; times in these logs are hours since 1970."""


class TableLog:
    """A log whose cases and activities a test adds by hand, with defaults for what it does not care about."""

    def __init__(self) -> None:
        self._cases: list[dict[str, Any]] = []
        self._activities: list[dict[str, Any]] = []

    def case(self, case_id: str, **values: Any) -> TableLog:
        """Add a case; `started_at`, `ended_at`, `due_at` in hours."""
        row: dict[str, Any] = {
            "case_id": case_id,
            "definition_key": "permit",
            "version": 1,
            "business_key": None,
            "started_at": 0,
            "ended_at": None,
            "end_state": "completed" if values.get("ended_at") is not None else "running",
            "due_at": None,
        }
        self._cases.append(_in_microseconds(row | values))
        return self

    def activity(self, case_id: str, element_id: str, **values: Any) -> TableLog:
        """Add an activity instance; times in hours; open unless `completed_at` is given."""
        number = len(self._activities)
        row: dict[str, Any] = {
            "activity_id": f"a{number}",
            "case_id": case_id,
            "seq": number,
            "element_id": element_id,
            "name": element_id.capitalize(),
            "element_type": "userTask",
            "enabled_at": None,
            "claimed_at": None,
            "started_at": None,
            "completed_at": None,
            "state": "completed" if values.get("completed_at") is not None else "open",
            "performer": None,
            "performer_kind": None,
            "group": None,
            "department": None,
            "due_at": None,
            "iteration": "",
            "predecessors": [],
            "waiting_for": None,
            "offered": False,
        }
        self._activities.append(_in_microseconds(row | values))
        return self

    def cases(self, where: LogFilter) -> Columns:
        """All cases of the definition asked for."""
        rows = [r for r in self._cases if where.definition_key in ("", r["definition_key"])]
        return {name: [row[name] for row in rows] for name in CASE_COLUMNS}

    def activities(self, where: LogFilter) -> Columns:
        """Activity instances completed in the period, and the open ones."""
        rows = [
            row
            for row in self._activities
            if row["completed_at"] is None or (where.since or 0) <= row["completed_at"] < (where.until or 2**62)
        ]
        rows.sort(key=lambda row: (row["case_id"], row["seq"]))
        return {name: [row[name] for row in rows] for name in ACTIVITY_COLUMNS}


def _in_microseconds(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value * HOUR) if name.endswith("_at") and value is not None else value
        for name, value in row.items()
    }

"""From lifecycle events to activity instances: one pure function, used while running and to rebuild.

`civiflow verify` folds the stored events through `project` again and compares the outcome with
the stored rows, so the table can always be made anew from the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.clock import from_micros

EMPTY: dict[str, Any] = {
    "claimed_at": None,
    "started_at": None,
    "completed_at": None,
    "performer": None,
    "performer_kind": None,
    "candidate_group": None,
    "department": None,
    "due_at": None,
    "waiting_for": None,
    "reason": None,
}

COMPLETING = {"task-completed", "job-completed", "timer-fired", "message-received", "signal-received"}
"""Events that complete the activity they name, unless their data says that it stays (`stays`)."""


def project(row: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """What one event means for the activity instances.

    Args:
        row: a lifecycle event: instance_id, number, at, kind, element_id, activity_id, actor,
            actor_kind, data.

    Yields:
        (activity id, fields, whether it is a new row).
    """
    activity, kind = row["activity_id"], row["kind"]
    if activity is None:
        return
    data: Mapping[str, Any] = row["data"] or {}
    if kind in {"activity-enabled", "activity-passed"}:
        yield activity, _opened(row, data, passed=kind == "activity-passed"), True
    elif kind in COMPLETING:
        if not data.get("stays"):
            yield activity, _closed(row, data, "completed"), False
    elif kind == "activity-completed":
        # Not the doing of whoever caused this command: a sub-process or gateway ran to its end.
        yield activity, {"state": "completed", "completed_at": row["at"], "performer_kind": "system"}, False
    elif kind in {"activity-cancelled", "activity-failed"}:
        patch = {
            "state": kind.removeprefix("activity-"),
            "completed_at": row["at"],
            "reason": data.get("reason"),
        }
        yield activity, patch, False
    elif kind == "task-claimed":
        yield activity, {"claimed_at": row["at"], "started_at": row["at"], "performer": row["actor"]}, False
    elif kind == "task-unclaimed":
        yield activity, {"claimed_at": None, "started_at": None, "performer": None}, False
    elif kind == "task-delegated":
        yield activity, {"performer": data["to"]}, False
    elif kind == "deadline-changed":
        new = data.get("new")
        yield activity, {"due_at": None if new is None else from_micros(new)}, False


def _opened(row: Mapping[str, Any], data: Mapping[str, Any], *, passed: bool) -> dict[str, Any]:
    due = data.get("due")
    opened = {
        **EMPTY,
        "seq": row["number"],
        "element_id": row["element_id"],
        "scope_id": data.get("scope") or row["instance_id"],
        "state": "completed" if passed else "open",
        "enabled_at": row["at"],
        "loop_index": data.get("loop"),
        "predecessors": data.get("from"),
        "candidate_group": data.get("group"),
        "due_at": None if due is None else from_micros(due),
        "waiting_for": data.get("waiting_for"),
    }
    if passed:
        opened |= {"started_at": row["at"], "completed_at": row["at"], "performer_kind": "system"}
    if data.get("assignee"):
        opened |= {"claimed_at": row["at"], "performer": data["assignee"]}
    return opened


def _closed(row: Mapping[str, Any], data: Mapping[str, Any], state: str) -> dict[str, Any]:
    patch: dict[str, Any] = {"state": state, "completed_at": row["at"], "performer_kind": "system"}
    if row["kind"] in {"task-completed", "job-completed"}:
        patch["performer"] = row["actor"]
        patch["performer_kind"] = row["actor_kind"]
        patch["department"] = data.get("department")
        if data.get("started") is not None:
            patch["started_at"] = from_micros(data["started"])
        if data.get("claimed"):  # completed straight from the queue: taken and done in one go
            patch |= {"claimed_at": row["at"], "started_at": row["at"]}
    return patch

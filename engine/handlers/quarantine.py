"""Setting one case aside: it cannot be moved, so it must not be tried for ever, nor disturb others."""

from __future__ import annotations

from datetime import timedelta

from engine.handlers.context import Context
from engine.ids import new_id
from engine.store import quarantine as rows

LATER = timedelta(minutes=15)
"""When a start timer that could not start a case is tried again."""


def set_aside(context: Context, wait_id: str, reason: str) -> None:
    """Suspend the case of a timer or job that could not be carried out, and open one incident.

    Works on rows alone: the case's tokens may be what cannot be read.
    """
    found = rows.owner(context.uow, wait_id)
    if found is None:
        return
    if found.instance_id is None:
        rows.postpone(context.uow, wait_id, context.now + LATER)  # a start timer: there is no case to set aside
        return
    rows.suspend_case(context.uow, found.instance_id, reason)
    if rows.has_open_incident(context.uow, found.instance_id, "quarantine"):
        return
    rows.open_incident(
        context.uow,
        {
            "id": new_id(),
            "instance_id": found.instance_id,
            "definition_no": found.definition_no,
            "element_id": found.element_id,
            "element_name": "",
            "activity_id": None,
            "job_id": None,
            "kind": "quarantine",
            "message": f"The case could not be moved and was set aside: {reason}"[:4000],
            "details": "",
            "state": "open",
            "created_at": context.now,
        },
    )

"""A case's history as people read it: the steps that meant something, with who, how long it waited and took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.views import ActivityRow, InstanceDetail

_PASSING = ("Gateway", "subProcess", "transaction")
_LONGEST = 300
_ACTED = ("userTask", "serviceTask", "sendTask", "scriptTask", "businessRuleTask", "callActivity", "manualTask", "task")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a timeline.

    Args:
        activity: what happened.
        name: in the reader's language.
        waited, took: spans in words, '' where there is nothing to say.
        reason: why it was cut short: the event that did it by its name, or what somebody wrote.
        is_minor: nobody acted: an event, a calculation.
    """

    activity: ActivityRow
    name: str
    waited: str = ""
    took: str = ""
    reason: str = ""
    is_minor: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stop of the simple list that citizens see."""

    name: str
    state: Literal["done", "now", "ahead"]


def steps(
    case: InstanceDetail, *, name_of: Callable[[ActivityRow], str], span: Callable[[float], str]
) -> Sequence[Step]:
    """The lines of a timeline, the newest first; gateways and scopes, where nobody acts, are left out.

    Args:
        case: with its activities in order of record.
        name_of: an activity's name in the reader's language.
        span: seconds in words.
    """
    shown = [activity for activity in case.activities if not activity.element_type.endswith(_PASSING)]
    shown.sort(key=lambda a: (a.state == "open", a.completed_at or a.enabled_at, a.seq), reverse=True)
    named = {activity.element_id: name_of(activity) for activity in case.activities}
    lines = []
    for activity in shown[:_LONGEST]:
        begun = activity.claimed_at or activity.started_at
        acted = activity.element_type in _ACTED
        waited = _words(activity.enabled_at, begun or activity.completed_at, span)
        took = _words(begun, activity.completed_at, span) if acted else ""
        if acted and begun is None:
            waited, took = "", _words(activity.enabled_at, activity.completed_at, span)
        is_minor = not acted or activity.element_type == "scriptTask"
        lines.append(
            Step(
                activity=activity,
                name=named[activity.element_id],
                waited=waited,
                took=took,
                reason=named.get(activity.reason or "", activity.reason or ""),
                is_minor=is_minor,
            )
        )
    return lines


def stages(
    case: InstanceDetail, *, name_of: Callable[[ActivityRow], str], received: str, closed: str
) -> Sequence[Stage]:
    """The people's steps of a case in order of first appearance, between its receipt and its end.

    What is merely offered (priority 0) is no step of the case until somebody has done it.
    """
    offers = {task.id for task in case.tasks if task.priority == 0 and task.state == "open"}
    seen: dict[str, Stage] = {}
    for activity in case.activities:
        if activity.element_type != "userTask" or activity.state == "cancelled" or activity.id in offers:
            continue
        state: Literal["done", "now"] = "now" if activity.state == "open" else "done"
        seen[activity.element_id] = Stage(name=name_of(activity), state=state)
    over = case.row.ended_at is not None
    return (
        Stage(name=received, state="done"),
        *seen.values(),
        Stage(name=closed, state="done" if over else "ahead"),
    )


def _words(begin: datetime | None, end: datetime | None, span: Callable[[float], str]) -> str:
    if begin is None or end is None:
        return ""
    seconds = (end - begin).total_seconds()
    return span(seconds) if seconds >= 1 else ""

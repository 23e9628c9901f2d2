"""Events -> activity instances: a start and its completion become one row.

Transitions are those of the XES lifecycle extension (IEEE 1849-2023, annex on standard
extensions): schedule enables, assign and reassign claim, start starts, complete and the two
skips complete, withdraw and the two aborts end without completing. suspend and resume have
no place in the log's columns, so a pause stays inside the service time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from mining.readers.events import EventTable
from mining.words import counted

_COMPLETES = frozenset(("", "complete", "autoskip", "manualskip"))
_ENDS = {"withdraw": "cancelled", "pi_abort": "cancelled", "ate_abort": "failed"}
_CLAIMS = frozenset(("assign", "reassign"))
_PAUSES = frozenset(("suspend", "resume"))
_KNOWN = _COMPLETES | _ENDS.keys() | _CLAIMS | _PAUSES | {"schedule", "start"}


@dataclass(slots=True)
class Instance:
    """One execution of an activity in a case. Times are UTC microseconds.

    `first` and `last` are positions in the event table: where it begins, and the latest event.
    """

    case: int
    activity: str
    first: int
    last: int
    enabled: int | None = None
    claimed: int | None = None
    started: int | None = None
    completed: int | None = None
    state: str = "open"

    @property
    def order(self) -> tuple[int, bool, int]:
        """Sorts a case's instances: by completion, the open ones last by when they began."""
        begun = self.started or self.claimed or self.enabled or 0
        return self.case, self.completed is None, begun if self.completed is None else self.completed


def pair(events: EventTable) -> list[Instance]:
    """All activity instances, by case and completion; ties keep the order of the file.

    A start belongs to the oldest open instance of the same activity in the same case (of the
    same `concept:instance`, if the file has them); a completion to the oldest started one,
    first among those of the same performer. A completion that finds nothing open is an
    instance by itself.
    """
    unknown: dict[str, int] = defaultdict(int)
    pauses = 0
    instances: list[Instance] = []
    by_instance = _ids_tie_events(events)
    pending: dict[tuple[str, str | None], list[Instance]] = {}
    case = -1
    for position in events.in_order():
        if events.case[position] != case:
            case = events.case[position]
            pending = {}
        transition = events.transition[position]
        if transition not in _KNOWN:
            unknown[transition] += 1
            transition = "complete"
        if transition in _PAUSES:
            pauses += 1
            continue
        tie = events.instance[position] if by_instance else None
        waiting = pending.setdefault((events.activity[position], tie), [])
        if transition in _COMPLETES or transition in _ENDS:
            found = _take_to_end(waiting, events, position)
            found.state = _ENDS.get(transition, "completed")
            found.completed = events.at[position]
        else:
            found = _take_to_begin(waiting, events, position, transition)
        if found.first == position:
            instances.append(found)
        found.last = position
    _note_oddities(events, unknown, pauses)
    instances.sort(key=lambda one: (*one.order, one.last))
    return instances


def _ids_tie_events(events: EventTable) -> bool:
    """Whether any two events share an instance id; ids that differ at every event tie nothing together."""
    seen = set()
    for key in zip(events.case, events.activity, events.instance, strict=True):
        if key[2] is not None:
            if key in seen:
                return True
            seen.add(key)
    return False


def _new(events: EventTable, position: int) -> Instance:
    started, enabled = events.started[position], events.enabled[position]
    return Instance(
        case=events.case[position],
        activity=events.activity[position],
        first=position,
        last=position,
        started=None if started < 0 else started,
        enabled=None if enabled < 0 else enabled,
    )


def _take_to_end(waiting: list[Instance], events: EventTable, position: int) -> Instance:
    """The open instance that this event ends, taken off the list; a new one if there is none."""
    if not waiting:
        return _new(events, position)
    started = [one for one in waiting if one.started is not None]
    performer = events.performer[position]
    same = [one for one in started if events.performer[one.last] == performer]
    chosen = (same or started or waiting)[0]
    waiting.remove(chosen)
    return chosen


def _take_to_begin(waiting: list[Instance], events: EventTable, position: int, transition: str) -> Instance:
    """The open instance that this event schedules, claims or starts; a new one if none lacks that step."""
    at = events.at[position]
    field = "enabled" if transition == "schedule" else "claimed" if transition in _CLAIMS else "started"
    lacking = [one for one in waiting if getattr(one, field) is None]
    if transition == "reassign" and not lacking:
        lacking = waiting
    if lacking and transition != "schedule":
        chosen = lacking[0]
    else:
        chosen = _new(events, position)
        waiting.append(chosen)
    setattr(chosen, field, at)
    return chosen


def _note_oddities(events: EventTable, unknown: dict[str, int], pauses: int) -> None:
    if unknown:
        names = ", ".join(repr(name) for name in sorted(unknown)[:5])
        count = sum(unknown.values())
        events.note(
            f"Read as completions: {counted(count, 'event')} with a lifecycle transition that XES does not "
            f"define ({names}).",
            f"{count:,} 个事件的生命周期状态不在 XES 标准之内（{names}），均按“完成”处理。",
        )
    if pauses:
        events.note(
            f"Left out: {counted(pauses, 'suspend or resume event')}; a pause counts as service time.",
            f"{pauses:,} 个暂停/恢复事件未计入：暂停的时间算作办理时间。",
        )

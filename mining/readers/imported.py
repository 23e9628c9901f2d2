"""An imported file as an `EventLog`: two column tables in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from engine.contracts.errors import LogFormatError
from engine.contracts.eventlog import ACTIVITY_COLUMNS, CASE_COLUMNS, Columns, LogFilter
from mining.readers.events import EventTable
from mining.readers.lifecycle import Instance, pair
from mining.words import Sentence, counted

_DAY = 86_400_000_000


class ImportedLog:
    """A log read from a file; implements `engine.contracts.eventlog.EventLog`.

    Attributes:
        name: the file's name.
        case_count: cases, those without events included.
        activity_count: different activities.
        instance_count: activity instances (rows of `activities()`).
        event_count: events of the file that were read.
        first_at, last_at: the first and last moment in the log, UTC microseconds. Give `last_at` as
            `now` to a report: the world of the log ends there.
        notes: what had to be assumed or left out, in English and Chinese.
    """

    def __init__(self, name: str, events: EventTable) -> None:
        self.name = name
        self.event_count = len(events)
        if not events.activity:
            raise LogFormatError(
                f"{name}: expected at least one event with a case, an activity and a time, but there is none."
            )
        instances = pair(events)
        _note_shape(events, instances)
        self._cases, self._activities = _columns(events, instances)
        self.case_count = len(events.cases.ids)
        self.activity_count = len(set(self._activities["element_id"]))
        self.instance_count = len(instances)
        moments = events.at
        self.first_at = min(min(moments), min((v for v in events.started if v >= 0), default=moments[0]))
        self.last_at = max(moments)
        self.notes: tuple[Sentence, ...] = tuple(events.notes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notes in English."""
        return tuple(note.en for note in self.notes)

    def cases(self, where: LogFilter) -> Columns:
        """Cases with at least one activity instance in the filter; all of them without a period."""
        if not _asked_for(where):
            return {name: [] for name in self._cases}
        if where.since is None and where.until is None:
            return self._cases
        activities = self._activities
        touched = {activities["case_id"][row] for row in self._rows_in(where)}
        return _pick(self._cases, [i for i, case in enumerate(self._cases["case_id"]) if case in touched])

    def activities(self, where: LogFilter) -> Columns:
        """Activity instances completed in the period, and those never completed."""
        if not _asked_for(where):
            return {name: [] for name in self._activities}
        if where.since is None and where.until is None:
            return self._activities
        return _pick(self._activities, self._rows_in(where))

    def _rows_in(self, where: LogFilter) -> list[int]:
        since = where.since if where.since is not None else -(2**63)
        until = where.until if where.until is not None else 2**63
        times = self._activities["completed_at"]
        return [row for row, at in enumerate(times) if at is None or since <= at < until]


def _asked_for(where: LogFilter) -> bool:
    """An imported log has no definition: a report on a named one finds nothing here."""
    return where.definition_key == "" and where.version in (None, 0)


def _pick(columns: Columns, rows: Sequence[int]) -> Columns:
    return {name: [values[row] for row in rows] for name, values in columns.items()}


def _columns(events: EventTable, instances: list[Instance]) -> tuple[Columns, Columns]:
    rows: dict[str, list[Any]] = {name: [] for name in ACTIVITY_COLUMNS}
    ids = events.cases.ids
    bounds: dict[int, tuple[int, int]] = {}
    for seq, one in enumerate(instances):
        moments = [at for at in (one.enabled, one.claimed, one.started, one.completed) if at is not None]
        low, high = bounds.get(one.case, (moments[0], moments[0]))
        bounds[one.case] = min(low, *moments), max(high, *moments)
        due = events.due[one.last] if events.due[one.last] >= 0 else events.due[one.first]
        rows["activity_id"].append(str(seq))
        rows["case_id"].append(ids[one.case])
        rows["seq"].append(seq)
        rows["element_id"].append(one.activity)
        rows["name"].append(one.activity)
        rows["element_type"].append("task")
        rows["enabled_at"].append(one.enabled)
        rows["claimed_at"].append(one.claimed)
        rows["started_at"].append(one.started)
        rows["completed_at"].append(one.completed)
        rows["state"].append(one.state)
        rows["performer"].append(events.performer[one.last] or events.performer[one.first])
        rows["performer_kind"].append(None)
        rows["group"].append(events.group[one.last] or events.group[one.first])
        rows["department"].append(events.department[one.last] or events.department[one.first])
        rows["due_at"].append(due if due >= 0 else None)
        rows["iteration"].append("")
        rows["predecessors"].append([])
        rows["waiting_for"].append(None)
        rows["offered"].append(False)
    return _case_columns(events, bounds), rows


def _case_columns(events: EventTable, bounds: dict[int, tuple[int, int]]) -> Columns:
    cases = events.cases
    count = len(cases.ids)
    columns: dict[str, list[Any]] = {name: [] for name in CASE_COLUMNS}
    columns["case_id"] = list(cases.ids)
    columns["definition_key"] = [""] * count
    columns["version"] = [0] * count
    columns["business_key"] = [None] * count
    columns["started_at"] = [bounds[i][0] if i in bounds else None for i in range(count)]
    columns["ended_at"] = [bounds[i][1] if i in bounds else None for i in range(count)]
    columns["end_state"] = ["completed"] * count
    columns["due_at"] = [cases.due.get(i) for i in range(count)]
    for name, values in cases.attributes.items():
        columns[f"attr:{name}"] = [values.get(i) for i in range(count)]
    return columns


def _note_shape(events: EventTable, instances: list[Instance]) -> None:
    """Warn of what makes durations mean less than they seem to."""
    same_clock = _same_clock(events)
    if same_clock > 0.3:
        events.note(
            f"{same_clock:.0%} of the events fall on the same time of day: their dates seem to be known, not "
            "their times, so durations are whole days and the order within a day is that of the file.",
            f"{same_clock:.0%} 的事件落在同一钟点：这些事件似乎只记录了日期，因此时长以整天计，"
            "同一天内的先后以文件顺序为准。",
        )
    unfinished = sum(one.completed is None for one in instances)
    if unfinished:
        events.note(
            f"Kept as open: {counted(unfinished, 'activity instance')} that begin but never end in the log.",
            f"{unfinished:,} 个活动在日志中只有开始没有结束，按“未完成”保留。",
        )
    backwards = sum(
        one.started is not None and one.completed is not None and one.started > one.completed for one in instances
    )
    if backwards:
        events.note(
            f"Service time 0 for {counted(backwards, 'activity instance')} that ended before the start.",
            f"{backwards:,} 个活动的结束时间早于开始时间，其办理时间按 0 计。",
        )


def _same_clock(events: EventTable) -> float:
    """The share of events at the two commonest minutes of the day, over at least ten events.

    Two, because midnight in summer time and in winter time are different minutes of UTC.
    """
    if len(events) < 10:
        return 0.0
    minutes: dict[int, int] = defaultdict(int)
    for at in events.at:
        minutes[at % _DAY // 60_000_000] += 1
    return sum(sorted(minutes.values())[-2:]) / len(events)

"""What a bottleneck report holds: plain frozen data, times in seconds, moments as aware UTC datetimes.

Nothing here computes; a page or a terminal can import it without loading polars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal

from mining.words import Sentence

FindingKind = Literal["queue", "service", "sojourn", "rework", "deadline", "waiting_outside"]


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Durations of completed executions, and the time spent so far in those not completed.

    Attributes:
        n: completed executions for which the duration is known.
        median, p90: seconds over those n, by linear interpolation between order statistics (the
            q-quantile is the value at position q·(n−1), counted from 0); None if n is 0.
        total: seconds, their sum.
        unfinished: seconds that open executions have lasted so far, and cancelled or failed ones
            lasted to their end; in no median, because a wait that is not over has no length yet.
        tail: the share of `total` in the durations above p90; 0 if n is 0.
    """

    n: int = 0
    median: float | None = None
    p90: float | None = None
    total: float = 0.0
    unfinished: float = 0.0
    tail: float = 0.0

    @property
    def everything(self) -> float:
        """Seconds, completed and unfinished together."""
        return self.total + self.unfinished


@dataclass(frozen=True, kw_only=True)
class Rework:
    """Executions of work that was completed before, in the same case and the same iteration (docs/mining.md).

    Attributes:
        executions: how many.
        cases: cases that have at least one.
        share: those cases among all cases with this activity.
        seconds: the sojourn time of these executions.
    """

    executions: int = 0
    cases: int = 0
    share: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """Misses among what has a deadline: completed after it, or open and past it.

    Attributes:
        missed, of: how many, of how many with a deadline.
        open: those of the missed that are still open.
        share: missed / of; 0 if none has a deadline.
        overdue: seconds past the deadlines, in sum.
    """

    missed: int = 0
    of: int = 0
    open: int = 0
    share: float = 0.0
    overdue: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Time in which nobody inside could act, by what was waited for ('applicant', 'timer', …)."""

    cause: str
    n: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Offers:
    """Executions that nobody had to take up: in no other figure of the activity.

    Attributes:
        offered: how many; taken: how many of them were completed; open: how many stand open still.
    """

    offered: int = 0
    taken: int = 0
    open: int = 0


@dataclass(frozen=True, kw_only=True)
class GroupStat:
    """An activity in the hands of one group.

    Attributes:
        group: its key; None for what was given to nobody's queue, such as a task assigned to a person.
        count, open, queue, service, sojourn, deadline: as in `ActivityStat`.
    """

    group: str | None
    count: int
    open: int
    queue: Durations
    service: Durations
    sojourn: Durations
    deadline: Deadlines


@dataclass(frozen=True, kw_only=True)
class ActivityStat:
    """One activity of the process.

    Attributes:
        element_id, name, element_type: as in the log.
        count: completed executions; open, cancelled, failed: the others.
        cases: cases with this activity; starts, ends: cases that begin or end with it.
        queue: enabled until claimed (or, unclaimed, started): waiting for a person or a bot.
        service: started (or, if not recorded, claimed) until completed: in somebody's hands.
        sojourn: enabled until completed; known where neither claim nor start is.
        oldest_open: seconds since the longest-open execution was enabled; None if none is open.
        waiting_for: outside causes; executions with one have no queue and service time.
        contains_others: a sub-process or call: its hours are those of the activities within, so it
            is in no finding and no sum.
        offers: executions that were offers; counted here only.
        groups: the same by the group that held it, those with the most hours first; () if none ever did.
    """

    element_id: str
    name: str
    element_type: str
    count: int
    open: int
    cancelled: int
    failed: int
    cases: int
    starts: int
    ends: int
    queue: Durations
    service: Durations
    sojourn: Durations
    oldest_open: float | None
    rework: Rework
    deadline: Deadlines
    waiting_for: tuple[Waiting, ...]
    contains_others: bool
    offers: Offers = Offers()
    groups: tuple[GroupStat, ...] = ()

    @property
    def only_offered(self) -> bool:
        """Whether nobody ever had to do it."""
        return self.offers.offered > 0 and self.cases == 0

    @property
    def times(self) -> int:
        """Executions in all that were a step of their case: completed, open, offers that were taken."""
        return self.count + self.open + self.offers.taken

    @property
    def waiting_seconds(self) -> float:
        """Seconds of waiting, inside or outside; the whole sojourn time if the log cannot tell them apart."""
        if self.contains_others:
            return 0.0
        outside = sum(cause.seconds for cause in self.waiting_for)
        if self.queue.n or self.service.n or outside:
            return self.queue.everything + outside
        return self.sojourn.everything


@dataclass(frozen=True, kw_only=True)
class EdgeStat:
    """A step from one activity to the next, gateways between them passed over.

    Attributes:
        from_id, to_id: element ids.
        count: how often.
        median_wait, total_wait: seconds from the completion of the first to the start of work on the
            second (to its completion, if the log knows no start); the median is None if never known.
    """

    from_id: str
    to_id: str
    count: int
    median_wait: float | None
    total_wait: float


@dataclass(frozen=True, kw_only=True)
class VariantStat:
    """Finished cases with the same sequence of activities (by completion; names, not ids).

    Attributes:
        trace: activity names.
        count: cases; share: of all finished cases.
        median_duration: seconds.
    """

    trace: tuple[str, ...]
    count: int
    share: float
    median_duration: float | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One entry of the ranked list of where the hours go.

    Attributes:
        rank: 1 is the most hours.
        kind: what the hours are.
        element_id, name: the activity; '' for a finding about whole cases.
        hours: clock hours.
        share: of the hours of all activities. Rework and deadline hours are also in the other kinds,
            so shares do not add up to 1.
        n: executions (or cases) it rests on; confidence: 'high' from 30, 'medium' from 10, else 'low'.
        text_en, text_zh: the finding in words.
    """

    rank: int
    kind: FindingKind
    element_id: str
    name: str
    hours: float
    share: float
    n: int
    confidence: Literal["high", "medium", "low"]
    text_en: str
    text_zh: str

    def text(self, language: str) -> str:
        """The finding in words, in that language."""
        return Sentence(en=self.text_en, zh=self.text_zh).in_language(language)


@dataclass(frozen=True, kw_only=True)
class MapNode:
    """A box of the process map; x, y are its upper left corner, in pixels.

    `kind` is 'activity', 'start' or 'end'.
    """

    element_id: str
    name: str
    kind: Literal["activity", "start", "end"]
    x: float
    y: float
    w: float
    h: float
    count: int
    median: float | None
    waiting_seconds: float


@dataclass(frozen=True, kw_only=True)
class MapEdge:
    """A line of the process map: from border to border through `points`, its label at (label_x, label_y)."""

    from_id: str
    to_id: str
    count: int
    median_wait: float | None
    total_wait: float
    points: tuple[tuple[float, float], ...]
    label_x: float
    label_y: float


@dataclass(frozen=True, kw_only=True)
class ProcessMap:
    """A drawable map. `shown`: the share of all steps that the drawn edges stand for."""

    width: float
    height: float
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    activities_total: int
    edges_total: int
    shown: float


@dataclass(frozen=True, kw_only=True)
class CaseStat:
    """The cases of the report: those with an activity in its period.

    `other`: terminated or cancelled. `duration`: of completed cases; its `unfinished` is the age of
    the running ones. `deadline`: against the cases' own deadlines.
    """

    total: int
    running: int
    completed: int
    other: int
    duration: Durations
    deadline: Deadlines


@dataclass(frozen=True, kw_only=True)
class ReportMeta:
    """What the report is about and what it had to assume.

    Attributes:
        activities: different activities; executions: completed ones; open: those open.
        period_start, period_end: first and last moment in the data of the report.
        now: the moment up to which open work was counted.
        hours: hours of all activities (completed, open, cancelled): the whole of every share.
        queue_definition: which moments bound the queue time in this log.
        assumptions: what the numbers rest on.
    """

    cases: CaseStat
    activities: int
    executions: int
    open: int
    period_start: datetime | None
    period_end: datetime | None
    now: datetime
    hours: float
    queue_definition: Sentence
    assumptions: tuple[Sentence, ...]


@dataclass(frozen=True, kw_only=True)
class BottleneckReport:
    """Where the time of a process goes. `language` is what texts default to; both are always there."""

    meta: ReportMeta
    activities: tuple[ActivityStat, ...]
    edges: tuple[EdgeStat, ...]
    variants: tuple[VariantStat, ...]
    findings: tuple[Finding, ...]
    map: ProcessMap
    language: str = "en"

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-able data: dicts, lists, numbers, strings; moments in ISO 8601."""
        return {field.name: _jsonable(getattr(self, field.name)) for field in fields(self)}


def _jsonable(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value

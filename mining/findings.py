"""The ranked list of where the hours go, in words, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mining.results import ActivityStat, CaseStat, Durations, Finding, FindingKind
from mining.words import HOUR, Naming, Sentence, counted, hours_text, long_duration, nameless, share_text

SMALLEST_SHARE = 0.005
"""Findings below this share of all hours are left out."""

_ENOUGH_FOR_P90 = 10
_MUCH_IN_THE_TAIL = 0.5

_MOST_OF_THE_WAIT = 0.5
_MORE_THAN_ITS_PART = 1.5
"""A group is named that holds most of a wait, and much more of it than of the executions."""

_CAUSES = {
    "applicant": Sentence(en="the applicant", zh="申请人"),
    "experts": Sentence(en="experts", zh="专家"),
    "message": Sentence(en="a message from outside", zh="外部消息"),
    "signal": Sentence(en="a signal", zh="外部信号"),
    "timer": Sentence(en="a set time", zh="定时器"),
    "event": Sentence(en="an event", zh="外部事件"),
}
_OTHERS = Sentence(en="others", zh="他方")
_NOTHING = Sentence(en="", zh="")


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    kind: FindingKind
    element_id: str
    name: str
    seconds: float
    n: int
    words: Sentence


def findings(
    activities: Sequence[ActivityStat],
    cases: CaseStat,
    *,
    total: float,
    cause_names: Naming = nameless,
    group_names: Naming = nameless,
    limit: int = 20,
) -> tuple[Finding, ...]:
    """What costs the most hours, first.

    In: the activities; the cases; the seconds of all activities, the whole of every share; how the site calls
    what is waited for, and groups; how many findings.
    """
    candidates = [*_of_cases(cases)]
    for activity in activities:
        if not activity.contains_others:
            candidates += _of_activity(activity, cause_names, group_names)
    worth = [c for c in candidates if total > 0 and c.seconds / total >= SMALLEST_SHARE]
    worth.sort(key=lambda c: (-c.seconds, c.kind, c.element_id))
    return tuple(
        Finding(
            rank=rank,
            kind=one.kind,
            element_id=one.element_id,
            name=one.name,
            hours=one.seconds / HOUR,
            share=one.seconds / total,
            n=one.n,
            confidence=_confidence(one.n),
            text_en=f"{one.words.en} {_share(one.seconds / total).en}",
            text_zh=f"{one.words.zh}{_share(one.seconds / total).zh}",
        )
        for rank, one in enumerate(worth[:limit], start=1)
    )


def _confidence(n: int) -> Literal["high", "medium", "low"]:
    return "high" if n >= 30 else "medium" if n >= 10 else "low"


def _share(share: float) -> Sentence:
    if share > 1:
        return Sentence(en="(more than the activities themselves took).", zh="（超过各环节自身用时之和）。")
    told = share_text(share)
    return Sentence(en=f"({told} of all activity hours).", zh=f"（占全部环节用时的 {told}）。")


def _of_activity(activity: ActivityStat, cause_names: Naming, group_names: Naming) -> Iterator[_Candidate]:
    split = activity.queue.n or activity.service.n or activity.queue.unfinished or activity.service.unfinished
    outside = sum(cause.seconds for cause in activity.waiting_for)
    if split:
        yield _timed(activity, "queue", activity.queue, _mainly(activity, group_names))
        yield _timed(activity, "service", activity.service)
    elif not outside:
        yield _timed(activity, "sojourn", activity.sojourn)
    if outside:
        yield _outside(activity, outside, cause_names)
    if activity.rework.executions:
        yield _rework(activity)
    if activity.deadline.missed:
        yield _deadline(activity)


def _mainly(activity: ActivityStat, group_names: Naming) -> Sentence:
    """Whose queue it is that holds most of the wait; nothing where it is spread as the work is."""
    first = max(activity.groups, key=lambda held: held.queue.everything, default=None)
    if first is None or first.group is None or len(activity.groups) < 2 or not activity.queue.everything:
        return _NOTHING
    share = first.queue.everything / activity.queue.everything
    part = (first.count + first.open) / max(1, sum(held.count + held.open for held in activity.groups))
    if share < max(_MOST_OF_THE_WAIT, _MORE_THAN_ITS_PART * part):
        return _NOTHING
    name = group_names(first.group) or Sentence(en=first.group, zh=first.group)
    return Sentence(
        en=f"; {share_text(share)} of it at “{name.en}”, which has {share_text(part)} of the work",
        zh=f"；其中 {share_text(share)} 在“{name.zh}”，而其承担的次数占 {share_text(part)}",
    )


def _timed(
    activity: ActivityStat,
    kind: Literal["queue", "service", "sojourn"],
    spent: Durations,
    mainly: Sentence = _NOTHING,
) -> _Candidate:
    hours = hours_text(spent.everything / HOUR)
    name = activity.name
    en, zh = {
        "queue": (f"“{name}” waits {hours} hours to be taken up", f"“{name}”等待接手共 {hours} 小时"),
        "service": (f"Work on “{name}” takes {hours} hours", f"办理“{name}”共用 {hours} 小时"),
        "sojourn": (
            f"From the step before to the end of “{name}” pass {hours} hours",
            f"从上一环节到“{name}”完成共经过 {hours} 小时",
        ),
    }[kind]
    if spent.p90 is not None and spent.p90 < 1 and spent.n >= _ENOUGH_FOR_P90:
        en += f": nine in ten of {spent.n:,} took less than a second"
        zh += f"：{spent.n:,} 次中九成不到 1 秒"
    elif spent.median is not None and spent.median < 1:
        en += f": half of {spent.n:,} took less than a second"
        zh += f"：{spent.n:,} 次中一半不到 1 秒"
    elif spent.median is not None:
        en += f": half of {spent.n:,} took over {long_duration(spent.median)}"
        zh += f"：{spent.n:,} 次中一半超过 {long_duration(spent.median, 'zh')}"
    if spent.p90 is not None and spent.n >= _ENOUGH_FOR_P90:
        if spent.p90 >= 1:
            en += f", one in ten over {long_duration(spent.p90)}"
            zh += f"，一成超过 {long_duration(spent.p90, 'zh')}"
        if spent.tail >= _MUCH_IN_THE_TAIL:
            en += f"; the slowest tenth hold {share_text(spent.tail)} of these hours"
            zh += f"；最慢的一成占其中 {share_text(spent.tail)}"
    if activity.open and spent.unfinished and kind != "service":
        en += f"; {hours_text(spent.unfinished / HOUR)} of the hours are in work not completed"
        zh += f"；其中 {hours_text(spent.unfinished / HOUR)} 小时属于未完成的工作"
    return _Candidate(
        kind=kind,
        element_id=activity.element_id,
        name=activity.name,
        seconds=spent.everything,
        n=spent.n + activity.open,
        words=Sentence(en=en + mainly.en, zh=zh + mainly.zh),
    )


def _outside(activity: ActivityStat, seconds: float, cause_names: Naming) -> _Candidate:
    main = activity.waiting_for[0].cause
    cause = cause_names(main) or _CAUSES.get(main, _OTHERS)
    n = sum(one.n for one in activity.waiting_for)
    hours = hours_text(seconds / HOUR)
    mostly_en, mostly_zh = ("mostly for", "主要等待") if len(activity.waiting_for) > 1 else ("for", "等待")
    return _Candidate(
        kind="waiting_outside",
        element_id=activity.element_id,
        name=activity.name,
        seconds=seconds,
        n=n,
        words=Sentence(
            en=f"“{activity.name}” waits {hours} hours outside the organisation, {mostly_en} {cause.en}, "
            f"in {n:,} executions",
            zh=f"“{activity.name}”在外部等待共 {hours} 小时，{mostly_zh}{cause.zh}，共 {n:,} 次",
        ),
    )


def _rework(activity: ActivityStat) -> _Candidate:
    rework = activity.rework
    hours = hours_text(rework.seconds / HOUR)
    return _Candidate(
        kind="rework",
        element_id=activity.element_id,
        name=activity.name,
        seconds=rework.seconds,
        n=rework.executions,
        words=Sentence(
            en=f"“{activity.name}” is done again {counted(rework.executions, 'time')}, "
            f"in {rework.cases:,} of {activity.cases:,} cases; the repeats take {hours} hours",
            zh=f"“{activity.name}”返工 {rework.executions:,} 次，涉及 {activity.cases:,} 个案件中的 "
            f"{rework.cases:,} 个；返工用时 {hours} 小时",
        ),
    )


def _deadline(activity: ActivityStat) -> _Candidate:
    missed = activity.deadline
    late = hours_text(missed.overdue / HOUR)
    still_en = f", {missed.open:,} of them still open" if missed.open else ""
    still_zh = f"，其中 {missed.open:,} 次仍未完成" if missed.open else ""
    return _Candidate(
        kind="deadline",
        element_id=activity.element_id,
        name=activity.name,
        seconds=missed.overdue,
        n=missed.missed,
        words=Sentence(
            en=f"“{activity.name}” misses its deadline {counted(missed.missed, 'time')} of {missed.of:,}"
            f"{still_en}; {late} hours late in all",
            zh=f"“{activity.name}”{missed.of:,} 次中超期 {missed.missed:,} 次{still_zh}；共超期 {late} 小时",
        ),
    )


def _of_cases(cases: CaseStat) -> Iterator[_Candidate]:
    missed = cases.deadline
    if not missed.missed:
        return
    late = hours_text(missed.overdue / HOUR)
    still_en = f", {missed.open:,} of them still running" if missed.open else ""
    still_zh = f"，其中 {missed.open:,} 个仍在办理" if missed.open else ""
    yield _Candidate(
        kind="deadline",
        element_id="",
        name="",
        seconds=missed.overdue,
        n=missed.missed,
        words=Sentence(
            en=f"{missed.missed:,} of {missed.of:,} cases ({share_text(missed.share)}) run past their "
            f"deadline{still_en}; {late} hours late in all",
            zh=f"{missed.of:,} 个案件中有 {missed.missed:,} 个（{share_text(missed.share)}）超过期限"
            f"{still_zh}；共超期 {late} 小时",
        ),
    )

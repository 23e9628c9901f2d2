"""Clocks that stop: intervals in which no working time passes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""Where an interval ends that has not ended."""

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The clock stands from `begin` on, and runs again from `end` on; None: it stands still.

    Args:
        begin, end: aware; an end before the beginning, or at it, stops nothing.
    """

    begin: datetime
    end: datetime | None = None


def union(stops: Iterable[Stop]) -> list[Gap]:
    """The stops as half-open UTC intervals in order that neither overlap nor touch."""
    gaps: list[Gap] = []
    for begin, end in sorted((s.begin.astimezone(UTC), s.end.astimezone(UTC) if s.end else NEVER) for s in stops):
        if end <= begin:
            continue
        if gaps and begin <= gaps[-1][1]:
            gaps[-1] = (gaps[-1][0], max(gaps[-1][1], end))
        else:
            gaps.append((begin, end))
    return gaps


def without(begin: datetime, end: datetime, gaps: list[Gap]) -> Iterator[Gap]:
    """What is left of an interval between the gaps, in order."""
    for first, last in islice(gaps, _after(begin, gaps), None):
        if first >= end:
            break
        if first > begin:
            yield begin, first
        begin = last
        if begin >= end:
            return
    yield begin, end


def stands_at(moment: datetime, gaps: list[Gap]) -> bool:
    """Whether the clock stands at an instant."""
    at = _after(moment, gaps)
    return at < len(gaps) and gaps[at][0] <= moment


def _after(moment: datetime, gaps: list[Gap]) -> int:
    """Index of the first gap that ends after an instant."""
    return bisect_right(gaps, moment, key=lambda gap: gap[1])


def stands_for_ever_from(gaps: list[Gap]) -> datetime:
    """From when on the clock stands without an end in sight; `NEVER` if it does not."""
    return gaps[-1][0] if gaps and gaps[-1][1] == NEVER else NEVER

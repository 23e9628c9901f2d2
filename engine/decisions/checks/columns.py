"""A column's values cut into segments that no cell tells apart; a cell then is a set of segments.

Between the constants that the cells of a column name, every value passes the same cells. So one value of
each segment stands for all of it, and sets of segments are bits of an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.feel.numbers import is_number, narrow
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration, time_from_nanos
from engine.feel.values import format_value, kind_of

__all__ = ["Column", "Segment", "cut"]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Values that all cells treat alike.

    Args:
        value: one of them.
        low, high: constants that bound it, or None; a single value has both.
        is_other: any text that no cell names.
    """

    value: object
    low: object = None
    high: object = None
    is_other: bool = False

    @property
    def is_point(self) -> bool:
        return self.low is not None and self.low is self.high


@dataclass(frozen=True, kw_only=True)
class Column:
    """One input column.

    Args:
        label: what people call it.
        ordered: whether segments lie in the order of their values.
        universe: the segments that can occur, as bits.
    """

    label: str
    segments: tuple[Segment, ...]
    ordered: bool
    universe: int

    def describe(self, mask: int) -> str:
        """A set of segments as a cell would say it; '' for all that can occur."""
        if mask & self.universe == self.universe:
            return ""
        if not self.ordered:
            return self._listed(mask)
        texts, at = [], 0
        while at < len(self.segments):
            if not mask >> at & 1:
                at += 1
                continue
            end = at
            while end + 1 < len(self.segments) and mask >> (end + 1) & 1:
                end += 1
            texts.append(_interval(self.segments[at], self.segments[end]))
            at = end + 1
        return ", ".join(texts)

    def _listed(self, mask: int) -> str:
        chosen = [one for at, one in enumerate(self.segments) if mask >> at & 1]
        if any(one.is_other for one in chosen):
            left = [
                _shown(one.value) for at, one in enumerate(self.segments) if not mask >> at & 1 and not one.is_other
            ]
            return f"not({', '.join(left)})"
        return ", ".join(_shown(one.value) for one in chosen)


def _interval(first: Segment, last: Segment) -> str:
    if first.is_point and first is last:
        return _shown(first.value)
    low, high = first.low, last.high
    if low is None:
        return f"{'<=' if last.is_point else '<'} {_shown(high)}"
    if high is None:
        return f"{'>=' if first.is_point else '>'} {_shown(low)}"
    return f"{'[' if first.is_point else '('}{_shown(low)}..{_shown(high)}{']' if last.is_point else ')'}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return '"' + value + '"'
    return format_value(value) or "null"


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """How values of one kind lie on a line of whole numbers, and back. Numbers have no smallest step."""

    place: Callable[[object], int]
    value: Callable[[int, object], object]


def _date_time(nanos: int, like: object) -> object:
    assert isinstance(like, FeelDateTime)
    return like.later(nanos - like.local_nanos)


_SCALES: Final[dict[str, _Scale]] = {
    "date": _Scale(place=lambda one: one.days, value=lambda at, like: FeelDate.from_days(at)),  # type: ignore[attr-defined]
    "time": _Scale(place=lambda one: one.nanos, value=lambda at, like: _time(at, like)),  # type: ignore[attr-defined]
    "date and time": _Scale(place=lambda one: one.local_nanos, value=_date_time),  # type: ignore[attr-defined]
    "days and time duration": _Scale(place=lambda one: one.nanos, value=lambda at, like: DaysDuration(at)),  # type: ignore[attr-defined]
    "years and months duration": _Scale(place=lambda one: one.months, value=lambda at, like: MonthsDuration(at)),  # type: ignore[attr-defined]
}
_DAY: Final = 24 * 60 * 60 * 10**9


def _time(nanos: int, like: object) -> object:
    assert isinstance(like, FeelTime)
    return time_from_nanos(nanos, like.zone) if 0 <= nanos < _DAY else None


def cut(constants: Sequence[object], *, kind: str, whole: bool) -> tuple[tuple[Segment, ...], bool] | None:
    """Segments for the constants of a column, and whether they lie in order.

    Args:
        constants: what its cells name; null among them is a segment of its own.
        kind: the declared kind, or '' if none is known.
        whole: whether only whole numbers occur.

    Returns:
        None for constants of several kinds, which cannot be analysed.
    """
    given = [one for one in constants if one is not None]
    kinds = {kind_of(one) for one in given}
    nothing = (Segment(value=None),) if len(given) < len(constants) else ()
    if len(kinds) > 1:
        return None
    kind = next(iter(kinds), kind)
    if kind == "boolean":
        return (Segment(value=True), Segment(value=False), *nothing), False
    if kind == "string":
        texts = sorted({str(one) for one in given})
        other = "…"
        while other in texts:
            other += "…"
        return (*(Segment(value=one) for one in texts), Segment(value=other, is_other=True), *nothing), False
    if not given:
        return (Segment(value="…", is_other=True), *nothing), False
    if kind == "number":
        return (*_numbers(given, whole), *nothing), True
    scale = _SCALES.get(kind)
    if scale is None or len({_offset(one) for one in given}) > 1:
        return None
    return (*_steps(given, scale), *nothing), True


def _offset(value: object) -> object:
    return value.offset if isinstance(value, FeelDateTime | FeelTime) else None


def _numbers(given: Sequence[object], whole: bool) -> list[Segment]:
    points = sorted({Decimal(one) for one in given if is_number(one)})  # type: ignore[arg-type]
    plain = [narrow(one) for one in points]
    found = [Segment(value=narrow(points[0] - 1), high=plain[0])]
    for at, point in enumerate(points):
        found.append(Segment(value=plain[at], low=plain[at], high=plain[at]))
        if at + 1 == len(points):
            found.append(Segment(value=narrow(point + 1), low=plain[at]))
            continue
        following = points[at + 1]
        middle = (point + following) / 2
        if whole:
            middle = point.to_integral_value(rounding="ROUND_FLOOR") + 1
        if middle < following:
            found.append(Segment(value=narrow(middle), low=plain[at], high=plain[at + 1]))
    return found


def _steps(given: Sequence[object], scale: _Scale) -> list[Segment]:
    by_place = {scale.place(one): one for one in given}
    places = sorted(by_place)
    like = given[0]
    found: list[Segment] = []

    def add(at: int, low: object, high: object) -> None:
        value = scale.value(at, like)
        if value is not None:
            found.append(Segment(value=value, low=low, high=high))

    add(places[0] - 1, None, by_place[places[0]])
    for at, place in enumerate(places):
        point = by_place[place]
        found.append(Segment(value=point, low=point, high=point))
        if at + 1 == len(places):
            add(place + 1, point, None)
        elif places[at + 1] - place > 1:
            add(place + 1, point, by_place[places[at + 1]])
    return found

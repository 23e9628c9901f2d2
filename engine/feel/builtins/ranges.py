"""Relations between points and ranges (DMN 1.5, 10.3.4.7, Table 78), and `range`.

A point counts as the closed range from itself to itself, which makes each relation one formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import equal, less
from engine.feel.errors import FeelError
from engine.feel.runtime import Run
from engine.feel.values import Range


class _Incomparable(Exception):
    """Two ends have no order."""


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a range; an open one lies beyond all values on its side."""

    value: object
    included: bool
    beyond: int

    def __lt__(self, other: _End) -> bool:
        if self.beyond or other.beyond:
            return self.beyond < other.beyond
        return _known(less(self.value, other.value))

    def __gt__(self, other: _End) -> bool:
        return other < self

    def at(self, other: _End) -> bool:
        """Whether both ends are the same point, included or not."""
        if self.beyond or other.beyond:
            return self.beyond == other.beyond
        return _known(equal(self.value, other.value))


def _known(result: bool | None) -> bool:
    if result is None:
        raise _Incomparable
    return result


def _ends(value: object) -> tuple[_End, _End]:
    if not isinstance(value, Range):
        return _End(value, True, 0), _End(value, True, 0)
    start = _End(value.start, value.start_included, -1 if value.start is None else 0)
    return start, _End(value.end, value.end_included, 1 if value.end is None else 0)


_Relation = Callable[[_End, _End, _End, _End], bool]


def _before(a: _End, b: _End, c: _End, d: _End) -> bool:
    return b < c or (b.at(c) and not (b.included and c.included))


def _meets(a: _End, b: _End, c: _End, d: _End) -> bool:
    return b.included and c.included and b.at(c)


def _overlaps(a: _End, b: _End, c: _End, d: _End) -> bool:
    return not _before(a, b, c, d) and not _before(c, d, a, b)


def _overlaps_before(a: _End, b: _End, c: _End, d: _End) -> bool:
    starts_first = a < c or (a.at(c) and a.included and not c.included)
    reaches = b > c or (b.at(c) and b.included and c.included)
    return starts_first and reaches and (b < d or (b.at(d) and (not b.included or d.included)))


def _finishes(a: _End, b: _End, c: _End, d: _End) -> bool:
    return b.included == d.included and b.at(d) and (a > c or (a.at(c) and (not a.included or c.included)))


def _includes(a: _End, b: _End, c: _End, d: _End) -> bool:
    starts = a < c or (a.at(c) and (a.included or not c.included))
    return starts and (b > d or (b.at(d) and (b.included or not d.included)))


def _starts(a: _End, b: _End, c: _End, d: _End) -> bool:
    return a.at(c) and a.included == c.included and (b < d or (b.at(d) and (not b.included or d.included)))


def _coincides(a: _End, b: _End, c: _End, d: _End) -> bool:
    return a.at(c) and a.included == c.included and b.at(d) and b.included == d.included


def _turned(relation: _Relation) -> _Relation:
    return lambda a, b, c, d: relation(c, d, a, b)


def _declare(name: str, relation: _Relation, *signatures: str) -> None:
    def evaluate(run: Run, first: object, second: object) -> bool | None:
        if any(isinstance(given, Range) and given.form == "null" for given in (first, second)):
            return None
        try:
            return relation(*_ends(first), *_ends(second))
        except _Incomparable:
            return None

    for signature in signatures:
        builtin(name, *signature.split(", "))(evaluate)


_POINTS = "point1: point, point2: point"
_POINT_RANGE = "point: point, range: range"
_RANGE_POINT = "range: range, point: point"
_RANGES = "range1: range, range2: range"

_declare("before", _before, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("after", _turned(_before), _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("meets", _meets, _RANGES)
_declare("met by", _turned(_meets), _RANGES)
_declare("overlaps", _overlaps, _RANGES)
_declare("overlaps before", _overlaps_before, _RANGES)
_declare("overlaps after", _turned(_overlaps_before), _RANGES)
_declare("finishes", _finishes, _POINT_RANGE, _RANGES)
_declare("finished by", _turned(_finishes), _RANGE_POINT, _RANGES)
_declare("includes", _includes, _RANGE_POINT, _RANGES)
_declare("during", _turned(_includes), _POINT_RANGE, _RANGES)
_declare("starts", _starts, _POINT_RANGE, _RANGES)
_declare("started by", _turned(_starts), _RANGE_POINT, _RANGES)
_declare("coincides", _coincides, _POINTS, _RANGES)


@builtin("range", "from: string")
def _range(run: Run, text: str) -> object:
    """A range from text such as `[1..10)` or `[1..)`, with literals, `@"…"` or `date("…")` as its ends."""
    from engine.feel.constants import evaluate_interval  # the parser needs the built-ins' names

    try:
        return evaluate_interval(text)
    except FeelError:
        return None

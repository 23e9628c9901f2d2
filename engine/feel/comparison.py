"""What FEEL's comparisons mean (DMN 1.5, Tables 52 to 55): plain functions on FEEL values.

Every function gives None (null) for values it is not defined for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from engine.feel.numbers import is_number
from engine.feel.temporal import SECOND, DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.values import FeelFunction, Range, kind_of

__all__ = ["ORDERINGS", "Charge", "aligned", "contains", "equal", "less", "less_or_equal", "same"]

Charge = Callable[[], object]
"""Called once for every pair of parts that is compared, so that a budget can stop it."""


def equal(left: object, right: object, charge: Charge | None = None) -> bool | None:
    """`left = right`: null when the kinds differ (Table 53); comparing with null is never null.

    The two kinds of duration can be compared: only those of no length are equal.
    """
    kind = type(left)
    if left is None or right is None:
        return left is right
    if kind is type(right):
        if kind is str or kind is int or kind is bool or kind is Decimal:
            return left == right
        return _equal_same_kind(left, right, charge)
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, DaysDuration | MonthsDuration) and isinstance(right, DaysDuration | MonthsDuration):
        return not _magnitude(left) and not _magnitude(right)
    return None


def _equal_same_kind(left: object, right: object, charge: Charge | None) -> bool | None:
    if left is right:
        return True
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _all_equal(zip(left, right, strict=True), charge)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and _all_equal(((left[key], right[key]) for key in left), charge)
    if isinstance(left, FeelDateTime | FeelTime):
        # The value of a time, and so `=`, counts in whole seconds (10.3.2.3.5); `is` and `<` are exact.
        first, second = aligned(left, right)
        return first // SECOND == second // SECOND
    if isinstance(left, Range) and isinstance(right, Range):
        if (left.start_included, left.end_included, left.form) != (
            right.start_included,
            right.end_included,
            right.form,
        ):
            return False
        return _all_equal([(left.start, right.start), (left.end, right.end)], charge)
    if isinstance(left, FeelFunction) and isinstance(right, FeelFunction):
        # The same parameters, body and scope, or for external ones the same mapping (Table 53).
        return left.origin is not None and left.origin == right.origin
    return left == right


def _all_equal(pairs: Iterable[tuple[object, object]], charge: Charge | None) -> bool | None:
    result: bool | None = True
    for left, right in pairs:
        if charge is not None:
            charge()
        one = equal(left, right, charge)
        if one is False:
            return False
        if one is None:
            result = None
    return result


def same(left: object, right: object, charge: Charge | None = None) -> bool:
    """`is(left, right)`: the same element of the semantic domain; never null."""
    if charge is not None:
        charge()
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(one, other, charge) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key], charge) for key in left)
    if isinstance(left, FeelDateTime) and isinstance(right, FeelDateTime):
        # A moment is its numbers and its offset (10.3.2.3.6); a zone stands for its offset then.
        return left.local_nanos == right.local_nanos and left.offset == right.offset
    if isinstance(left, FeelTime) and isinstance(right, FeelTime):
        return left.nanos == right.nanos and left.offset == right.offset
    return kind_of(left) == kind_of(right) and left == right


def less(left: object, right: object) -> bool | None:
    """`left < right`; null unless both are numbers, strings, or temporal values of one kind (Table 54)."""
    kind = type(left)
    if kind is type(right):
        if kind is str or kind is int or kind is Decimal:
            return left < right  # type: ignore[operator,no-any-return]
        first, second = _comparable(left, right)
        return None if first is None or second is None else first < second
    if is_number(left) and is_number(right):
        return left < right  # type: ignore[operator,no-any-return]
    return None


def less_or_equal(left: object, right: object) -> bool | None:
    """`left <= right`; null exactly where `left < right` is null."""
    after = less(right, left)
    return None if after is None else not after


def _comparable(left: object, right: object) -> tuple[int | None, int | None]:
    """Two temporal values of one kind as integers in the order FEEL compares them."""
    if isinstance(left, FeelDateTime | FeelTime):
        return aligned(left, right)
    return _magnitude(left), _magnitude(right)


def _magnitude(value: object) -> int | None:
    if isinstance(value, FeelDate):
        return value.days
    if isinstance(value, DaysDuration):
        return value.nanos
    return value.months if isinstance(value, MonthsDuration) else None


def aligned(left: object, right: object) -> tuple[int, int]:
    """Two times, or two dates and times, in nanoseconds on one clock.

    If one has no offset, it uses the other's (Table 54), so then both count on their own clocks.
    """
    assert isinstance(left, FeelDateTime | FeelTime) and isinstance(right, FeelDateTime | FeelTime)
    first = left.local_nanos if isinstance(left, FeelDateTime) else left.nanos
    second = right.local_nanos if isinstance(right, FeelDateTime) else right.nanos
    offsets = left.offset, right.offset
    if offsets[0] is None or offsets[1] is None:
        return first, second
    return first - offsets[0] * SECOND, second - offsets[1] * SECOND


def contains(values: Range, point: object) -> bool | None:
    """`point in range`."""
    if values.form == "!=":
        found = equal(point, values.start)
        return None if found is None else not found
    if point is None or values.form == "null":
        return None
    if values.start is not None:
        after = less_or_equal(values.start, point) if values.start_included else less(values.start, point)
        if after is not True:
            return after
    if values.end is None:
        return True
    return less_or_equal(point, values.end) if values.end_included else less(point, values.end)


ORDERINGS: dict[str, Callable[[object, object], bool | None]] = {
    "<": less,
    "<=": less_or_equal,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: less_or_equal(right, left),
}

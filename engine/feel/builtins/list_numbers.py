"""List functions that reckon: min, max, sum, mean, product, median, stddev, mode (DMN 1.5, 10.3.4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Context, Decimal
from typing import cast

from engine.feel import numbers
from engine.feel.builtins.registry import builtin
from engine.feel.comparison import less
from engine.feel.numbers import Number, is_number
from engine.feel.runtime import Run

_WIDE = Context(prec=70, Emin=-99_999, Emax=99_999, traps=[])


def _numbers(run: Run, items: list[object]) -> list[Number] | None:
    """The items, if all are numbers and there is at least one."""
    run.step(len(items))
    return cast(list[Number], items) if items and all(map(is_number, items)) else None


def _extreme(run: Run, items: list[object], better: Callable[[object, object], bool | None]) -> object:
    run.step(len(items))
    if not items or (len(items) == 1 and less(items[0], items[0]) is None):
        return None
    best = items[0]
    for item in items[1:]:
        found = better(item, best)
        if found is None:
            return None
        if found:
            best = item
    return best


@builtin("min", rest="list: any")
@builtin("min", "list: list")
def _min(run: Run, items: list[object]) -> object:
    return _extreme(run, items, less)


@builtin("max", rest="list: any")
@builtin("max", "list: list")
def _max(run: Run, items: list[object]) -> object:
    return _extreme(run, items, lambda left, right: less(right, left))


def _fold(items: list[Number] | None, step: Callable[[Number, Number], Number | None]) -> Number | None:
    if items is None:
        return None
    total: Number | None = items[0]
    for item in items[1:]:
        total = None if total is None else step(total, item)
    return total


@builtin("sum", rest="list: any")
@builtin("sum", "list: list")
def _sum(run: Run, items: list[object]) -> Number | None:
    return _fold(_numbers(run, items), numbers.add)


@builtin("product", rest="list: any")
@builtin("product", "list: list")
def _product(run: Run, items: list[object]) -> Number | None:
    return _fold(_numbers(run, items), numbers.multiply)


@builtin("mean", rest="list: any")
@builtin("mean", "list: list")
def _mean(run: Run, items: list[object]) -> Number | None:
    total = _fold(_numbers(run, items), numbers.add)
    return None if total is None else numbers.divide(total, len(items))


@builtin("median", rest="list: any")
@builtin("median", "list: list")
def _median(run: Run, items: list[object]) -> Number | None:
    ordered = _numbers(run, items)
    if ordered is None:
        return None
    ordered = sorted(ordered)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    both = numbers.add(ordered[middle - 1], ordered[middle])
    return None if both is None else numbers.divide(both, 2)


@builtin("stddev", rest="list: any")
@builtin("stddev", "list: list")
def _stddev(run: Run, items: list[object]) -> Number | None:
    """Sample standard deviation, reckoned with spare digits and rounded once."""
    values = _numbers(run, items)
    if values is None or len(values) < 2:
        return None
    total = Decimal(0)
    for value in values:
        total = _WIDE.add(total, value)
    mean = _WIDE.divide(total, len(values))
    squares = Decimal(0)
    for value in values:
        difference = _WIDE.subtract(value, mean)
        squares = _WIDE.add(squares, _WIDE.multiply(difference, difference))
    return numbers.narrow(_WIDE.sqrt(_WIDE.divide(squares, len(values) - 1)))


@builtin("mode", "list: list")
def _mode(run: Run, items: list[object]) -> list[Number] | None:
    return _most_common(run, items) if items else []


@builtin("mode", "list: any", rest="more: any")
def _mode_given(run: Run, first: object, more: list[object]) -> list[Number] | None:
    return _most_common(run, [first, *more])


def _most_common(run: Run, items: list[object]) -> list[Number] | None:
    values = _numbers(run, items)
    if values is None:
        return None
    counts = Counter(values)
    most = max(counts.values())
    return sorted(value for value, count in counts.items() if count == most)

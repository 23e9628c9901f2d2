"""List functions that work on any items, and sort (DMN 1.5, 10.3.4.4, 10.3.4.9). Positions count from 1."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cmp_to_key

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import equal, less
from engine.feel.numbers import Number, is_number, whole
from engine.feel.runtime import Run
from engine.feel.values import FeelFunction


class Seen:
    """Values met so far, by FEEL equality; scalars are looked up by hash, other values one by one."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._scalars: set[tuple[str, object]] = set()
        self._others: list[object] = []

    def add(self, value: object) -> bool:
        """Whether the value is new."""
        self._run.step()
        if value is None or isinstance(value, bool | str) or is_number(value):
            key = ("number" if is_number(value) else type(value).__name__, value)
            new = key not in self._scalars
            self._scalars.add(key)
            return new
        self._run.step(len(self._others))
        if any(equal(value, other, self._run.step) is True for other in self._others):
            return False
        self._others.append(value)
        return True


def _position(position: Number, length: int) -> int | None:
    """The 0-based index of a position from 1 or, backwards, from -1; None outside the list."""
    at = whole(position)
    if not at or abs(at) > length:
        return None
    return at - 1 if at > 0 else length + at


def _equals(run: Run, left: object, right: object) -> bool:
    return equal(left, right, run.step) is True


@builtin("list contains", "list: list", "element: any")
def _list_contains(run: Run, items: list[object], element: object) -> bool:
    run.step(len(items))
    return any(_equals(run, item, element) for item in items)


@builtin("count", "list: list")
def _count(run: Run, items: list[object]) -> int:
    return len(items)


def _every_true(run: Run, items: list[object]) -> bool | None:
    run.step(len(items))
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _some_true(run: Run, items: list[object]) -> bool | None:
    run.step(len(items))
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("all", "list: list")
def _all(run: Run, items: list[object]) -> bool | None:
    return _every_true(run, items)


@builtin("all", "list: any", rest="more: any")
def _all_given(run: Run, first: object, more: list[object]) -> bool | None:
    return _every_true(run, [first, *more])


@builtin("any", "list: list")
def _any(run: Run, items: list[object]) -> bool | None:
    return _some_true(run, items)


@builtin("any", "list: any", rest="more: any")
def _any_given(run: Run, first: object, more: list[object]) -> bool | None:
    return _some_true(run, [first, *more])


@builtin("sublist", "list: list", "start position: number", "length?: number")
def _sublist(run: Run, items: list[object], start: Number, length: Number | None) -> list[object] | None:
    first = _position(start, len(items))
    wanted = None if length is None else whole(length)
    if first is None or (length is not None and (wanted is None or not 1 <= wanted <= len(items) - first)):
        return None
    run.grow(len(items) - first)
    return items[first:] if wanted is None else items[first : first + wanted]


@builtin("append", "list: list", rest="item: any")
def _append(run: Run, items: list[object], more: list[object]) -> list[object]:
    run.grow(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", rest="list: list")
def _concatenate(run: Run, lists: list[list[object]]) -> list[object]:
    run.grow(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list", "position: number", "newItem: any")
def _insert_before(run: Run, items: list[object], position: Number, item: object) -> list[object] | None:
    at = _position(position, len(items))
    run.grow(len(items) + 1)
    return None if at is None else [*items[:at], item, *items[at:]]


@builtin("remove", "list: list", "position: number")
def _remove(run: Run, items: list[object], position: Number) -> list[object] | None:
    at = _position(position, len(items))
    run.grow(len(items))
    return None if at is None else [*items[:at], *items[at + 1 :]]


@builtin("list replace", "list: list", "position: number", "newItem: any")
def _list_replace(run: Run, items: list[object], position: Number, item: object) -> list[object] | None:
    at = _position(position, len(items))
    run.grow(len(items))
    return None if at is None else [*items[:at], item, *items[at + 1 :]]


@builtin("list replace", "list: list", "match: function", "newItem: any")
def _list_replace_matching(run: Run, items: list[object], match: FeelFunction, new: object) -> list[object] | None:
    if len(match.parameters) != 2:
        return None
    run.grow(len(items))
    matches = [match.call(run, [item, new]) for item in items]
    if not all(isinstance(found, bool) for found in matches):
        return None
    return [new if found else item for item, found in zip(items, matches, strict=True)]


@builtin("reverse", "list: list")
def _reverse(run: Run, items: list[object]) -> list[object]:
    run.grow(len(items))
    return items[::-1]


@builtin("index of", "list: list", "match: any")
def _index_of(run: Run, items: list[object], match: object) -> list[int]:
    run.step(len(items))
    return [at for at, item in enumerate(items, start=1) if _equals(run, item, match)]


def _distinct(run: Run, items: Iterable[object]) -> list[object]:
    seen = Seen(run)
    return [item for item in items if seen.add(item)]


@builtin("union", rest="list: list")
def _union(run: Run, lists: list[list[object]]) -> list[object]:
    run.grow(sum(map(len, lists)))
    return _distinct(run, (item for items in lists for item in items))


@builtin("distinct values", "list: list")
def _distinct_values(run: Run, items: list[object]) -> list[object]:
    run.grow(len(items))
    return _distinct(run, items)


@builtin("flatten", "list: list")
def _flatten(run: Run, items: list[object]) -> list[object]:
    flat: list[object] = []
    open_lists = [iter(items)]
    while open_lists:
        for item in open_lists[-1]:
            run.grow(1)
            if isinstance(item, list):
                open_lists.append(iter(item))
                break
            flat.append(item)
        else:
            open_lists.pop()
    return flat


@builtin("sort", "list: list", "precedes?: function")
def _sort(run: Run, items: list[object], precedes: FeelFunction | None) -> list[object] | None:
    if precedes is not None and len(precedes.parameters) != 2:
        return None

    def before(left: object, right: object) -> bool:
        run.step()
        if precedes is None:
            return less(left, right) is True
        return precedes.call(run, [left, right]) is True

    def order(left: object, right: object) -> int:
        return -1 if before(left, right) else 1 if before(right, left) else 0

    run.grow(len(items))
    return sorted(items, key=cmp_to_key(order))

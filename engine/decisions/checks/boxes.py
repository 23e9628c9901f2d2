"""Rules as boxes of segments: which meet, and what they leave uncovered. Bounded; says when it gives up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["Box", "TooLarge", "meet", "uncovered"]

Box = tuple[int, ...]
"""One mask of segments for each column."""


class TooLarge(Exception):
    """The table has too many columns, rules and constants to be analysed within the budget."""


def meet(one: Box, other: Box) -> bool:
    """Whether some values lie in both boxes."""
    return all(a & b for a, b in zip(one, other, strict=True))


def uncovered(universe: Box, boxes: Sequence[Box], *, limit: int, budget: int) -> list[Box]:
    """Up to `limit` boxes inside the universe that no box covers, disjoint from each other.

    Column by column: segments that the same boxes contain are taken together, so that the work goes with
    the number of different sets of rules, not with the number of values.

    Raises:
        TooLarge: more than `budget` steps were needed.
    """
    found: list[Box] = []
    full_from = [_full_from(universe, box) for box in boxes]
    covered: set[tuple[int, frozenset[int]]] = set()
    steps = 0

    def search(column: int, active: frozenset[int], before: Box) -> None:
        nonlocal steps
        steps += 1 + len(active)
        if steps > budget:
            raise TooLarge
        if len(found) >= limit or (column, active) in covered:
            return
        if not active:
            found.append((*before, *universe[column:]))
            return
        if any(full_from[one] <= column for one in active):
            return
        so_far = len(found)
        for mask, inside in _groups(universe[column], column, active):
            search(column + 1, inside, (*before, mask))
        if len(found) == so_far:
            covered.add((column, active))

    def _groups(mask: int, column: int, active: frozenset[int]) -> Iterator[tuple[int, frozenset[int]]]:
        nonlocal steps
        groups: dict[frozenset[int], int] = {}
        at = 0
        while mask >> at:
            bit = 1 << at
            at += 1
            if not mask & bit:
                continue
            steps += len(active)
            inside = frozenset(one for one in active if boxes[one][column] & bit)
            groups[inside] = groups.get(inside, 0) | bit
        yield from ((found_mask, inside) for inside, found_mask in groups.items())

    search(0, frozenset(range(len(boxes))), ())
    return found


def _full_from(universe: Box, box: Box) -> int:
    """The first column from which on a box holds all of the universe."""
    column = len(universe)
    while column and universe[column - 1] & ~box[column - 1] == 0:
        column -= 1
    return column

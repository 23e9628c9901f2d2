"""What a decision table gives for the rules that matched (DMN 1.5, 8.2.10 and 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.feel.builtins import BUILTINS
from engine.feel.comparison import same
from engine.feel.runtime import Run
from engine.models.dmn.model import DecisionTable

__all__ = ["Hit", "Rank", "decide", "no_hits"]

Hit = tuple[int, object]
"""A rule's number and its value: of the one output, or a context of all."""

Rank = Callable[[object], tuple[int, ...]]
"""The priority of a value, smallest first."""

_AGGREGATES: Final = {"+": "sum", "<": "min", ">": "max"}


def decide(policy: str, aggregation: str, hits: Sequence[Hit], rank: Rank, run: Run) -> object:
    """The table's value for at least one hit.

    Args:
        policy: one of U A P F R O C.
        aggregation: one of + < > #, or ''.
        hits: in rule order.
        rank: for P and O.
    """
    values = [value for _, value in hits]
    if policy == "U":
        return _unique(hits, run)
    if policy == "A":
        return _any(hits, run)
    if policy == "F":
        return values[0]
    if policy == "P":
        return min(values, key=rank)
    if policy == "O":
        return sorted(values, key=rank)
    return aggregate(aggregation, values, run) if aggregation else values


def _unique(hits: Sequence[Hit], run: Run) -> object:
    if len(hits) == 1:
        return hits[0][1]
    run.null(f"Expected at most one rule to match (hit policy Unique), but {_numbers(hits)} do")
    return None


def _any(hits: Sequence[Hit], run: Run) -> object:
    first = hits[0][1]
    if all(same(first, value, run.step) for _, value in hits[1:]):
        return first
    run.null(f"Expected all matching rules to agree (hit policy Any), but rules {_numbers(hits)} differ")
    return None


def aggregate(aggregation: str, values: Sequence[object], run: Run) -> object:
    """`+ < > #` of the values; of contexts, of each part by itself."""
    if aggregation == "#":
        return len(values)
    if values and all(isinstance(value, dict) for value in values):
        contexts = [value for value in values if isinstance(value, dict)]
        return {name: aggregate(aggregation, [one[name] for one in contexts], run) for name in contexts[0]}
    return BUILTINS[_AGGREGATES[aggregation]].value().call(run, [list(values)])


def no_hits(table: DecisionTable, run: Run) -> object:
    """The value where no rule matches and there is no default: an empty list for lists, nothing otherwise."""
    if table.gives_list:
        return []
    if table.aggregation == "#":
        return 0
    run.null("No rule of the table matches")
    return None


def _numbers(hits: Sequence[Hit]) -> str:
    numbers = [str(number) for number, _ in hits]
    return ", ".join(numbers[:-1]) + " and " + numbers[-1]

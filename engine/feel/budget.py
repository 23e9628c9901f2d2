"""What one evaluation may cost, so that a stranger's expression cannot hold up the engine."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_BUDGET", "MAX_NESTING", "MAX_SOURCE", "Budget"]

MAX_SOURCE = 100_000
"""Longest expression that is parsed, in characters."""

MAX_NESTING = 100
"""Deepest nesting of brackets, conditionals and definitions that is parsed."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits of one evaluation; whichever runs out first raises `BudgetExceeded`.

    Args:
        steps: iterations, filter checks and function calls.
        depth: function calls inside function calls.
        size: characters, list items and context entries made, summed over the evaluation.
        seconds: wall-clock time, regular expressions included.
    """

    steps: int = 1_000_000
    depth: int = 100
    size: int = 5_000_000
    seconds: float = 5.0


DEFAULT_BUDGET = Budget()

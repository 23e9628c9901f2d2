"""What one evaluation may cost, so that a stranger's expression cannot hold up the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["DEFAULT_BUDGET", "MAX_NESTING", "MAX_SOURCE", "Allowance", "Budget", "allowance", "allowed"]

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


@dataclass(slots=True)
class Allowance:
    """What all evaluations of one piece of work may take together.

    Args:
        seconds: what was granted.
        left: what is left of it; time between evaluations, such as waiting for a lock, does not count.
    """

    seconds: float
    left: float


_granted: ContextVar[Allowance | None] = ContextVar("civiflow_feel_allowance", default=None)
allowed = _granted.get
"""The allowance of the work at hand, or None."""


@contextmanager
def allowance(seconds: float) -> Iterator[None]:
    """Let evaluations inside take so long together: a thousand expressions that each stay within their budget
    do not. Inside another allowance, that one goes on counting."""
    if allowed() is not None:
        yield
        return
    token = _granted.set(Allowance(seconds, seconds))
    try:
        yield
    finally:
        _granted.reset(token)

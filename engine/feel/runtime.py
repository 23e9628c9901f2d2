"""The state of one evaluation: what is left of its budget, why things became null, names in scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic

from engine.errors import BudgetExceeded
from engine.feel.budget import Budget, allowed
from engine.feel.convert import Converted, to_feel
from engine.feel.host import host_function
from engine.feel.values import FeelFunction

__all__ = ["Code", "Frame", "HostFunctions", "Run"]

HostFunctions = Mapping[str, Callable[..., object]]

_MAX_WARNINGS = 100
_CHECK_CLOCK_EVERY = 1024


class Run:
    """One evaluation. Builtins and closures charge it for what they do.

    Args:
        budget: the limits.
        now: the moment `now()` and `today()` tell; None for the machine's clock.
        functions: host functions by name.
    """

    __slots__ = (
        "_began",
        "_budget",
        "_clock_check",
        "_converted",
        "_deadline",
        "_depth",
        "_functions",
        "_host_values",
        "_now",
        "_shared",
        "_size",
        "_steps",
        "warnings",
    )

    def __init__(self, budget: Budget, now: datetime | None, functions: HostFunctions | None) -> None:
        self._budget = budget
        self._steps = budget.steps
        self._size = budget.size
        self._depth = budget.depth
        self._began = monotonic()
        self._shared = allowed()
        granted = budget.seconds if self._shared is None else min(budget.seconds, self._shared.left)
        self._deadline = self._began + granted
        self._clock_check = max(0, budget.steps - _CHECK_CLOCK_EVERY)
        self._now = now
        self._functions = functions
        self._host_values: dict[str, FeelFunction] = {}
        self._converted: Converted = {}
        self.warnings: list[str] = []

    def step(self, count: int = 1) -> None:
        """Charge iterations, checks or calls; raises `BudgetExceeded`."""
        self._steps -= count
        if self._steps < self._clock_check:
            if self._steps < 0:
                raise BudgetExceeded(
                    f"Expected the expression to take at most {self._budget.steps:,} steps,"
                    " but it needs more; iterate over fewer items"
                )
            self._clock_check = max(0, self._steps - _CHECK_CLOCK_EVERY)
            self.seconds_left()

    def grow(self, size: int) -> None:
        """Charge characters, items or entries made; raises `BudgetExceeded`."""
        self._size -= size
        if self._size < 0:
            raise BudgetExceeded(
                f"Expected the expression to make at most {self._budget.size:,} characters and items,"
                " but it makes more; build smaller texts and lists"
            )

    def check_size(self, size: int) -> None:
        """Raise `BudgetExceeded` if one value alone is larger than the budget."""
        if size > self._budget.size:
            self.grow(size)

    def enter(self) -> None:
        """Charge one call inside another; `leave` gives it back. Raises `BudgetExceeded`."""
        self.step()
        self._depth -= 1
        if self._depth < 0:
            raise BudgetExceeded(
                f"Expected at most {self._budget.depth} function calls inside each other, but there are more;"
                " check that the recursion ends"
            )

    def leave(self) -> None:
        self._depth += 1

    def seconds_left(self) -> float:
        """Time left in seconds, more than 0; raises `BudgetExceeded` when there is none."""
        left = self._deadline - monotonic()
        if left <= 0 and self._shared is not None and self._shared.left < self._budget.seconds:
            raise BudgetExceeded(
                f"Expected all expressions of this step to take at most {self._shared.seconds:g} seconds together,"
                " but they take longer; iterate over fewer items"
            )
        if left <= 0:
            raise BudgetExceeded(
                f"Expected the expression to take at most {self._budget.seconds:g} seconds, but it takes longer;"
                " iterate over fewer items"
            )
        return left

    def end(self) -> None:
        """Take what the evaluation took off what all of them may take."""
        if self._shared is not None:
            self._shared.left -= monotonic() - self._began

    def null(self, reason: str) -> None:
        """Keep the reason why a value became null."""
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(reason)

    def refuse(self, reason: str) -> None:
        """Null because what is asked for is not run here; a host may tell that from other reasons."""
        self.null(reason)

    def now(self) -> datetime:
        """The same moment throughout the evaluation."""
        if self._now is None:
            self._now = datetime.now(UTC)
        return self._now

    def to_feel(self, value: object) -> object:
        """A value of the caller's context as FEEL; lists and contexts are converted once an evaluation."""
        return to_feel(value, self._converted)

    def host_function(self, name: str) -> FeelFunction | None:
        """The host's function of that name as a FEEL value, made once an evaluation."""
        if not self._functions or name not in self._functions:
            return None
        known = self._host_values.get(name)
        if known is None:
            known = self._host_values[name] = host_function(name, self._functions[name])
        return known


class Frame:
    """Names in scope: one context of the stack (10.3.2.11). The outermost holds the caller's raw data."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: Mapping[str, object], parent: Frame | None, run: Run) -> None:
        self.names = names
        self.parent = parent
        self.run = run

    def function(self, name: str) -> FeelFunction | None:
        """The innermost function value of that name; other values do not hide functions."""
        frame: Frame | None = self
        while frame is not None:
            value = frame.names.get(name)
            if type(value) is FeelFunction:
                return value
            frame = frame.parent
        return None


Code = Callable[[Frame], object]
"""A compiled expression: names in scope to value."""

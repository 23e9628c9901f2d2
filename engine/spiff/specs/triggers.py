"""What an event waits for: a time, a message, a signal, a condition.

Waiting begins in two steps: `plan` evaluates, and may fail; the `Opening` it gives reports, and cannot fail.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from engine.clock import from_micros, to_micros
from engine.spiff.effects import SubscriptionOpened, TimerOpened
from engine.spiff.expressions import Context, Formula
from engine.spiff.timers import next_of_grid, parse_duration, parse_instant, parse_repetition
from engine.spiff.tokens import WAS_TRUE, Cycle, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime

Opening = Callable[[Token], None]
"""Makes a token wait for what was evaluated."""


class Trigger(ABC):
    """What an event waits for."""

    opens_wait = True
    """Whether the kernel keeps a row for it."""

    @property
    @abstractmethod
    def waits_as(self) -> str:
        """'timer', 'message', 'signal' or 'conditional'."""

    @abstractmethod
    def plan(self, run: Runtime, context: Context) -> Opening:
        """Evaluate what to wait for.

        Raises:
            Stuck: an expression failed.
        """

    def again(self, run: Runtime, token: Token, context: Context) -> Opening | None:
        """For a listener that fired and may stay: what to wait for next; None when it is spent.

        Raises:
            Stuck: an expression failed.
        """
        return self.plan(run, context)


@dataclass(frozen=True, kw_only=True)
class TimerTrigger(Trigger):
    """A timer event definition.

    Args:
        kind: which of the three it is.
        value: date, duration or cycle.
        follows: a date that is evaluated again when its variables change; null lets it stand still.
    """

    kind: Literal["date", "duration", "cycle"]
    value: Formula
    follows: bool = False

    @property
    def waits_as(self) -> str:
        """'timer'."""
        return "timer"

    def plan(self, run: Runtime, context: Context) -> Opening:
        """When it is due, and what repeats."""
        if self.kind == "date":
            return _timer(run, self.date(run, context))
        text = self.value.required(run, context)
        try:
            if self.kind == "duration":
                return _timer(run, parse_duration(text).after(run.now, run.zone))
            repetition = parse_repetition(text, run.zone)
            due = repetition.start or parse_duration(repetition.interval).after(run.now, run.zone)
        except ValueError as error:
            raise self.value.stuck(f"but: {error}") from error
        left = None if repetition.times is None else repetition.times - 1
        return _timer(run, due, Cycle(left, to_micros(due), repetition.interval))

    def date(self, run: Runtime, context: Context) -> datetime | None:
        """When a date timer is due; None if it stands still.

        Raises:
            Stuck: the expression failed, gave no date, or gave null though it does not follow the data.
        """
        text = (self.value.string if self.follows else self.value.required)(run, context)
        try:
            return parse_instant(text, run.zone) if text else None
        except ValueError as error:
            raise self.value.stuck(f"but: {error}") from error

    def again(self, run: Runtime, token: Token, context: Context) -> Opening | None:
        """The next round of the cycle."""
        cycle = token.cycle
        if cycle is None or cycle.left == 0:
            return None
        try:
            due = next_of_grid(from_micros(cycle.due), cycle.interval, run.now, run.zone)
        except ValueError as error:
            raise self.value.stuck(f"but there is no next firing: {error}") from error
        left = None if cycle.left is None else cycle.left - 1
        return _timer(run, due, Cycle(left, to_micros(due), cycle.interval))


def _timer(run: Runtime, due: datetime | None, cycle: Cycle | None = None) -> Opening:
    def open_timer(token: Token) -> None:
        token.cycle = cycle
        run.effects.append(TimerOpened(timer=token.id, node=token.task_spec.node.id, due_at=due))

    return open_timer


@dataclass(frozen=True, kw_only=True)
class SubscriptionTrigger(Trigger):
    """A message or signal event definition.

    Args:
        kind: which of the two.
        name: message or signal name.
        correlation_key: messages: what the waiting instance answers to; None takes any.
    """

    kind: Literal["message", "signal"]
    name: Formula
    correlation_key: Formula | None = None

    @property
    def waits_as(self) -> str:
        """'message' or 'signal'."""
        return self.kind

    def plan(self, run: Runtime, context: Context) -> Opening:
        """Name and key; a null key is refused, since it would take every message of that name."""
        name = self.name.required(run, context)
        key = self.correlation_key.required(run, context) if self.correlation_key else None

        def open_subscription(token: Token) -> None:
            node = token.task_spec.node.id
            run.effects.append(
                SubscriptionOpened(subscription=token.id, node=node, kind=self.kind, name=name, correlation_key=key)
            )

        return open_subscription


@dataclass(frozen=True, kw_only=True)
class ConditionTrigger(Trigger):
    """A conditional event definition: it happens when the condition turns from false to true.

    Until its variables exist a condition gives null, which here is 'not yet'.
    """

    condition: Formula
    opens_wait = False

    @property
    def waits_as(self) -> str:
        """'conditional'."""
        return "conditional"

    def plan(self, run: Runtime, context: Context) -> Opening:
        """Nothing to evaluate beforehand: it is looked at when the queue is empty."""

        def watch(token: Token) -> None:
            token.flags &= ~WAS_TRUE
            run.conditionals[token.id] = token
            run.changed = True

        return watch

    def again(self, run: Runtime, token: Token, context: Context) -> Opening | None:
        """It stays; it must turn false before it can happen again."""
        return lambda _: None

    def turned_true(self, run: Runtime, token: Token) -> bool:
        """Whether the condition turned true since it was last looked at.

        Raises:
            Stuck: it failed, or gave something other than true, false or null.
        """
        was = token.flags & WAS_TRUE
        holds = self.condition.holds(run, run.context(token.host or token), unknown=False)
        token.flags = token.flags | WAS_TRUE if holds else token.flags & ~WAS_TRUE
        return holds and not was

"""What is going to happen when: the story's clock, moved from one event to the next."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from engine import Engine, FakeClock

_BY_DAY: Final = timedelta(minutes=30)
_BY_NIGHT: Final = timedelta(hours=2)
_MORNING, _EVENING = 7, 20
_BATCH: Final = 100

Action = Callable[[], None]


@dataclass(kw_only=True)
class Agenda:
    """Events in the order of their time.

    Args:
        engine, clock: the engine runs on this clock, which stands where the story begins.
        until: where it ends; what was planned for later never happens.
        after_timers: called whenever a timer of the engine went off.
        passed: told of each new day, for those who watch.
    """

    engine: Engine
    clock: FakeClock
    until: datetime
    after_timers: Action
    passed: Callable[[datetime], None] = lambda _: None

    def __post_init__(self) -> None:
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._look = self.clock.now()
        self._day = self._look.astimezone(self.engine.zone).date()

    def at(self, when: datetime, action: Action) -> None:
        """Let something happen at an instant, or now if that has passed."""
        heapq.heappush(self._events, (when.astimezone(UTC), next(self._order), action))

    def now(self) -> datetime:
        """The story's time."""
        return self.clock.now()

    def run(self) -> None:
        """Let everything happen, up to the end."""
        while self._events and self._events[0][0] <= self.until:
            at, _, action = heapq.heappop(self._events)
            self._move(at)
            action()
        self._move(self.until)

    def _move(self, to: datetime) -> None:
        """Move the clock, stopping often enough for timers to go off about when they are due."""
        while self._look <= to:
            self._set(self._look)
            self._fire()
            local = self._look.astimezone(self.engine.zone)
            if local.date() != self._day:
                self._day = local.date()
                self.passed(local)
            self._look += _BY_DAY if _MORNING <= local.hour < _EVENING else _BY_NIGHT
        self._set(to)

    def _fire(self) -> None:
        fired = False
        while fires := self.engine.fire_due_timers(_BATCH):
            fired = True
            if fires < _BATCH:
                break
        if fired:
            self.after_timers()

    def _set(self, to: datetime) -> None:
        self.clock.move_to(max(to, self.clock.now()))

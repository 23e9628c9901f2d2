"""The ticks: three hints in memory. What is due stands in the database; a lost tick only makes it later.

Any number of processes may tick at once: timers and jobs are claimed row by row.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine import Engine
from engine import identity_commands as c
from engine.contracts.principal import SYSTEM

log = structlog.get_logger("civiflow.scheduler")

_TIMERS_AT_ONCE = 100
_LATE_SECONDS = 30.0


class Ticks:
    """Fires due timers every second, sweeps every five, keeps house every hour.

    Args:
        engine: what is ticked.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last = 0.0
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add("timers", self.fire_timers, seconds=1, jitter=0.2)
        self._add("sweep", engine.sweep, seconds=5, jitter=1)
        self._add("housekeeping", self.keep_house, seconds=3600, jitter=120)

    def start(self) -> None:
        """Begin to tick."""
        self._last = time.monotonic()
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what runs, then stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    @property
    def alive(self) -> bool:
        """Whether somebody looked at the timers, or tried to, within the last half minute."""
        return self._scheduler.running and time.monotonic() - self._last < _LATE_SECONDS

    def fire_timers(self) -> None:
        """Fire all that is due, a batch at a time; stops early once the batches come back short."""
        try:
            while self._engine.fire_due_timers(limit=_TIMERS_AT_ONCE) >= _TIMERS_AT_ONCE:
                self._last = time.monotonic()
        finally:  # while the database is away every look fails, and the next one is tried all the same
            self._last = time.monotonic()

    def keep_house(self) -> None:
        """Forget sessions, links and counts of tries that have expired, and what the engine has outlived."""
        self._engine.tidy()
        gone = self._engine.execute(c.ForgetStaleCredentials(), by=SYSTEM)
        log.info("housekeeping", forgotten=gone)

    def _add(self, name: str, tick: Callable[[], object], *, seconds: int, jitter: float) -> None:
        def safely() -> None:
            try:
                tick()
            except Exception:
                log.exception("tick failed", tick=name)

        trigger = IntervalTrigger(seconds=seconds, jitter=jitter, timezone=UTC)
        self._scheduler.add_job(safely, trigger, id=name)

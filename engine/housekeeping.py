"""What happens without anybody asking: timers, expired leases, continuations, kept messages, the outbox.

Each item is a transaction of its own. One that cannot be carried out is set aside with an incident
and disturbs nobody: the sweep goes on with the next. When the database itself fails, the item is
left where it is: a later sweep finds it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from engine.calendar_commands import RecalculateDeadlines
from engine.calendar_views import Recalculation
from engine.commands import Command, ContinueInstance, FireTimer
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import CiviflowError
from engine.handlers import jobs as job_handlers
from engine.handlers import outbox as sending
from engine.handlers.advance import CONTINUE
from engine.handlers.calendars import follows_deadlines
from engine.handlers.context import Context
from engine.handlers.messages import DeliverKept
from engine.handlers.quarantine import set_aside
from engine.handlers.timers import fire_some
from engine.store import deadlines, jobs, messages, outbox, timers
from engine.store.database import Database, is_database_error
from engine.store.receipts import forget_old

log = logging.getLogger("civiflow.engine")

_BATCH = 200
_TOGETHER = 50
"""Timers that go off in one transaction, at most."""
_PAUSE = 0.25
"""Of the time that such a transaction held SQLite's one lock: so long it is left to others."""


class Execute(Protocol):
    """`Engine.execute`."""

    def __call__(self, command: Command, *, by: Principal, key: str | None = None) -> Any: ...


class InTransaction(Protocol):
    """`Engine._in_transaction`."""

    def __call__(self, work: Callable[[Context], Any], by: Principal, *, patient: bool = False) -> Any: ...


class Housekeeping:
    """The engine's own chores.

    Args:
        database: where to look for what is due.
        execute: `Engine.execute`.
        in_transaction: runs work in a transaction of its own.
    """

    def __init__(self, database: Database, execute: Execute, in_transaction: InTransaction) -> None:
        self._database = database
        self._execute = execute
        self._in_transaction = in_transaction
        self._thread = threading.local()

    def fire_due_timers(self, now: datetime, limit: int) -> int:
        """Let due timers go off, the earliest first; gives how many did."""
        fired = 0
        while fired < limit and (due := self._due(now, min(_TOGETHER, limit - fired))):
            began = time.monotonic()
            some = self._fire_some(len(due))
            if not some:  # one of them fails, or others are at all of them: each by itself, waiting where it must
                some = sum(self._guarded(timer_id, FireTimer(timer_id=timer_id)) for timer_id in due)
                if not some:
                    break
            fired += some
            if not self._database.is_postgres:  # one writer at a time: people take their turns
                time.sleep((time.monotonic() - began) * _PAUSE)
        return fired

    def _due(self, now: datetime, limit: int) -> list[str]:
        with self._database.read() as connection:
            return timers.due(connection, now, limit)

    def _fire_some(self, limit: int) -> int:
        """Several in one transaction; none if one of them fails."""
        try:
            return int(self._in_transaction(lambda context: fire_some(context, limit), SYSTEM, patient=True))
        except Exception as error:
            self._reason(error)
            return 0

    def sweep(self, now: datetime) -> None:
        """Expired leases, continuations, messages and cases that missed each other, the outbox."""
        with self._database.read() as connection:
            expired = jobs.expired(connection, now, _BATCH)
            unfinished = jobs.due_of_topic(connection, CONTINUE, now, _BATCH)
            met = messages.met_by_kept(connection, now, _BATCH)
        for job_id in expired:
            self._guard(job_id, lambda job_id=job_id: self._expire(job_id))  # type: ignore[misc]
        for job_id in unfinished:
            self._guarded(job_id, ContinueInstance(job_id=job_id))
        for subscription_id in met:
            self._guarded(subscription_id, DeliverKept(subscription_id=subscription_id))
        self.relay_outbox()

    def recalculate_deadlines(self, by: Principal, progress: Callable[[int, int], None]) -> Recalculation:
        """Evaluate the deadlines of every running case that follow its data; a transaction a case."""

        def cases(context: Context) -> list[str]:
            connection = context.uow.connection
            numbers = follows_deadlines(context, deadlines.running_definitions(connection))
            return deadlines.cases_to_recalculate(connection, numbers) if numbers else []

        seen: set[str] = set()
        changed, failed = 0, []
        # cases that began while the first were looked at may have begun with the calendar before
        while new := [case for case in self._in_transaction(cases, by) if case not in seen]:
            for case in new:
                seen.add(case)
                try:
                    changed += self._execute(RecalculateDeadlines(instance_id=case), by=by)
                except CiviflowError:
                    log.exception("deadlines not recalculated", extra={"instance": case})
                    failed.append(case)
                progress(len(seen), max(len(new), len(seen)))
        return Recalculation(cases=len(seen), changed=changed, failed=tuple(failed))

    def tidy(self, now: datetime) -> None:
        """Remove what has outlived its use: old receipts, messages nobody came for, uploads never used."""
        with self._database.write() as connection:
            forget_old(connection, now)
            outbox.forget_outdated(connection, now)
        self._database.refresh_statistics()

    def relay_outbox(self) -> None:
        """Send what committed transactions left in the outbox, in order, and what that sends in turn.

        At most a batch at a time: cases that answer each other for ever keep nobody waiting, and
        the next sweep goes on.
        """
        if getattr(self._thread, "relaying", False):
            return  # called by a command that is being relayed: whoever relays goes on with it
        self._thread.relaying = True
        try:
            self._relay()
        finally:
            self._thread.relaying = False

    def _relay(self) -> None:
        last, left = 0, _BATCH
        while left > 0:
            with self._database.read() as connection:
                entries = outbox.pending(connection, last, left)
            if not entries:
                return
            for seq in entries:
                self._send(seq)
            last, left = entries[-1], left - len(entries)

    def _send(self, seq: int) -> None:
        try:
            self._in_transaction(lambda context: sending.send(context, seq), SYSTEM)
        except Exception as error:
            reason = self._reason(error)
            log.exception("outbox entry could not be delivered", extra={"entry": seq})
            self._in_transaction(lambda context: sending.give_up(context, seq, reason), SYSTEM)

    def _expire(self, job_id: str) -> bool:
        self._in_transaction(lambda context: job_handlers.expire(context, job_id), SYSTEM)
        return True

    def _guarded(self, wait_id: str, command: Command) -> bool:
        return self._guard(wait_id, lambda: bool(self._execute(command, by=SYSTEM)))

    def _guard(self, wait_id: str, work: Callable[[], bool]) -> bool:
        """Do one item; if it cannot be done, quarantine its case so that it is not tried for ever."""
        try:
            return work()
        except Exception as error:
            reason = self._reason(error)
            log.exception("set aside", extra={"wait": wait_id})
            self._in_transaction(lambda context: set_aside(context, wait_id, reason), SYSTEM)
            return False

    @staticmethod
    def _reason(error: Exception) -> str:
        """Why an item cannot be carried out, in words.

        Raises:
            Exception: the error itself, if it is the database's: that says nothing about the item.
        """
        if is_database_error(error):
            raise error
        return error.message if isinstance(error, CiviflowError) else f"{type(error).__name__}: {error}"

"""What happens without anybody asking: timers, expired leases, continuations, the outbox.

Each item is a command of its own. One that cannot be carried out is set aside with an incident
and disturbs nobody: the sweep goes on with the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from engine.commands import BroadcastSignal, Command, ContinueInstance, FireTimer, PublishMessage
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import CiviflowError, Conflict, NotFound
from engine.handlers import jobs as job_handlers
from engine.handlers.advance import CONTINUE
from engine.handlers.context import Context
from engine.handlers.messages import DeliverSignal
from engine.handlers.quarantine import set_aside
from engine.store import jobs, outbox, timers
from engine.store.database import Database
from engine.store.receipts import forget_old
from engine.store.unit_of_work import UnitOfWork

log = logging.getLogger("civiflow.engine")

MESSAGE_TTL = timedelta(hours=1)
"""How long a message thrown by a process waits for the process that is to catch it."""

_BATCH = 200


class Execute(Protocol):
    """`Engine.execute`."""

    def __call__(self, command: Command, *, by: Principal, key: str | None = None) -> Any: ...


InTransaction = Callable[[Callable[[Context], Any], Principal], tuple[Any, UnitOfWork]]


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

    def fire_due_timers(self, now: datetime, limit: int) -> int:
        """Let due timers go off, the earliest first; gives how many did."""
        with self._database.read() as connection:
            due = timers.due(connection, now, limit)
        fired = 0
        for timer_id in due:
            fired += bool(self._guarded(timer_id, FireTimer(timer_id=timer_id)))
        return fired

    def sweep(self, now: datetime) -> None:
        """Expired leases, continuations, the outbox, outdated rows."""
        with self._database.read() as connection:
            expired = jobs.expired(connection, now, _BATCH)
            unfinished = jobs.due_of_topic(connection, CONTINUE, now, _BATCH)
        for job_id in expired:
            self._guard(job_id, lambda job_id=job_id: self._expire(job_id))  # type: ignore[misc]
        for job_id in unfinished:
            self._guarded(job_id, ContinueInstance(job_id=job_id))
        self.relay_outbox()

    def tidy(self, now: datetime) -> None:
        """Remove what has outlived its use: old receipts, messages nobody came for, uploads never used."""
        with self._database.write() as connection:
            forget_old(connection, now)
            outbox.forget_outdated(connection, now)

    def relay_outbox(self) -> None:
        """Send what committed transactions left in the outbox, in order; each goes once."""
        while True:
            with self._database.read() as connection:
                rows = outbox.pending(connection, _BATCH)
            if not rows:
                return
            for row in rows:
                self._relay(row)

    def _relay(self, row: Any) -> None:
        payload = row.payload or {}
        key = f"outbox:{row.seq}"
        try:
            if row.topic == "message":
                command: Command = PublishMessage(
                    name=payload["name"],
                    correlation_key=payload["correlation_key"],
                    variables=payload["variables"],
                    ttl=MESSAGE_TTL,
                )
            elif row.topic == "signal":
                command = BroadcastSignal(name=payload["name"], variables=payload["variables"])
            else:
                command = DeliverSignal(subscription_id=row.subject_id, variables=payload["variables"])
            self._execute(command, by=SYSTEM, key=key)
        except (Conflict, NotFound) as error:
            log.warning("outbox entry refused", extra={"entry": row.seq, "reason": error.message})
        except Exception:
            log.exception("outbox entry failed", extra={"entry": row.seq})
        with self._database.write() as connection:
            outbox.done(connection, row.seq)

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
            reason = error.message if isinstance(error, CiviflowError) else f"{type(error).__name__}: {error}"
            log.exception("set aside", extra={"wait": wait_id})
            self._in_transaction(lambda context: set_aside(context, wait_id, reason), SYSTEM)
            return False

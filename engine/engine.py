"""The front door: `Engine.execute` is the only way to change anything, `Engine.read` to look."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine import receipts
from engine.access import require
from engine.calendar import WorkCalendar
from engine.calendar_commands import PublishCalendar
from engine.calendar_views import Recalculation
from engine.clients import EngineJobs, EngineNotifier, EngineRegister, EngineResources
from engine.clock import Clock
from engine.commands import Command
from engine.contracts.documents import DocumentRegister
from engine.contracts.eventlog import EventLog
from engine.contracts.jobs import Job, JobClient, Notifier, Resources
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import IdempotencyMismatch
from engine.feel import allowance
from engine.findings import Finding
from engine.handlers import functions
from engine.handlers.asked import check_fields, check_text
from engine.handlers.bundle import Bundles
from engine.handlers.checking import check_files
from engine.handlers.context import Context
from engine.handlers.in_force import Calendars
from engine.handlers.registry import HANDLERS, Handler
from engine.housekeeping import Housekeeping
from engine.reader import Reader
from engine.store import migrate
from engine.store.database import Database, DatabaseClock, is_transient
from engine.store.queries.eventlog import ModelFacts, StoredLog
from engine.store.receipts import find_receipt, write_receipt
from engine.store.unit_of_work import UnitOfWork
from engine.verification import verify
from engine.views import Verification

log = logging.getLogger("civiflow.engine")

_ATTEMPTS = 5
_EXPRESSION_SECONDS = 10.0
"""All expressions of one command together, while it holds its locks: a model is a stranger's."""
_MAX_KEY = 255
_CALENDAR_SECONDS = 1.0


class Engine:
    """A running engine on one database.

    Use `Engine.open`; close it when done, or use it as a context manager. Threads may share it.
    """

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo, *, step_budget: int = 10_000) -> None:
        self._database = database
        self.clock = clock
        self.zone = zone
        self._calendars = Calendars(zone)
        self._calendar_read = -math.inf
        self._step_budget = step_budget
        self._bundles = Bundles(functions=functions.NAMES, zone=zone)
        self._listeners: list[Callable[[tuple[str, ...]], None]] = []
        self._housekeeping = Housekeeping(self._database, self.execute, self._in_transaction)

    @classmethod
    def open(
        cls,
        url: str = "sqlite://",
        *,
        clock: Clock | None = None,
        zone: str = "Asia/Shanghai",
        step_budget: int = 10_000,
    ) -> Engine:
        """Open a database and bring its schema up to date.

        Args:
            url: `sqlite://` keeps everything in memory; `sqlite:////path/file.db`; `postgresql+psycopg://…`.
            clock: the database's own unless given.
            zone: IANA name of the site's time zone.
            step_budget: steps a command may make before a continuation job goes on.
        """
        database = Database(url)
        migrate.to_head(database)
        return cls(database, clock or DatabaseClock(database), ZoneInfo(zone), step_budget=step_budget)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the database's connections back."""
        self._database.close()

    @contextmanager
    def checkpoint(self) -> Iterator[Callable[[Clock], None]]:
        """Remember what a database in memory holds, and go back to it as often as wanted.

        Gives a function that takes the clock to go on with. Afterwards the engine is as it was, but for what
        it has compiled, which it need not compile again. For trying things out, as scenarios do.

        Raises:
            InvalidInput: the database is not in memory.
        """
        with closing(self._database.copy()) as copy:

            def go_back(clock: Clock) -> None:
                self._database.put_back(copy)
                self.clock = clock
                self._calendars = Calendars(self.zone)
                self._calendar_read = -math.inf
                self._in_transaction(lambda context: self._bundles.recheck(context.uow), SYSTEM)

            yield go_back

    def schema_is_current(self) -> bool:
        """Whether the database answers, and has the schema of this release."""
        return migrate.is_current(self._database)

    def now(self) -> datetime:
        """The engine's time, aware, in UTC."""
        return self.clock.now()

    @property
    def calendar(self) -> WorkCalendar:
        """Working time of the site: the calendar in force, at most a second old.

        Commands do not use it: they ask in their own transaction.
        """
        if time.monotonic() - self._calendar_read > _CALENDAR_SECONDS:
            with self._database.read() as connection:
                self._calendar = self._calendars.current(connection)
            self._calendar_read = time.monotonic()
        return self._calendar

    def recalculate_deadlines(
        self, *, by: Principal, progress: Callable[[int, int], None] | None = None
    ) -> Recalculation:
        """Evaluate all deadlines anew that follow their data, after the calendar changed; a transaction a case.

        Args:
            by: an administrator.
            progress: told how many cases are done, and of how many.

        Raises:
            Forbidden: somebody else asks.
        """
        require(by, "administrator", to="recalculate deadlines")
        return self._housekeeping.recalculate_deadlines(by, progress or (lambda done, total: None))

    def execute(self, command: Command, *, by: Principal, key: str | None = None, within: float | None = None) -> Any:
        """Carry out a command in one transaction.

        Args:
            command: from `engine.commands`; its docstring says what comes back.
            by: who asks.
            key: the same key by the same principal gives the first result again.
            within: seconds to wait while somebody else writes to SQLite; None as long as it takes. For what may
                as well be left undone.

        Raises:
            CiviflowError: the command is refused, for the reason it says; nothing has changed.
            DatabaseAway: somebody else was still writing.
        """
        if key is not None:
            check_text("an idempotency key", key, _MAX_KEY, least=1)
        check_fields(command)
        handler = HANDLERS[type(command)]
        result = self._in_transaction(lambda context: self._once(handler, command, context, key), by, within=within)
        if isinstance(command, PublishCalendar):
            self._calendar_read = -math.inf
        return result

    def read(self, by: Principal) -> Reader:
        """Look at what a principal may see."""
        return Reader(self._database, by, self.now(), self.zone, self._bundles, self._calendars)

    def check(self, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
        """What would be found if these files were deployed; changes nothing."""
        return check_files(files, self._bundles.functions).findings

    def fire_due_timers(self, limit: int = 100) -> int:
        """Let due timers go off, one transaction each; gives how many did."""
        return self._housekeeping.fire_due_timers(self.now(), limit)

    def tidy(self) -> None:
        """Remove what has outlived its use; once an hour is enough."""
        self._housekeeping.tidy(self.now())

    def sweep(self) -> None:
        """Find what hints may have missed: expired leases, continuations, the outbox, what is outdated."""
        self._housekeeping.sweep(self.now())

    def verify(self, instance_id: str = "") -> Verification:
        """Check that state, rows, log and chain agree; of one case, or of all."""
        return verify(self._database, lambda connection: self._context(connection, SYSTEM), instance_id)

    def jobs(self, by: Principal = SYSTEM) -> JobClient:
        """The job interface that workers use."""
        return EngineJobs(self, by)

    def resources(self) -> Resources:
        """Files that came with process definitions."""
        return EngineResources(self)

    def register(self, job: Job, by: Principal = SYSTEM) -> DocumentRegister:
        """The register of documents, as a worker may use it for the case of a job."""
        return EngineRegister(self, by, job.instance_id)

    def notifier(self) -> Notifier:
        """Messages to users."""
        return EngineNotifier(self)

    def event_log(self, by: Principal) -> EventLog:
        """The event log of the cases a principal may see."""
        return StoredLog(self._database, by, self._facts)

    def on_commit(self, callback: Callable[[tuple[str, ...]], None]) -> None:
        """Be told of jobs that became due, after the commit; a hint, nothing more."""
        self._listeners.append(callback)

    def _once(self, handler: Handler, command: Command, context: Context, key: str | None) -> Any:
        if key is None:
            return handler(command, context)
        asked = receipts.digest(command)
        before = find_receipt(context.uow, key)
        if before is not None:
            if bytes(before.command_digest) != asked:
                raise IdempotencyMismatch
            return receipts.decode(before.result)
        result = handler(command, context)
        write_receipt(context.uow, key, asked, receipts.encode(result))
        return result

    def _in_transaction(
        self, work: Callable[[Context], Any], by: Principal, *, patient: bool = False, within: float | None = None
    ) -> Any:
        """Run work in a transaction; tried again when the database says that it may succeed then."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._database.write(patient=patient, within=within) as connection, allowance(_EXPRESSION_SECONDS):
                    context = self._context(connection, by)
                    result = work(context)
                    context.uow.flush()
            except Exception as error:
                if attempt == _ATTEMPTS or not is_transient(error):
                    raise
                time.sleep(0.01 * 2**attempt)
            else:
                self._after(context.uow)
                return result
        raise AssertionError("unreachable")

    def _after(self, uow: UnitOfWork) -> None:
        """Hints, after the commit: whatever goes wrong here, the command has been carried out."""
        try:
            if uow.relay:
                self._housekeeping.relay_outbox()
            if uow.due_jobs:
                for listener in self._listeners:
                    listener(tuple(uow.due_jobs))
        except Exception:
            log.exception("after a commit; a sweep will find what is due")

    def _context(self, connection: Any, by: Principal) -> Context:
        uow = UnitOfWork(connection=connection, now=self.now(), by=by, is_postgres=self._database.is_postgres)
        return Context(
            uow=uow,
            bundles=self._bundles,
            calendars=self._calendars,
            zone=self.zone,
            step_budget=self._step_budget,
        )

    def _facts(self, numbers: set[int]) -> dict[int, ModelFacts]:
        with self._database.read() as connection:
            uow = self._context(connection, SYSTEM).uow
            bundles = {no: self._bundles.get(uow, no) for no in numbers}
        return {no: ModelFacts(names=b.element_names, standard_loops=b.standard_loops) for no, b in bundles.items()}

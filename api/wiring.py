"""The composition root: the one place that knows engine, bots, scheduler and web server together.

The web server's side is imported where it is made: a worker or a scheduler starts twice as fast without it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from api.embedded_bots import BOTS, job_contexts
from api.scheduler import Ticks
from api.settings import Settings
from bots.registry import builtin_registry
from bots.worker import Worker
from engine import Engine

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.app import WebApplication

log = structlog.get_logger("civiflow.wiring")


def open_engine(settings: Settings) -> Engine:
    """The engine on the settings' database, its schema up to date; the caller closes it."""
    settings.prepared()
    return Engine.open(settings.database_url, zone=settings.zone)


def make_worker(engine: Engine, settings: Settings) -> Worker:
    """The worker that runs this installation's bots on the engine's jobs."""
    folder = Path(settings.bots_folder) if settings.bots_folder else None
    registry = builtin_registry(site_folder=folder)
    for problem in registry.problems:
        log.warning("bots left out", problem=problem)

    worker_id = f"{socket.gethostname()}:{os.getpid()}"
    return Worker(
        engine.jobs(BOTS), registry, make_context=job_contexts(engine, site_url=settings.site_url), worker_id=worker_id
    )


class Background:
    """What runs beside the web server, or instead of it: the worker's loop and the ticks.

    Args:
        engine: for both.
        settings: for the worker.
        work: whether to run bots.
        tick: whether to fire timers and sweep.
    """

    def __init__(self, engine: Engine, settings: Settings, *, work: bool, tick: bool) -> None:
        self._stop = threading.Event()
        self.ticks = Ticks(engine) if tick else None
        self._worker = make_worker(engine, settings) if work else None
        self._thread: threading.Thread | None = None
        if self._worker is not None:
            worker = self._worker
            engine.on_commit(lambda _jobs: worker.wake())

    def start(self) -> None:
        """Start both; returns at once."""
        if self._worker is not None:
            self._thread = threading.Thread(
                target=self._worker.run_forever, args=(self._stop,), name="worker", daemon=True
            )
            self._thread.start()
        if self.ticks is not None:
            self.ticks.start()

    def stop(self) -> None:
        """Stop both and wait for what they have in hand."""
        self._stop.set()
        if self.ticks is not None:
            self.ticks.stop()
        if self._thread is not None and self._worker is not None:
            self._worker.wake()
            self._thread.join(timeout=30)

    def alive(self) -> bool:
        """Whether all that should run does."""
        ticking = self.ticks is None or self.ticks.alive
        return ticking and (self._thread is None or self._thread.is_alive())

    def stopped(self, asked_to: threading.Event, *, again_after: float = 10) -> bool:
        """Whether something has stopped that should run, unless all was asked to stop meanwhile.

        It is looked twice: a process that stood still as a whole (a machine put to sleep) seems dead until it has
        ticked again.

        Args:
            asked_to: set when all is to stop.
            again_after: seconds from the first look to the second.
        """
        return not self.alive() and not asked_to.wait(again_after) and not self.alive()


def web_application(
    engine: Engine,
    settings: Settings,
    *,
    work: bool = True,
    tick: bool = True,
    demo_accounts: tuple[Mapping[str, str], ...] = (),
) -> WebApplication:
    """The web application whose start and end also start and end what runs beside it.

    Args:
        engine: open; it stays open when the application ends.
        settings: for all parts.
        work, tick: which parts run beside the web server in this process.
        demo_accounts: shown on the sign-in page of the demo's own database.
    """
    from starlette.concurrency import run_in_threadpool

    from api.app import create_app

    background = Background(engine, settings, work=work, tick=tick)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        background.start()
        try:
            yield
        finally:
            await run_in_threadpool(background.stop)

    return create_app(
        engine,
        settings,
        lifespan=lifespan,
        ticking=background.alive if work or tick else None,
        demo_accounts=demo_accounts,
    )

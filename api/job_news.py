"""Who waits for jobs, and of which topics: long polls that hold no thread and ask the database once for all.

One task watches while anybody waits. It looks when a commit of this process says that jobs became due, and every
second besides: jobs that other processes made, or whose time came, say nothing here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog
from starlette.concurrency import run_in_threadpool

log = structlog.get_logger("civiflow.jobs")

DueTopics = Callable[[frozenset[str]], frozenset[str]]

_EVERY, _PAUSE = 1.0, 0.05


class JobNews:
    """Wakes whoever waits for jobs.

    Args:
        due_topics: which of these topics have a job that could be taken now; called in another thread.
    """

    def __init__(self, due_topics: DueTopics) -> None:
        self._due_topics = due_topics
        self._waiting: dict[asyncio.Event, frozenset[str]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hint = asyncio.Event()
        self._closed = False

    def tell(self, _jobs: object = None) -> None:
        """Some jobs became due; called from any thread."""
        if self._waiting and self._loop is not None:
            self._loop.call_soon_threadsafe(self._hint.set)

    def close(self) -> None:
        """Let everybody go, now and from now on; called in the loop's thread when the server stops."""
        self._closed = True
        for event in self._waiting:
            event.set()

    @property
    def closed(self) -> bool:
        """Whether the server stops."""
        return self._closed

    async def wait(self, topics: Iterable[str], until: float) -> None:
        """Come back when jobs of these topics may be due, or at `until` (of `time.monotonic`)."""
        if self._closed:
            return
        mine = asyncio.Event()
        self._waiting[mine] = frozenset(topics)
        self._hint.set()  # what became due since they asked was told to nobody
        if self._watch is None or self._watch.done():
            self._loop = asyncio.get_running_loop()
            self._watch = self._loop.create_task(self._look_out())
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await mine.wait()
        except TimeoutError:
            pass
        finally:
            del self._waiting[mine]

    async def _look_out(self) -> None:
        while self._waiting and not self._closed:
            try:
                async with asyncio.timeout(_EVERY):
                    await self._hint.wait()
            except TimeoutError:
                pass
            self._hint.clear()
            if wanted := frozenset().union(*self._waiting.values()):
                await self._wake(wanted)
            await asyncio.sleep(_PAUSE)  # a thousand commits a second are looked at twenty times

    async def _wake(self, wanted: frozenset[str]) -> None:
        try:
            due = await run_in_threadpool(self._due_topics, wanted)
        except Exception:
            log.exception("could not look for jobs; next try in a second")
            return
        for event, topics in self._waiting.items():
            if not due.isdisjoint(topics):
                event.set()

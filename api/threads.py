"""Blocking work off the event loop: the threads in which requests talk to the database.

One request is one trip: handing work to a thread and its result back costs as much as a query, so who asks, what is
asked and the answer's bytes are all done on the same trip (`run_through`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 24
"""Requests at work at the same time. Together with those of pages, fewer than there are database connections to be had
for a while; who comes later waits for a thread, which is cheaper than to wait for a connection."""

_pool: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="request")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking function in a thread, with the context variables of here; gives what it gives."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: context.run(function, *args, **kwargs))


def run_through(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits to its end, without an event loop.

    Raises:
        RuntimeError: it waits.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("Expected a coroutine that never waits, but it does: it needs the event loop.")

"""Workers and bots, as tests of the worker make them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from bots import Bot, Job, JobContext, JobResult, bot
from bots.registry import Registry
from bots.worker import Worker
from tests.job_client import InMemoryJobs

SECOND = timedelta(seconds=1)


def worker_of(jobs: InMemoryJobs, *bots: Bot, **options: object) -> Worker:
    """A worker for these bots."""
    settings = {"make_context": jobs.context, "worker_id": "test", **options}
    return Worker(jobs, Registry(bots), **settings)


def in_thread(topic: str, function: Callable[[Job, JobContext], JobResult], seconds: float = 10):
    """A bot that runs in a thread of the worker."""
    return bot(topic, timeout=timedelta(seconds=seconds), isolated=False)(function)


def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)

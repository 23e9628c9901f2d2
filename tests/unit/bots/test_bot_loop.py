"""The worker's loop: how it finds jobs, how many it does at once, what it survives, how it stops."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sample_bots
from workers import SECOND, in_thread, until, worker_of

from bots import Job, JobContext, JobResult
from bots.worker import Worker
from tests.job_client import InMemoryJobs


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs()


@contextmanager
def running(worker: Worker, **options: timedelta) -> Iterator[None]:
    """The worker's loop in a thread, stopped at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_forever, args=(stop,), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        worker.wake()
        thread.join(30)
        assert not thread.is_alive()


def test_the_loop_finds_jobs_by_polling_and_at_once_when_woken(jobs: InMemoryJobs) -> None:
    fast = in_thread("fast", lambda job, context: JobResult())
    worker = worker_of(jobs, fast)

    with running(worker, poll=60 * SECOND):
        time.sleep(0.3)
        row = jobs.add("fast")
        worker.wake()
        until(lambda: row.state == "completed", seconds=5)
    with running(worker, poll=0.05 * SECOND):
        polled = jobs.add("fast")
        until(lambda: polled.state == "completed", seconds=5)


def test_the_loop_uses_all_its_slots_and_no_more(jobs: InMemoryJobs) -> None:
    now, most, lock = [0], [0], threading.Lock()

    def count(job: Job, context: JobContext) -> JobResult:
        with lock:
            now[0] += 1
            leased = sum(row.state == "leased" for row in rows)
            most[0] = max(most[0], now[0], leased)
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return JobResult()

    rows = [jobs.add("count") for _ in range(12)]

    with running(worker_of(jobs, in_thread("count", count), slots=3)):
        until(lambda: all(row.state == "completed" for row in rows))

    assert most[0] == 3
    assert {row.attempts for row in rows} == {1}


def test_a_hanging_bot_does_not_hold_up_the_others(jobs: InMemoryJobs) -> None:
    jobs.add("sample.sleep")
    rows = [jobs.add("sample.echo") for _ in range(3)]

    with running(worker_of(jobs, sample_bots.sleeps, sample_bots.echo, slots=2)):
        until(lambda: all(row.state == "completed" for row in rows))

    assert {row.attempts for row in rows} == {1}


def test_the_loop_survives_a_failing_job_table(jobs: InMemoryJobs, caplog: pytest.LogCaptureFixture) -> None:
    class Flaky(InMemoryJobs):
        broken = True

        def activate(self, **arguments):
            if self.broken:
                self.broken = False
                raise OSError("disk I/O error")
            return super().activate(**arguments)

    jobs = Flaky()
    row = jobs.add("sample.echo")

    with running(worker_of(jobs, sample_bots.echo), poll=0.05 * SECOND):
        until(lambda: row.state == "completed")

    assert "disk I/O error" in caplog.text


def test_a_stopped_loop_waits_for_running_jobs(jobs: InMemoryJobs) -> None:
    begun = threading.Event()

    def work(job: Job, context: JobContext) -> JobResult:
        begun.set()
        time.sleep(0.5)
        return JobResult()

    row = jobs.add("work")

    with running(worker_of(jobs, in_thread("work", work))):
        begun.wait(5)

    assert row.state == "completed"


def test_a_stopped_loop_hands_back_what_does_not_end_in_time(jobs: InMemoryJobs) -> None:
    row = jobs.add("sample.spin", retries=3)

    with running(worker_of(jobs, sample_bots.spins, drain=timedelta(seconds=0.2))):
        until(lambda: row.state == "leased")
        time.sleep(0.2)

    assert (row.state, row.retries) == ("available", 3)
    assert row.not_before <= jobs.clock.now()


def test_two_workers_never_complete_a_job_twice(jobs: InMemoryJobs, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rows = [jobs.add("fast") for _ in range(40)]
    fast = in_thread("fast", lambda job, context: JobResult())

    with running(worker_of(jobs, fast, worker_id="a")), running(worker_of(jobs, fast, worker_id="b")):
        until(lambda: all(row.state == "completed" for row in rows))

    assert {row.attempts for row in rows} == {1}
    assert caplog.text.count(": completed") == 40

"""The worker and one job, against the job contract: leases, heartbeats, fencing, reports."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sample_bots
from workers import SECOND, in_thread, until, worker_of

from bots import Bot, BusinessError, Job, JobContext, JobResult
from bots.registry import Registry
from bots.worker import run_job
from engine.clock import FakeClock
from engine.contracts.errors import CiviflowError, StaleLease
from engine.errors import DatabaseAway
from tests.job_client import InMemoryJobs


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs()


def test_a_job_is_completed_with_the_bots_variables(jobs: InMemoryJobs) -> None:
    row = jobs.add("sample.echo", variables={"地址": "人民路 1 号"})

    handled = worker_of(jobs, sample_bots.echo).run_once()

    assert handled == 1
    assert (row.state, row.result["seen"]) == ("completed", {"地址": "人民路 1 号"})


def test_only_jobs_of_known_topics_are_taken(jobs: InMemoryJobs) -> None:
    row = jobs.add("sample.other")

    handled = worker_of(jobs, sample_bots.echo).run_once()

    assert (handled, row.state) == (0, "available")


def test_several_jobs_run_side_by_side(jobs: InMemoryJobs) -> None:
    meeting = threading.Barrier(3, timeout=10)
    meet = in_thread("meet", lambda job, context: JobResult(variables={"place": meeting.wait()}))
    rows = [jobs.add("meet") for _ in range(4)]

    handled = worker_of(jobs, meet).run_once(limit=3)

    assert handled == 3
    assert sorted(row.state for row in rows) == ["available", "completed", "completed", "completed"]


def test_a_business_error_is_thrown_with_its_code(jobs: InMemoryJobs) -> None:
    row = jobs.add("sample.business")

    worker_of(jobs, sample_bots.business).run_once()

    assert (row.state, row.error_code, row.error_message) == ("error", "OUT_OF_TOWN", "地址不在本市")


def test_a_technical_error_is_tried_again_and_becomes_an_incident(jobs: InMemoryJobs) -> None:
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    jobs = InMemoryJobs(clock, retries=2)
    row = jobs.add("sample.technical")
    worker = worker_of(jobs, sample_bots.technical)

    worker.run_once()
    first = (row.state, row.retries, list(jobs.incidents))
    clock.advance(timedelta(minutes=5))
    worker.run_once()

    assert first == ("available", 1, [])
    assert (row.state, row.attempts, jobs.incidents) == ("failed", 2, [row.job.id])
    assert row.error_message == "Expected the map service to answer but it did not."


def test_a_bug_is_reported_with_its_traceback(jobs: InMemoryJobs) -> None:
    isolated, inside = jobs.add("sample.bug"), jobs.add("inside")

    def divide(job: Job, context: JobContext) -> JobResult:
        return JobResult(variables={"x": 1 // 0})

    worker_of(jobs, sample_bots.bug, in_thread("inside", divide)).run_once(limit=2)

    for row, place in ((isolated, "sample_bots.py"), (inside, "in divide")):
        assert row.state == "available"
        assert row.error_message.startswith("ZeroDivisionError: ")
        assert place in row.error_details


@pytest.mark.parametrize("end", [SystemExit(0), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_no_exception_of_a_bot_ends_the_worker(jobs: InMemoryJobs, end: BaseException) -> None:
    def leave(job: Job, context: JobContext) -> JobResult:
        raise end

    row = jobs.add("leave")

    worker_of(jobs, in_thread("leave", leave)).run_once()

    assert row.state == "available"
    assert type(end).__name__ in row.error_message


def test_a_running_bot_keeps_its_lease(jobs: InMemoryJobs) -> None:
    def work(job: Job, context: JobContext) -> JobResult:
        time.sleep(1.2)
        return JobResult()

    row = jobs.add("slow")

    worker_of(jobs, in_thread("slow", work), lease=timedelta(seconds=0.6)).run_once()

    assert (row.state, row.attempts) == ("completed", 1)
    assert row.extensions >= 3


def test_the_result_of_a_lost_lease_is_logged_and_dropped(jobs: InMemoryJobs, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock(datetime(2026, 3, 2, tzinfo=UTC))
    jobs = InMemoryJobs(clock)

    def dawdle(job: Job, context: JobContext) -> JobResult:
        clock.advance(timedelta(minutes=2))
        return JobResult(variables={"late": True})

    row = jobs.add("dawdle")
    registry = Registry([in_thread("dawdle", dawdle)])
    (job,) = jobs.activate(worker="w", topics=registry.topics, limit=1, lease=60 * SECOND)

    outcome = run_job(jobs, registry, job, make_context=jobs.context)

    assert outcome == "dropped"
    assert (row.state, row.result) == ("available", {})
    assert "dropped the result of job" in caplog.text
    assert "refused" not in caplog.text


@pytest.mark.parametrize("isolated", [True, False], ids=["process", "thread"])
def test_a_bot_whose_job_was_cancelled_is_stopped_at_the_next_heartbeat(jobs: InMemoryJobs, isolated: bool) -> None:
    spin = sample_bots.spins
    if not isolated:
        spin = in_thread("sample.spin", lambda job, context: time.sleep(8) or JobResult())
    row = jobs.add("sample.spin")
    threading.Timer(0.3, jobs.cancel, args=(row.job.id,)).start()
    started = time.monotonic()

    worker_of(jobs, spin, lease=timedelta(seconds=1.5)).run_once()

    assert row.state == "cancelled"
    assert time.monotonic() - started < 5


def test_a_thread_that_lost_its_job_can_change_nothing_any_more(jobs: InMemoryJobs) -> None:
    refused: list[CiviflowError] = []

    def overrun(job: Job, context: JobContext) -> JobResult:
        time.sleep(0.6)
        for effect in (
            lambda: context.files.attach(name="a", content=b"x", media_type="x/y"),
            lambda: context.notifier.notify(key="k", recipient="r", subject="s", body="b", instance_id="i"),
            lambda: context.files.read("x"),
            lambda: context.resources.template("d", "t"),
        ):
            try:
                effect()
            except CiviflowError as error:
                refused.append(error)
        return JobResult()

    row = jobs.add("overrun")

    worker_of(jobs, in_thread("overrun", overrun, seconds=0.2)).run_once()
    until(lambda: len(refused) == 4)

    assert all(isinstance(error, StaleLease) for error in refused)
    assert "done within 0:00:00.2" in row.error_message
    assert (jobs.files(row.job).references, jobs.notifier.messages) == ([], {})


@pytest.mark.parametrize("bot", [sample_bots.sleeps, sample_bots.runs_long_in_thread], ids=lambda b: b.topic)
def test_a_bot_over_its_time_fails(jobs: InMemoryJobs, bot: Bot) -> None:
    row = jobs.add(bot.topic)
    started = time.monotonic()

    worker_of(jobs, bot).run_once()

    assert row.state == "available"
    assert "done within 0:00:01" in row.error_message
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "Expected a JobResult"),
        ({"a": 1}, "Expected a JobResult"),
        (JobResult(variables=[("a", 1)]), "Expected variables by name"),  # type: ignore[arg-type]
        (JobResult(variables={"a": {1: 2}}), "the key 1 at variables.a"),
        (JobResult(variables={"a": [float("nan")]}), "nan at variables.a[0]"),
        (JobResult(variables={"a": b"x"}), "a bytes at variables.a"),
        (JobResult(variables={"a": "\ud800"}), "lone surrogate"),
        (JobResult(variables={"a": "x" * 1_100_000}), "at most 1048576 bytes"),
    ],
)
def test_a_result_that_is_not_small_json_is_refused(jobs: InMemoryJobs, result: object, message: str) -> None:
    row = jobs.add("garbage")

    worker_of(jobs, in_thread("garbage", lambda job, context: result)).run_once()

    assert row.state == "available"
    assert message in row.error_message


def test_tuples_and_mappings_become_plain_json(jobs: InMemoryJobs) -> None:
    from types import MappingProxyType

    row = jobs.add("plain")
    values = {"pair": (1, (2, None)), "map": MappingProxyType({"键": True})}

    worker_of(jobs, in_thread("plain", lambda job, context: JobResult(variables=values))).run_once()

    assert row.result == {"pair": [1, [2, None]], "map": {"键": True}}


def test_a_result_the_engine_refuses_is_a_failure(jobs: InMemoryJobs) -> None:
    class Picky(InMemoryJobs):
        def complete(self, job_id: str, lease_token: str, result: JobResult) -> None:
            raise BusinessError("output mapping: 'total' is no number", code="X")

    jobs = Picky()
    row = jobs.add("sample.echo")

    worker_of(jobs, sample_bots.echo).run_once()

    assert row.state == "available"
    assert row.error_message.startswith("The bot is done, but its result was refused: output mapping")


def test_a_result_is_reported_again_while_the_engine_cannot_be_reached(jobs: InMemoryJobs) -> None:
    class Away(InMemoryJobs):
        tries = 0

        def complete(self, job_id: str, lease_token: str, result: JobResult) -> None:
            self.tries += 1
            if self.tries < 3:
                raise DatabaseAway
            super().complete(job_id, lease_token, result)

    jobs = Away()
    row = jobs.add("sample.echo")

    worker_of(jobs, sample_bots.echo).run_once()

    assert (row.state, row.attempts, jobs.tries) == ("completed", 1, 3)


def test_a_job_without_a_bot_names_the_topics_there_are(jobs: InMemoryJobs) -> None:
    row = jobs.add("sample.other")
    (job,) = jobs.activate(worker="w", topics=["sample.other"], limit=1, lease=60 * SECOND)

    outcome = run_job(jobs, Registry([sample_bots.echo]), job, make_context=jobs.context)

    assert outcome == "failed"
    assert row.error_message == "Expected a bot for topic 'sample.other' but this worker has: sample.echo."


def test_each_run_has_a_folder_of_its_own_that_is_removed(jobs: InMemoryJobs, tmp_path: Path) -> None:
    seen: list[Path] = []

    def write(job: Job, context: JobContext) -> JobResult:
        (context.workdir / "x").write_text("x")
        seen.append(context.workdir)
        return JobResult()

    jobs.add("write")
    jobs.add("write")

    worker_of(jobs, in_thread("write", write), workdirs=tmp_path).run_once(limit=2)

    assert len(set(seen)) == 2
    assert list(tmp_path.iterdir()) == []

"""The worker: lease jobs, run their bots, report what came of it.

    activate ──> run_job: bot in a thread or process │ heartbeat every third of the lease
                    ├── result ──────────────> complete ── StaleLease: logged and dropped
                    ├── BusinessError ───────> throw_error
                    ├── anything else ───────> fail, with the traceback
                    ├── out of time ─────────> stop the bot, fail
                    ├── lease lost ──────────> stop the bot, say nothing
                    └── worker stopping ─────> stop the bot, fail without counting the attempt

`run_job` is all that a broker's task would call; `Worker` is the embedded loop that polls the job table.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

from bots.registry import Registry
from bots.run import Ending, Outcome, attend
from engine.contracts.errors import Conflict, NotFound, TechnicalError
from engine.contracts.jobs import Job, JobClient, JobContext

_log = logging.getLogger("civiflow.bots")

ContextMaker = Callable[[Job, Path], JobContext]

DEFAULT_LEASE = timedelta(seconds=60)
_LONGEST_PAUSE = 30.0
_PAUSES_TO_REPORT = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to report to an engine that cannot be reached; well within a lease."""


def run_job(
    client: JobClient,
    registry: Registry,
    job: Job,
    *,
    make_context: ContextMaker,
    lease: timedelta = DEFAULT_LEASE,
    stopping: threading.Event | None = None,
    workdirs: Path | None = None,
) -> Outcome:
    """Run the bot of a job that is already leased, and report to the engine. Never raises for the bot's sake.

    Args:
        client: takes the report; called from this thread.
        registry: knows the bot of the job's topic.
        job: freshly activated.
        make_context: gives the context for a job and an empty folder; the context is used from
            another thread than this one.
        lease: how long each heartbeat extends the lease.
        stopping: set it to stop the bot and hand the job back.
        workdirs: where the runs' folders are made; None means the system's temporary folder.

    Returns:
        what was reported: 'completed', 'error' (business), 'failed', 'handed back', or 'dropped' when the
        lease was lost or nothing could be reported.
    """
    with tempfile.TemporaryDirectory(prefix="civiflow-job-", dir=workdirs, ignore_cleanup_errors=True) as workdir:
        ending = attend(
            job,
            find_bot=registry.find,
            make_context=lambda job: make_context(job, Path(workdir)),
            extend=lambda: client.extend(job.id, job.lease_token, lease),
            beat=lease / 3,
            stopping=stopping or threading.Event(),
        )
    for pause in (*_PAUSES_TO_REPORT, None):
        try:
            return _report(client, job, ending)
        except (Conflict, NotFound) as error:
            _log.warning("dropped the result of job %s (%s): %s", job.id, job.topic, error)
            return "dropped"
        except Exception as error:
            # The engine's database is away: the work is done, so its result is worth another try.
            if pause is not None and isinstance(error, TechnicalError):
                time.sleep(pause)
                continue
            _log.exception("could not report %s of job %s (%s)", ending.outcome, job.id, job.topic)
            break
    # The lease runs out and the job goes to another worker: nothing is lost, only later.
    return "dropped"


def _report(client: JobClient, job: Job, ending: Ending) -> Outcome:
    """Tell the engine; a completion it refuses for the result's sake becomes a failure."""
    match ending.outcome:
        case "completed":
            try:
                client.complete(job.id, job.lease_token, ending.result)
            except (Conflict, NotFound, TechnicalError):
                raise
            except Exception as error:
                _log.exception("job %s (%s): the result was refused", job.id, job.topic)
                refused = Ending.of_error(error, prefix="The bot is done, but its result was refused: ")
                return _report(client, job, refused.as_failure())
        case "error":
            client.throw_error(job.id, job.lease_token, code=ending.code, message=ending.message)
        case "failed":
            client.fail(job.id, job.lease_token, message=ending.message, details=ending.details)
        case "handed back":
            left = None if job.retries_left is None else job.retries_left + 1
            client.fail(
                job.id,
                job.lease_token,
                message=ending.message,
                retries=left,
                retry_after=timedelta(0),
            )
        case "dropped":
            _log.warning("job %s (%s): %s", job.id, job.topic, ending.message)
    return ending.outcome


class Worker:
    """The embedded loop: polls the job table where there is no broker.

    Args:
        client: the engine's jobs; called from several threads.
        registry: the bots; only their topics are asked for.
        make_context: see `run_job`.
        worker_id: written beside each lease.
        lease: for how long jobs are leased; a running bot's lease is extended every third of it.
        slots: how many jobs run at the same time.
        drain: how long running jobs may go on when the loop is told to stop.
        workdirs: see `run_job`.
    """

    def __init__(
        self,
        client: JobClient,
        registry: Registry,
        *,
        make_context: ContextMaker,
        worker_id: str,
        lease: timedelta = DEFAULT_LEASE,
        slots: int = 2,
        drain: timedelta = timedelta(seconds=10),
        workdirs: Path | None = None,
    ) -> None:
        self._client = client
        self._registry = registry
        self._make_context = make_context
        self._worker_id = worker_id
        self._lease = lease
        self._slots = slots
        self._drain = drain
        self._workdirs = workdirs
        self._awake = threading.Event()

    def wake(self) -> None:
        """Look for jobs now instead of at the next poll; may be called from any thread."""
        self._awake.set()

    def run_once(self, limit: int = 1) -> int:
        """Lease up to `limit` jobs, run them side by side, and give their number once all are reported."""
        with self._pool(limit) as (pool, stopping):
            return len(wait(self._start(pool, limit, stopping)).done)

    def run_forever(self, stop: threading.Event, poll: timedelta = timedelta(seconds=0.5)) -> None:
        """Lease and run jobs until `stop` is set; then wait for the running ones and hand back the rest.

        Args:
            stop: looked at after each pause.
            poll: the pause when there was nothing to do; a failing job table is asked ever less often,
                every 30 s at most.
        """
        pause, running = poll.total_seconds(), set[Future[Outcome]]()
        with self._pool(self._slots) as (pool, stopping):
            while not stop.is_set():
                self._awake.clear()
                running = {each for each in running if not each.done()}
                try:
                    running |= self._start(pool, self._slots - len(running), stopping)
                    pause = poll.total_seconds()
                except Exception:
                    _log.exception("could not ask for jobs; next try in %.1f s", pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                self._awake.wait(pause)
            wait(running, timeout=self._drain.total_seconds())

    @contextlib.contextmanager
    def _pool(self, size: int) -> Iterator[tuple[ThreadPoolExecutor, threading.Event]]:
        """Threads for running jobs; on leaving, those still at work are told to hand their job back."""
        stopping = threading.Event()
        with ThreadPoolExecutor(size, thread_name_prefix="bot-job") as pool:
            try:
                yield pool, stopping
            finally:
                stopping.set()

    def _start(self, pool: ThreadPoolExecutor, limit: int, stopping: threading.Event) -> set[Future[Outcome]]:
        """Lease as many jobs as can run at once, so that no lease runs out in a queue, and start them."""
        if limit < 1 or not self._registry.topics:
            return set()
        jobs = self._client.activate(
            worker=self._worker_id, topics=self._registry.topics, limit=limit, lease=self._lease
        )
        started = {pool.submit(self._run, job, stopping) for job in jobs}
        for each in started:
            each.add_done_callback(lambda _: self._awake.set())
        return started

    def _run(self, job: Job, stopping: threading.Event) -> Outcome:
        outcome = run_job(
            self._client,
            self._registry,
            job,
            make_context=self._make_context,
            lease=self._lease,
            stopping=stopping,
            workdirs=self._workdirs,
        )
        _log.info("job %s (%s), attempt %d: %s", job.id, job.topic, job.attempt, outcome)
        return outcome

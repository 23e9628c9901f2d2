"""One run of one bot: in a thread, beside a heartbeat, until it ends or must be stopped."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self

from bots.declare import Bot
from bots.guard import guarded
from bots.results import checked_variables
from bots.sandbox import run_isolated
from engine.contracts.errors import BusinessError, CiviflowError, Conflict, NotFound
from engine.contracts.jobs import Job, JobContext, JobResult

_log = logging.getLogger("civiflow.bots")

Outcome = Literal["completed", "error", "failed", "handed back", "dropped"]

_MAX_MESSAGE = 2_000
_MAX_DETAILS = 20_000
_STOP_SECONDS = 10.0
_GLANCE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ended, as it will be reported.

    Args:
        outcome: which report to make.
        result: of a completed run.
        code: of a business error.
        message: what went wrong, one or a few lines.
        details: the traceback.
    """

    outcome: Outcome
    result: JobResult = field(default_factory=JobResult)
    code: str = ""
    message: str = ""
    details: str = ""

    @classmethod
    def of_error(cls, error: BaseException, *, prefix: str = "") -> Self:
        """An error of the bot: a business error to be thrown, or a failure to be tried again."""
        known = isinstance(error, CiviflowError)
        message = str(error) if known else f"{type(error).__name__}: {error}".rstrip(": ")
        return cls(
            outcome="error" if isinstance(error, BusinessError) else "failed",
            code=error.code if isinstance(error, BusinessError) else "",
            message=_shortened(prefix + message, _MAX_MESSAGE),
            details="".join(traceback.format_exception(error))[-_MAX_DETAILS:],
        )

    def as_failure(self) -> Self:
        """The same as a failure, whatever kind of error it was."""
        return dataclasses.replace(self, outcome="failed", code="")


def attend(
    job: Job,
    *,
    find_bot: Callable[[str], Bot],
    make_context: Callable[[Job], JobContext],
    extend: Callable[[], datetime],
    beat: timedelta,
    stopping: threading.Event,
) -> Ending:
    """Run the bot of a job and stay with it.

    Args:
        find_bot: gives the bot of a topic; may raise.
        make_context: gives the job's context; may raise.
        extend: keeps the lease; a Conflict or NotFound from it means that the job is no longer ours.
        beat: how often to extend.
        stopping: set from outside to stop the bot.
    """
    try:
        bot = find_bot(job.topic)
        context = make_context(job)
    except Exception as error:
        return Ending.of_error(error).as_failure()

    run = _Run(bot, job, context)
    run.start()
    patience = bot.timeout.total_seconds() + (_STOP_SECONDS if bot.isolated else 0.0)
    deadline = time.monotonic() + patience
    next_beat = time.monotonic() + beat.total_seconds()
    while not run.done.wait(_pause(deadline, next_beat)):
        now = time.monotonic()
        if stopping.is_set():
            return run.stop(Ending(outcome="handed back", message="The worker was stopped."))
        if now >= deadline:
            return run.stop(_out_of_time(bot))
        if now >= next_beat:
            next_beat = now + beat.total_seconds()
            try:
                extend()
            except (Conflict, NotFound) as error:
                return run.stop(Ending(outcome="dropped", message=f"the lease was lost: {error}"))
            except Exception:
                # Two more beats fit into the lease before another worker may take the job.
                _log.exception("could not extend the lease of job %s (%s)", job.id, job.topic)
    return run.ending


def _pause(deadline: float, next_beat: float) -> float:
    """Seconds until there is something to do; short enough to notice that the worker is being stopped."""
    return max(0.0, min(deadline, next_beat, time.monotonic() + _GLANCE_SECONDS) - time.monotonic())


def _out_of_time(bot: Bot) -> Ending:
    return Ending(
        outcome="failed",
        message=f"Expected bot {bot.topic!r} to be done within {bot.timeout} but it was not; it was stopped.",
    )


class _Run:
    """The bot in its thread. After `stop`, its process is dead, or its thread can change nothing more."""

    def __init__(self, bot: Bot, job: Job, context: JobContext) -> None:
        self.done = threading.Event()
        self.ending = Ending(outcome="failed", message="The bot did not start.")
        self._bot = bot
        self._job = job
        self._revoked = threading.Event()
        self._context = guarded(context, self._revoked)
        # A daemon: a bot that never returns must not keep the server from ending.
        self._thread = threading.Thread(target=self._work, name=f"bot {bot.topic}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, ending: Ending) -> Ending:
        """Take the job away from the bot; gives the ending back."""
        self._revoked.set()
        if self._bot.isolated:
            self.done.wait(_STOP_SECONDS)
        if not self.done.is_set():
            _log.warning("bot %s did not stop; its thread is abandoned", self._bot.topic)
        return ending

    def _work(self) -> None:
        try:
            if self._bot.isolated:
                result = run_isolated(self._bot, self._job, self._context, cancelled=self._revoked)
            else:
                result = self._bot(self._job, self._context)
            variables = checked_variables(self._bot.topic, result)
            self.ending = Ending(outcome="completed", result=JobResult(variables=variables))
        except BaseException as error:
            # SystemExit included: sys.exit() in a bot is a failed run, not the end of the worker.
            self.ending = Ending.of_error(error)
        finally:
            self.done.set()


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"

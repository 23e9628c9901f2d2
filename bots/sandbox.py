"""Run a bot in a process of its own, which may crash, hang or hoard without harm to the worker.

What the process has: a session and a working folder of its own, an empty environment, limits on memory,
processor time, file size and descriptors, and one socket over which it asks for files, templates and
messages. What it leaves running is killed with it, also processes that called setsid (see
`bots.sandbox_child`). What this is not: a wall against hostile code under the same account. Limits of a
process running as root can be raised by it, and it may use the network; give strangers' bots a machine
or an account of their own.
"""

from __future__ import annotations

import logging
import math
import signal
import sys
import tempfile
import threading
import time
from dataclasses import is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bots.declare import Bot, Limits, Origin
from bots.results import checked_variables
from bots.sandbox_process import SandboxProcess
from bots.wire import (
    CALLS,
    BadFrame,
    Channel,
    ChannelClosed,
    Message,
    error_from_json,
    error_to_json,
    job_to_json,
    record_to_json,
)
from engine.contracts.errors import CiviflowError, TechnicalError
from engine.contracts.jobs import Job, JobContext, JobResult

_log = logging.getLogger("civiflow.bots")


def run_isolated(bot: Bot, job: Job, context: JobContext, *, cancelled: threading.Event | None = None) -> JobResult:
    """Run a bot's function in a new process and wait for its result.

    Args:
        bot: its origin says where the process finds the function; its timeout and limits apply.
        job: goes over as JSON.
        context: stays here; its files, templates and messages are served to the process on request.
        cancelled: set it from another thread to stop the process within a tenth of a second.

    Raises:
        BusinessError, TechnicalError, NotFound: as the bot raised them.
        TechnicalError: the bot raised something else, ran out of time or limits, crashed, returned what
            is not JSON, or was cancelled. A note on the error holds the traceback or the printed tail.
    """
    request = _request("run", bot) | {
        "topic": bot.topic,
        "job": job_to_json(job),
        "context": {"now": context.now.isoformat(), "zone": context.zone, "site_url": context.site_url},
    }
    reply = _converse(bot, request, context.workdir, context, cancelled or threading.Event())
    returned: Any = reply.get("result")
    return JobResult(variables=checked_variables(bot.topic, JobResult(variables=returned)))


def describe_file(path: Path, *, timeout: timedelta = timedelta(seconds=20)) -> list[Bot]:
    """The bots a Python file declares, found out in a process of its own; none of its code runs here.

    Raises:
        TechnicalError: the file cannot be loaded; the message says why.
    """
    origin = Origin(path=path.resolve())
    loader = Bot(topic=path.name, function=None, timeout=timeout, origin=origin)
    with tempfile.TemporaryDirectory(prefix="civiflow-bot-") as workdir:
        reply = _converse(loader, _request("describe", loader), Path(workdir), None, threading.Event())
    try:
        return [_described(each, origin) for each in reply["bots"]]
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        raise TechnicalError(f"Expected a description of the bots in {path} but got {reply!r:.500}.") from error


def _described(values: Message, origin: Origin) -> Bot:
    cpu = values["cpu"]
    return Bot(
        topic=str(values["topic"]),
        function=None,
        timeout=timedelta(seconds=values["timeout"]),
        description=str(values["description"]),
        limits=Limits(
            memory=int(values["memory"]),
            file_size=int(values["file_size"]),
            open_files=int(values["open_files"]),
            cpu=None if cpu is None else timedelta(seconds=cpu),
            calls=int(values["calls"]),
        ),
        origin=origin,
    )


def _request(do: str, bot: Bot) -> Message:
    cpu = bot.limits.cpu or 2 * bot.timeout
    return {
        "do": do,
        "name": str(bot.origin),
        "module": bot.origin.module,
        "file": str(bot.origin.path or ""),
        "path": [entry for entry in sys.path if entry],
        "limits": {
            "memory": bot.limits.memory,
            "file_size": bot.limits.file_size,
            "open_files": bot.limits.open_files,
            "cpu": math.ceil(cpu.total_seconds()),
        },
    }


def _converse(
    bot: Bot, request: Message, workdir: Path, context: JobContext | None, cancelled: threading.Event
) -> Message:
    """Start the process, hand over the request, serve its calls until it answers, leave nothing running."""
    deadline = time.monotonic() + bot.timeout.total_seconds()

    def check() -> None:
        if cancelled.is_set():
            raise TechnicalError(f"Bot {bot.topic!r} was stopped: the job is no longer this worker's.")
        if time.monotonic() > deadline:
            raise TechnicalError(
                f"Expected bot {bot.topic!r} to be done within {bot.timeout} but it was not; it was stopped."
            )

    with SandboxProcess(workdir=workdir, environment=bot.environment, while_waiting=check) as process:
        try:
            process.channel.send(request)
            reply = _serve(process.channel, context, bot)
        except (ChannelClosed, BadFrame) as error:
            died = _how_it_died(bot, process.end(), error)
            died.add_note(f"Last lines it printed:\n{process.printed()}")
            raise died from None
        except TechnicalError as error:
            error.add_note(f"Last lines it printed:\n{process.printed()}")
            raise
    if "error" in reply:
        raise _as_raised(bot, reply["error"])
    if printed := process.printed():
        _log.info("bot %s printed: %s", bot.topic, printed)
    return reply


def _serve(channel: Channel, context: JobContext | None, bot: Bot) -> Message:
    """Answer calls until the process sends something else."""
    for _ in range(bot.limits.calls + 1):
        message, blob = channel.receive()
        if "call" not in message or context is None:
            return message
        answer, content = _answer(message, blob, context)
        try:
            channel.send(answer, content)
        except BadFrame as error:
            channel.send({"error": error_to_json(TechnicalError(str(error)))})
    raise TechnicalError(f"Expected bot {bot.topic!r} to make at most {bot.limits.calls} calls; it was stopped.")


def _answer(message: Message, blob: bytes, context: JobContext) -> tuple[Message, bytes]:
    """Do what the process asks, on the job's own context."""
    call: Any = message["call"]
    arguments: dict[str, Any] = message.get("arguments", {})
    try:
        if not isinstance(call, str) or call not in CALLS:
            raise TechnicalError(f"Expected a call of the job's context but got {call!r:.100}.")
        part, _, method = call.partition(".")
        content = {"content": blob} if call == "files.attach" else {}
        return _told(getattr(getattr(context, part), method)(**content, **arguments))
    except CiviflowError as error:
        return {"error": error_to_json(error)}, b""
    except Exception as error:
        # The platform's own failure: the log has the whole of it, a stranger's bot only learns the kind.
        _log.exception("a call from a bot failed: %r", message.get("call"))
        return {"error": error_to_json(TechnicalError(f"The call failed: {type(error).__name__}."))}, b""


def _told(returned: Any) -> tuple[Message, bytes]:
    """What a call returned, as an answer: content beside it, records and lists of them as JSON."""
    if isinstance(returned, bytes):
        return {}, returned
    if isinstance(returned, list | tuple):
        return {"value": [record_to_json(each) for each in returned]}, b""
    return {"value": record_to_json(returned) if is_dataclass(returned) else returned}, b""


def _as_raised(bot: Bot, values: Message) -> CiviflowError:
    """The error the bot raised, with its traceback as a note."""
    if str(values.get("message")).startswith(MemoryError.__name__):
        limit = bot.limits.memory // (1024 * 1024)
        error: CiviflowError = TechnicalError(
            f"Expected bot {bot.topic!r} to need at most {limit} MiB of memory but it needed more."
        )
    else:
        error = error_from_json(values)
    error.add_note(f"In the bot's own process:\n{values.get('details', '')}")
    return error


def _how_it_died(bot: Bot, code: int, error: Exception) -> TechnicalError:
    """In words, why a process ended without an answer; the code is as a shell gives it."""
    if isinstance(error, BadFrame):
        return TechnicalError(f"Bot {bot.topic!r} sent what the worker cannot read: {error}")
    died_of = signal.Signals(code - 128).name if code - 128 in set(signal.Signals) else ""
    reasons = {
        "SIGXCPU": "it used up its processor time",
        "SIGKILL": "it was killed, by the system when memory ran out or by hand",
        "SIGABRT": "it aborted, as native code does when it reaches its memory limit",
        "SIGSEGV": "it crashed in native code",
    }
    reason = reasons.get(died_of, f"it died of {died_of}" if died_of else f"exit code {code}")
    return TechnicalError(f"Expected a result from bot {bot.topic!r} but its process ended: {reason}.")

"""Inside a bot's own process: take the request, load the bot, run it, send back what came of it.

The files, templates and messages of the job's context are calls over the channel, answered by the
worker under the job's lease.
"""

from __future__ import annotations

import importlib
import importlib.util
import resource
import socket
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from bots.declare import Bot, bots_of
from bots.results import checked_variables
from bots.wire import BadFrame, Channel, Message, error_from_json, error_to_json, job_from_json
from engine.contracts.errors import BusinessError
from engine.contracts.jobs import FileRef, JobContext


def serve(channel_fd: int) -> None:
    """Serve the one request that waits on the channel."""
    channel = Channel(socket.socket(fileno=channel_fd))
    request, _ = channel.receive()
    set_limits(request["limits"])
    sys.path[:] = request["path"]

    try:
        reply = _run(channel, request) if request["do"] == "run" else _describe(request)
        channel.send(reply)
    except BaseException as error:
        # SystemExit and KeyboardInterrupt are failures too: a bot that calls sys.exit() has no result.
        channel.send({"error": error_to_json(error)})


def set_limits(limits: Mapping[str, int]) -> None:
    """Lower this process's limits; soft and hard alike, so that they cannot be raised again."""
    for name, kind in (
        ("memory", resource.RLIMIT_AS),
        ("file_size", resource.RLIMIT_FSIZE),
        ("open_files", resource.RLIMIT_NOFILE),
    ):
        resource.setrlimit(kind, (limits[name], limits[name]))
    # One second between the limits: SIGXCPU says why the process died, SIGKILL makes sure that it did.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(channel: Channel, request: Message) -> Message:
    bots = {bot.topic: bot for bot in _load(request)}
    bot = bots.get(request["topic"])
    if bot is None:
        raise TypeError(
            f"Expected a bot for topic {request['topic']!r} at the top level of {request['name']} "
            f"but found {', '.join(sorted(bots)) or 'none'}."
        )

    given = request["context"]
    remote = _Remote(channel)
    context = JobContext(
        files=remote,
        resources=remote,
        notifier=remote,
        workdir=Path.cwd(),
        now=datetime.fromisoformat(given["now"]),
        zone=given["zone"],
    )
    return {"result": checked_variables(bot.topic, bot(job_from_json(request["job"]), context))}


def _describe(request: Message) -> Message:
    return {
        "bots": [
            {
                "topic": bot.topic,
                "timeout": bot.timeout.total_seconds(),
                "description": bot.description,
                "memory": bot.limits.memory,
                "file_size": bot.limits.file_size,
                "open_files": bot.limits.open_files,
                "cpu": None if bot.limits.cpu is None else bot.limits.cpu.total_seconds(),
                "calls": bot.limits.calls,
            }
            for bot in _load(request)
        ]
    }


def _load(request: Message) -> list[Bot]:
    """The bots of the module or file that the request names."""
    if request["module"]:
        return bots_of(importlib.import_module(request["module"]))
    path = Path(request["file"])
    sys.path.insert(0, str(path.parent))  # so that a site's bots can share a helper module
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Expected a Python file but got {path}.")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return bots_of(module)


class _Remote:
    """FileStore, Resources and Notifier in one, each call answered by the worker."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()

    def read(self, attachment_id: str) -> bytes:
        return self._call("read", {"attachment_id": attachment_id})[1]

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        value, _ = self._call("attach", {"name": name, "media_type": media_type}, bytes(content))
        return FileRef(**value)

    def template(self, definition_id: str, name: str) -> bytes:
        return self._call("template", {"definition_id": definition_id, "name": name})[1]

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        message = {"key": key, "recipient": recipient, "subject": subject, "body": body}
        self._call("notify", {**message, "instance_id": instance_id})

    def _call(self, what: str, arguments: Message, blob: bytes = b"") -> tuple[Any, bytes]:
        with self._lock:  # a bot may use threads; frames of two calls must not mix
            try:
                self._channel.send({"call": what, "arguments": arguments}, blob)
            except BadFrame as error:
                raise BusinessError(str(error)) from error
            answer, content = self._channel.receive()
        if "error" in answer:
            raise error_from_json(answer["error"])
        return answer.get("value"), content

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
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from bots.declare import Bot, bots_of
from bots.results import checked_variables
from bots.wire import (
    BadFrame,
    Channel,
    Message,
    error_from_json,
    error_to_json,
    job_from_json,
    record_from_json,
)
from engine.contracts.documents import ArchivedCase, IssuedDocument
from engine.contracts.errors import BusinessError
from engine.contracts.files import CaseFile, FileRef
from engine.contracts.jobs import JobContext


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
    lock = threading.Lock()
    context = JobContext(
        files=_Files("files", channel, lock),
        resources=_Resources("resources", channel, lock),
        notifier=_Notifier("notifier", channel, lock),
        register=_Register("register", channel, lock),
        workdir=Path.cwd(),
        now=datetime.fromisoformat(given["now"]),
        zone=given["zone"],
        site_url=given["site_url"],
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
    """One part of the job's context, each call answered by the worker. A bot may use threads."""

    def __init__(self, part: str, channel: Channel, lock: threading.Lock) -> None:
        self._part = part
        self._channel = channel
        self._lock = lock  # frames of two calls must not mix

    def _call(self, method: str, blob: bytes = b"", **arguments: Any) -> tuple[Any, bytes]:
        with self._lock:
            try:
                self._channel.send({"call": f"{self._part}.{method}", "arguments": arguments}, blob)
            except BadFrame as error:
                raise BusinessError(str(error)) from error
            answer, content = self._channel.receive()
        if "error" in answer:
            raise error_from_json(answer["error"])
        return answer.get("value"), content


class _Files(_Remote):
    """FileStore."""

    def read(self, attachment_id: str) -> bytes:
        return self._call("read", attachment_id=attachment_id)[1]

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        return FileRef(**self._call("attach", bytes(content), name=name, media_type=media_type)[0])

    def all(self) -> Sequence[CaseFile]:
        return [record_from_json(CaseFile, each) for each in self._call("all")[0]]


class _Resources(_Remote):
    """Resources."""

    def template(self, definition_id: str, name: str) -> bytes:
        return self._call("template", definition_id=definition_id, name=name)[1]


class _Notifier(_Remote):
    """Notifier."""

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        self._call("notify", key=key, recipient=recipient, subject=subject, body=body, instance_id=instance_id)


class _Register(_Remote):
    """DocumentRegister."""

    def next_number(self, *, series: str, key: str) -> int:
        return int(self._call("next_number", series=series, key=key)[0])

    def reserve(self, *, key: str) -> IssuedDocument:
        return self._entry("reserve", key=key)

    def seal(
        self, *, key: str, file_id: str, title: str, number: str = "", issuer: str = "", issued_on: str
    ) -> IssuedDocument:
        return self._entry(
            "seal", key=key, file_id=file_id, title=title, number=number, issuer=issuer, issued_on=issued_on
        )

    def revoke(self, *, file_id: str, reason: str) -> IssuedDocument:
        return self._entry("revoke", file_id=file_id, reason=reason)

    def issued(self) -> Sequence[IssuedDocument]:
        return [record_from_json(IssuedDocument, each) for each in self._call("issued")[0]]

    def archive(self, *, key: str, file_id: str, number: str, title: str, year: int, files: int) -> ArchivedCase:
        value, _ = self._call("archive", key=key, file_id=file_id, number=number, title=title, year=year, files=files)
        return record_from_json(ArchivedCase, value)

    def archived(self, *, key: str) -> ArchivedCase | None:
        value, _ = self._call("archived", key=key)
        return None if value is None else record_from_json(ArchivedCase, value)

    def _entry(self, method: str, **arguments: Any) -> IssuedDocument:
        return record_from_json(IssuedDocument, self._call(method, **arguments)[0])

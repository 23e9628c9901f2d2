"""What passes between the worker and a bot's own process: framed JSON with bytes beside it.

A frame is two 32-bit big-endian lengths, a JSON object in UTF-8, and a blob. Nothing else is ever
decoded, so a hostile process can send wrong values but no objects; sizes are checked before reading.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import struct
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, get_type_hints

from engine.contracts.errors import BusinessError, CiviflowError, NotFound, TechnicalError
from engine.contracts.files import FileRef
from engine.contracts.jobs import Job

Message = dict[str, Any]
T = TypeVar("T")

MAX_MESSAGE = 8 * 1024 * 1024
MAX_BLOB = 64 * 1024 * 1024
MAX_ERROR_TEXT = 20_000
TICK_SECONDS = 0.1

CALLS = frozenset(
    {
        "files.read",
        "files.attach",
        "files.all",
        "resources.template",
        "notifier.notify",
        "register.next_number",
        "register.reserve",
        "register.seal",
        "register.revoke",
        "register.issued",
        "register.archive",
        "register.archived",
    }
)
"""What a bot's process may ask for: part and method of the job's context."""

_HEAD = struct.Struct(">II")
_ERRORS: tuple[type[CiviflowError], ...] = (BusinessError, TechnicalError, NotFound)
_INSTANTS = ("lease_until", "deadline", "created_at")


class ChannelClosed(Exception):  # the other side's end, not an error of ours
    """The other side has closed the channel."""


class BadFrame(Exception):
    """The other side sent something that is not a frame, or is larger than allowed."""


class Channel:
    """Frames over a connected stream socket.

    Args:
        sock: the socket; the channel owns it.
        while_waiting: called at least every 0.1 s while a send or a receive waits; what it raises
            ends the wait. None waits for ever.
    """

    def __init__(self, sock: socket.socket, *, while_waiting: Callable[[], None] | None = None) -> None:
        self._sock = sock
        self._tick = while_waiting or (lambda: None)
        sock.settimeout(None if while_waiting is None else TICK_SECONDS)

    def send(self, message: Mapping[str, Any], blob: bytes = b"") -> None:
        """Send one frame. Raises ChannelClosed, BadFrame (too large), or what `while_waiting` raises."""
        text = json.dumps(message, ensure_ascii=False, allow_nan=False).encode()
        if len(text) > MAX_MESSAGE or len(blob) > MAX_BLOB:
            raise BadFrame(
                f"Expected at most {MAX_MESSAGE} bytes of values and {MAX_BLOB} bytes of content "
                f"but got {len(text)} and {len(blob)}."
            )
        for part in (_HEAD.pack(len(text), len(blob)) + text, blob):
            self._send_all(memoryview(part))

    def receive(self) -> tuple[Message, bytes]:
        """The next frame. Raises ChannelClosed, BadFrame, or what `while_waiting` raises."""
        text_size, blob_size = _HEAD.unpack(self._read(_HEAD.size))
        if text_size > MAX_MESSAGE or blob_size > MAX_BLOB:
            raise BadFrame(f"Expected a frame within limits but got {text_size} and {blob_size} bytes.")
        text, blob = self._read(text_size), self._read(blob_size)
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadFrame(f"Expected JSON but got {text[:80]!r}.") from error
        if not isinstance(message, dict):
            raise BadFrame(f"Expected a JSON object but got {type(message).__name__}.")
        return message, bytes(blob)

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def _send_all(self, rest: memoryview) -> None:
        while rest:
            self._tick()
            try:
                rest = rest[self._sock.send(rest) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise ChannelClosed from error

    def _read(self, size: int) -> bytearray:
        buffer = bytearray()
        while len(buffer) < size:
            self._tick()
            try:
                chunk = self._sock.recv(min(size - len(buffer), 1 << 20))
            except TimeoutError:
                continue
            except OSError as error:
                raise ChannelClosed from error
            if not chunk:
                raise ChannelClosed
            buffer += chunk
        return buffer


def job_to_json(job: Job) -> Message:
    """A job as a JSON object: the fields by their names, instants as ISO 8601."""
    values = {each.name: getattr(job, each.name) for each in dataclasses.fields(job)}
    for name in _INSTANTS:
        if values[name] is not None:
            values[name] = values[name].isoformat()
    return {**values, "variables": dict(job.variables), "headers": dict(job.headers)}


def job_from_json(values: Message) -> Job:
    """The job that `job_to_json` wrote."""
    instants = {name: datetime.fromisoformat(values[name]) for name in _INSTANTS if values[name] is not None}
    return Job(**{**values, **instants})


def record_to_json(record: Any) -> Message:
    """A dataclass of plain values as a JSON object: instants as ISO 8601, a file as an object of its own."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(record).items()
    }


def record_from_json(kind: type[T], values: Message) -> T:
    """The dataclass that `record_to_json` wrote."""
    read = dict(values)
    for name, hint in get_type_hints(kind).items():
        if read.get(name) is None:
            continue
        if hint in (datetime, datetime | None):
            read[name] = datetime.fromisoformat(read[name])
        elif hint in (FileRef, FileRef | None):
            read[name] = FileRef(**read[name])
    return kind(**read)


def error_to_json(error: BaseException) -> Message:
    """An error as a JSON object: its kind as far as the other side needs it, message, code, traceback."""
    kind = next((known for known in _ERRORS if isinstance(error, known)), None)
    message = str(error) if kind else f"{type(error).__name__}: {error}".rstrip(": ")
    return {
        "kind": kind.__name__ if kind else "",
        "code": error.code if isinstance(error, BusinessError) else "",
        "message": message[:MAX_ERROR_TEXT],
        "details": "".join(traceback.format_exception(error))[-MAX_ERROR_TEXT:],
    }


def error_from_json(values: Message) -> CiviflowError:
    """The error that `error_to_json` wrote; one of no known kind is a TechnicalError."""
    message = str(values.get("message", ""))
    if values.get("kind") == BusinessError.__name__:
        return BusinessError(message, code=str(values.get("code", "")))
    kinds = {known.__name__: known for known in _ERRORS}
    return kinds.get(str(values.get("kind")), TechnicalError)(message)

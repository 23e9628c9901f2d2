"""Opening a log file: what it is (by content, not by name), gzip, a limit on its size."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import BinaryIO, cast

from engine.contracts.errors import LogFormatError

MAX_BYTES = 4 * 2**30
"""Most bytes a log may have once unpacked; a gzip file can hide a thousand times its own size."""

_HEAD = 4096
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or ZIP archive; save the sheet as 'CSV UTF-8' or unpack it first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as 'CSV UTF-8' first",
    b"PAR1": "a Parquet file; export it as CSV first",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database; export a table as CSV first",
    b"\x1f\x8b": "gzip inside gzip; unpack it once first",
    b"BZh": "a bzip2 file; unpack it first",
    b"\xfd7zXZ": "an xz file; unpack it first",
    b"\x28\xb5\x2f\xfd": "a zstd file; unpack it first",
}


class Kind(Enum):
    """What a log file turned out to be."""

    XES = "XES"
    CSV = "CSV"


class _Bounded(io.RawIOBase):
    """A binary stream that refuses to give more than a number of bytes, and says why it broke off."""

    def __init__(self, inner: BinaryIO, name: str, limit: int) -> None:
        self._inner, self._name, self._left, self._limit = inner, name, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer)).cast("B")
        try:
            chunk = self._inner.read(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
            raise LogFormatError(
                f"{self._name}: expected a whole gzip file, but it ends too early or is damaged ({exc}). "
                "Copy or download it again."
            ) from exc
        self._left -= len(chunk)
        if self._left < 0:
            raise LogFormatError(
                f"{self._name}: expected at most {self._limit:,} bytes unpacked, but there are more. "
                "Split the log by period and read the parts."
            )
        view[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def open_bytes(path: Path, *, limit: int = MAX_BYTES) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked if they are gzip.

    Raises:
        LogFormatError: the file is missing or unreadable; later, from reads: a damaged or truncated
            gzip stream, or more than `limit` bytes.
    """
    try:
        raw = path.open("rb")
    except OSError as exc:
        raise LogFormatError(
            f"{path}: expected a readable file, but {exc.strerror or exc}. Check the path and permissions."
        ) from exc
    with raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        inner = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        yield io.BufferedReader(_Bounded(inner, path.name, limit), buffer_size=1 << 17)


def recognise(path: Path) -> Kind:
    """XES or CSV, by the first bytes after unpacking.

    Raises:
        LogFormatError: the file is empty, or something else; the message says what and the way out.
    """
    with open_bytes(path) as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise LogFormatError(f"{path.name}: expected an event log in XES or CSV, but the file is empty.")
    for magic, meaning in _FOREIGN.items():
        if head.startswith(magic):
            raise LogFormatError(f"{path.name}: expected an event log in XES or CSV, but this looks like {meaning}.")
    text = _plain(head).lstrip()
    if text.startswith("<"):
        return Kind.XES
    if text.startswith(("{", "[")):
        raise LogFormatError(
            f"{path.name}: expected an event log in XES or CSV, but this looks like JSON. Export it as CSV."
        )
    if "\x00" in text:
        raise LogFormatError(f"{path.name}: expected text in XES or CSV, but the file is binary.")
    return Kind.CSV


def _plain(head: bytes) -> str:
    """The head as text, good enough to look at its first characters in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    return head.decode("utf-8-sig", errors="replace")

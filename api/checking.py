"""Checking many files: each by itself in a child process with limits, on as many cores as there are, in order.

A file that takes too long or too much memory costs its child process, and the next file gets a new one.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from typing import Final

from engine.decisions import DecisionLibrary
from engine.inspection import Inspection, failed, inspect_file, library
from engine.models.labels import Words

_MOST_BYTES: Final = 64_000_000
_MEMORY: Final = 2_000_000_000
_AHEAD: Final = 64
_FILES_A_CHILD: Final = 500
"""After so many files a child is replaced, so that memory stays flat however many files there are."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file to check.

    Args:
        name: as it is shown.
        path: where it is read from, by the child; or
        content: its bytes, from an archive.
        inspection: what is known of it without checking: it is not there, an archive that was not taken.
        bundle: number of the companions it may name.
    """

    name: str
    path: Path | None = None
    content: bytes = b""
    inspection: Inspection | None = None
    bundle: int = 0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one file may use up: seconds of waiting, bytes of memory."""

    seconds: float = 20.0
    memory: int = _MEMORY


def inspect_all(
    items: Iterable[Item],
    bundles: Sequence[Mapping[str, bytes]],
    *,
    children: int | None = None,
    limits: Limits | None = None,
) -> Iterator[Inspection]:
    """Check files, two or more at a time, and give what was found in their order, each as soon as it is known.

    Args:
        items: the files; read as they are needed.
        bundles: path → content of the forms and decisions that came together, by number.
        children: processes at once; as many as there are cores if left out.
        limits: for each file.
    """
    pool = _Pool(bundles, children or _cores(), limits or Limits())
    try:
        yield from pool.run(iter(items))
    finally:
        pool.close()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _context() -> ForkContext | SpawnContext:
    # Forking is cheap and this process has one thread; elsewhere a fresh interpreter is started.
    return multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")


class _Child:
    """A process that checks one file after another."""

    def __init__(self, bundles: Sequence[Mapping[str, bytes]], limits: Limits) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, bundles, limits.memory), daemon=True)
        self.process.start()
        theirs.close()
        self.done = 0
        self.number = -1
        self.name = ""
        self.until = float("inf")

    def give(self, number: int, item: Item, limits: Limits) -> None:
        self.number, self.name = number, item.name
        self.until = time.monotonic() + limits.seconds
        with suppress(OSError):  # it has died meanwhile: its answer says so
            self.connection.send(item)

    def free(self) -> None:
        self.number, self.until = -1, float("inf")

    def stop(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.join()


class _Pool:
    def __init__(self, bundles: Sequence[Mapping[str, bytes]], most: int, limits: Limits) -> None:
        self.bundles, self.most, self.limits = bundles, most, limits
        self.children: list[_Child] = []

    def close(self) -> None:
        for child in self.children:
            child.stop()
        self.children.clear()

    def run(self, items: Iterator[Item]) -> Iterator[Inspection]:
        waiting: deque[int] = deque()
        known: dict[int, Inspection] = {}
        number, more = 0, True
        while more or waiting:
            # A slow file holds back those behind it, but only so many are checked ahead of it.
            while more and len(waiting) < _AHEAD and (child := self._idle()) is not None:
                item = next(items, None)
                if item is None:
                    more = False
                    break
                waiting.append(number)
                if item.inspection is not None:
                    known[number] = item.inspection
                else:
                    child.give(number, item, self.limits)
                number += 1
            known |= self._collect(block=bool(waiting) and waiting[0] not in known)
            while waiting and waiting[0] in known:
                yield known.pop(waiting.popleft())

    def _idle(self) -> _Child | None:
        for child in self.children:
            if child.number < 0:
                if child.done < _FILES_A_CHILD:
                    return child
                self._drop(child)
                break
        if len(self.children) < self.most:
            self.children.append(_Child(self.bundles, self.limits))
            return self.children[-1]
        return None

    def _drop(self, child: _Child) -> None:
        self.children.remove(child)
        child.stop()

    def _collect(self, *, block: bool) -> dict[int, Inspection]:
        busy = [child for child in self.children if child.number >= 0]
        if not busy:
            return {}
        left = max(0.0, min(child.until for child in busy) - time.monotonic()) if block else 0
        ready = wait([child.connection for child in busy], timeout=left)
        known: dict[int, Inspection] = {}
        for child in busy:
            number = child.number
            if child.connection in ready:
                known[number] = self._answer(child)
            elif time.monotonic() >= child.until:
                says = Words(f"takes longer than {self.limits.seconds:g} s", f"检查超过 {self.limits.seconds:g} 秒")
                known[number] = failed(child.name, "too-slow", says)
                self._drop(child)
        return known

    def _answer(self, child: _Child) -> Inspection:
        try:
            found: Inspection = child.connection.recv()
        except (EOFError, OSError):
            says = Words("ended the process that checked it", "导致检查进程意外结束")
            found = failed(child.name, "too-much-memory", says)
            self._drop(child)
            return found
        child.done += 1
        child.free()
        if any(finding.code == "too-much-memory" for finding in found.findings):
            self._drop(child)  # what is left of its memory would not do for the next file
        return found


def _serve(connection: Connection, bundles: Sequence[Mapping[str, bytes]], memory: int) -> None:
    """What a child does until its parent is gone."""
    _limit_memory(memory)
    decisions = [library(companions) for companions in bundles]
    parent = os.getppid()
    try:
        while True:
            # Siblings hold the pipe open too, so that its end does not tell that the parent has died.
            while not connection.poll(5):
                if os.getppid() != parent:
                    return
            item: Item = connection.recv()
            companions, held = (bundles[item.bundle], decisions[item.bundle]) if bundles else ({}, None)
            connection.send(_check(item, companions, held))
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _check(item: Item, companions: Mapping[str, bytes], held: DecisionLibrary | None) -> Inspection:
    try:
        content = item.content if item.path is None else _read(item.path)
    except OSError as error:
        logging.getLogger(__name__).debug("reading %s failed", item.name, exc_info=True)
        reason = error.strerror or type(error).__name__
        return failed(item.name, "file-missing", Words(f"cannot be read: {reason}", f"无法读取：{reason}"))
    except MemoryError:
        return failed(item.name, "too-much-memory", Words("needs more memory than it may have", "需要的内存超过限制"))
    return inspect_file(item.name, content, companions, held)


def _read(path: Path) -> bytes:
    # Bit by bit: asked for so many bytes at once, Python takes the memory for them, however small the file is.
    content = bytearray()
    with path.open("rb") as file:
        while len(content) < _MOST_BYTES and (more := file.read(1_000_000)):
            content += more
    return bytes(content)


def _limit_memory(memory: int) -> None:
    try:
        import resource
    except ModuleNotFoundError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory = min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))

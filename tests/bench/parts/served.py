"""A real `civiflow` server in a process of its own: started, asked over HTTP, weighed, stopped."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tests.bench import frame

_TICK = os.sysconf("SC_CLK_TCK")
_READY = re.compile(r"ready at (http://\S+)")


@dataclass
class Server:
    """A running server. `seconds_to_ready` counts from the start of the process to its announcement."""

    process: subprocess.Popen[str]
    host: str
    port: int
    seconds_to_ready: float
    said: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The server's process."""
        return self.process.pid

    def cpu(self) -> float:
        """CPU seconds used so far by the server and all it has started."""
        return cpu_of(self.pid)

    def memory(self) -> float:
        """Megabytes that would be free without it: private pages, and its share of shared ones (PSS)."""
        return sum(_pss(pid) for pid in family(self.pid)) / 1e6

    def client(self, **headers: str) -> Client:
        """A connection that is kept open."""
        return Client(self.host, self.port, headers)


class Client:
    """One keep-alive connection; every answer that is not expected ends the benchmark."""

    def __init__(self, host: str, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=60)
        self.headers = dict(headers)

    def ask(self, method: str, path: str, body: object = None, *, expect: int = 200, **headers: str) -> bytes:
        """Send one request; gives the answer's body."""
        sent = None if body is None else orjson.dumps(body)
        given = {**self.headers, **headers}
        if sent is not None:
            given["Content-Type"] = "application/json"
        self._connection.request(method, path, sent, given)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != expect:
            raise RuntimeError(f"{method} {path}: expected {expect} but got {answer.status}: {text[:500]!r}")
        return text

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def civiflow(*arguments: str, var: Path, **environment: str) -> Iterator[Server]:
    """`civiflow …` with `--port 0`, until the block ends."""
    command = [str(Path(sys.executable).with_name("civiflow")), *arguments, "--port", "0"]
    with _started(command, {"CIVIFLOW_VAR": str(var), **environment}) as server:
        yield server


@contextmanager
def python(module: str, *arguments: str, **environment: str) -> Iterator[Server]:
    """`python -m module …`, which announces itself as `civiflow` does."""
    with _started([sys.executable, "-m", module, *arguments], environment) as server:
        yield server


@contextmanager
def _started(command: list[str], environment: Mapping[str, str]) -> Iterator[Server]:
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        cwd=frame.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    said: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if found := _READY.search(line):
                host, _, port = found[1].removeprefix("http://").partition(":")
                took = time.perf_counter() - began
                yield Server(process, host, int(port.rstrip("/")), took, said)
                break
        else:
            raise RuntimeError(f"Expected {command} to become ready but it ended after: {''.join(said)}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        below.setdefault(parent, []).append(int(stat.parent.name))
    found, more = [], [pid]
    while more:
        found.append(more.pop())
        more += below.get(found[-1], [])
    return found


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, of all that live below it, and of those below it that have ended."""
    return sum(frame.cpu_of(each) + _of_the_ended(each) for each in family(pid))


def _of_the_ended(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[13]) + int(fields[14])) / _TICK


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

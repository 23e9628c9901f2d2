"""One process of an installation, as a service manager sees it: started, killed, paused, watched."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

from tests.crash import faults

ROOT = Path(__file__).parents[2]


class Program:
    """A `civiflow` command that is meant to run for ever.

    Args:
        name: such as 'work-1'; its log and marks are named after it.
        arguments: after `civiflow`.
        folder: where it runs and writes.
        environment: beside the harness's own.
        port: where its web server listens, or 0 if it has none.
    """

    def __init__(
        self, name: str, arguments: list[str], folder: Path, environment: Mapping[str, str], *, port: int = 0
    ) -> None:
        self.name = name
        self.port = port
        self.starts = 0
        self.exits: list[int] = []
        self._arguments = [*arguments, "--port", str(port)] if port else arguments
        self._folder = folder
        self._environment = _clean_environment() | dict(environment) | {faults.MARK: str(folder / f"{name}.marks")}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address of its web server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process's number; 0 if it never ran."""
        return self._process.pid if self._process else 0

    def start(self, fault: str = "") -> None:
        """Start it; returns at once."""
        assert not self.alive, f"{self.name} runs already"
        self.starts += 1
        asked = {faults.VARIABLE: fault} if fault else {}
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.child", *self._arguments],
                cwd=self._folder,
                env=self._environment | asked,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs, or stands still; a death is noted with its exit code (-9: killed)."""
        with self._lock:
            if self._process is None or self._process.returncode is not None:
                return False
            code = self._process.poll()
            if code is None:
                return True
            self.exits.append(code)
            return False

    @property
    def stands_still(self) -> bool:
        """Whether it was stopped by SIGSTOP."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except (FileNotFoundError, ProcessLookupError):
            return False

    @property
    def ready(self) -> bool:
        """Whether its web server answers and has its database."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.alive:
            os.kill(self.pid, number)

    @property
    def listens(self) -> bool:
        """Whether it would end in an orderly way: SIGTERM ends one that is still starting by itself, with -15."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(caught >> (signal.SIGTERM - 1) & 1)

    def ask_to_end(self) -> None:
        """As a service manager does, once it has started."""
        self.signal(signal.SIGCONT)
        wait_until(lambda: not self.alive or self.listens, f"{self.name} to have started", 60)
        self.signal(signal.SIGTERM)

    def ended(self, seconds: float = 40) -> int:
        """Wait until it has ended as it was asked to, where nobody starts it again; gives the exit code."""
        wait_until(lambda: not self.alive, f"{self.name} to end", seconds)
        return self.exits[-1]

    def close(self) -> None:
        """Make sure that it is gone."""
        self.signal(signal.SIGKILL)
        wait_until(lambda: not self.alive, f"{self.name} to be gone", 20)

    def marks(self) -> list[str]:
        """The fault points that were reached, in order."""
        path = self._folder / f"{self.name}.marks"
        return path.read_text().split() if path.exists() else []

    def complaints(self) -> Iterator[str]:
        """What its log holds of errors: the events' names, and last lines of tracebacks outside the log."""
        text = (self._folder / f"{self.name}.log").read_text("utf-8", errors="replace")
        for line in text.splitlines():
            if line.startswith("{"):
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue  # cut short by a kill
                if entry.get("level") in {"error", "critical"}:
                    cause = str(entry.get("exception", "")).strip().splitlines()[-1:]
                    yield " | ".join([str(entry.get("event")), *cause])[:300]
            elif line.startswith(("Traceback", "Error")):
                yield line

    def tail(self, lines: int = 40) -> str:
        """The end of its log."""
        path = self._folder / f"{self.name}.log"
        return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-lines:]) if path.exists() else ""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not; names what was waited for.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"Expected {what} within {seconds:.0f} s.")
        time.sleep(0.05)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _clean_environment() -> dict[str, str]:
    """The harness's environment without settings of Civiflow, and with the checkout first on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CIVIFLOW_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

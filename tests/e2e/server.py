"""A real server process: `civiflow run` on a port of its own, stopped politely or killed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

COMMAND = Path(sys.executable).with_name("civiflow")
_START_SECONDS = 60
_WELCOME = re.compile(r"http://\S+(/welcome/\S+)")


class Server:
    """The program as a user runs it, on one database and one data folder.

    Args:
        database: SQLAlchemy URL; '' leaves the choice to the program.
        folder: its working directory; its data, output and log go there.
        settings: environment variables beside the process's own.
    """

    def __init__(self, database: str, folder: Path, **settings: str) -> None:
        self.database = database
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("CIVIFLOW_")}
        self._environment |= {"CIVIFLOW_VAR": str(folder / "var"), "COLUMNS": "200", **settings}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> str:
        """What it printed since its first start."""
        return (self._folder / "server.out").read_text("utf-8")

    @property
    def welcome_path(self) -> str:
        """The path of the one-time link that the first start printed."""
        found = _WELCOME.search(self.said)
        assert found, f"Expected a one-time link for the administrator but the server said:\n{self.said}"
        return found[1]

    def start(self, *options: str, seconds: float = _START_SECONDS) -> None:
        """Start it and wait until it is ready."""
        arguments = ["run", "--port", str(self.port), *options]
        if self.database:
            arguments += ["--database", self.database]
        with (self._folder / "server.out").open("ab") as out, (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdout=out,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + seconds
        while not self._is_ready():
            assert self._process.poll() is None, f"The server ended at once:\n{self.said}\n{self._log()}"
            assert time.monotonic() < until, f"The server was not ready in time:\n{self.said}\n{self._log()}"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it, and the bots it started, as a power cut would."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def stop(self) -> int:
        """Ask it to end, as a service manager does; gives its exit code."""
        assert self._process
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=40)

    def close(self) -> None:
        """Make sure that nothing of it is left."""
        if self._process and self._process.poll() is None:
            self.kill()

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Run a `civiflow` command on the same database; gives what it printed on stdout."""
        done = subprocess.run(
            [COMMAND, *arguments, "--database", self.database],
            cwd=self._folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"civiflow {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def errors(self) -> list[str]:
        """Lines of its log that tell of an error."""
        return [line for line in self._log().splitlines() if _level(line) in {"error", "critical", "traceback"}]

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def _log(self) -> str:
        return (self._folder / "server.log").read_text("utf-8")


def _level(line: str) -> str:
    if line.startswith("Traceback"):
        return "traceback"
    try:
        entry: Any = json.loads(line)
    except ValueError:
        return ""
    return str(entry.get("level", "")) if isinstance(entry, dict) else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""The process behind a bot run in isolation: started with nothing but a socket, ended with all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from bots.wire import Channel

_SCRIPT = Path(__file__).with_name("sandbox_child.py")
_PACKAGE_ROOT = Path(__file__).parent.parent
_KILL_SECONDS = 5.0
_TAIL_BYTES = 8192


class SandboxProcess:
    """A supervisor and the bot below it, as a context manager that leaves nothing of them behind.

    Args:
        workdir: where the process starts, its home, and where its temporary files go.
        environment: variables beside PATH, HOME, TMPDIR, LANG and TZ.
        while_waiting: called at least every 0.1 s while the channel waits; what it raises ends the wait.
    """

    def __init__(self, *, workdir: Path, environment: Mapping[str, str], while_waiting: Callable[[], None]) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours, while_waiting=while_waiting)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._printed = ""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-I", "-u", str(_SCRIPT), str(theirs.fileno()), str(_PACKAGE_ROOT)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                cwd=workdir,
                env=_environment(workdir) | dict(environment),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except BaseException:
            self.channel.close()
            self._log.close()
            raise
        finally:
            theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self.channel.close()
        self.printed()
        self._log.close()

    def end(self) -> int:
        """Let go of the lifeline, so that the supervisor kills what is left; gives its exit code."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            return self._process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            return 128 - self._process.wait()

    def printed(self) -> str:
        """The last 8 KiB of what the process wrote to its standard output and error."""
        if not self._log.closed:
            size = os.fstat(self._log.fileno()).st_size
            tail = os.pread(self._log.fileno(), _TAIL_BYTES, max(0, size - _TAIL_BYTES))
            self._printed = tail.decode(errors="replace").strip()
        return self._printed


def _environment(workdir: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }

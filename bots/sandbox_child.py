"""The other side of `bots.sandbox`: a supervisor that forks, and the bot in the fork.

    worker ── stdin (lifeline), socket ──> supervisor (subreaper) ── fork ──> bot ──> whatever it starts

Run as a script: `python -I sandbox_child.py SOCKET_FD PACKAGE_ROOT`. The supervisor imports nothing
of the bot. When the bot ends, or the lifeline closes (the worker cancelled, or died), it kills every
process that descends from it: as the subreaper it inherits those that left the session or lost their
parent. It must run on Linux (prctl, pidfd, /proc).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main() -> None:
    """Fork the bot, wait for its end or the worker's, leave nothing behind, pass the exit status on."""
    channel_fd, package_root = int(sys.argv[1]), sys.argv[2]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")

    child = os.fork()
    if child == 0:
        _become_bot(channel_fd, package_root)
    os.close(channel_fd)  # so that the worker sees the end of the channel when the bot ends

    _wait_for_end(child)
    os._exit(_exit_code(_kill_descendants(child)))


def _become_bot(channel_fd: int, package_root: str) -> None:
    """In the fork: let go of the lifeline, then hand over; never returns into the supervisor's code."""
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.setpgid(0, 0)  # a group of its own, so that all but the runaways die at one stroke
        os.set_inheritable(channel_fd, False)
        sys.path.insert(0, package_root)
        from bots.sandbox_run import serve

        serve(channel_fd)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        # Threads the bot left running must not hold the process: the result is already sent.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait_for_end(child: int) -> None:
    """Until the bot has ended or the lifeline has closed. Does not reap, so the pid cannot be reused."""
    poll = select.poll()
    poll.register(os.pidfd_open(child), select.POLLIN)
    poll.register(0, select.POLLIN)
    poll.poll()


def _kill_descendants(child: int) -> int:
    """Kill and reap until no process descends from this one; gives the bot's wait status."""
    status = 0
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    while True:
        for pid in _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, ended = os.waitpid(-1, 0)
        except ChildProcessError:
            return status
        if pid == child:
            status = ended


def _children() -> list[int]:
    """Process ids whose parent is this process; orphans below it come here as they lose theirs."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # pid (comm) state ppid …; comm may hold spaces and brackets, so read after the last one.
            parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.append(int(entry.name))
    return found


def _exit_code(status: int) -> int:
    """As a shell says it: 128 + signal, or the exit code."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()

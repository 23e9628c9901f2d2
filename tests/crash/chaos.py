"""Kills and pauses at random moments, from a seed, written down as they happen."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.crash.installation import Installation
from tests.crash.program import Program
from tests.crash.storage import Storage

_WEIGHTS = {
    "kill server": 5,
    "kill worker": 6,
    "kill scheduler": 4,
    "pause worker": 2,
    "pause scheduler": 1,
    "pause server": 1,
    "kill connection": 2,
    "kill database": 1,
    "kill all": 1,
}
_LONGEST_WAIT = 45.0
"""Seconds after which the next strike falls though the work has not come far enough: longer than a server takes to be
back on a busy machine, or strikes would hit what has not started yet, and leave the work until after the last."""


class Chaos:
    """Strikes `kills` times, spread over the work by how far it has come.

    Args:
        installation: whose programs are killed.
        storage: whose server is killed, if it has one.
        progress: how much of the work is done, 0 to 1.
        kills: how many SIGKILLs; pauses come on top.
        seed: the same gives the same strikes in the same order.
    """

    def __init__(
        self, installation: Installation, storage: Storage, progress: Callable[[], float], *, kills: int, seed: int
    ) -> None:
        self.log: list[str] = []
        self.struck: Counter[str] = Counter()
        self._installation = installation
        self._storage = storage
        self._progress = progress
        self._kills = kills
        self._chance = random.Random(seed)
        self._began = time.monotonic()

    def run(self) -> None:
        """Strike until all kills are done; returns then."""
        done = 0
        while done < self._kills:
            self._wait_for((done + self._chance.random()) / self._kills * 0.9)
            done += self._strike()

    def _wait_for(self, progress: float) -> None:
        until = time.monotonic() + _LONGEST_WAIT
        while self._progress() < progress and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(self._chance.uniform(0, 0.3))

    def _strike(self) -> int:
        """Do one thing; gives how many processes it killed."""
        what = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        act, _, whom = what.partition(" ")
        if whom in {"connection", "database"}:
            kill = self._storage.kill_all
            struck = self._storage.kill_connection(self._chance) if whom == "connection" else kill()
            return self._note("kill", struck) if struck else 0
        if whom == "all":
            for program in self._installation.programs:
                program.signal(signal.SIGKILL)
            return self._note("kill", "all programs at once")
        program = self._chance.choice(getattr(self._installation, f"{whom}s"))
        if not program.alive:
            return 0
        if act == "pause":
            self._pause(program)
            return 0
        program.signal(signal.SIGKILL)
        return self._note("kill", program.name)

    def _pause(self, program: Program) -> None:
        """Let a program stand still for longer than its leases last; a server, and all in one, for a moment."""
        is_server = program in self._installation.servers
        seconds = 2.0 if is_server else self._installation.lease * 1.5
        pid = program.pid
        program.signal(signal.SIGSTOP)
        self._note("pause", program.name)

        def go_on() -> None:
            if program.pid == pid:
                program.signal(signal.SIGCONT)

        threading.Timer(seconds, go_on).start()

    def _note(self, act: str, whom: str) -> int:
        self.struck[f"{act} {whom}"] += 1
        self.log.append(f"{time.monotonic() - self._began:7.2f} s, {self._progress():4.0%}: {act} {whom}")
        return 1 if act == "kill" else 0

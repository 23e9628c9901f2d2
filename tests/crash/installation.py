"""The processes of one installation on one database, and a supervisor that starts again whatever dies."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from pathlib import Path

from tests.crash.child import LEASE
from tests.crash.program import Program, free_port, wait_until


class Installation:
    """What a service manager would look after.

    Args:
        url: the database's.
        folder: logs, data folder and the site's bots.
        servers, workers, schedulers: how many of each; with `together` one `civiflow run` instead.
        lease: seconds for which workers lease jobs.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        servers: int = 1,
        workers: int = 2,
        schedulers: int = 2,
        together: bool = False,
        lease: float = 5,
    ) -> None:
        self.url = url
        self.lease = lease
        self._folder = folder
        self._environment = {
            "CIVIFLOW_VAR": str(folder / "var"),
            "CIVIFLOW_DATABASE": url,
            "CIVIFLOW_BOTS_FOLDER": str(folder / "bots"),
            LEASE: str(lease),
        }
        (folder / "bots").mkdir(exist_ok=True)
        if together:
            self.servers = [self._program("run", 1, port=free_port())]
            self.workers = self.schedulers = self.servers
        else:
            self.servers = [self._program("serve", number + 1, port=free_port()) for number in range(servers)]
            self.workers = [self._program("work", number + 1) for number in range(workers)]
            self.schedulers = [self._program("schedule", number + 1) for number in range(schedulers)]
        self.programs = list(dict.fromkeys([*self.servers, *self.workers, *self.schedulers]))
        self.recoveries: list[float] = []
        self._faults: dict[str, str] = {}
        self._ending = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def _program(self, command: str, number: int, port: int = 0) -> Program:
        return Program(f"{command}-{number}", [command], self._folder, self._environment, port=port)

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def arm(self, program: Program, fault: str, *, always: bool = False) -> None:
        """Let a program begin with a fault point armed: at its first start, or at every start."""
        self._faults[program.name] = fault
        if not always:
            self._faults[program.name + " once"] = fault

    def disarm(self) -> None:
        """What starts from now on starts without a fault."""
        self._faults.clear()

    def start(self, seconds: float = 90) -> None:
        """Start all, and look after them from then on."""
        for program in self.programs:
            self._start(program)
        if not self._supervisor.is_alive():
            self._ending.clear()
            self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
            self._supervisor.start()
        wait_until(lambda: all(server.ready for server in self.servers), "the web servers to be ready", seconds)

    def _start(self, program: Program) -> None:
        fault = self._faults.get(program.name, "")
        if self._faults.pop(program.name + " once", None):
            self._faults.pop(program.name)
        program.start(fault)

    def stop_supervising(self) -> None:
        """Whatever dies stays dead."""
        self._ending.set()
        if self._supervisor.is_alive():
            self._supervisor.join(20)

    def close(self) -> None:
        """End everything."""
        self.stop_supervising()
        for program in self.programs:
            program.signal(signal.SIGKILL)
        for program in self.programs:
            program.close()

    def stop(self) -> dict[str, int]:
        """End everything politely; gives the exit codes."""
        self.stop_supervising()
        for program in self.programs:
            program.ask_to_end()
        return {program.name: program.ended() for program in self.programs}

    def _supervise(self) -> None:
        died: dict[str, float] = {}
        while not self._ending.wait(0.05):
            for program in self.programs:
                if not program.alive:
                    died.setdefault(program.name, time.monotonic())
                    self._start(program)
                elif program.name in died and (not program.port or program.ready):
                    since = died.pop(program.name)
                    if program.port:  # only a web server tells when it is back
                        self.recoveries.append(time.monotonic() - since)

    def unexpected_exits(self) -> Counter[str]:
        """Ends other than by SIGKILL, and other than the polite one (0), by program and code."""
        return Counter(f"{each.name}: {code}" for each in self.programs for code in each.exits if code not in {-9, 0})

    def complaints(self) -> Counter[str]:
        """Errors in all logs."""
        return Counter(line for program in self.programs for line in program.complaints())

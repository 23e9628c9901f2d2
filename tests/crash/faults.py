"""Named fault points: places at which a process of Civiflow can be made to die or to stand still.

Nothing of this is part of the program. A child started by `tests.crash.child` wraps the functions that
stand here, and only if `CIVIFLOW_FAULT` asks for one of them:

    before-commit:3        die at the third command that is carried out but not yet committed
    in-relay:2+            die at the second entry being sent and, were there still somebody, at every later one
    before-report:1+:stop  stand still (SIGSTOP) each time a bot is done and its result not yet reported

A point whose function is gone fails the child's start, so that no experiment passes for nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

VARIABLE = "CIVIFLOW_FAULT"
MARK = "CIVIFLOW_FAULT_MARK"
"""File to which the name of a point is added when it is reached."""

Reached = Callable[[], None]
MOVING = ("StartInstance", "CompleteTask", "CompleteJob", "PublishMessage", "FireTimer")
"""The commands that move tokens; others do not count at `before-commit` and `before-reply`."""


def arm(asked: str) -> None:
    """Arm the point that `asked` names, as the module's docstring says.

    Raises:
        KeyError: there is no such point.
    """
    name, _, rest = asked.partition(":")
    count, _, how = rest.partition(":")
    fault = _Fault(name, at=int(count.rstrip("+") or 1), again=count.endswith("+"), stop=how == "stop")
    POINTS[name](fault.reached)


class _Fault:
    """Counts how often a point was reached, and strikes."""

    def __init__(self, name: str, *, at: int, again: bool, stop: bool) -> None:
        self._name, self._at, self._again, self._stop = name, at, again, stop
        self._count = 0
        self._lock = threading.Lock()

    def reached(self) -> None:
        with self._lock:
            self._count += 1
            if self._count != self._at and not (self._again and self._count > self._at):
                return
        with Path(os.environ[MARK]).open("a") as marks:
            marks.write(f"{self._name}\n")
        os.kill(os.getpid(), signal.SIGSTOP if self._stop else signal.SIGKILL)


def _around(owner: Any, name: str, after: Callable[[Any, tuple[Any, ...]], None]) -> None:
    """Call `after(result, arguments)` whenever a function of a module or class has done its work."""
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        after(result, arguments)
        return result

    setattr(owner, name, wrapped)


def _ahead(owner: Any, name: str, before: Callable[[tuple[Any, ...]], None]) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        before(arguments)
        return original(*arguments, **named)

    setattr(owner, name, wrapped)


def _moves(arguments: tuple[Any, ...]) -> bool:
    return any(type(each).__name__ in MOVING for each in arguments)


def _before_commit(reached: Reached) -> None:
    """All rows of a command are written; the transaction is still open."""
    from engine import housekeeping
    from engine.engine import Engine

    _around(Engine, "_once", lambda _, given: reached() if _moves(given) else None)
    _around(housekeeping, "fire_some", lambda fired, _: reached() if fired else None)


def _before_reply(reached: Reached) -> None:
    """A command is committed; whoever asked has not heard of it."""
    from engine.engine import Engine
    from engine.housekeeping import Housekeeping

    _around(Engine, "execute", lambda _, given: reached() if _moves(given) else None)
    _around(Housekeeping, "_fire_some", lambda fired, _: reached() if fired else None)


def _before_relay(reached: Reached) -> None:
    """A command is committed; what it put into the outbox was not sent."""
    from engine.engine import Engine

    _ahead(Engine, "_after", lambda given: reached() if any(getattr(each, "relay", False) for each in given) else None)


def _in_relay(reached: Reached) -> None:
    """An outbox entry is taken and delivered; the transaction is still open."""
    from engine.handlers import outbox

    _around(outbox, "send", lambda sent, _: reached() if sent else None)


def _in_timer_batch(reached: Reached) -> None:
    """Some timers of a batch have gone off, the next is about to."""
    from engine.handlers import timers

    _ahead(timers, "_go_off", lambda _: reached())


def _in_sweep(reached: Reached) -> None:
    """An expired lease is written off; the transaction is still open."""
    from engine.handlers import jobs

    _around(jobs, "expire", lambda *_: reached())


def _after_lease(reached: Reached) -> None:
    """Jobs are leased to this worker; none was begun."""
    from engine.clients import EngineJobs

    _around(EngineJobs, "activate", lambda jobs, _: reached() if jobs else None)


def _before_report(reached: Reached) -> None:
    """A bot is done, with all its effects; the engine has not heard of it."""
    from bots import worker

    _ahead(worker, "_report", lambda _: reached())


def _in_first_start(reached: Reached) -> None:
    """The tables of a new database are made; the transaction is still open."""
    from engine.store.types import metadata

    _around(metadata, "create_all", lambda *_: reached())


POINTS: Mapping[str, Callable[[Reached], None]] = {
    "before-commit": _before_commit,
    "before-reply": _before_reply,
    "before-relay": _before_relay,
    "in-relay": _in_relay,
    "in-timer-batch": _in_timer_batch,
    "in-sweep": _in_sweep,
    "after-lease": _after_lease,
    "before-report": _before_report,
    "in-first-start": _in_first_start,
}

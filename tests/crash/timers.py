"""Many cases that each wait for one instant, and how they went off."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from engine import Engine
from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.store import tables as t
from tests.crash.audit import Audit
from tests.crash.crew import Case
from tests.crash.kinds import CLERK, Fill, Kind
from tests.crash.site import Site

TIMER = Kind(name="crash_timer", process="crash_timer", start=Fill(by=CLERK.id))
_SAMPLE = 40


def wait_for(engine: Engine, instants: Iterable[datetime], label: str = "timer") -> list[Case]:
    """A case for each instant, started in the engine itself."""

    def start(numbered: tuple[int, datetime]) -> Case:
        number, due = numbered
        command = c.StartInstance(definition=TIMER.process, variables={"due": due.isoformat()})
        started = engine.execute(command, by=SYSTEM)
        return Case(kind=TIMER, key=f"{label}-{number}", pair="", instance=started.instance_id, ended=True)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(start, enumerate(instants)))


def seconds_a_case(engine: Engine) -> tuple[float, list[Case]]:
    """How long it takes to start one, measured on some that are due at once; and those."""
    began = time.perf_counter()
    cases = wait_for(engine, [datetime.now(UTC)] * _SAMPLE, "sample")
    return (time.perf_counter() - began) / _SAMPLE, cases


def within_a_second(begin: datetime, number: int) -> list[datetime]:
    """So many instants, spread over one second."""
    return [begin + timedelta(seconds=each / number) for each in range(number)]


def fired(site: Site) -> dict[str, list[tuple[datetime, datetime]]]:
    """Case → when its timer was due and when it went off, as often as it did, both by the database's clock."""
    with Engine.open(site.url) as engine:
        audit = Audit(engine)
        due = {
            row.id: datetime.fromisoformat(row.variables["due"])
            for row in audit.rows(t.process_instance.select())
            if "due" in row.variables
        }
        events = audit.rows(t.lifecycle_event.select().where(t.lifecycle_event.c.kind == "timer-fired"))
    found: dict[str, list[tuple[datetime, datetime]]] = {instance: [] for instance in due}
    for event in events:
        if event.instance_id in due:
            found[event.instance_id].append((due[event.instance_id], event.at))
    return found


def left(engine: Engine) -> int:
    """How many timers have not gone off."""
    return Audit(engine).count(t.timer)

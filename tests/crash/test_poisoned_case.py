"""R8: a case whose stored state cannot be read is set aside with one incident, and disturbs nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from engine import Engine
from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.store import tables as t
from tests.crash import figures, kinds, timers
from tests.crash.audit import Audit
from tests.crash.figures import pick
from tests.crash.program import wait_until
from tests.crash.receiver import Receiver
from tests.crash.stage import staged
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(900)

POISON = b"\x00not a state"


def test_a_poisoned_case_is_one_incident_and_disturbs_nobody(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    healthy = pick(short=10, full=100)
    with staged(durable, receiver, folder, workers=1, schedulers=2, lease=3) as stage:
        with Engine.open(stage.site.url) as engine:
            seconds, _ = timers.seconds_a_case(engine)
            due = engine.now() + 2 * healthy * timedelta(seconds=seconds) + timedelta(seconds=4)
            (by_timer,) = timers.wait_for(engine, [due - timedelta(seconds=1)], "poisoned")
            waiting = timers.wait_for(engine, timers.within_a_second(due, healthy))
            by_job = started(engine, "crash_few_tries")
            poison(engine, by_timer.instance, by_job)
        stage.installation.start()
        stage.crew.add([kinds.EFFECTS, kinds.ASKER, kinds.NEWS] * (healthy // 3), "healthy")

        stage.crew.wait(240)
        with Engine.open(stage.site.url) as engine:
            wait_until(lambda: timers.left(engine) == 1, "all healthy timers to go off", 120)
            wait_until(lambda: len(incidents(Audit(engine))) == 2, "both poisoned cases to be set aside", 120)
            audit = Audit(engine)
            found = incidents(audit)
            states = {row.id: row.state for row in audit.rows(t.process_instance.select())}
            twice = audit.twice()
        went = timers.fired(stage.site)
        late = [(at - due).total_seconds() for due, at in (went[case.instance][0] for case in waiting)]

        figures.record(
            f"poisoned cases, {durable.kind}",
            poisoned=2,
            healthy=healthy + len(stage.crew.cases),
            incidents=sum(found.values()),
            healthy_timers_seconds_late=figures.spread(late),
        )
        bad = {by_timer.instance, by_job}
        assert found == {(by_timer.instance, "quarantine"): 1, (by_job, "job"): 1}
        assert (states[by_timer.instance], states[by_job]) == ("suspended", "running")
        assert {state for each, state in states.items() if each not in bad} == {"completed"}
        assert twice == []
        stage.end(expected=("set aside", "could not report", "job "))


def started(engine: Engine, process: str) -> str:
    """A case started in the engine itself."""
    return str(engine.execute(c.StartInstance(definition=process), by=SYSTEM).instance_id)


def poison(engine: Engine, *instances: str) -> None:
    """What a broken disk or a careless hand does."""
    table = t.process_instance
    with engine._database.write() as connection:
        connection.execute(table.update().where(table.c.id.in_(instances)).values(token_state=POISON))


def incidents(audit: Audit) -> Counter[tuple[str, str]]:
    """(case, kind of incident) → how many are open."""
    rows = audit.rows(t.incident.select().where(t.incident.c.state == "open"))
    return Counter((row.instance_id, row.kind) for row in rows)

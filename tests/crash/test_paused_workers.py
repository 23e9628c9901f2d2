"""R3: a worker that stood still for longer than its lease goes on, and its result is refused."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from engine import Engine
from engine.store import tables as t
from tests.crash import figures, kinds
from tests.crash.audit import Audit, Trace
from tests.crash.crew import Case
from tests.crash.figures import pick
from tests.crash.program import wait_until
from tests.crash.receiver import Receiver
from tests.crash.site import OUTSIDE
from tests.crash.stage import Stage, staged
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(900)

BOT = kinds.Kind(name="crash_work", process="crash_work", start=kinds.Fill(by=kinds.CLERK.id))
LEASE = 2


def test_a_bot_of_ours_that_was_paused_past_its_lease_changes_nothing(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    pauses = pick(short=2, full=12)
    with staged(durable, receiver, folder, schedulers=1, lease=LEASE) as stage:
        sleeper = stage.installation.workers[0]
        stage.installation.arm(sleeper, "before-report:1+:stop", always=True)
        stage.installation.start()
        cases: list[Case] = []

        def stands_still(before: int) -> bool:
            """Whether it has done one more job; the other worker may have been quicker at all there were."""
            if not stage.crew.open():
                cases.extend(stage.crew.add([BOT] * 4, f"paused-{len(cases)}"))
            return len(sleeper.marks()) > before and sleeper.stands_still

        def refusals() -> int:
            return said(folder, "dropped the result") + said(folder, "the lease was lost")

        times = 0
        while refusals() < pauses:  # a result is late only once somebody else has the job, which may take longer
            wait_until(lambda done=times: stands_still(done), "a bot to be done and its worker to stand still")  # type: ignore[misc]
            times = len(sleeper.marks())
            time.sleep(LEASE * 2)
            sleeper.signal(signal.SIGCONT)
            time.sleep(0.5)
        stage.installation.disarm()
        sleeper.signal(signal.SIGCONT)
        while stage.crew.open():  # it goes on standing still each time it is done
            time.sleep(LEASE * 1.5)
            sleeper.signal(signal.SIGCONT)
        refused = refusals()
        figures.record(
            f"paused workers, {durable.kind}",
            pauses=len(sleeper.marks()),
            stale_results_refused=refused,
            effects=len(receiver.received),
            effects_repeated_under_their_key=receiver.repeated(),
        )
        assert len(sleeper.marks()) >= pauses
        assert accepted_from_elsewhere(stage, "effect_attempt") == []
    stage.audit(cases, {BOT.name: one_way("effect")})


def test_a_worker_elsewhere_that_was_paused_past_its_lease_is_refused(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    number = pick(short=20, full=100)
    kind = kinds.Kind(name="crash_outside", process="crash_outside", start=kinds.Fill(by=kinds.CLERK.id))
    with staged(durable, receiver, folder, workers=0, schedulers=1) as stage:
        stage.installation.start()
        cases = [start(stage, kind, each) for each in range(number)]

        slow = lease(stage, "slow", number, seconds=LEASE)
        time.sleep(LEASE * 1.2)
        after_the_lease = [report(stage, job, 1) for job in slow[::2]]
        quick: list[dict[str, object]] = []
        while len(quick) < number:
            quick += lease(stage, "quick", number, seconds=60)
        while_another_has_it = [report(stage, job, 1) for job in slow]
        accepted = [report(stage, job, 2) for job in quick]
        too_late = [report(stage, job, 1) for job in slow]

        stale = [*after_the_lease, *while_another_has_it, *too_late]
        figures.record(
            f"paused workers elsewhere, {durable.kind}",
            stale_results=len(stale),
            refused=sum(each.status_code == 409 for each in stale),
        )
        assert len(slow) == number
        assert {(each.status_code, each.json()["type"]) for each in stale} == {(409, "/api/v1/problems/stale-lease")}
        assert {each.status_code for each in accepted} == {200}
        assert accepted_from_elsewhere(stage, "outside_attempt") == []
        stage.end()
    receiver.received.update(f"job:{job['id']}" for job in quick)  # nothing outside was done here
    stage.audit(cases, {kind.name: one_way("outside")})


def start(stage: Stage, kind: kinds.Kind, number: int) -> Case:
    """A case that no crew works on."""
    key = f"start-{number}"
    answer = stage.client.command("/instances", {"definition": kind.process}, by=kind.start.by, key=key)
    return Case(kind=kind, key=key, pair="", instance=answer.json()["instance_id"], ended=True)


def lease(stage: Stage, worker: str, number: int, *, seconds: int) -> list[dict[str, object]]:
    body = {"worker": worker, "topics": ["crash.outside"], "limit": number, "lease_seconds": seconds}
    found: list[dict[str, object]] = stage.client.ask("POST", "/jobs/activate", OUTSIDE, json=body).json()["items"]
    return found


def report(stage: Stage, job: dict[str, object], attempt: int) -> httpx.Response:
    body = {"lease_token": job["lease_token"], "variables": {"outside_attempt": attempt}}
    return stage.client.ask("POST", f"/jobs/{job['id']}/complete", OUTSIDE, json=body)


def accepted_from_elsewhere(stage: Stage, variable: str) -> list[str]:
    """Cases whose result is not that of the attempt which completed their job."""
    with Engine.open(stage.site.url) as engine:
        audit = Audit(engine)
        events = audit.rows(t.lifecycle_event.select().where(t.lifecycle_event.c.kind == "job-completed"))
        attempts = {event.instance_id: event.data["attempt"] for event in events}
        found = {row.id: row.variables.get(variable) for row in audit.rows(t.process_instance.select())}
    assert attempts.keys() == found.keys()
    return [f"{each}: {found[each]} but attempt {attempts[each]}" for each in found if found[each] != attempts[each]]


def one_way(*elements: str) -> Trace:
    """The trace of a straight process."""
    return Counter({(element, "completed"): 1 for element in ("start", *elements, "end")})


def said(folder: Path, words: str) -> int:
    """How often the workers' logs say something."""
    return sum(path.read_text("utf-8").count(words) for path in folder.glob("work-*.log"))

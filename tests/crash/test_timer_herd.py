"""R4 and R5: thousands of timers at once, and timers that came due while everything was down."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import Engine
from tests.crash import figures, timers
from tests.crash.crew import Case
from tests.crash.figures import pick
from tests.crash.kinds import CLERK, Fill, Kind
from tests.crash.program import wait_until
from tests.crash.receiver import Receiver
from tests.crash.stage import Stage, staged
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(2400)

TASK = Kind(name="crash_task", process="crash_task", start=Fill(by=CLERK.id))
TRACES = {
    kind.name: Counter({(element, "completed"): 1 for element in ("start", middle, "end")})
    for kind, middle in ((timers.TIMER, "moment"), (TASK, "do"))
}
LEAD = timedelta(seconds=pick(short=5, full=15))
"""From the last timer made to the first one due: what somebody at work is used to is measured meanwhile."""


def test_timers_due_in_one_second_each_go_off_once_and_never_early(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    number = pick(short=600, full=10_000)
    with staged(durable, receiver, folder, workers=0, schedulers=3) as stage:
        stage.installation.start()
        with Engine.open(stage.site.url) as engine:
            seconds, cases = timers.seconds_a_case(engine)
            due = engine.now() + 1.5 * number * timedelta(seconds=seconds) + LEAD
            cases += timers.wait_for(engine, timers.within_a_second(due, number))
        since = max(due, datetime.now(UTC))  # on a very busy machine the second is over before all are made
        before, worked = requests_until(stage, lambda: datetime.now(UTC) > due - timedelta(seconds=2))

        with Engine.open(stage.site.url) as engine:
            during, worked_on = requests_until(stage, lambda: timers.left(engine) == 0)

        went = timers.fired(stage.site)
        both = [went[case.instance][0] for case in cases[-number:]]
        late = [(at - max(due, since)).total_seconds() for due, at in both]
        figures.record(
            f"timer herd, {durable.kind}",
            timers=number,
            schedulers=3,
            due_before_all_were_made=since > due,
            early=sum(at < due for due, at in both),
            fired_twice=sum(len(each) > 1 for each in went.values()),
            seconds_late=figures.spread(late),
            timers_a_second=round(number / max(*late, 0.1), 1),
            all_within_30_seconds=max(late) <= 30,
            request_seconds_before=figures.spread(before),
            request_seconds_meanwhile=figures.spread(during),
        )
        assert {case.instance: len(went[case.instance]) for case in cases} == {case.instance: 1 for case in cases}
        assert [due for due, at in both if at < due] == []
        stage.end()
    stage.audit([*cases, *worked, *worked_on], TRACES)


def test_timers_that_came_due_while_all_was_down_each_go_off_once(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    number = pick(short=50, full=500)
    with staged(durable, receiver, folder, workers=0, schedulers=2) as stage:
        stage.installation.start()
        stage.installation.stop_supervising()
        for program in stage.installation.programs:
            program.signal(signal.SIGKILL)
        with Engine.open(stage.site.url) as engine:
            seconds, cases = timers.seconds_a_case(engine)
            due = engine.now() + number * timedelta(seconds=seconds)
            cases += timers.wait_for(engine, timers.within_a_second(due, number))
            wait_until(lambda: engine.now() > due + timedelta(seconds=2), "the due time to pass", 600)

        began = datetime.now(UTC)
        stage.installation.start()
        with Engine.open(stage.site.url) as engine:
            wait_until(lambda: timers.left(engine) == 0, "all timers to go off", 120)

        went = timers.fired(stage.site)
        after = [(at - began).total_seconds() for _, at in (went[case.instance][0] for case in cases[-number:])]
        figures.record(
            f"timers due while down, {durable.kind}",
            timers=number,
            fired_twice=sum(len(each) > 1 for each in went.values()),
            seconds_after_the_start=figures.spread(after),
        )
        assert {case.instance: len(went[case.instance]) for case in cases} == {case.instance: 1 for case in cases}
        assert min(after) > 0
        stage.end()
    stage.audit(cases, TRACES)


def requests_until(stage: Stage, over: Callable[[], bool]) -> tuple[list[float], list[Case]]:
    """Somebody starts cases and does their task until `over()`; how long each request took, and the cases."""
    took: list[float] = []
    cases: list[Case] = []
    ended = threading.Event()

    def work() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            key = f"work-{id(took)}-{number}"
            started = timed(stage, took, "/instances", {"definition": "crash_task"}, key)
            cases.append(Case(kind=TASK, key=key, pair="", instance=started["instance_id"], ended=True))
            (task,) = stage.client.get(f"/instances/{started['instance_id']}")["tasks"]
            timed(stage, took, f"/tasks/{task['id']}/complete", {"variables": {}}, f"do-{key}")
            time.sleep(0.1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        wait_until(over, "the timers to go off", 900)
    finally:
        ended.set()
        thread.join(150)
    return took, cases


def timed(stage: Stage, took: list[float], path: str, body: dict[str, object], key: str) -> dict[str, str]:
    began = time.perf_counter()
    answer = stage.client.command(path, body, by=CLERK.id, key=key)
    took.append(time.perf_counter() - began)
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, str] = answer.json()
    return found

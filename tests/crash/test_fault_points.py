"""R15 and the named moments: a process dies exactly where it hurts most, and another goes on from there."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from engine import Engine
from engine.store import tables as t
from tests.crash import faults, figures, kinds
from tests.crash.audit import Audit
from tests.crash.crew import Case
from tests.crash.figures import pick
from tests.crash.installation import Installation
from tests.crash.program import wait_until
from tests.crash.receiver import Receiver
from tests.crash.stage import Stage, staged, undisturbed_traces
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(2400)

ROUNDS: tuple[dict[str, str], ...] = (  # program → the point where it dies; those of a round are armed together
    {"serve-1": "before-commit:2", "work-1": "after-lease", "schedule-1": "in-sweep"},
    {"serve-1": "before-reply:2", "work-1": "before-report:2", "schedule-1": "in-timer-batch:2"},
    {"serve-1": "before-relay", "work-1": "before-commit", "schedule-1": "before-reply"},
    {"serve-1": "in-relay", "work-1": "before-reply", "schedule-1": "before-commit"},
)


def test_a_death_at_each_named_point_loses_nothing_and_repeats_nothing(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    each_round = pick(short=2, full=10)
    with staged(durable, receiver, folder, workers=1, schedulers=1, lease=2) as stage:
        first_start(stage.installation, durable, folder)
        stage.installation.start()
        undisturbed = undisturbed_traces(stage, play(stage, "undisturbed", 1))

        took = []
        for number, armed in enumerate(ROUNDS):
            restart_armed(stage.installation, armed)
            began = time.monotonic()
            play(stage, f"round-{number}", each_round)
            took.append(round(time.monotonic() - began, 1))
            for program in stage.installation.programs:
                wait_until(lambda p=program: p.alive, f"{program.name} to be back")  # type: ignore[misc]
        different = stage.client.repeat(lambda entry: entry.lost > 0)

        reached = Counter(f"{p.name} {mark}" for p in stage.installation.programs for mark in p.marks())
        figures.record(
            f"fault points, {durable.kind}",
            cases=len(stage.crew.cases),
            died=dict(reached),
            points=len({mark for p in stage.installation.programs for mark in p.marks()}),
            seconds_a_round=took,
            commands_asked_again=sum(entry.lost > 0 for entry in stage.client.ledger.entries.values()),
            effects_repeated_under_their_key=receiver.repeated(),
        )
        assert reached == Counter(
            f"{name} {fault.partition(':')[0]}" for armed in ROUNDS for name, fault in armed.items()
        )
        assert {fault.partition(":")[0] for armed in ROUNDS for fault in armed.values()} == faults.POINTS.keys() - {
            "in-first-start"
        }
        assert different == []
        stage.end()
    stage.audit(stage.crew.cases, undisturbed)


def test_messages_arrive_once_though_the_sender_dies_between_commit_and_relay(
    durable: Storage, receiver: Receiver, folder: Path
) -> None:
    kills = pick(short=5, full=100)
    servers = pick(short=1, full=2)
    with staged(durable, receiver, folder, servers=servers, workers=0, schedulers=1) as stage:
        stage.installation.start()
        first = stage.crew.add([kinds.ASKER], "undisturbed")
        stage.crew.wait(60)
        undisturbed = undisturbed_traces(stage, first)
        for server in stage.installation.servers:
            stage.installation.arm(server, "before-relay", always=True)
            server.signal(signal.SIGKILL)
        (scheduler,) = stage.installation.schedulers  # no server lives to send anything, so it is the one that does
        stage.installation.arm(scheduler, "in-relay:2")
        scheduler.signal(signal.SIGKILL)

        began = time.monotonic()
        while len(deaths(stage)) < kills:
            stage.crew.add([kinds.ASKER] * min(kills - len(deaths(stage)), 10), f"killed-{len(deaths(stage))}")
            stage.crew.wait(600)
        took = time.monotonic() - began
        stage.installation.disarm()
        different = stage.client.repeat(lambda entry: entry.lost > 0)

        figures.record(
            f"kills between commit and relay, {durable.kind}",
            kills=len(deaths(stage)),
            schedulers_killed_in_a_relay=len(scheduler.marks()),
            messages=correlated(stage),
            seconds=round(took, 1),
            seconds_until_a_server_was_back=figures.spread(stage.installation.recoveries),
        )
        assert scheduler.marks() == ["in-relay"]
        assert different == []
        assert correlated(stage) == len(stage.crew.cases)  # an answer to each who asked, a question to each who answers
        stage.end()
    stage.audit(stage.crew.cases, undisturbed)


def first_start(installation: Installation, durable: Storage, folder: Path) -> None:
    """A process dies while it makes the tables of an empty database; the next one finds it empty still."""
    (folder / "first").mkdir()
    with Installation(durable.fresh(), folder / "first", workers=0, schedulers=0) as other:
        (server,) = other.servers
        other.arm(server, "in-first-start")
        other.start()
        assert server.marks() == ["in-first-start"]
        assert server.exits == [-9]
        assert set(other.stop().values()) == {0}


def play(stage: Stage, label: str, number: int) -> list[Case]:
    """Cases with everything in them, to their end."""
    cases = stage.crew.add([kinds.EFFECTS, kinds.ASKER, kinds.NEWS] * number, label)
    stage.crew.wait(240)
    return cases


def restart_armed(installation: Installation, armed: dict[str, str]) -> None:
    """Programs end politely and begin again with a fault point armed; the supervisor starts them."""
    starts = {program: program.starts for program in installation.programs if program.name in armed}
    for program in starts:
        installation.arm(program, armed[program.name])
        program.ask_to_end()
    for program, before in starts.items():
        wait_until(lambda p=program, n=before: p.starts > n, f"{program.name} to begin again")  # type: ignore[misc]
    wait_until(lambda: all(server.ready for server in installation.servers), "the server to be back")


def deaths(stage: Stage) -> list[str]:
    return [mark for server in stage.installation.servers for mark in server.marks()]


def correlated(stage: Stage) -> int:
    """How often a message reached a case."""
    with Engine.open(stage.site.url) as engine:
        kind = t.lifecycle_event.c.kind
        return Audit(engine).count(t.lifecycle_event, kind.in_(("message-received", "message-correlated")))

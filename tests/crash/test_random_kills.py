"""R1: whatever is killed at whatever moment, no case is lost, stuck, or moved twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crash import figures, kinds
from tests.crash.chaos import Chaos
from tests.crash.crew import Case
from tests.crash.figures import SHORT, pick
from tests.crash.receiver import Receiver
from tests.crash.stage import DATABASE_AWAY, staged, undisturbed_traces
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(2400)

SEED = int(os.environ.get("CIVIFLOW_CRASH_SEED", "20261122"))
RECOVERY = 120
"""Seconds after the last kill by which everything has come to its end."""
UNDISTURBED = 900
IDLE = 10


@pytest.mark.parametrize("shape", ["apart", "together"])
def test_killed_at_random_nothing_is_lost_stuck_or_done_twice(
    durable: Storage, receiver: Receiver, folder: Path, shape: str
) -> None:
    if shape == "together" and durable.kind != "sqlite":
        pytest.skip("one process for everything is for SQLite")
    together = shape == "together"
    count = pick(short=10, full=100) if together else pick(short=24, full=300)
    kills = (4 if SHORT else 20) if together else (8 if SHORT else 40)
    packages = kinds.packaged()
    # A pause is half as long again, and so shorter than the 30 s for which others wait for SQLite's only writer:
    # it may strike a process just there.
    lease = float(pick(short=4, full=16))

    with staged(durable, receiver, folder, packages=packages, together=together, lease=lease) as stage:
        crew, client, installation = stage.crew, stage.client, stage.installation
        installation.start()
        first = crew.add(all_kinds(stage.site.kinds), "undisturbed")
        unplayed = crew.settle(IDLE, UNDISTURBED)
        undisturbed = undisturbed_traces(stage, first)
        first = [case for case in first if case not in unplayed]
        commands = Counter({case.kind.name: len(case.bodies) for case in first})

        begun = crew.answered
        killed = crew.add(mixed(first, count), "killed")
        expected = sum(commands[case.kind.name] for case in killed)
        chaos = Chaos(installation, durable, lambda: (crew.answered - begun) / expected, kills=kills, seed=SEED)
        began = time.monotonic()
        chaos.run()
        struck = time.monotonic()
        crew.wait(RECOVERY)
        ended = time.monotonic()
        different = client.repeat(lambda entry: entry.lost > 0)

        figures.record(
            f"random kills, {durable.kind}, {shape}",
            seed=SEED,
            cases=len(crew.cases),
            kinds=len({case.kind.name for case in crew.cases}),
            kinds_that_cannot_be_played=[case.kind.name for case in unplayed],
            commands=crew.answered,
            kills=kills,
            struck=dict(chaos.struck),
            seconds_of_kills=round(struck - began, 1),
            seconds_from_last_kill_to_the_last_end=round(ended - struck, 1),
            seconds_until_a_server_was_back=figures.spread(installation.recoveries),
            asked_again_because=dict(client.ledger.troubles),
            commands_asked_again=sum(entry.lost > 0 for entry in client.ledger.entries.values()),
            effects=len(receiver.received),
            effects_repeated_under_their_key=receiver.repeated(),
            incidents_retried=dict(crew.retried),
            complaints=dict(installation.complaints().most_common(12)),
            unexpected_exits=dict(installation.unexpected_exits()),
            log=chaos.log,
        )
        assert different == []
        # SQLite never goes away, so there nothing has a reason to complain
        stage.end(expected=DATABASE_AWAY if durable.kind == "postgres" else ())
    stage.audit(crew.cases, undisturbed)


def all_kinds(packaged: tuple[kinds.Kind, ...]) -> list[kinds.Kind]:
    """Every kind of case, or in smaller forms some of each application, and the harness's own."""
    chosen: list[kinds.Kind] = []
    for application in sorted({kind.name.partition("/")[0] for kind in packaged}):
        those = [kind for kind in packaged if kind.name.startswith(f"{application}/")]
        chosen += random.Random(SEED).sample(those, min(len(those), pick(short=3, full=30)))
    return [*chosen, *kinds.OWN]


def mixed(cases: list[Case], count: int) -> list[kinds.Kind]:
    """So many cases: half of the packaged processes, half of the harness's own, in an order from the seed."""
    partners = {case.kind.partner.name for case in cases if case.kind.partner}
    packaged = [case.kind for case in cases if "/" in case.kind.name]
    own = [case.kind for case in cases if "/" not in case.kind.name and case.kind.name not in partners]
    chance = random.Random(SEED)
    chosen: list[kinds.Kind] = []
    while len(chosen) + sum(kind.partner is not None for kind in chosen) < count:
        chosen.append(chance.choice(packaged if len(chosen) % 2 else own))
    return chosen

"""R1: whatever is killed at whatever moment, no case is lost, stuck, or moved twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from engine import Engine
from tests.crash import figures, kinds
from tests.crash.audit import Audit, Trace
from tests.crash.chaos import Chaos
from tests.crash.client import Client
from tests.crash.crew import Case, Crew
from tests.crash.figures import pick
from tests.crash.installation import Installation
from tests.crash.receiver import Receiver
from tests.crash.site import Site, prepare
from tests.crash.storage import Storage

pytestmark = pytest.mark.timeout(2400)

SEED = int(os.environ.get("CIVIFLOW_CRASH_SEED", "20261122"))
RECOVERY = 120
"""Seconds after the last kill by which everything has come to its end."""
UNDISTURBED = 240


@pytest.mark.parametrize("shape", ["apart", "together"])
def test_killed_at_random_nothing_is_lost_stuck_or_done_twice(
    durable: Storage, receiver: Receiver, folder: Path, shape: str
) -> None:
    if shape == "together" and durable.kind != "sqlite":
        pytest.skip("one process for everything is for SQLite")
    site = prepare(durable.fresh(), kinds.packaged(), folder / "bots", receiver.bot())
    count = pick(short=24, full=300) if shape == "apart" else pick(short=10, full=100)
    kills = pick(short=8, full=40) if shape == "apart" else pick(short=4, full=20)
    lease = float(pick(short=4, full=20))

    with Installation(site.url, folder, together=shape == "together", lease=lease) as installation:
        installation.start()
        with (
            Client(site, [server.url for server in installation.servers]) as client,
            Crew(client, site, receiver.url) as crew,
        ):
            first, undisturbed, commands = play_undisturbed(crew, site)
            chosen = mixed(first, count)
            crew.add(chosen, "killed")
            expected = crew.answered + sum(commands[case.kind.name] for case in crew.open())
            begun = crew.answered
            chaos = Chaos(
                installation,
                durable,
                lambda: (crew.answered - begun) / max(expected - begun, 1),
                kills=kills,
                seed=SEED,
            )
            began = time.monotonic()
            chaos.run()
            struck = time.monotonic()
            crew.wait(RECOVERY)
            ended = time.monotonic()
            repeated = client.repeat(lambda entry: entry.lost > 0)
            lost_replies = sum(entry.lost > 0 for entry in client.ledger.entries.values())
        figures.record(
            f"random kills, {durable.kind}, {shape}",
            seed=SEED,
            cases=len(crew.cases),
            kinds=len({case.kind.name for case in crew.cases}),
            commands=crew.answered,
            kills=kills,
            struck=dict(chaos.struck),
            seconds_of_kills=round(struck - began, 1),
            seconds_from_last_kill_to_the_last_end=round(ended - struck, 1),
            server_back_after={"median": figures.share(installation.recoveries, 0.5), "longest": figures.share(installation.recoveries, 1)},
            replies_lost_or_refused=dict(client.ledger.troubles),
            commands_asked_again=lost_replies,
            effects=len(receiver.received),
            effects_repeated_under_their_key=receiver.repeated(),
            incidents_retried=dict(crew.retried),
            complaints=dict(installation.complaints().most_common(12)),
            unexpected_exits=dict(installation.unexpected_exits()),
            log=chaos.log,
        )
        assert crew.problems == []
        assert repeated == []
        if durable.kind == "sqlite":  # its database never goes away, so nothing has a reason to complain
            assert not installation.complaints(), "\n".join(installation.complaints())
            assert not installation.unexpected_exits()
        assert set(installation.stop().values()) == {0}

    assert_all_is_well(site, crew.cases, undisturbed, receiver)
    assert "all agree" in installation.civiflow("verify")


def play_undisturbed(crew: Crew, site: Site) -> tuple[list[Case], dict[str, Trace], Counter[str]]:
    """One case of each kind while nothing is killed: how it goes, and how many commands that takes.

    Cases that wait for a time far off are no use here; they are cancelled, and their kind is left out.
    """
    cases = crew.add([*site.kinds, *kinds.OWN], "undisturbed")
    crew.wait(UNDISTURBED)
    with Engine.open(site.url) as engine:
        traces = Audit(engine).traces(case.instance for case in cases)
    undisturbed = {case.kind.name: traces[case.instance] for case in cases}
    return cases, undisturbed, Counter({case.kind.name: len(case.bodies) + 1 for case in cases})


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


def assert_all_is_well(site: Site, cases: list[Case], undisturbed: dict[str, Trace], receiver: Receiver) -> None:
    """Every promise, checked in the database itself."""
    with Engine.open(site.url) as engine:
        audit = Audit(engine)
        assert audit.lost(cases) == []
        assert audit.stuck() == []
        assert audit.twice() == []
        assert audit.strayed(cases, undisturbed) == []
        assert audit.effects(receiver) == []
        assert audit.notices() == []
        assert audit.documents() == []

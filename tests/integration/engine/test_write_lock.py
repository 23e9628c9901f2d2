"""SQLite's one write lock, which several processes of an installation wait for."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from engine import Engine, FakeClock
from engine import commands as c
from engine.errors import DatabaseAway
from engine.store import database
from tests.builders import ADMIN, node, process, timer, user
from tests.desk import Desk

WAITING = process(
    "p", "start -> wait -> review -> end", node("intermediateCatchEvent", "wait", timer("PT1H")), user("review")
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.db"


@pytest.fixture
def desk(file: Path, clock: FakeClock) -> Iterator[Desk]:
    with Engine.open(f"sqlite:///{file}", clock=clock) as engine:
        desk = Desk(engine)
        desk.deploy(WAITING)
        yield desk


def test_who_waits_for_a_lock_in_vain_hears_that_the_database_is_away(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin immediate")

        with pytest.raises(DatabaseAway):
            desk.start("p")

    assert desk.start("p").instance_id


def test_a_person_of_another_process_comes_before_due_timers(
    desk: Desk, file: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ASK_AGAIN_PATIENTLY", 2.0)  # a busy machine must not change the order
    desk.start("p")
    clock.advance(timedelta(hours=1))
    done: list[str] = []

    def run(name: str, work: Callable[[], object]) -> threading.Thread:
        def wait_and_tell() -> None:
            work()
            done.append(name)

        thread = threading.Thread(target=wait_and_tell)
        thread.start()
        time.sleep(0.3)  # until it waits
        return thread

    with Engine.open(f"sqlite:///{file}", clock=clock) as people:
        people.execute(c.StartInstance(definition="p"), by=ADMIN)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("begin immediate")
            threads = [
                run("timers", desk.engine.fire_due_timers),
                run("person", lambda: people.execute(c.StartInstance(definition="p"), by=ADMIN)),
            ]
        for thread in threads:
            thread.join()

    assert done == ["person", "timers"]

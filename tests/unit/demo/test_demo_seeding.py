"""Filling the demo's database: the same story for the same seed, and nothing half done afterwards."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.demo import Demo, ensure, seed
from api.demo.city import PASSWORD
from api.security.passwords import check_new_password, verify_password
from engine import SYSTEM, Engine, FakeClock
from engine.contracts.eventlog import LogFilter
from engine.errors import InvalidInput
from engine.filters import InstanceFilter
from engine.identity_commands import AttemptSignIn, CreateUser
from tests.databases import Databases

pytestmark = pytest.mark.timeout(300)  # of which a quiet machine needs a few seconds
MORNING = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
"""A Thursday, a week after the National Day holiday."""


class Interrupted(Exception):
    """The operator pressed Ctrl+C."""


def interrupt(share: float, _day: datetime) -> None:
    """Some days into the story."""
    if share > 0.4:
        raise Interrupted


def digest_of_a_story(chance: int) -> str:
    """The digest of who did what when in some days of the city: everything but the ids."""
    clock = FakeClock(MORNING - timedelta(days=4))
    with Engine.open("sqlite://", clock=clock) as engine:
        seed(engine, clock, until=MORNING, pace=0.2, chance=chance)
        log = engine.event_log(SYSTEM)
        cases, activities = log.cases(LogFilter()), log.activities(LogFilter())
    number = dict(zip(cases["case_id"], cases["business_key"], strict=True))
    columns = ("element_id", "state", "performer", "enabled_at", "claimed_at", "completed_at", "due_at", "group")
    rows = zip(*(activities[name] for name in ("case_id", *columns)), strict=True)
    lines = sorted(repr((number[case], *values)) for case, *values in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a demo database with some days in it, made now."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'var' / 'demo.db'}"
    assert ensure(url, days=12, pace=0.1).told is not None
    return url


def test_the_same_seed_tells_the_same_story() -> None:
    first, again = digest_of_a_story(1), digest_of_a_story(1)

    other = digest_of_a_story(2)

    assert first == again
    assert first != other


def test_an_interrupted_first_start_leaves_no_file_and_the_next_one_is_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'var' / 'demo.db'}"

    with pytest.raises(Interrupted):
        ensure(url, days=12, pace=0.1, progress=interrupt)
    left = list((tmp_path / "var").iterdir())
    told = ensure(url, days=12, pace=0.1).told

    assert left == []
    assert told is not None
    assert told.cases


def test_half_a_story_in_a_database_that_was_there_before_is_refused_with_the_way_out(databases: Databases) -> None:
    url = databases.empty()
    with pytest.raises(Interrupted):
        ensure(url if url.startswith("postgresql") else touched(url), days=12, pace=0.1, progress=interrupt)

    with pytest.raises(InvalidInput, match=r"interrupted.*--database"):
        ensure(url)

    databases.drop(url)


def test_a_whole_story_is_told_in_any_database(databases: Databases) -> None:
    url = databases.empty()

    first: Demo = ensure(url, days=12, pace=0.1)
    again = ensure(url)
    with Engine.open(url) as engine:
        verification = engine.verify()

    assert first.told is not None
    assert again.told is None
    assert again.accounts == first.accounts
    assert verification.clean
    assert verification.instances == sum(first.told.cases.values())
    databases.drop(url)


def touched(url: str) -> str:
    """The same SQLite database, made by somebody already, so that it is filled in place."""
    Engine.open(url).close()
    return url


def test_the_work_ends_now_and_nothing_is_in_the_future(url: str) -> None:
    with Engine.open(url) as engine:
        cases = engine.read(SYSTEM).instances(InstanceFilter(), limit=200).items
    now = datetime.now(UTC)

    started = [case.started_at for case in cases]

    assert max(started) <= now
    assert max(started) > now - timedelta(days=10)
    assert min(started) < now - timedelta(days=1)


def test_a_second_start_changes_nothing(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes()

    again = ensure(url)

    assert again.told is None
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if each.name.endswith(".filling")] == []


def test_the_accounts_can_sign_in_with_the_password_that_is_shown(url: str, tmp_path: Path) -> None:
    demo: Demo = ensure(url)
    copy = shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "copy.db")

    with Engine.open(f"sqlite:///{copy}") as engine:
        names = [account["username"] for account in demo.accounts]
        tries = [AttemptSignIn(username=name, address=f"127.0.0.{no}") for no, name in enumerate(names, start=1)]
        hashes = [engine.execute(attempt, by=SYSTEM).password_hash for attempt in tries]

    assert len(demo.accounts) >= 8
    assert len(set(hashes)) == 1
    assert verify_password(hashes[0], demo.password)
    for account in demo.accounts:
        assert {"username", "password", "name", "name_en", "role", "role_en", "display_name"} <= set(account)
        check_new_password(PASSWORD, username=account["username"])


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'real.db'}"
    with Engine.open(url) as engine:
        engine.execute(CreateUser(username="li", roles=("staff",)), by=SYSTEM)

    with pytest.raises(InvalidInput, match="database of its own"):
        ensure(url)

"""Fills the demo's own database, once."""

from __future__ import annotations

import gc
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from api.demo.actor import PROCESSES
from api.demo.bots import Outage
from api.demo.city import PASSWORD, accounts, desks_of, load_city, make_accounts, make_departments
from api.demo.story import ACTORS, Story, Told
from api.security.passwords import hash_password
from engine import SYSTEM, Engine, FakeClock
from engine.applications import install
from engine.errors import InvalidInput

DAYS: Final = 183
_SEED: Final = 20260302
_ROOM: Final = 300_000_000

Progress = Callable[[float, datetime], None]
"""Told how much of the story is over, from 0 to 1, and its date."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The demo as the sign-in page shows it.

    Args:
        password: of every account.
        accounts: username, password, name, name_en, role, role_en, display_name, area, area_en; one of each kind.
        told: how much was played just now; None if the database was full already.
    """

    password: str
    accounts: tuple[Mapping[str, str], ...]
    told: Told | None = None


def ensure(
    url: str,
    *,
    zone: str = "Asia/Shanghai",
    days: float = DAYS,
    pace: float = 1.0,
    site_url: str = "",
    progress: Progress | None = None,
) -> Demo:
    """Make sure that the demo's database is filled.

    Args:
        url: an empty database, or one that was filled before.
        zone: the city's time zone.
        days, pace: how much is played on an empty one: so many days, and as many times the usual number of cases.
        site_url: how browsers reach the site, for the addresses on documents.
        progress: told how far it is.

    Raises:
        InvalidInput: the database holds somebody else's data, or a demo whose first start was interrupted.
    """
    path = _new_file(url)
    if path is None:
        return _ensure_in(url, zone, days, pace, site_url, progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="civiflow-demo-", dir=_fast_folder()) as folder:
        filling = Path(folder) / "demo.db"
        demo = _ensure_in(f"sqlite:///{filling}", zone, days, pace, site_url, progress)
        # Moved into place in one step, so that a first start that is interrupted leaves nothing half done.
        beside = path.with_name(path.name + ".filling")
        shutil.copyfile(filling, beside)
        beside.replace(path)
    return demo


def seed(
    engine: Engine,
    clock: FakeClock,
    *,
    until: datetime,
    pace: float = 1.0,
    chance: int = _SEED,
    password: str = PASSWORD,
    site_url: str = "",
    progress: Progress | None = None,
) -> Told:
    """Install the packaged processes, make the accounts, and play the city's work up to an instant.

    Args:
        engine: empty, and on `clock`, which stands where the work begins.
        until: aware; where it ends.
        pace: as many times the usual number of cases.
        chance: the same number gives the same story.
        password: of every account.
        site_url: how browsers reach the site, for the addresses on documents.
        progress: told how far it is.
    """
    city, begin = load_city(), clock.now()
    for actor in ACTORS:
        install(engine, PROCESSES / actor.process, SYSTEM)
    make_departments(engine, city)
    last, *others = city.people  # whoever finds the administrator knows that the story was told to its end
    password_hash = hash_password(password)
    make_accounts(engine, others, password_hash)
    story = Story(
        engine=engine,
        clock=clock,
        city=city,
        until=until,
        pace=pace,
        rng=random.Random(chance),  # noqa: S311
        outages=_outages(engine, begin, until),
        site_url=site_url,
        passed=lambda at: progress((at - begin) / (until - begin), at) if progress else None,
    )
    with _rare_collections():
        told = story.play()
    engine.tidy()
    make_accounts(engine, [last], password_hash)
    return told


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Months of events make garbage that is not circular: look for circles less often, which saves a twentieth."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _ensure_in(url: str, zone: str, days: float, pace: float, site_url: str, progress: Progress | None) -> Demo:
    now = datetime.now(UTC)
    clock = FakeClock(now - timedelta(days=days))
    told: Told | None = None
    with Engine.open(url, clock=clock, zone=zone) as engine:
        if _is_empty(engine):
            told = seed(engine, clock, until=now, pace=pace, site_url=site_url, progress=progress)
        else:
            _check_ours(engine)
        known = _usernames(engine)
    desks = desks_of([PROCESSES / actor.process for actor in ACTORS])
    shown = tuple(account for account in accounts(load_city(), desks) if account["username"] in known)
    return Demo(password=PASSWORD, accounts=shown, told=told)


def _usernames(engine: Engine) -> set[str]:
    """Everybody's, for an earlier version's city had fewer people."""
    found, cursor = set[str](), ""
    while True:
        page = engine.read(SYSTEM).users(cursor=cursor, limit=200)
        found.update(user.username for user in page.items)
        if not (cursor := page.next_cursor):
            return found


def _is_empty(engine: Engine) -> bool:
    reader = engine.read(SYSTEM)
    return not reader.definitions() and not reader.users(limit=1).items


def _check_ours(engine: Engine) -> None:
    """Refuse a database that is not the whole demo.

    Raises:
        InvalidInput: it is somebody else's, or the demo's first start was interrupted.
    """
    reader, city = engine.read(SYSTEM), load_city()
    definitions = {row.key for row in reader.definitions()}
    if ACTORS[0].process in definitions and city.people[0].username in _usernames(engine):
        return
    if {row.key for row in reader.departments()} == {each["key"] for each in city.departments}:
        raise InvalidInput(
            "Expected the whole demo but its first start was interrupted, and half a story cannot be gone on with; "
            "make the database anew (dropdb and createdb) or name another with --database, and start again."
        )
    raise InvalidInput(
        "Expected an empty database or the demo's own but found other data; "
        "give the demo a database of its own with --database."
    )


def _outages(engine: Engine, begin: datetime, until: datetime) -> tuple[Outage, ...]:
    """One some time ago, mended the same day; one that began some working hours ago and goes on."""
    add = engine.calendar.add
    long_ago = add(begin + (until - begin) * 0.55, timedelta(hours=1))
    over = add(long_ago, timedelta(hours=8))
    lately = until
    while engine.calendar.between(lately, until) < timedelta(hours=6) and lately > begin:
        lately -= timedelta(minutes=30)
    return (
        Outage(begin=long_ago, end=over, mended_at=add(over, timedelta(hours=1))),
        Outage(begin=lately, end=until + timedelta(days=1)),
    )


def _fast_folder() -> str | None:
    """Memory, where there is enough: thousands of commits need not each wait for a disk to be filled once."""
    memory = Path("/dev/shm")  # noqa: S108
    try:
        return str(memory) if shutil.disk_usage(memory).free > _ROOM and os.access(memory, os.W_OK) else None
    except OSError:
        return None


def _new_file(url: str) -> Path | None:
    """The path of an SQLite file that does not exist yet; None for anything else."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url == prefix:
        return None
    path = Path(url.removeprefix(prefix))
    return None if path.exists() else path

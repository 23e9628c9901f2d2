"""Fills the demo's own database, once."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from api.demo.bots import Outage
from api.demo.city import PASSWORD, accounts, load_city, make_accounts
from api.demo.story import PROCESS, Story, Told
from api.security.passwords import hash_password
from engine import SYSTEM, Engine, FakeClock
from engine.applications import install
from engine.errors import InvalidInput

APPLICATION: Final = Path(__file__).parents[2] / "processes" / "repair_dispatch"
WEEKS: Final = 6
PER_DAY: Final = 5.0
_SEED: Final = 20260302
_ROOM: Final = 200_000_000


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The demo as the sign-in page shows it.

    Args:
        password: of every account.
        accounts: username, password, name, name_en, role, role_en, display_name; one of each kind.
        told: how much was played just now; None if the database was full already.
    """

    password: str
    accounts: tuple[Mapping[str, str], ...]
    told: Told | None = None


def ensure(url: str, *, zone: str = "Asia/Shanghai", weeks: float = WEEKS, per_day: float = PER_DAY) -> Demo:
    """Make sure that the demo's database is filled.

    Args:
        url: an empty database, or one that was filled before.
        zone: the city's time zone.
        weeks, per_day: how much is played on an empty one.

    Raises:
        InvalidInput: the database holds somebody else's data.
    """
    path = _new_file(url)
    if path is None:
        return _ensure_in(url, zone, weeks, per_day)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="civiflow-demo-", dir=_fast_folder()) as folder:
        filling = Path(folder) / "demo.db"
        demo = _ensure_in(f"sqlite:///{filling}", zone, weeks, per_day)
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
    per_day: float = PER_DAY,
    chance: int = _SEED,
    password: str = PASSWORD,
) -> Told:
    """Install the packaged process, make the accounts, and play the city's work up to an instant.

    Args:
        engine: empty, and on `clock`, which stands where the work begins.
        until: aware; where it ends.
        per_day: reports on an average day.
        chance: the same number gives the same story.
        password: of every account.
    """
    city = load_city()
    install(engine, APPLICATION, SYSTEM)
    make_accounts(engine, city, hash_password(password))
    story = Story(
        engine=engine,
        clock=clock,
        city=city,
        until=until,
        per_day=per_day,
        rng=random.Random(chance),  # noqa: S311
        outages=_outages(engine, clock.now(), until),
    )
    return story.play()


def _ensure_in(url: str, zone: str, weeks: float, per_day: float) -> Demo:
    now = datetime.now(UTC)
    clock = FakeClock(now - timedelta(weeks=weeks))
    told: Told | None = None
    with Engine.open(url, clock=clock, zone=zone) as engine:
        reader = engine.read(SYSTEM)
        definitions = {row.key for row in reader.definitions()}
        administrator = load_city().people[0].username
        found = {user.username for user in reader.users(search=administrator).items}
        if not definitions and not reader.users(limit=1).items:
            told = seed(engine, clock, until=now, per_day=per_day)
        elif PROCESS not in definitions or administrator not in found:
            raise InvalidInput(
                "Expected an empty database or the demo's own but found other data; "
                "give the demo a database of its own with --database."
            )
    return Demo(password=PASSWORD, accounts=accounts(load_city()), told=told)


def _outages(engine: Engine, begin: datetime, until: datetime) -> tuple[Outage, ...]:
    """One some time ago, mended the same day; one that began some working hours ago and goes on."""
    add = engine.calendar.add
    long_ago = add(begin + (until - begin) * 0.55, timedelta(hours=1))
    over = add(long_ago, timedelta(hours=8))
    lately = until
    while engine.calendar.between(lately, until) < timedelta(hours=10) and lately > begin:
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

"""Who and what there is before an experiment begins: people with tokens, and all processes deployed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from api.security import digest, fresh_token
from engine import Engine, applications
from engine import commands as c
from engine import identity_commands as ic
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import WrongState
from tests.crash import models
from tests.crash.kinds import CLERKS, Kind, Packaged
from tests.crash.models import STAFF

ROOT = Principal(id="crash.root", roles=frozenset({"administrator"}))
OUTSIDE = "crash.outside.bot"
"""The account of workers elsewhere."""
_OWN_TOPIC = "crash.outside"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A prepared database.

    Args:
        tokens: user name → API token.
        kinds: of the packaged processes.
        topics: what workers elsewhere ask for.
    """

    url: str
    tokens: dict[str, str]
    kinds: tuple[Kind, ...]
    topics: tuple[str, ...]


def prepare(url: str, packages: Iterable[Packaged], bots: Path, bot: str) -> Site:
    """Make people, groups and tokens in an empty database, deploy everything, and write the site's bot.

    Args:
        packages: the applications to install.
        bots: folder of the site's bots.
        bot: source of its bot.
    """
    packages = list(packages)
    bots.mkdir(parents=True, exist_ok=True)
    (bots / "effect.py").write_text(bot, "utf-8")
    people = {person.id: person for person in (*CLERKS, ROOT)}
    for package in packages:
        people |= package.people
    with Engine.open(url) as engine:
        engine.execute(ic.CreateGroup(key=STAFF), by=SYSTEM)
        for package in packages:
            applications.install(engine, package.folder, by=SYSTEM)
        engine.execute(c.DeployDefinition(files=models.ALL, name="crash"), by=SYSTEM)
        _make_people(engine, people)
        tokens = {name: _token(engine, name) for name in people}
        topics = tuple(sorted({_OWN_TOPIC, *(topic for package in packages for topic in package.topics)}))
        engine.execute(ic.CreateUser(username=OUTSIDE, kind="bot", roles=("bot",), topics=topics), by=SYSTEM)
        tokens[OUTSIDE] = _token(engine, OUTSIDE, topics)
    return Site(
        url=url,
        tokens=tokens,
        kinds=tuple(kind for package in packages for kind in package.kinds),
        topics=topics,
    )


def _make_people(engine: Engine, people: dict[str, Principal]) -> None:
    for group in sorted({group for person in people.values() for group in person.groups}):
        with suppress(WrongState):  # the applications have made theirs
            engine.execute(ic.CreateGroup(key=group), by=SYSTEM)
    for department in sorted({person.department for person in people.values()} - {""}):
        engine.execute(ic.CreateDepartment(key=department, name=department), by=SYSTEM)
    for name, person in people.items():
        command = ic.CreateUser(
            username=name,
            roles=tuple(sorted(person.roles)),
            groups=tuple(sorted(person.groups)),
            department=person.department,
        )
        engine.execute(command, by=SYSTEM)


def _token(engine: Engine, owner: str, topics: tuple[str, ...] = ()) -> str:
    token = "civ_" + fresh_token()
    command = ic.IssueToken(owner=owner, name="crash", token_sha256=digest(token), prefix=token[:12], topics=topics)
    engine.execute(command, by=SYSTEM)
    return token

"""The demo's city as data, and how its accounts are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from engine import Engine
from engine.contracts.principal import SYSTEM, Principal, Role
from engine.identity_commands import CreateDepartment, CreateUser

PASSWORD: Final = "chengwan-by-the-sea"  # noqa: S105  printed on every start; opens invented data only
_FILE: Final = Path(__file__).with_name("city.yaml")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the city, with an account."""

    username: str
    name: str
    name_en: str
    roles: tuple[Role, ...]
    title: str
    title_en: str
    groups: tuple[str, ...] = ()
    department: str = ""
    phone: str = ""
    shown: bool = False
    leave_days: int = 0

    @property
    def principal(self) -> Principal:
        """Who they are to the engine."""
        return Principal(
            id=self.username,
            roles=frozenset(self.roles),
            groups=frozenset(self.groups),
            department=self.department,
            display_name=self.name,
        )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A kind of thing that goes wrong: how often, how long it takes, and what people write."""

    category: str
    weight: int
    hours: float
    reports: tuple[str, ...]
    done: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A grid with its streets and a point among them (longitude, latitude)."""

    grid: str
    streets: tuple[str, ...]
    at: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class City:
    """Everything invented."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]
    places: tuple[Place, ...]
    departments: tuple[Mapping[str, str], ...]
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def with_role(self, role: Role) -> list[Person]:
        """Everybody of a role, in the file's order."""
        return [person for person in self.people if role in person.roles]

    def in_group(self, group: str) -> list[Person]:
        """Everybody of a group, on leave or not."""
        return [person for person in self.people if group in person.groups]


@lru_cache(maxsize=1)
def load_city() -> City:
    """Read the city's file."""
    data: Mapping[str, Any] = yaml.safe_load(_FILE.read_bytes())
    lists = ("callers", "rework_notes", "unfounded_notes", "return_notes", "praise", "complaints")
    return City(
        people=tuple(Person(**_tuples(each)) for each in data["people"]),
        problems=tuple(Problem(**_tuples(each)) for each in data["problems"]),
        places=tuple(Place(**_tuples(each)) for each in data["places"]),
        departments=tuple(data["departments"]),
        words={name: tuple(data[name]) for name in lists},
    )


def make_accounts(engine: Engine, city: City, password_hash: str) -> None:
    """Departments and accounts; the groups must exist."""
    for department in city.departments:
        engine.execute(CreateDepartment(**department), by=SYSTEM)
    for person in city.people:
        command = CreateUser(
            username=person.username,
            display_name=person.name,
            display_name_en=person.name_en,
            password_hash=password_hash,
            roles=person.roles,
            groups=person.groups,
            department=person.department,
        )
        engine.execute(command, by=SYSTEM)


def accounts(city: City) -> tuple[dict[str, str], ...]:
    """One account of each kind, for the sign-in page and the terminal."""
    return tuple(
        {
            "username": person.username,
            "password": PASSWORD,
            "display_name": person.name,
            "name": person.name,
            "name_en": person.name_en,
            "role": person.title,
            "role_en": person.title_en,
        }
        for person in city.people
        if person.shown
    )


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}

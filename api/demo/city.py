"""The demo's city as data, and how its accounts are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from engine import Engine
from engine.contracts.principal import SYSTEM, Principal, Role
from engine.identity_commands import CreateDepartment, CreateUser

PASSWORD: Final = "chengwan-by-the-sea"  # noqa: S105  printed on every start; opens invented data only
_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the city, with an account.

    Args:
        shown: among the accounts on the sign-in page.
        roster: name of a weekly pattern; '' is office hours.
        pace: how long their work takes, 1 as long as others.
        leave: spans of days before the end of the story, first and last.
    """

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
    roster: str = ""
    pace: float = 1.0
    leave: tuple[tuple[int, int], ...] = ()

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
class Place:
    """A grid with its streets and a point among them (longitude, latitude)."""

    grid: str
    streets: tuple[str, ...]
    at: tuple[float, float]


Shift = tuple[tuple[time, time], ...]


@dataclass(frozen=True, kw_only=True)
class City:
    """Everybody and every place.

    Args:
        shifts: name → spans of a day, local time.
        rosters: name → weeks; each gives the shift on working days and on other days.
        notices: group → working hours, at least and at most, until somebody looks at a new task.
    """

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    departments: tuple[Mapping[str, str], ...]
    shifts: Mapping[str, Shift]
    rosters: Mapping[str, Sequence[Mapping[str, str]]]
    notices: Mapping[str, tuple[float, float]]
    _groups: dict[str, tuple[Person, ...]] = field(default_factory=dict, repr=False)

    def named(self, username: str) -> Person:
        """A person by user name."""
        return next(person for person in self.people if person.username == username)

    def with_role(self, role: Role) -> list[Person]:
        """Everybody of a role, in the file's order."""
        return [person for person in self.people if role in person.roles]

    def in_group(self, group: str) -> tuple[Person, ...]:
        """Everybody of a group, on leave or not."""
        if group not in self._groups:
            self._groups[group] = tuple(person for person in self.people if group in person.groups)
        return self._groups[group]


@lru_cache(maxsize=1)
def load_city() -> City:
    """Read the city's file."""
    data = read_data("city")
    return City(
        people=tuple(Person(**tuples(each)) for each in data["people"]),
        places=tuple(Place(**tuples(each)) for each in data["places"]),
        departments=tuple(data["departments"]),
        shifts={name: tuple(_span(each) for each in spans) for name, spans in data["shifts"].items()},
        rosters=data["rosters"],
        notices=tuples(data["notices"]),
    )


def read_data(name: str) -> dict[str, Any]:
    """One of the demo's own data files."""
    data: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_bytes())
    return data


def tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The same with tuples in the place of lists, inner ones too."""
    return {key: _tuple(value) for key, value in entry.items()}


def make_accounts(engine: Engine, people: Sequence[Person], password_hash: str) -> None:
    """Accounts; their groups and departments must exist."""
    for person in people:
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


def make_departments(engine: Engine, city: City) -> None:
    """The city's departments."""
    for department in city.departments:
        engine.execute(CreateDepartment(**department), by=SYSTEM)


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


def _tuple(value: Any) -> Any:
    return tuple(_tuple(each) for each in value) if isinstance(value, list) else value


def _span(texts: Sequence[str]) -> tuple[time, time]:
    return time.fromisoformat(texts[0]), time.fromisoformat(texts[1])

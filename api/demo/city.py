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
from engine.settings import APP_FILE

PASSWORD: Final = "chengwan-by-the-sea"  # noqa: S105  printed on every start; opens invented data only
_FOLDER: Final = Path(__file__).parent
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OVERSIGHT: Final = ("管理与设计", "Management and design")
_PUBLIC: Final = ("市民", "Residents")


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
        leaves: group → working hours before the end of the story in which its last task is left for later.
    """

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    departments: tuple[Mapping[str, str], ...]
    shifts: Mapping[str, Shift]
    rosters: Mapping[str, Sequence[Mapping[str, str]]]
    notices: Mapping[str, tuple[float, float]]
    leaves: Mapping[str, float]
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
        leaves=data["leaves"],
    )


def read_data(name: str) -> dict[str, Any]:
    """One of the demo's own data files."""
    return _read(_FOLDER / f"{name}.yaml")


def desks_of(processes: Sequence[Path]) -> dict[str, tuple[str, str]]:
    """Group → the name of the process application it belongs to, in Chinese and in English.

    Only `app.yaml` is read, unchecked: each start of the server needs it.
    """
    applications = [_read(folder / APP_FILE) for folder in processes]
    return {group["key"]: (each["name"]["zh"], each["name"]["en"]) for each in applications for group in each["groups"]}


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


def accounts(city: City, desks: Mapping[str, tuple[str, str]]) -> tuple[dict[str, str], ...]:
    """One account of each kind, for the sign-in page and the terminal.

    Args:
        desks: group → what it works on, in Chinese and in English; the order is that of the accounts.
    """
    listed: dict[tuple[str, str], list[Person]] = {place: [] for place in (_OVERSIGHT, *desks.values(), _PUBLIC)}
    for person in city.people:
        place = next((desks[group] for group in person.groups if group in desks), _OVERSIGHT)
        listed[_PUBLIC if "citizen" in person.roles else place].append(person)
    return tuple(
        {
            "username": person.username,
            "password": PASSWORD,
            "display_name": person.name,
            "name": person.name,
            "name_en": person.name_en,
            "role": person.title,
            "role_en": person.title_en,
            "area": area,
            "area_en": area_en,
        }
        for (area, area_en), people in listed.items()
        for person in people
        if person.shown
    )


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506  a safe one
    return data


def _tuple(value: Any) -> Any:
    return tuple(_tuple(each) for each in value) if isinstance(value, list) else value


def _span(texts: Sequence[str]) -> tuple[time, time]:
    return time.fromisoformat(texts[0]), time.fromisoformat(texts[1])

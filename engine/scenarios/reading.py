"""Scenario files → scenarios; every slip of the pen is named with its line before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

from engine.contracts.principal import Principal, Role
from engine.errors import InvalidInput
from engine.yaml_files import Section, read_yaml

PEOPLE_FILE: Final = "people.yaml"
DEFAULT_CLOCK: Final = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  a Monday morning, in the site's zone

_ROLES: Final = frozenset({"citizen", "staff", "supervisor", "manager", "designer", "administrator"})
_BY: Final = ("by", "with", "refused")
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "start": (*_BY, "message", "key", "number"),
    "claim": ("by", "refused"),
    "unclaim": ("by", "refused"),
    "delegate": ("by", "to", "refused"),
    "complete": _BY,
    "do_job": ("with", "sees"),
    "fail_job": ("message", "retries"),
    "throw_error": ("code", "message", "with"),
    "retry": _BY,
    "set": ("by", "refused"),
    "cancel": ("by", "refused"),
    "publish": ("key", "with"),
    "signal": ("with",),
    "clock": (),
    "expect": (),
}
"""Verb → what else the step may say."""

EXPECTATIONS: Final = (
    "tasks", "jobs", "timers", "waits", "incidents", "ended", "variables", "due", "candidates", "assignee", "subject",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its verb, what the verb is about, and the rest of the line."""

    verb: str
    section: Section

    @property
    def line(self) -> int:
        """The line of the verb."""
        return self.section.line_of(self.verb)

    @property
    def target(self) -> str:
        """What it is about, where that is a name."""
        value = self.section[self.verb]
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario, ready to run."""

    name: Mapping[str, str]
    file: str
    line: int
    process: str
    begins: datetime
    people: Mapping[str, Principal] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


def read_scenarios(folder: Path, zone: ZoneInfo) -> list[Scenario]:
    """All scenarios of a folder, by file name and in the order they stand.

    Raises:
        InvalidInput: there are none, or one cannot be meant; names file and line.
    """
    shared: dict[str, Principal] = {}
    if (folder / PEOPLE_FILE).is_file():
        top = read_yaml((folder / PEOPLE_FILE).read_bytes(), f"scenarios/{PEOPLE_FILE}")
        top.only("people")
        shared = _people(top)
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name != PEOPLE_FILE:
            found += _read_file(path, shared, zone)
    if not found:
        raise InvalidInput(f"Expected scenario files (*.yaml) in {folder} but there are none.")
    return found


def _read_file(path: Path, shared: Mapping[str, Principal], zone: ZoneInfo) -> list[Scenario]:
    top = read_yaml(path.read_bytes(), f"scenarios/{path.name}")
    if "scenarios" in top:
        top.only("people", "scenarios")
        people = {**shared, **_people(top)}
        return [_scenario(each, people, zone) for each in top.sections("scenarios")]
    return [_scenario(top, shared, zone)]


def _scenario(section: Section, shared: Mapping[str, Principal], zone: ZoneInfo) -> Scenario:
    section.only("name", "process", "clock", "people", "steps")
    people = {**shared, **_people(section)}
    steps = tuple(_step(each, people) for each in section.sections("steps"))
    if not steps:
        raise section.wrong("steps", "a list of steps")
    return Scenario(
        name=_name(section),
        file=section.file,
        line=section.line,
        process=section.text("process", ""),
        begins=_instant(section, "clock", zone) if "clock" in section else DEFAULT_CLOCK.replace(tzinfo=zone),
        people=people,
        steps=steps,
    )


def _step(section: Section, people: Mapping[str, Principal]) -> Step:
    verbs = [key for key in section if key in STEPS]
    if len(verbs) != 1:
        found = " and ".join(verbs) if verbs else ", ".join(section) or "nothing"
        raise InvalidInput(
            f"{section.file}, line {section.line}: Expected a step with one of {', '.join(STEPS)} but found {found}."
        )
    verb = verbs[0]
    section.only(verb, *STEPS[verb])
    if "by" in section and section.text("by") not in people:
        raise section.wrong("by", f"one of the people ({', '.join(sorted(people))})")
    if verb == "expect":
        section.section("expect").only(*EXPECTATIONS)
    return Step(verb=verb, section=section)


def _people(section: Section) -> dict[str, Principal]:
    people = {}
    entries = section.section("people")
    for name in entries:
        entry = entries.section(name)
        entry.only("roles", "groups", "department")
        roles = entry.texts("roles")
        if not roles or not _ROLES.issuperset(roles):
            raise entry.wrong("roles", f"some of {', '.join(sorted(_ROLES))}")
        people[name] = Principal(
            id=name,
            roles=cast("frozenset[Role]", frozenset(roles)),
            groups=frozenset(entry.texts("groups")),
            department=entry.text("department", ""),
            display_name=name,
        )
    return people


def _name(section: Section) -> Mapping[str, str]:
    value = section.get("name")
    if isinstance(value, str) and value:
        return {"zh": value, "en": value}
    names = section.section("name")
    if not names or not all(isinstance(each, str) for each in names.values()):
        raise section.wrong("name", "a text, or texts by language (zh, en)")
    return dict(names)


def _instant(section: Section, key: str, zone: ZoneInfo) -> datetime:
    return as_instant(section[key], zone) or _raise(section.wrong(key, "a date and time such as 2026-03-02 09:00"))


def as_instant(value: object, zone: ZoneInfo) -> datetime | None:
    """A date and time as it stands in a file; without an offset it is the site's own."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _raise(error: Exception) -> datetime:
    raise error

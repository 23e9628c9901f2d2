"""A calendar as people write it: YAML to rules and back.

name: Lindun City Hall
holidays: chinese                  # or none
hours:
  - spans: [["08:30", "12:00"], ["13:30", "18:00"]]
  - spans: [["08:30", "12:00"], ["14:30", "18:00"]]
    from: 06-01
    to: 09-30
days:
  2026-11-23: {hours: off, name: Snow}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from engine.calendar.hours import MIDNIGHT, Hours, Span, Spans, YearDay, clock
from engine.calendar.rules import Override, Rules
from engine.errors import InvalidInput
from engine.yaml_files import Section, read_yaml, shown

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_DAYS: Final = 2_000
MOST_NAME: Final = 120
_MOST_SPANS: Final = 12
_SPANS: Final = 'spans such as [["08:30", "12:00"], ["13:30", "18:00"]], in order'
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_YEAR_DAY: Final = re.compile(r"(\d{2})-(\d{2})")
_UNQUOTED: Final = range(60, MIDNIGHT + 1)
"""YAML reads an unquoted 13:30 as a number to the base of sixty: these are minutes after midnight."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A calendar with its name."""

    name: str = ""
    rules: Rules = field(default_factory=Rules)


def read_calendar(content: str, file: str = "calendar") -> Document:
    """Read a calendar.

    Args:
        content: YAML.
        file: its name, for messages.

    Raises:
        InvalidInput: names file, line and field, and says what was expected.
    """
    top = read_yaml(content.encode(), file)
    top.only("name", "holidays", "hours", "days")
    holidays = top.text("holidays", "chinese")
    if holidays not in ("chinese", "none"):
        raise top.wrong("holidays", "'chinese' or 'none'")
    rules = Rules(hours=_hours(top), holidays="none" if holidays == "none" else "chinese", days=_days(top))
    return Document(name=_name(top), rules=rules)


def write_calendar(document: Document) -> str:
    """The same calendar as YAML that `read_calendar` takes."""
    return yaml.safe_dump(as_data(document), allow_unicode=True, sort_keys=False, default_flow_style=None, width=100)


def as_data(document: Document) -> dict[str, Any]:
    """The same calendar as plain data, under the keys of the YAML."""
    rules = document.rules
    data: dict[str, Any] = {"name": document.name} if document.name else {}
    data |= {"holidays": rules.holidays, "hours": [_hours_data(each) for each in rules.hours]}
    if rules.days:
        data["days"] = {day.isoformat(): _day_data(rules.days[day]) for day in sorted(rules.days)}
    return data


def _hours_data(hours: Hours) -> dict[str, Any]:
    data: dict[str, Any] = {"spans": _spans_data(hours.spans)}
    if hours.weekdays:
        data["weekdays"] = [WEEKDAYS[number] for number in sorted(hours.weekdays)]
    if hours.first is not None:
        data |= {"from": str(hours.first), "to": str(hours.last)}
    return data


def _day_data(override: Override) -> dict[str, Any]:
    hours: Any = _spans_data(override.spans) if override.kind == "hours" else override.kind
    return {"hours": hours, "name": override.name} if override.name else {"hours": hours}


def _spans_data(spans: Spans) -> list[list[str]]:
    return [[clock(span.begin), clock(span.end)] for span in spans]


def _name(section: Section) -> str:
    name = section.text("name", "").strip()
    if len(name) > MOST_NAME:
        raise section.wrong("name", f"at most {MOST_NAME} characters")
    return name


def _hours(top: Section) -> tuple[Hours, ...]:
    value = top.get("hours")
    if value is None:
        return (Hours(),)
    if isinstance(value, list) and not any(isinstance(each, Section) for each in value):
        return (Hours(spans=_spans(top, "hours", empty=False)),)
    found = tuple(_some_hours(section) for section in top.sections("hours"))
    if not any(each.spans and not each.weekdays and each.first is None for each in found):
        raise InvalidInput(
            f"{top.file}, line {top.line_of('hours')}: Expected an entry with spans under 'hours' without 'weekdays', "
            "'from' and 'to', for every working day, but there is none."
        )
    return found


def _some_hours(section: Section) -> Hours:
    section.only("spans", "weekdays", "from", "to")
    if ("from" in section) != ("to" in section):
        raise section.wrong("to" if "from" in section else "from", "both ends of the season, 'from' and 'to',")
    seasonal = "from" in section
    return Hours(
        spans=_spans(section, "spans", empty=True),
        weekdays=frozenset(_weekday(section, text) for text in section.texts("weekdays")),
        first=_year_day(section, "from") if seasonal else None,
        last=_year_day(section, "to") if seasonal else None,
    )


def _weekday(section: Section, text: str) -> int:
    names = [number for number, name in enumerate(WEEKDAYS) if len(text) >= 3 and name.startswith(text.lower())]
    if not names:
        raise section.wrong("weekdays", "names of weekdays such as [saturday, sunday]")
    return names[0]


def _year_day(section: Section, key: str) -> YearDay:
    match = _YEAR_DAY.fullmatch(section.text(key))
    try:
        if match is not None:
            date(2028, int(match[1]), int(match[2]))  # a leap year: 29 February is a day of some years
            return YearDay(int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise section.wrong(key, "a month and day such as 06-01")


def _days(top: Section) -> Mapping[date, Override]:
    section = top.section("days")
    if len(section) > MOST_DAYS:
        raise top.wrong("days", f"at most {MOST_DAYS:,} days")
    return {_day(section, key): _override(section, key) for key in section}


def _day(section: Section, key: str) -> date:
    try:
        if len(key) == len("2026-11-23"):
            return date.fromisoformat(key)
    except ValueError:
        pass
    place = f"{section.file}, line {section.line_of(key)}"
    raise InvalidInput(f"{place}: Expected a date such as 2026-11-23 under 'days' but got '{key}'.")


def _override(days: Section, key: str) -> Override:
    value = days[key]
    if not isinstance(value, Section):
        return _kind(days, key, "")
    value.only("hours", "name")
    return _kind(value, "hours", _name(value))


def _kind(section: Section, key: str, name: str) -> Override:
    value = section.get(key)
    if value is False or value == "off":  # YAML reads a bare off as false
        return Override(kind="off", name=name)
    if value == "work":
        return Override(kind="work", name=name)
    if not isinstance(value, list):
        raise section.wrong(key, 'off, work, or spans such as [["08:30", "12:00"]]')
    return Override(kind="hours", spans=_spans(section, key, empty=False), name=name)


def _spans(section: Section, key: str, *, empty: bool) -> Spans:
    value = section.get(key)
    if not isinstance(value, list) or not (value or empty) or len(value) > _MOST_SPANS:
        raise section.wrong(key, _SPANS)
    spans: list[Span] = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise section.wrong(key, _SPANS)
        span = Span(*(_minutes(section, key, each) for each in pair))
        if span.begin >= span.end or (spans and span.begin < spans[-1].end):
            raise section.wrong(key, f"{_SPANS} that do not overlap")
        spans.append(span)
    return tuple(spans)


def _minutes(section: Section, key: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value in _UNQUOTED:
        return value
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is not None and int(match[2]) < 60 and int(match[1]) * 60 + int(match[2]) <= MIDNIGHT:
        return int(match[1]) * 60 + int(match[2])
    raise InvalidInput(
        f"{section.file}, line {section.line_of(key)}: Expected times of the day such as \"08:30\" under '{key}' "
        f"but got {shown(value)}."
    )

"""Rules for dates and times: ISO 8601 in, ISO 8601 out in the form's serialising format."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import regex

from engine.models.forms.component import Component
from engine.models.forms.problems import Refused

_DATE: Final = regex.compile(r"\d{4}-\d{2}-\d{2}", regex.ASCII)
_TIME: Final = regex.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?", regex.ASCII)


def check_moment(component: Component, value: object, *, now: datetime, zone: tzinfo) -> str | None:
    """The date, time, or date and time as text; None for an empty field.

    Args:
        now: aware; what 'not in the past' is measured against.
        zone: of times that are given without one.

    Raises:
        Refused: it is not one, or it lies in the past where the form forbids that.
    """
    if value is None or value == "":
        return None
    code = f"not_a_{component.subtype}"
    if not isinstance(value, str) or len(value) > 40:
        raise Refused(code)
    try:
        return _serialised(component, value.strip(), now=now, zone=zone)
    except ValueError:
        raise Refused(code) from None


def _serialised(component: Component, text: str, *, now: datetime, zone: tzinfo) -> str:
    today = now.astimezone(zone).date()
    if component.subtype == "date":
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        day = date.fromisoformat(text)
        _check_past(component, day, today)
        return day.isoformat()
    if component.subtype == "time":
        return _zoned(component, datetime.combine(today, _time(text)), zone)[11:]
    day_text, separator, time_text = text.partition("T")
    if not separator or not _DATE.fullmatch(day_text):
        raise ValueError(text)
    moment = datetime.combine(date.fromisoformat(day_text), _time(time_text))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    _check_past(component, aware.astimezone(zone).date(), today)
    return _zoned(component, moment, zone)


def _time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def _zoned(component: Component, moment: datetime, zone: tzinfo) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    exact = moment.second or moment.microsecond
    timespec = "auto" if exact else "minutes"
    if component.time_format == "utc_normalized":
        return aware.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
    if component.time_format == "no_timezone":
        return aware.astimezone(zone).replace(tzinfo=None).isoformat(timespec=timespec)
    return aware.isoformat(timespec=timespec)


def _check_past(component: Component, day: date, today: date) -> None:
    # A day's grace for people whose calendar is ahead of or behind the office's is not given: the zone is the site's.
    if component.future_only and day - today < timedelta(0):
        raise Refused("in_the_past")

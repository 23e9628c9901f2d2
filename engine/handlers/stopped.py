"""Stops of a clock as a variable holds them: a list of `{reason, key, from, to}`, `to` null while it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import Stop
from engine.errors import ExpressionError
from engine.feel import FeelDate, FeelDateTime, format_value, parse_date, parse_date_time, to_datetime, to_feel

_SHOWN: Final = 80
_MINUTES: Final = re.compile(r"^([^T]+T\d\d:\d\d)(?=$|[Z@+-])")
"""A date and time without seconds, as a form's field gives it; FEEL's own grammar wants them."""


class Stops:
    """The stops that a FEEL function was given.

    Args:
        entries: as they were given.
        intervals: the same as the calendar takes them.
        function: whom to name in messages.
    """

    def __init__(self, entries: list[dict[str, object]], intervals: list[Stop], function: str) -> None:
        self.entries = entries
        self.intervals = intervals
        self._function = function

    @classmethod
    def read(cls, value: object, zone: ZoneInfo, function: str) -> Stops:
        """Check a list of stops; null stands for none.

        Args:
            value: contexts whose `from` and `to` are FEEL values, or ISO 8601 texts as a variable holds them.
            zone: of texts that name none.
            function: the function's name, for messages.

        Raises:
            ExpressionError: something else; names the entry and the field.
        """
        given = [] if value is None else [value] if isinstance(value, dict) else value
        if not isinstance(given, list):
            raise ExpressionError(f"Expected a list of stops as 'stops' of '{function}' but got {shown(value)}.")
        entries, intervals = [], []
        for number, entry in enumerate(given, start=1):
            place = f"entry {number} of 'stops' of '{function}'"
            if not isinstance(entry, Mapping):
                raise ExpressionError(f"Expected {place} to be {{reason, key, from, to}} but got {shown(entry)}.")
            entries.append(dict(entry))
            intervals.append(_interval(entry, zone, place))
        return cls(entries, intervals, function)

    def stop(self, reason: object, at: object, key: object) -> list[dict[str, object]]:
        """The list with one more, open from `at` on; the same list if one of that key is open already.

        Raises:
            ExpressionError: a reason that says nothing, or a key that is no text.
        """
        if not isinstance(reason, str) or not reason.strip():
            raise ExpressionError(f"Expected a text as 'reason' of 'stop clock' but got {shown(reason)}.")
        self._check_key(key)
        if any(stop.end is None and entry.get("key") == key for entry, stop in self._both()):
            return self.entries
        return [*self.entries, {"reason": reason, "key": key, "from": at, "to": None}]

    def resume(self, moment: datetime, at: object, key: object) -> list[dict[str, object]]:
        """The list with the open stops closed at `at`; those of a key only, unless that is null.

        Raises:
            ExpressionError: one of them begins later.
        """
        self._check_key(key)
        entries = []
        for number, (entry, stop) in enumerate(self._both(), start=1):
            if stop.end is None and (key is None or entry.get("key") == key):
                if moment < stop.begin:
                    raise ExpressionError(
                        f"Expected 'at' of 'resume clock' not before {shown(entry['from'])}, where entry {number} "
                        f"of 'stops' begins, but got {shown(at)}."
                    )
                entry = {**entry, "to": at}
            entries.append(entry)
        return entries

    def _both(self) -> list[tuple[dict[str, object], Stop]]:
        return list(zip(self.entries, self.intervals, strict=True))

    def _check_key(self, key: object) -> None:
        if key is not None and not isinstance(key, str):
            raise ExpressionError(f"Expected a text or null as 'key' of '{self._function}' but got {shown(key)}.")


def open_reason(values: Iterable[object]) -> str | None:
    """The reason of the last stop that is open, among values of variables; None if no clock stands."""
    for value in values:
        for entry in reversed(value if isinstance(value, list) else [value]):
            if isinstance(entry, Mapping) and {"from", "to"} <= entry.keys() and entry["to"] is None:
                reason = entry.get("reason")
                return reason if isinstance(reason, str) else None
    return None


def _interval(entry: Mapping[str, object], zone: ZoneInfo, place: str) -> Stop:
    begin = as_instant(entry.get("from"), zone)
    if begin is None:
        raise ExpressionError(f"Expected a date and time as 'from' of {place} but got {shown(entry.get('from'))}.")
    end, given = as_instant(entry.get("to"), zone), entry.get("to")
    if end is None and given is not None:
        raise ExpressionError(f"Expected a date and time, or null, as 'to' of {place} but got {shown(given)}.")
    if end is not None and end < begin:
        raise ExpressionError(f"Expected 'to' not before 'from' in {place} but got {shown(given)}.")
    return Stop(begin=begin, end=end)


def as_instant(value: object, zone: ZoneInfo) -> datetime | None:
    """The UTC instant of a FEEL date (and time) or of ISO 8601 text, local if it names no zone; None otherwise."""
    if isinstance(value, str):
        text = _MINUTES.sub(r"\1:00", value)
        value = parse_date_time(text) or parse_date(text)
    if isinstance(value, FeelDateTime | FeelDate):
        return to_datetime(value, zone)
    return None


def shown(value: object) -> str:
    """A value for messages, as FEEL would write a date or a text, shortened."""
    text = f"'{value}'" if isinstance(value, str) else format_value(to_feel(value)) or "null"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

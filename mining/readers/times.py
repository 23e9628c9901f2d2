"""Times as people and programs write them -> UTC microseconds.

Read: ISO 8601 in all its spellings; year first with `-`, `/`, `.` or 年月日; day or month first
with four or two digits of year; month names in English; 12-hour clocks (AM/PM, 上午/下午);
`20240131093000`; seconds or milliseconds since 1970; Excel serial numbers (days since
30 December 1899).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from engine.contracts.errors import LogFormatError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000

_CLOCK = (
    r"(?:[T\s]*(?P<ap1>上午|下午|中午|凌晨|晚上)?\s*(?P<h>\d{1,2})[:时点](?P<mi>\d{1,2})"
    r"(?:[:分](?P<s>\d{1,2})?(?:[.,](?P<f>\d{1,9}))?秒?)?"
    r"\s*(?P<ap2>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _CLOCK)
_NAMED_DAY = re.compile(r"(?P<d>\d{1,2})[-\s](?P<mon>[A-Za-z]{3,9})[-\s,]+(?P<y>\d{4}|\d{2})" + _CLOCK)
_NAMED_MONTH = re.compile(r"(?P<mon>[A-Za-z]{3,9})\s+(?P<d>\d{1,2}),?\s+(?P<y>\d{4})" + _CLOCK)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AFTERNOON = ("下午", "晚上", "中午")


def zone(name: str) -> tzinfo:
    """The time zone of an IANA name.

    Raises:
        LogFormatError: there is no such zone.
    """
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise LogFormatError(f"Expected a time zone such as 'Asia/Shanghai' or 'UTC', but got {name!r}.") from exc


def micros(moment: datetime) -> int:
    """An aware datetime as UTC microseconds since 1970, exactly."""
    return (moment - EPOCH) // MICROSECOND


def is_null_date(value: int) -> bool:
    """Whether a time stands for 'none': within a day of 1 January 1970, 1900 or year 1, or in 9999."""
    return (
        abs(value) <= DAY
        or abs(value - _NULL_1900) <= 2 * DAY
        or value <= _NULL_YEAR_1 + 2 * DAY
        or value >= _NULL_9999
    )


_NULL_1900 = micros(datetime(1900, 1, 1, tzinfo=UTC))
_NULL_YEAR_1 = micros(datetime(1, 1, 1, tzinfo=UTC))
_NULL_9999 = micros(datetime(9999, 1, 1, tzinfo=UTC))


class TimeParser:
    """Reads the times of one column or key; remembers what it had to assume.

    Args:
        zone: for times that name no zone.
        day_first: how to read `03/04/2024`: True is 3 April.

    Attributes:
        zone_name: the zone's name.
        naive: how many times named no zone.
        excel: how many were Excel serial numbers.
        ambiguous: how many could be read day first or month first.
        shapes: the spellings met, to report a mixture.
    """

    def __init__(self, zone: tzinfo, *, day_first: bool = True) -> None:
        self._zone, self._day_first = zone, day_first
        self.zone_name = str(zone)
        self._cache: dict[str, tuple[int, str, bool] | None] = {}
        self.naive = self.excel = self.ambiguous = 0
        self.shapes: dict[str, int] = {}

    def parse(self, text: str) -> int | None:
        """UTC microseconds, or None if this is not a time."""
        found = self._cache.get(text, ...)
        if found is ...:
            found = self._read(text.strip())
            if len(self._cache) < 100_000:
                self._cache[text] = found
        if found is None:
            return None
        value, shape, naive = found
        self.shapes[shape] = self.shapes.get(shape, 0) + 1
        self.naive += naive
        self.excel += shape == "Excel serial number"
        self.ambiguous += shape == "ambiguous day/month"
        return value

    def _read(self, text: str) -> tuple[int, str, bool] | None:
        try:
            if len(text) >= 10 and text[4] == "-":
                return self._placed(datetime.fromisoformat(text), "year first")
        except (ValueError, OverflowError):
            pass
        try:
            return self._read_digits(text) or self._read_words(text)
        except (ValueError, OverflowError):
            return None

    def _read_digits(self, text: str) -> tuple[int, str, bool] | None:
        if _NUMBER.fullmatch(text):
            return self._read_number(text)
        if match := _YEAR_FIRST.fullmatch(text):
            return self._built(match, int(match["m"]), int(match["d"]), "year first")
        if match := _YEAR_LAST.fullmatch(text):
            first, second = int(match["a"]), int(match["b"])
            if first > 12 or second > 12 or match["sep"] == ".":
                day, month = (second, first) if second > 12 else (first, second)
                return self._built(match, month, day, "year last")
            day, month = (first, second) if self._day_first else (second, first)
            return self._built(match, month, day, "year last" if first == second else "ambiguous day/month")
        return None

    def _read_words(self, text: str) -> tuple[int, str, bool] | None:
        match = _NAMED_DAY.fullmatch(text) or _NAMED_MONTH.fullmatch(text)
        if match and (name := match["mon"][:3].lower()) in _MONTHS:
            return self._built(match, _MONTHS.index(name) + 1, int(match["d"]), "month name")
        return None

    def _read_number(self, text: str) -> tuple[int, str, bool] | None:
        if len(text) in (8, 12, 14) and (match := _COMPACT.fullmatch(text)) and "1900" < match["y"] < "2200":
            return self._built(match, int(match["m"]), int(match["d"]), "digits only")
        number = float(text)
        if 20_000 <= number < 80_000:
            moment = datetime(1899, 12, 30) + timedelta(milliseconds=round(number * 86_400_000))  # noqa: DTZ001
            return self._placed(moment, "Excel serial number")
        digits = len(text.partition(".")[0])
        if digits in (13, 16):
            return int(number * (1_000 if digits == 13 else 1)), "milliseconds since 1970", False
        if 100_000_000 <= number < 10_000_000_000:
            return round(number * 1_000_000), "seconds since 1970", False
        return None

    def _built(self, match: re.Match[str], month: int, day: int, shape: str) -> tuple[int, str, bool]:
        part = match.groupdict()
        year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
        hour = int(part.get("h") or 0)
        half = part.get("ap1") or (part.get("ap2") or "").lower()
        if half.startswith("p") or half in _AFTERNOON:
            hour += 12 if hour < 12 else 0
        elif half and hour == 12:
            hour = 0
        fraction = int((part.get("f") or "0").ljust(6, "0")[:6])
        moment = datetime(  # noqa: DTZ001
            year, month, day, hour, int(part.get("mi") or 0), int(part.get("s") or 0), fraction
        )
        if offset := part.get("z"):
            offset = "+00:00" if offset[0] not in "+-" else offset
            moment = datetime.fromisoformat(moment.isoformat() + offset)
        return self._placed(moment, shape)

    def _placed(self, moment: datetime, shape: str) -> tuple[int, str, bool]:
        naive = moment.tzinfo is None
        if naive:
            moment = moment.replace(tzinfo=self._zone)
        return micros(moment), shape, naive


def day_order(values: Iterable[str]) -> bool | None:
    """Whether slashed dates of a column put the day first (True) or the month (False).

    In: the column's values. Out: None if no value says, or if some say one and some the other.
    """
    seen: set[bool] = set()
    for value in values:
        match = _YEAR_LAST.fullmatch(value.strip())
        if match and int(match["a"]) > 12:
            seen.add(True)
        elif match and int(match["b"]) > 12:
            seen.add(False)
        if len(seen) == 2:
            return None
    return seen.pop() if seen else None

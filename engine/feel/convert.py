"""Plain JSON-like data to FEEL values and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from math import isfinite
from weakref import finalize
from zoneinfo import ZoneInfo

from engine.feel.errors import FeelError
from engine.feel.numbers import INT_LIMIT, from_float, from_int, narrow
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration, Zone
from engine.feel.temporal_text import Temporal, format_temporal
from engine.feel.values import FeelFunction, Range, kind_of

__all__ = ["Converted", "Prepared", "add_duration", "from_feel", "prepare", "to_datetime", "to_feel"]

_AS_IS = frozenset(
    [
        type(None),
        bool,
        str,
        FeelDate,
        FeelTime,
        FeelDateTime,
        DaysDuration,
        MonthsDuration,
        Range,
        FeelFunction,
    ]
)


Converted = dict[int, tuple[object, object]]
"""Lists and mappings already converted, by id: themselves, so that the id stays theirs, and the result."""


_ready: dict[int, tuple[object, object]] = {}
"""Lists and mappings of prepared data, by id: themselves, so that the id stays theirs, and what they become."""


class Prepared(dict[str, object]):
    """Plain data that is never changed and was converted once for all evaluations; see `prepare`."""


def prepare(data: Mapping[str, object]) -> Prepared:
    """The same data, for evaluations that read it again and again: `to_feel` of it, and of what is inside, costs
    nothing for as long as the result lives. Neither may be changed any more.

    Raises:
        FeelError: it holds something that is not data.
    """
    prepared = Prepared(data)
    converted: Converted = {}
    to_feel(prepared, converted)
    made = {id(value): (value, value) for _, value in converted.values() if isinstance(value, list | dict)}
    known = {**made, **converted}
    # The data itself is held by the entry of what it became, so that its end is noticed.
    known[id(prepared)] = (None, converted[id(prepared)][1])
    _ready.update(known)
    finalize(prepared, _forget, tuple(known))
    return prepared


def _forget(ids: tuple[int, ...]) -> None:
    for each in ids:
        _ready.pop(each, None)


def to_feel(value: object, converted: Converted | None = None) -> object:
    """Turn plain data into a FEEL value.

    Args:
        value: None, bool, int, float, Decimal, str, date, datetime, time, timedelta, FEEL values,
            and lists, tuples and mappings of them. NaN and infinities become null.
        converted: what was converted before, to be looked up and added to.

    Returns:
        The FEEL value; lists and dicts that already are FEEL values come back themselves.

    Raises:
        FeelError: a value of another type, or data nested too deeply.
    """
    try:
        return _to_feel(value, {} if converted is None else converted)
    except RecursionError:
        raise FeelError("Expected data that nests less deeply, but a list or mapping may hold itself") from None


def _to_feel(value: object, converted: Converted) -> object:
    kind = type(value)
    if kind in _AS_IS:
        return value
    if kind is int:
        return from_int(value)  # type: ignore[arg-type]
    if not isinstance(value, list | tuple | Mapping):
        return _scalar(value)
    known = converted.get(id(value)) or _ready.get(id(value))
    if known is None:
        known = converted[id(value)] = (value, _container(value, converted))
    return known[1]


def _container(value: Sequence[object] | Mapping[object, object], converted: Converted) -> object:
    if isinstance(value, Mapping):
        entries = {_key(key): _to_feel(item, converted) for key, item in value.items()}
        same = type(value) is dict and all(entries[str(key)] is item for key, item in value.items())
        return value if same else entries
    items = [_to_feel(item, converted) for item in value]
    same = type(value) is list and all(new is old for new, old in zip(items, value, strict=True))
    return value if same else items


def _scalar(value: object) -> object:
    if isinstance(value, bool | str):
        return bool(value) if isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return from_int(int(value))
    if isinstance(value, Decimal):
        return narrow(value)
    if isinstance(value, float):
        return from_float(value)
    if isinstance(value, datetime):
        return FeelDateTime(FeelDate(value.year, value.month, value.day), _time(value, value.utcoffset()))
    if isinstance(value, date):
        return FeelDate(value.year, value.month, value.day)
    if isinstance(value, time):
        return _time(value, value.utcoffset())
    if isinstance(value, timedelta):
        return DaysDuration(value // timedelta(microseconds=1) * 1000)
    raise FeelError(f"Expected plain data (text, numbers, dates, lists, mappings), but found a {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise FeelError(f"Expected text as the key of a mapping, but found {key!r}")
    return key


def _time(value: datetime | time, offset: timedelta | None) -> FeelTime:
    return FeelTime(value.hour, value.minute, value.second, value.microsecond * 1000, _zone(value.tzinfo, offset))


def _zone(zone: tzinfo | None, offset: timedelta | None) -> Zone:
    if isinstance(zone, ZoneInfo) and zone.key not in ("UTC", "Etc/UTC"):
        return zone.key
    return None if offset is None else int(offset.total_seconds())


def from_feel(value: object) -> object:
    """Turn a FEEL value into plain JSON data.

    Returns:
        Numbers as int where whole, else float; dates, times and durations as ISO 8601 text
        (a zone name as `@Asia/Shanghai` at the end); lists and dicts of the same.

    Raises:
        FeelError: a range, a function or a number beyond those of floats (1.8e308), which JSON cannot hold.
    """
    try:
        return _from_feel(value)
    except RecursionError:
        raise FeelError("Expected a value that nests less deeply") from None


def _from_feel(value: object) -> object:
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, Decimal):
        if value.copy_abs() < INT_LIMIT and value == value.to_integral_value():
            return int(value)
        if isfinite(number := float(value)):
            return number
        raise FeelError("Expected a number that JSON can hold, below 1.8e308; write string(…) around it")
    if isinstance(value, list):
        return [_from_feel(item) for item in value]
    if isinstance(value, dict):
        return {key: _from_feel(item) for key, item in value.items()}
    if isinstance(value, Temporal):
        return format_temporal(value)
    raise FeelError(f"Expected a value that JSON can hold, but found a {kind_of(value)}; write string(…) around it")


def to_datetime(value: FeelDateTime | FeelDate, local: tzinfo = UTC) -> datetime | None:
    """The moment in UTC; None outside Python's years 1 to 9999.

    Args:
        value: a date means its first moment.
        local: the zone of values that name none.
    """
    moment = FeelDateTime(value, FeelTime(0, 0, 0)) if isinstance(value, FeelDate) else value
    day, clock, offset = moment.date, moment.time, moment.offset
    if not 1 <= day.year <= 9999:
        return None
    plain = datetime(
        day.year, day.month, day.day, clock.hour, clock.minute, clock.second, clock.nano // 1000, tzinfo=UTC
    )
    try:
        if offset is None:
            return plain.replace(tzinfo=local).astimezone(UTC)
        return plain - timedelta(seconds=offset)
    except OverflowError:
        return None


def add_duration(moment: datetime, duration: DaysDuration | MonthsDuration) -> datetime | None:
    """`moment + duration` in the moment's own zone; None outside Python's years 1 to 9999.

    Args:
        moment: an aware datetime. Months move the calendar date; days and times the instant.
    """
    if isinstance(duration, DaysDuration):
        try:
            return (moment.astimezone(UTC) + timedelta(microseconds=duration.nanos // 1000)).astimezone(moment.tzinfo)
        except OverflowError:
            return None
    date_later = FeelDate(moment.year, moment.month, moment.day).months_later(duration.months)
    if date_later is None or not 1 <= date_later.year <= 9999:
        return None
    return moment.replace(year=date_later.year, month=date_later.month, day=date_later.day)

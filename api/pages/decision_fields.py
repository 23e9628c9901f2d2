"""Reading one value that was typed for a decision: what it means by the declared type, or what is wrong with it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from api.i18n import mark
from engine.decisions.inputs import InputField
from engine.errors import CiviflowError
from engine.feel import compile_expression, parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.temporal import DaysDuration, MonthsDuration
from engine.feel.values import format_value

__all__ = ["BadValue", "is_json", "read_feel", "read_value", "text_of"]

_DIGITS: Final = 34
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_UNITS: Final = {
    **dict.fromkeys(("y", "year", "years", "年"), "Y"),
    **dict.fromkeys(("month", "months", "个月", "月"), "M"),
    **dict.fromkeys(("d", "day", "days", "天", "日"), "D"),
    **dict.fromkeys(("h", "hour", "hours", "小时", "个小时"), "H"),
    **dict.fromkeys(("min", "minute", "minutes", "分", "分钟"), "m"),
    **dict.fromkeys(("s", "second", "seconds", "秒"), "S"),
}
_AMOUNT: Final = re.compile(r"(\d{1,9})\s*([^\d\s]+)")


class BadValue(Exception):
    """What is wrong with what was typed.

    Args:
        text: an English sentence of ours, to be translated; `values` stand in it.
    """

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text)
        self.text = text
        self.values: Mapping[str, str] = values


def read_value(field: InputField, typed: str) -> object:
    """What was typed, as a FEEL value or plain data.

    Args:
        typed: not empty. With '=' before it, FEEL.

    Raises:
        BadValue: it cannot be meant as the declared type, or is not allowed.
    """
    if typed.lstrip().startswith("="):
        value = read_feel(typed.lstrip()[1:], {})
    else:
        value = _READERS.get(field.type, _data)(typed)
    if not field.takes(value):
        raise _not_taken(field)
    return value


def _not_taken(field: InputField) -> BadValue:
    if field.allowed:
        return BadValue(mark("Expected one of the allowed values: %(allowed)s."), allowed=field.allowed)
    return BadValue(mark("Expected a value of type %(type)s."), type=str(field.kind))


def read_feel(text: str, names: Mapping[str, object]) -> object:
    """The value of a FEEL expression over what else was typed.

    Raises:
        BadValue: it is not FEEL, takes too long, or reads what is not there.
    """
    try:
        value, warnings = compile_expression(text.strip(), names=tuple(names)).evaluate_with_warnings(names)
    except CiviflowError as error:
        raise BadValue(mark("Expected FEEL, but: %(reason)s"), reason=error.message) from error
    if value is None and warnings:
        raise BadValue(mark("Expected FEEL with a value, but: %(reason)s"), reason=warnings[0])
    return value


def _number(typed: str) -> object:
    text = unicodedata.normalize("NFKC", typed).strip().replace("−", "-").replace(" ", "")
    wrong = BadValue(mark("Expected a number such as 12 or 12.5."))
    if not _NUMBER.fullmatch(text):
        raise wrong
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise wrong from None
    if len(value.as_tuple().digits) > _DIGITS:
        raise wrong
    return value


def _boolean(typed: str) -> object:
    known = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
    if typed.strip().lower() not in known:
        raise BadValue(mark("Expected yes or no."))
    return known[typed.strip().lower()]


def _date(typed: str) -> object:
    return _parsed(parse_date(typed.strip()), mark("Expected a date such as 2026-11-22."))


def _time(typed: str) -> object:
    text = typed.strip()
    text = f"{text}:00" if re.fullmatch(r"\d\d:\d\d", text, re.ASCII) else text
    return _parsed(parse_time(text), mark("Expected a time of day such as 14:30."))


def _date_time(typed: str) -> object:
    text = typed.strip().replace(" ", "T")
    text = f"{text}:00" if re.fullmatch(r".*T\d\d:\d\d", text, re.ASCII) else text
    found = parse_date_time(text) or parse_date(text)
    return _parsed(found, mark("Expected a date and time such as 2026-11-22 14:30."))


def _days(typed: str) -> object:
    found = _duration(typed)
    wrong = mark("Expected a duration such as P3D or “3 days”, PT8H or “8 hours”.")
    return _parsed(found if isinstance(found, DaysDuration) else None, wrong)


def _months(typed: str) -> object:
    found = _duration(typed)
    wrong = mark("Expected a duration such as P1Y6M or “1 year 6 months”.")
    return _parsed(found if isinstance(found, MonthsDuration) else None, wrong)


def _duration(typed: str) -> object:
    """ISO 8601, or amounts with units in English or Chinese: '2 days 4 hours', '1年6个月'."""
    text = unicodedata.normalize("NFKC", typed).strip()
    found = parse_duration(text)
    if found is not None:
        return found
    amounts = [(amount, _UNITS.get(unit.lower(), "")) for amount, unit in _AMOUNT.findall(text)]
    if not amounts or not all(unit for _, unit in amounts) or _AMOUNT.sub("", text).strip():
        return None
    units = "".join(unit for _, unit in amounts)
    if re.fullmatch("Y?M?", units):
        return parse_duration("P" + "".join(f"{amount}{unit}" for amount, unit in amounts))
    if not re.fullmatch("D?H?m?S?", units):
        return None
    days = "".join(f"{amount}D" for amount, unit in amounts if unit == "D")
    clock = "".join(f"{amount}{unit.upper()}" for amount, unit in amounts if unit != "D")
    return parse_duration(f"P{days}{'T' + clock if clock else ''}")


def _parsed(found: object, wrong: str) -> object:
    if found is None:
        raise BadValue(wrong)
    return found


def _list(typed: str) -> object:
    value = _json_or_feel(typed, mark('Expected a list such as [1, 2] or ["a", "b"], as JSON or FEEL.'))
    return value if isinstance(value, list) else [value]


def _context(typed: str) -> object:
    wrong = mark('Expected named values such as {"name": "value"}, as JSON or FEEL.')
    value = _json_or_feel(typed, wrong)
    if not isinstance(value, dict):
        raise BadValue(wrong)
    return value


def _json_or_feel(typed: str, wrong: str) -> object:
    value = _json(typed)
    if value is not _NONE:
        return value
    try:
        return read_feel(typed, {})
    except BadValue:
        raise BadValue(wrong) from None


def _data(typed: str) -> object:
    """Where no type is declared: JSON if it is any, so that "0101" in quotes is text; else the text itself."""
    value = _json(typed)
    return typed.strip() if value is _NONE else value


_NONE: Final[Any] = object()


def _json(typed: str) -> object:
    try:
        return json.loads(typed, parse_float=Decimal, parse_constant=lambda name: _refuse(name))
    except (ValueError, RecursionError):
        return _NONE


def is_json(text: str) -> bool:
    """Whether a text would be read as something else than itself where no type is declared."""
    return _json(text) is not _NONE


def _refuse(name: str) -> object:
    raise ValueError(name)


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "string": str,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "date and time": _date_time,
    "days and time duration": _days,
    "years and months duration": _months,
    "list": _list,
    "context": _context,
}


def text_of(value: object) -> str:
    """A choice as it stands in a form."""
    return "" if value is None else format_value(value) or ""

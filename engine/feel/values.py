"""What FEEL expressions evaluate to (DMN 1.5, 10.3.2).

    null                        None
    boolean                     bool
    number                      int of at most 34 digits, or Decimal
    string                      str
    date, time, date and time   FeelDate, FeelTime, FeelDateTime
    durations                   DaysDuration, MonthsDuration
    list                        list
    context                     dict with string keys
    range                       Range
    function                    FeelFunction

Lists and contexts are never changed once made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.feel.numbers import format_number
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.temporal_text import Temporal, format_temporal

if TYPE_CHECKING:
    from engine.feel.ast import Type
    from engine.feel.runtime import Run

__all__ = ["FeelFunction", "Range", "format_value", "kind_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """Values between two ends (10.3.2.7); an end that is None is open and never included.

    Args:
        form: how it was written, where that matters: `=` for `= 5`, which is not the range [5..5]; `!=` for
            `!= 5`, from 5 to 5 and holding everything but its ends; `null` for an interval with an end
            that is null, of which nobody can tell what it holds; else "".
    """

    start: object
    end: object
    start_included: bool
    end_included: bool
    form: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FeelFunction:
    """A function as a value: defined in FEEL, built in, or given by the host.

    Args:
        name: for messages; '' for a function that was never named.
        parameters: their names in order.
        call: takes the evaluation and positional arguments.
        call_named: takes the evaluation and arguments by parameter name.
        types: of the parameters, for `instance of`; None where they are not written down.
        result: the type of what it gives, where the text tells.
        origin: its definition and the scope it was defined in; equal origins make equal functions (Table 53).
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Run, Sequence[object]], object] = field(repr=False)
    call_named: Callable[[Run, Mapping[str, object]], object] = field(repr=False)
    types: tuple[Type, ...] | None = field(default=None, repr=False)
    result: Type | None = field(default=None, repr=False)
    origin: object = field(default=None, repr=False)


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    FeelDate: "date",
    FeelTime: "time",
    FeelDateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    FeelFunction: "function",
}


def kind_of(value: object) -> str:
    """The FEEL type of a value, without parameters: 'number', 'date and time', 'list', …"""
    return _KINDS[type(value)]


def format_value(value: object, charge: Callable[[int], object] | None = None) -> str | None:
    """What `string(value)` gives; None for null. Strings inside lists and contexts stand in quotes.

    Args:
        charge: called with the number of characters of each part, so that a budget can stop it.
    """
    if value is None or isinstance(value, str):
        return value
    return _Writer(charge or (lambda size: None)).write(value)


class _Writer:
    def __init__(self, charge: Callable[[int], object]) -> None:
        self._charge = charge

    def write(self, value: object) -> str:
        text = self._compound(value) if isinstance(value, list | dict) else _scalar(value)
        self._charge(len(text))
        return text

    def _compound(self, value: list[object] | dict[str, object]) -> str:
        if isinstance(value, list):
            return "[" + ", ".join([self.write(item) for item in value]) + "]"
        return "{" + ", ".join([f"{_key(key)}: {self.write(item)}" for key, item in value.items()]) + "}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | Decimal):
        return format_number(value)
    if isinstance(value, Range):
        return _range(value)
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    assert isinstance(value, Temporal)
    return format_temporal(value)


def _key(key: str) -> str:
    return key if key.isidentifier() else _scalar(key)


def _range(value: Range) -> str:
    def end(item: object) -> str:
        return f'@"{format_temporal(item)}"' if isinstance(item, Temporal) else _scalar(item)

    if value.form in ("=", "!="):
        return f"{value.form} {end(value.start)}"
    if value.end is None and not value.form:
        return f"{'>=' if value.start_included else '>'} {end(value.start)}"
    if value.start is None and not value.form:
        return f"{'<=' if value.end_included else '<'} {end(value.end)}"
    left, right = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{left}{end(value.start)}..{end(value.end)}{right}"

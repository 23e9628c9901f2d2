"""Expressions of a model: compiled once, evaluated against the variables of a scope.

Whatever goes wrong in an expression while tokens move becomes `Stuck`, which parks the one token that needed it.
A null where a condition is expected is no answer: it parks the token, rather than silently taking the default flow.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from engine.errors import CiviflowError
from engine.feel import Expression, from_feel
from engine.spiff.timers import parse_duration, parse_instant

Context = Mapping[str, object]


class Stuck(Exception):
    """The token cannot go on; caught inside the wall, where it becomes an incident.

    Args:
        kind: as in `IncidentOpened`.
        message: what happened, naming the element.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Surroundings(Protocol):
    """What expressions need beside variables."""

    now: datetime
    zone: ZoneInfo

    @property
    def local_now(self) -> datetime:
        """The instant as the site's clock shows it: what expressions see."""
        ...

    @property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Functions of the host."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
    """A literal or a compiled FEEL expression, and where in the model it stands.

    Args:
        text: the literal, or the expression's source.
        place: for messages: 'condition of flow_1 at gateway_2'.
        feel: the compiled expression; None for a literal.
    """

    text: str
    place: str
    feel: Expression | None = None

    def evaluate(self, around: Surroundings, context: Context) -> object:
        """The value as plain JSON-like data.

        Raises:
            Stuck: the expression failed.
        """
        if self.feel is None:
            return self.text
        try:
            value = self.feel.evaluate(context, now=around.local_now, functions=around.functions)
            return value if value is None or value is True or value is False else from_feel(value)
        except CiviflowError as error:
            raise self.stuck(f"but evaluating '{self.text}' failed: {error.message}") from error
        except Exception as error:  # a stranger's expression may cost its own token, never the whole command
            raise self.stuck(f"but evaluating '{self.text}' failed: {type(error).__name__}: {error}") from error

    def stuck(self, rest: str, kind: str = "expression") -> Stuck:
        """An error about this expression."""
        return Stuck(kind, f"Expected a value for the {self.place}, {rest}")

    def holds(self, around: Surroundings, context: Context, *, unknown: bool | None = None) -> bool:
        """Whether a condition is true; null counts as `unknown`, if that is given.

        Raises:
            Stuck: it failed, or gave something other than true or false.
        """
        value = self.evaluate(around, context)
        if value is None and unknown is not None:
            return unknown
        if value is True or value is False:
            return value
        raise Stuck(
            "condition",
            f"Expected the {self.place}, '{self.text}', to be true or false but it gave "
            f"{_shown(value)}{self._missing(context)}.",
        )

    def string(self, around: Surroundings, context: Context) -> str | None:
        """A string, or None for null; numbers are written out.

        Raises:
            Stuck: it failed, or gave a list, a context or a truth value.
        """
        value = self.evaluate(around, context)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise self.stuck(f"namely a string, but '{self.text}' gave {_shown(value)}.")

    def required(self, around: Surroundings, context: Context) -> str:
        """A string that is not empty.

        Raises:
            Stuck: it failed, or gave null, an empty string or no string.
        """
        value = self.string(around, context)
        if not value:
            raise self.stuck(f"namely a string, but '{self.text}' gave {_shown(value)}{self._missing(context)}.")
        return value

    def strings(self, around: Surroundings, context: Context) -> tuple[str, ...]:
        """Several strings: a FEEL list, or a text with commas; null gives none.

        Raises:
            Stuck: it failed, or the list holds something other than strings and numbers.
        """
        value = self.evaluate(around, context)
        if isinstance(value, list):
            if all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in value):
                return tuple(str(item) for item in value)
            raise self.stuck(f"namely a list of strings, but '{self.text}' gave {_shown(value)}.")
        text = self.string(around, context)
        return tuple(part for item in (text or "").split(",") if (part := item.strip()))

    def integer(self, around: Surroundings, context: Context) -> int:
        """A whole number.

        Raises:
            Stuck: it failed, or gave something else.
        """
        value = self.evaluate(around, context)
        try:
            if isinstance(value, str | int) and not isinstance(value, bool):
                return int(value)
        except ValueError:
            pass
        raise self.stuck(f"namely a whole number, but '{self.text}' gave {_shown(value)}{self._missing(context)}.")

    def instant(self, around: Surroundings, context: Context) -> datetime | None:
        """An instant, UTC: from a date, a date-time, or a duration counted from now; null gives None.

        Raises:
            Stuck: it failed, or gave something else.
        """
        value = self.string(around, context)
        if not value:
            return None
        try:
            if value.lstrip("+-").startswith("P"):
                return parse_duration(value).after(around.now, around.zone)
            return parse_instant(value, around.zone)
        except ValueError as error:
            raise self.stuck(f"but: {error}") from error

    def _missing(self, context: Context) -> str:
        missing = sorted(self.feel.names - set(context)) if self.feel else []
        return f" (no variable {', '.join(missing)})" if missing else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapped:
    """One input or output mapping."""

    source: Formula
    target: str


def evaluate_mappings(around: Surroundings, mappings: Sequence[Mapped], context: Context) -> dict[str, object]:
    """Targets with their values; a later mapping sees the earlier ones.

    Raises:
        Stuck: an expression failed.
    """
    values: dict[str, object] = {}
    for mapping in mappings:
        seen = overlay(values, context) if values else context
        values[mapping.target] = mapping.source.evaluate(around, seen)
    return values


def overlay(over: Mapping[str, object], context: Context) -> Context:
    """The context with some more names, which shadow; copies neither."""
    return ChainMap(cast("dict[str, object]", over), cast("dict[str, object]", context))


def _shown(value: object) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"

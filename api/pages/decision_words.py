"""Decisions in words: values, cells, types, hit policies, and why something is null, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from api.i18n import Texts, mark
from api.pages.decision_reasons import reason_in
from api.pages.visit import Visit
from api.pages.words import day
from engine.decisions.checks.constants import is_cheap, value_of
from engine.errors import CiviflowError
from engine.feel import ast
from engine.feel.numbers import INT_LIMIT, format_number
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.temporal_text import format_temporal
from engine.feel.values import FeelFunction, Range, format_value

_POLICIES: Final = {
    "U": (mark("Unique"), mark("At most one rule may match; its outputs are the result.")),
    "A": (mark("Any"), mark("Several rules may match, but they must agree.")),
    "P": (mark("Priority"), mark("Of the rules that match, the one with the most important output decides.")),
    "F": (mark("First"), mark("The first rule that matches, from the top, decides.")),
    "R": (mark("Rule order"), mark("All rules that match, in the order of the table.")),
    "O": (mark("Output order"), mark("All rules that match, the most important output first.")),
    "C": (mark("Collect"), mark("All rules that match; their outputs are a list.")),
    "C+": (mark("Collect: sum"), mark("The outputs of all rules that match are added up.")),
    "C<": (mark("Collect: smallest"), mark("The smallest output of all rules that match.")),
    "C>": (mark("Collect: largest"), mark("The largest output of all rules that match.")),
    "C#": (mark("Collect: count"), mark("How many rules match.")),
}
_TYPES: Final = {
    "number": mark("number"),
    "string": mark("text"),
    "boolean": mark("yes or no"),
    "date": mark("date"),
    "time": mark("time of day"),
    "date and time": mark("date and time"),
    "days and time duration": mark("duration in days and hours"),
    "years and months duration": mark("duration in years and months"),
    "list": mark("list"),
    "context": mark("several values"),
    "any": mark("anything"),
    "Any": mark("anything"),
    "range": mark("range"),
    "function": mark("function"),
    "null": mark("empty"),
}
_SIGNS: Final = {"<=": "≤", ">=": "≥", "!=": "≠"}
_SECOND: Final = 1_000_000_000
_LONGEST: Final = 300
_MOST_ITEMS: Final = 50


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A cell as people read it.

    Args:
        text: in words where its meaning has any; else as the model writes it.
        is_code: whether it is the latter.
        is_any: whether it asks nothing.
        source: as the model writes it, where that differs.
    """

    text: str
    is_code: bool = False
    is_any: bool = False
    source: str = ""


class DecisionWords:
    """Words in one language.

    Args:
        texts: the language.
        names: translations of the model's own names and texts.
    """

    def __init__(self, texts: Texts, names: Mapping[str, str]) -> None:
        self.texts = texts
        self.gettext = texts.gettext
        self._names = names

    @classmethod
    def of(cls, visit: Visit, definition_id: str) -> DecisionWords:
        """The reader's words, with the translations that a process of the same deployment brings; '' for none."""
        return cls(visit.texts, visit.texts_of(definition_id) if definition_id else {})

    def said(self, text: str) -> str:
        """A name or text of the model in the reader's language."""
        return self._names.get(text, text)

    def policy(self, code: str) -> tuple[str, str]:
        """A hit policy's name, and what it means."""
        name, meaning = _POLICIES.get(code, (code, ""))
        return self.gettext(name), self.gettext(meaning) if meaning else ""

    def type(self, name: str) -> str:
        """A type in words; one that the model defines by its name."""
        return self.gettext(_TYPES[name]) if name in _TYPES else name

    def reason(self, warning: str) -> str:
        """Why something is null."""
        return reason_in(warning, self.texts, self.type, self.said)

    def value(self, value: object) -> str:
        """A FEEL value as a line of text."""
        return _cut(self._value(value))

    def _value(self, value: object) -> str:
        gettext = self.gettext
        if value is None:
            return gettext("empty")
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, str):
            return self.said(value) or gettext("empty text")
        if isinstance(value, int | Decimal):
            # 10 * 2.8 is 28.0 in FEEL, which keeps digits; people read 28
            whole = isinstance(value, Decimal) and abs(value) < INT_LIMIT and value == value.to_integral_value()
            return format_number(int(value) if whole else value)
        if isinstance(value, list):
            more = " …" if len(value) > _MOST_ITEMS else ""
            return gettext(", ").join(map(self._value, value[:_MOST_ITEMS])) + more if value else gettext("empty list")
        if isinstance(value, dict):
            colon = gettext(": ")
            parts = [f"{name}{colon}{self._value(item)}" for name, item in list(self.own(value))[:_MOST_ITEMS]]
            return gettext("; ").join(parts) or gettext("empty")
        return self._moment(value)

    def own(self, parts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """Entries by their names in words; of what is said in both languages, as `reason` and `reason_en`, one."""
        for key, item in parts.items():
            english = f"{key}_en"
            if key.endswith("_en") and key.removesuffix("_en") in parts:
                continue
            yield self.said(key), parts[english] if self.texts.language == "en" and english in parts else item

    def _moment(self, value: object) -> str:
        if isinstance(value, FeelDate):
            return day(format_temporal(value), texts=self.texts)
        if isinstance(value, FeelDateTime):
            return f"{day(format_temporal(value.date), texts=self.texts)} {_clock(value.time)}"
        if isinstance(value, FeelTime):
            return _clock(value)
        if isinstance(value, DaysDuration | MonthsDuration):
            return self._duration(value)
        if isinstance(value, Range):
            return self._range(value)
        if isinstance(value, FeelFunction):
            return self.gettext("function %(name)s") % {"name": f"({', '.join(value.parameters)})"}
        return format_value(value) or ""

    def _range(self, value: Range) -> str:
        if value.form:
            return format_value(value) or ""
        low = [f"{'≥' if value.start_included else '>'} {self._value(value.start)}"] if value.start is not None else []
        high = [f"{'≤' if value.end_included else '<'} {self._value(value.end)}"] if value.end is not None else []
        return self._both(*low, *high)

    def _both(self, *parts: str) -> str:
        return (
            self.gettext("%(low)s and %(high)s") % dict(zip(("low", "high"), parts, strict=True))
            if (len(parts) == 2)
            else "".join(parts)
        )

    def _duration(self, value: DaysDuration | MonthsDuration) -> str:
        ngettext = self.texts.ngettext
        amount = value.months if isinstance(value, MonthsDuration) else value.nanos
        left, parts = abs(amount), []
        if isinstance(value, MonthsDuration):
            years, months = divmod(left, 12)
            parts += [ngettext("%(count)s year", "%(count)s years", years) % {"count": years}] if years else []
            parts += [ngettext("%(count)s month", "%(count)s months", months) % {"count": months}] if months else []
        else:
            days, left = divmod(left, 86_400 * _SECOND)
            hours, left = divmod(left, 3_600 * _SECOND)
            minutes, left = divmod(left, 60 * _SECOND)
            seconds = format_number(left // _SECOND if left % _SECOND == 0 else Decimal(left) / _SECOND)
            parts += [ngettext("%(count)s day", "%(count)s days", days) % {"count": days}] if days else []
            parts += [ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}] if hours else []
            parts += [self.gettext("%(count)s min") % {"count": minutes}] if minutes else []
            parts += [self.gettext("%(count)s s") % {"count": seconds}] if left or not parts else []
        return ("−" if amount < 0 else "") + " ".join(parts or ["0"])

    def asked(self, text: str) -> Shown:
        """A condition: '> 50', '城区, 郊区', '≥ 18 and < 65'; code where there is more to it."""
        if text in ("", "-"):
            return Shown(text=self.gettext("any"), is_any=True)
        tests = _tests(text)
        said = None if tests is None else self._tests(tests)
        return Shown(text=text, is_code=True) if said is None else _shown(said, text)

    def given(self, text: str) -> Shown:
        """An output or a literal: a constant in words, anything else as code."""
        if text in ("", "-"):
            return Shown(text=self.gettext("empty"), is_any=True)
        found = _constant(text)
        return Shown(text=text, is_code=True) if found is None else _shown(self._value(found[0]), text)

    def _tests(self, tests: ast.UnaryTests) -> str | None:
        parts = [self._test(one) for one in tests.tests]
        if any(part is None for part in parts):
            return None
        listed = self.gettext(", ").join(part for part in parts if part is not None)
        return self.gettext("not: %(values)s") % {"values": listed} if tests.negated else listed

    def _test(self, node: ast.Node) -> str | None:
        if not is_cheap(node):
            return None
        if isinstance(node, ast.UnaryComparison):
            operand = _value_of(node.operand)
            return None if operand is None else f"{_SIGNS.get(node.op, node.op)} {self._value(operand[0])}"
        if isinstance(node, ast.Interval):
            low, high = _value_of(node.start), _value_of(node.end)
            if low is None or high is None:
                return None
            return self._both(
                f"{'≥' if node.start_included else '>'} {self._value(low[0])}",
                f"{'≤' if node.end_included else '<'} {self._value(high[0])}",
            )
        found = _value_of(node)
        return None if found is None or isinstance(found[0], list | dict) else self._value(found[0])


def _shown(said: str, text: str) -> Shown:
    return Shown(text=_cut(said), source="" if said == text else text)


def _clock(value: FeelTime) -> str:
    """A time of day without seconds that are none: '08:30', '08:30:15+08:00'."""
    text = format_temporal(value)
    return text[:5] + text[8:] if text[5:8] == ":00" and not value.nano else text


@lru_cache(maxsize=4096)
def _tests(text: str) -> ast.UnaryTests | None:
    try:
        return parse_unary_tests(text)
    except (CiviflowError, RecursionError):
        return None


@lru_cache(maxsize=4096)
def _constant(text: str) -> tuple[Any] | None:
    """The value of an expression made of literals, in a tuple; None for any other."""
    try:
        node = parse_expression(text)
    except (CiviflowError, RecursionError):
        return None
    return _value_of(node) if is_cheap(node) and not isinstance(node, ast.UnaryComparison | ast.Interval) else None


def _value_of(node: ast.Node) -> tuple[Any] | None:
    try:
        return (value_of(node),)
    except (CiviflowError, RecursionError):
        return None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"

"""The form on which a decision is tried: made from what it needs, read back, and turned into a link."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from api.pages.decision_fields import BadValue, is_json, read_feel, read_value, text_of
from api.pages.decision_words import DecisionWords
from engine.decisions.inputs import InputField
from engine.decisions.result import plain
from engine.errors import CiviflowError
from engine.feel import to_feel
from engine.feel.values import format_value

PREFIX: Final = "in."
FEEL: Final = "feel"
LONGEST_LINK: Final = 1_800
"""Characters of an address that browsers, proxies and chat programs all carry."""

_CONTROLS: Final = {
    "number": "number",
    "boolean": "choice",
    "date": "date",
    "time": "time",
    "date and time": "moment",
    "list": "area",
    "context": "area",
}
_PICKERS: Final = {"date": 10, "time": 8, "moment": 19}


@dataclass(kw_only=True)
class Entry:
    """One field of the form, as templates draw it.

    Args:
        source: its name in the model, where the label says another thing.
        control: 'text', 'number', 'choice', 'checks', 'date', 'time', 'moment', 'area' or 'group'.
        typed: what stands in it; of checks what is chosen.
        options: of a choice: value and label.
        hints: what else its author says of it.
        examples: values that rules ask for.
        parts: of a group.
    """

    id: str
    name: str
    label: str
    source: str
    type: str
    control: str
    typed: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    hints: Sequence[str] = ()
    examples: Sequence[tuple[str, str]] = ()
    parts: Sequence[Entry] = ()
    problem: str = ""

    @property
    def value(self) -> str:
        """What stands in a field of one value."""
        return self.typed[0] if self.typed else ""

    @property
    def fits_picker(self) -> bool:
        """Whether the browser's picker can show what was typed; a text field can show anything."""
        text = self.value
        return not text or (len(text) <= _PICKERS.get(self.control, 0) and text[:1].isdigit() and not self.problem)


@dataclass(kw_only=True)
class Trial:
    """What was typed, and what it means.

    Args:
        inputs: by name, for the evaluation.
        entries: the fields with what stands in them.
        feel: the expert's field; `feel_problem`: what is wrong with it.
        query: the same as the query of an address.
    """

    inputs: dict[str, object] = field(default_factory=dict)
    entries: Sequence[Entry] = ()
    feel: str = ""
    feel_problem: str = ""
    query: str = ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Where something is wrong: the field's id and what is wrong."""
        found = [(entry.id, f"{entry.label}: {entry.problem}") for entry in _walk(self.entries) if entry.problem]
        return found + ([(FEEL, f"FEEL: {self.feel_problem}")] if self.feel_problem else [])

    @property
    def is_short(self) -> bool:
        """Whether a link can carry it."""
        return len(self.query) <= LONGEST_LINK


class TrialForm:
    """The form of one decision.

    Args:
        fields: what it needs.
        words: the reader's.
    """

    def __init__(self, fields: Sequence[InputField], words: DecisionWords) -> None:
        self.fields = fields
        self.words = words
        self.gettext = words.gettext

    def read(self, sent: Mapping[str, Sequence[str]]) -> Trial:
        """What was typed; nothing of it is lost, and each wrong field has its own problem.

        Args:
            sent: of a form or an address: name → values.
        """
        trial = Trial(feel=next(iter(sent.get(FEEL, ())), ""))
        trial.entries = [self._entry(one, one.path, sent, trial.inputs) for one in self.fields]
        if trial.feel.strip():
            try:
                trial.inputs |= self._expert(trial.feel, trial.inputs)
            except BadValue as wrong:
                trial.feel_problem = self._said(wrong)
        kept = [(name, value) for name, values in sent.items() for value in values if value.strip()]
        trial.query = urlencode(kept)
        return trial

    def _expert(self, text: str, inputs: Mapping[str, object]) -> dict[str, object]:
        value = read_feel(text, inputs)
        if not isinstance(value, dict):
            raise BadValue('Expected named values such as {"name": "value"}, as JSON or FEEL.')
        return value

    def _entry(
        self, one: InputField, path: Sequence[str], sent: Mapping[str, Sequence[str]], into: dict[str, object]
    ) -> Entry:
        """The field with what was typed; its value goes where `path` leads."""
        entry = self._empty(one)
        if one.parts:
            inside: dict[str, object] = {}
            entry.parts = [self._entry(part, part.path[-1:], sent, inside) for part in one.parts]
            if inside:
                _put(path, inside, into)
            return entry
        entry.typed = [value for value in sent.get(entry.name, ()) if value.strip()]
        if not entry.typed:
            return entry
        try:
            value = self._value(one, entry)
        except (BadValue, CiviflowError) as wrong:
            entry.problem = self._said(wrong)
            if entry.control == "choice" and entry.value not in {value for value, _ in entry.options}:
                entry.options = [*entry.options, (entry.value, entry.value)]
            return entry
        _put(path, value, into)
        return entry

    def _value(self, one: InputField, entry: Entry) -> object:
        if one.choices and one.type != "boolean":
            known = {text_of(choice): choice for choice in one.choices}
            if all(typed in known for typed in entry.typed):
                return [known[typed] for typed in entry.typed] if one.type == "list" else known[entry.value]
        return read_value(one, entry.value)

    def _empty(self, one: InputField) -> Entry:
        name = PREFIX + one.name
        control = "group" if one.parts else _CONTROLS.get(one.type, "text")
        options: list[tuple[str, str]] = []
        if one.type == "boolean":
            options = [("true", self.gettext("yes")), ("false", self.gettext("no"))]
        elif one.choices:
            control = "checks" if one.type == "list" else "choice"
            options = [(text_of(choice), self.words.value(choice)) for choice in one.choices]
        label = self.words.said(one.label or one.path[-1])
        return Entry(
            id=f"f-{one.name}",
            name=name,
            label=label,
            source=one.name if label != one.name else "",
            type=self.words.type(one.type),
            control=control,
            options=options,
            hints=list(self._hints(one)),
            examples=[] if options else [(_typed(value, one.type), self.words.value(value)) for value in one.examples],
        )

    def _hints(self, one: InputField) -> Iterator[str]:
        if one.allowed and not one.choices:
            yield self.gettext("allowed: %(values)s") % {"values": self.words.asked(one.allowed).text}
        if one.type == "days and time duration":
            yield self.gettext("such as P3D or “3 days”, PT8H or “8 hours”")
        elif one.type == "years and months duration":
            yield self.gettext("such as P1Y6M or “1 year 6 months”")
        elif one.type == "list" and not one.choices:
            yield self.gettext("as JSON or FEEL, such as [1, 2]")
        elif one.type == "context" and not one.parts:
            yield self.gettext('as JSON or FEEL, such as {"name": "value"}')
        elif one.type == "any":
            yield self.gettext('a number, true, false, text, or JSON; digits that are text in quotes: "0101"')
        if not one.is_declared:
            yield self.gettext("not declared in the model: the rules read a value of this name")

    def _said(self, wrong: Exception) -> str:
        if isinstance(wrong, BadValue):
            values = {name: self._value_said(name, text) for name, text in wrong.values.items()}
            return self.gettext(wrong.text) % values
        return wrong.message if isinstance(wrong, CiviflowError) else str(wrong)

    def _value_said(self, name: str, text: str) -> str:
        if name == "allowed":
            return self.words.asked(text).text
        return self.words.type(text) if name == "type" else self.words.reason(text)


def typed_as(inputs: Mapping[str, object], fields: Sequence[InputField]) -> dict[str, list[str]]:
    """Inputs that were given elsewhere, as one would type them into the form."""
    found: dict[str, list[str]] = {}
    for one, value in _given(inputs, fields):
        if value is None:
            continue
        chosen = value if one.type == "list" and one.choices and isinstance(value, list) else [value]
        found[PREFIX + one.name] = [_typed(item, one.type) for item in chosen]
    return found


def _given(inputs: Mapping[str, object], fields: Sequence[InputField]) -> Iterator[tuple[InputField, object]]:
    for one in fields:
        if one.parts:
            yield from _given(inputs, one.parts)
            continue
        value: object = inputs
        for name in one.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        yield one, value


def _put(path: Sequence[str], value: object, into: dict[str, Any]) -> None:
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value


def _typed(value: object, type_: str) -> str:
    """A value, plain as it is stored or of FEEL, as one types it into a field of a type."""
    value = to_feel(value)
    if isinstance(value, str):
        is_more = value.lstrip().startswith("=") or (type_ == "any" and is_json(value))
        return "=" + json.dumps(value, ensure_ascii=False) if is_more else value
    if isinstance(value, list | dict):
        return json.dumps(plain(value), ensure_ascii=False)
    return format_value(value) or ""


def is_ours(name: str) -> bool:
    """Whether a part of a form or address is one of the fields here."""
    return name.startswith(PREFIX) or name == FEEL


def _walk(entries: Sequence[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _walk(entry.parts)

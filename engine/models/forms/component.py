"""The parts of a form, ready to render and to check. Names follow form-js (form-json-schema 1.18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Literal

from engine.errors import BudgetExceeded, ExpressionError
from engine.models.forms import scope as scopes

TEXT_INPUTS: Final = frozenset({"textfield", "textarea"})
SINGLE_CHOICES: Final = frozenset({"select", "radio"})
MULTIPLE_CHOICES: Final = frozenset({"checklist", "taglist"})
CHOICES: Final = SINGLE_CHOICES | MULTIPLE_CHOICES
INPUTS: Final = TEXT_INPUTS | CHOICES | {"number", "datetime", "checkbox", "filepicker"}
CONTAINERS: Final = frozenset({"group", "dynamiclist"})
DISPLAYED: Final = frozenset(
    {"text", "html", "separator", "spacer", "button", "image", "table", "iframe", "documentPreview"}
)
TYPES: Final = INPUTS | CONTAINERS | DISPLAYED | {"expression"}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a select, radio, checklist or taglist.

    Args:
        value: what becomes the variable: a string, number, boolean or object.
        label: what people see.
        labels: labels by language ('en', 'zh'), from `label_en`, `label_zh`.
    """

    value: object
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: `key` is looked up in each row."""

    key: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Component:
    """One field, container or piece of text.

    Settings that the schema gives as FEEL ('=…') stand in `computed`; `resolved()` gives a copy
    in which they, the options and the texts are filled in.

    Args:
        id: unique in the form.
        type: form-js type: 'textfield', 'number', 'group', 'dynamiclist', 'text', …
        key: where the value goes, a path such as 'applicant.phone', relative to the form or, inside a
            dynamic list, to the list's item; '' for what holds no value.
        label, description: as written, for people.
        text: content of 'text' and 'html' (tags removed); plain text, to be escaped when shown.
        required, disabled, readonly: what may and must be entered.
        default: initial value where no variable exists; FEEL in `computed`.
        options: choices; dynamic ones appear in the resolved copy.
        min, max: bounds of a number.
        decimal_digits, increment, as_text: number: digits after the point, step from 0, value kept as text.
        min_length, max_length, pattern, validation_type: rules of a text; the pattern is JavaScript's.
        subtype: datetime: 'date', 'time' or 'datetime'.
        time_format: datetime: 'utc_offset', 'utc_normalized' or 'no_timezone'.
        future_only: datetime: today or later.
        columns, data_source, row_count: table.
        accept, multiple, max_size: filepicker; size in bytes.
        repetitions, allow_add_remove: dynamic list.
        expression: FEEL of a computed field, or '' .
        hide: FEEL that hides the component when true, or ''.
        rule: FEEL that must be true of what is entered, or ''; `properties.check`.
        components: children of a container.
        properties: custom properties, as written.
        computed: setting name → FEEL.
    """

    id: str
    type: str
    key: str = ""
    label: str = ""
    description: str = ""
    text: str = ""
    required: bool = False
    disabled: bool = False
    readonly: bool = False
    default: object = None
    options: tuple[Option, ...] = ()
    options_key: str = ""
    options_expression: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    decimal_digits: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    validation_type: Literal["", "email", "phone"] = ""
    subtype: Literal["date", "time", "datetime"] = "date"
    time_format: Literal["utc_offset", "utc_normalized", "no_timezone"] = "utc_offset"
    future_only: bool = False
    columns: tuple[Column, ...] = ()
    data_source: str = ""
    row_count: int = 10
    accept: str = ""
    multiple: bool = False
    max_size: int | None = None
    repetitions: int = 1
    allow_add_remove: bool = True
    expression: str = ""
    hide: str = ""
    rule: str = ""
    components: tuple[Component, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_input(self) -> bool:
        """Whether people enter a value here."""
        return self.type in INPUTS

    @property
    def formulas(self) -> dict[str, str]:
        """All its FEEL but that inside texts, by where it stands in the schema."""
        found = {"conditional.hide": self.hide, "valuesExpression": self.options_expression}
        found |= {"expression": self.expression, "check": self.rule}
        found |= {"defaultValue" if name == "default" else name: feel for name, feel in self.computed.items()}
        if self.data_source.startswith("="):
            found["dataSource"] = self.data_source[1:]
        return {where: feel for where, feel in found.items() if feel}

    def ask(self, where: str, feel: str, scope: Mapping[str, object], host: scopes.Host = scopes.ALONE) -> object:
        """The value of one of its expressions, which stands at `where` in the schema.

        Raises:
            ExpressionError, BudgetExceeded: it failed; the message names the field and the place.
        """
        try:
            return scopes.evaluate(feel, scope, host)
        except (ExpressionError, BudgetExceeded) as error:
            said = f"Expected a value for '{where}' of form field '{self.key or self.id}', but: {error.message}"
            raise type(error)(said) from error

    def visible(
        self,
        values: Mapping[str, object],
        context: Mapping[str, object],
        host: scopes.Host = scopes.ALONE,
    ) -> bool:
        """Whether it shows, given what is entered (inside a dynamic list: the item) and the variables around."""
        if not self.hide:
            return True
        return self.ask("conditional.hide", self.hide, scopes.merge(context, values), host) is not True

    def resolved(
        self,
        values: Mapping[str, object],
        context: Mapping[str, object],
        host: scopes.Host = scopes.ALONE,
    ) -> Component:
        """A copy with computed settings, dynamic options and `{{…}}` in texts filled in."""
        scope = scopes.merge(context, values)
        settings: dict[str, Any] = {
            name: _as_setting(name, self.ask(name, feel, scope, host))
            for name, feel in self.computed.items()
            if name != "default"
        }
        for name in ("label", "description", "text"):
            written = getattr(self, name)
            if name not in settings and "{{" in written:
                settings[name] = scopes.fill_in(written, scope, host)
        translated = {k: v for k, v in self.properties.items() if "{{" in v}
        if translated:
            filled = {k: scopes.fill_in(v, scope, host) for k, v in translated.items()}
            settings["properties"] = {**self.properties, **filled}
        options = self._dynamic_options(scope, host)
        if options is not None:
            settings["options"] = options
        return replace(self, computed={}, **settings)

    def _dynamic_options(self, scope: Mapping[str, object], host: scopes.Host) -> tuple[Option, ...] | None:
        if self.options_expression:
            found = self.ask("valuesExpression", self.options_expression, scope, host)
        elif self.options_key:
            found = scopes.get_path(scope, self.options_key)
        else:
            return None
        return read_options(found if isinstance(found, list) else [])

    def initial(self, scope: Mapping[str, object], host: scopes.Host = scopes.ALONE) -> object:
        """What stands in an input before anybody has entered anything."""
        feel = self.computed.get("default")
        value = self.default if feel is None else self.ask("defaultValue", feel, scope, host)
        if value is not None:
            return value
        if self.type == "checkbox":
            return False
        if self.type in ("checklist", "taglist", "filepicker"):
            return []
        return "" if self.type in TEXT_INPUTS else None

    def rows(
        self, values: Mapping[str, object], context: Mapping[str, object], host: scopes.Host = scopes.ALONE
    ) -> list[Mapping[str, object]]:
        """The rows of a table, from its data source."""
        source = self.data_source
        scope = scopes.merge(context, values)
        if source.startswith("="):
            found = self.ask("dataSource", source[1:], scope, host)
        else:
            found = scopes.get_path(scope, source)
        return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []

    def walk(self) -> Iterator[Component]:
        """This component and all inside it, in document order."""
        yield self
        for child in self.components:
            yield from child.walk()


def read_options(entries: list[object]) -> tuple[Option, ...]:
    """Options from a list of `{label, value}` objects or plain values."""
    options = []
    for entry in entries:
        if isinstance(entry, Mapping):
            value = entry.get("value")
            label = entry.get("label")
            shown = label if isinstance(label, str) else scopes.as_text(value)
            options.append(Option(value=value, label=shown, labels=languages(entry, "label")))
        elif entry is not None:
            options.append(Option(value=entry, label=scopes.as_text(entry)))
    return tuple(options)


def languages(entry: Mapping[str, object], name: str) -> dict[str, str]:
    """`label_en`, `label_zh`, … of an entry, by language."""
    prefix = f"{name}_"
    return {k[len(prefix) :]: v for k, v in entry.items() if k.startswith(prefix) and isinstance(v, str)}


def _as_setting(name: str, value: object) -> object:
    """A computed setting in its proper type; what cannot be used leaves the setting unset."""
    if name in ("required", "disabled", "readonly", "multiple"):
        return value is True
    if name in ("min", "max", "increment"):
        return Decimal(str(value)) if scopes.is_number(value) else None
    if name in ("min_length", "max_length"):
        return int(str(value)) if isinstance(value, int) and not isinstance(value, bool) else None
    return "" if value is None else scopes.as_text(value)

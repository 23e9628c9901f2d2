"""Components and values → what the templates draw: plain frozen data, one `Field` a component."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.pages.forms.posting import around, choice_value
from engine.models.forms import Column, Component, Form, FormTexts, Host
from engine.models.forms.scope import as_text, get_path

_KINDS = {
    "textfield": "input",
    "textarea": "textarea",
    "number": "input",
    "datetime": "input",
    "select": "select",
    "radio": "radio",
    "checkbox": "checkbox",
    "checklist": "checklist",
    "taglist": "checklist",
    "filepicker": "files",
    "group": "group",
    "dynamiclist": "list",
    "table": "table",
    "text": "text",
    "html": "text",
    "separator": "separator",
}
_MOST_INLINE = 5


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option as it stands in HTML."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that is already uploaded."""

    id: str
    name: str
    size: str


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A line of a text component; headings in Markdown's manner become headings."""

    text: str
    heading: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field, container or piece of text, ready to draw. `kind` picks the macro in forms/fields.html."""

    kind: str
    name: str
    id: str
    label: str = ""
    hint: str = ""
    required: bool = False
    readonly: bool = False
    hidden: bool = False
    problem: str = ""
    value: str = ""
    checked: bool = False
    inline: bool = False
    placeholder: str = ""
    prefix: str = ""
    suffix: str = ""
    attributes: Mapping[str, str | bool] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    files: tuple[KeptFile, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    children: tuple[Field, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    blank_row: tuple[Field, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(kw_only=True)
class FieldMaker:
    """Makes the fields of one page.

    Args:
        texts: labels in the reader's language.
        context: variables around the form.
        host: the clock and the functions of the site, for expressions.
        problems: HTML name → what is wrong with that field.
        zone: for times that name one.
        size: bytes in words.
        readonly: nothing can be changed: somebody only looks.
    """

    texts: FormTexts
    context: Mapping[str, Any]
    zone: ZoneInfo
    size: Callable[[int], str]
    host: Host
    problems: Mapping[str, str] = field(default_factory=dict)
    readonly: bool = False

    def level(
        self, components: Sequence[Component], values: Mapping[str, Any], context: Mapping[str, Any], prefix: str = ""
    ) -> tuple[Field, ...]:
        """Fields of the form, or of one row of a list."""
        form, host = Form(components=tuple(components)), self.host
        hidden = form.hidden(values, context=context, now=host.now, zone=str(self.zone), functions=host.functions)
        values = form.computed(values, context, host)
        return self._fields(components, values, context, prefix, hidden)

    def _fields(
        self,
        components: Sequence[Component],
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        prefix: str,
        hidden: frozenset[str],
    ) -> tuple[Field, ...]:
        made = []
        for component in components:
            kind = _KINDS.get(component.type)
            if kind is None:
                continue  # buttons, images, spacers: nothing that a server-side form shows
            settled = component.resolved(values, context, self.host)
            common = self._common(settled, kind, prefix, component.id in hidden)
            if kind == "group":
                children = self._fields(component.components, values, context, prefix, hidden)
                made.append(Field(**common, children=children))
            else:
                value = get_path(values, component.key) if component.key else None
                if value is None and (settled.readonly or settled.disabled):
                    value = get_path(context, component.key)  # nobody posts it
                made.append(Field(**common, **self._special(settled, kind, value, values, context, common["name"])))
        return tuple(made)

    def _common(self, component: Component, kind: str, prefix: str, hidden: bool) -> dict[str, Any]:
        name = prefix + (component.key or component.id)
        readonly = self.readonly or component.readonly or component.disabled
        return {
            "kind": kind,
            "name": name,
            "id": f"f-{name}",
            "label": self.texts.label(component),
            "hint": self.texts.description(component),
            "required": component.required and not readonly,
            "readonly": readonly,
            "hidden": hidden,
            "problem": self.problems.get(name, ""),
        }

    def _special(
        self,
        component: Component,
        kind: str,
        value: Any,
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        name: str,
    ) -> dict[str, Any]:
        match kind:
            case "checkbox":
                return {"checked": value is True}
            case "select" | "radio" | "checklist":
                choices = self._choices(component, value)
                return {"choices": choices, "inline": len(choices) <= _MOST_INLINE and _are_short(choices)}
            case "files":
                return {"files": self._kept(value), "attributes": _file_attributes(component)}
            case "table":
                rows = component.rows(values, context, self.host)
                columns = component.columns or _columns_of(rows)
                cells = tuple(tuple(as_text(get_path(row, c.key)) for c in columns) for row in rows)
                return {"columns": tuple(self.texts.label(c) for c in columns), "rows": cells}
            case "list":
                return self._list(component, value, values, context, name)
            case "text":
                return {"paragraphs": _paragraphs(self.texts.text(component))}
            case "separator":
                return {}
        appearance = component.schema.get("appearance")
        affixes = appearance if isinstance(appearance, Mapping) else {}
        return {
            "value": self._shown(component, value),
            "attributes": _attributes(component),
            "prefix": as_text(affixes.get("prefixAdorner")),
            "suffix": as_text(affixes.get("suffixAdorner")),
        }

    def _list(
        self,
        component: Component,
        value: Any,
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        name: str,
    ) -> dict[str, Any]:
        items = [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
        rows = tuple(
            self.level(component.components, item, around(context, values, item, n), f"{name}[{n}].")
            for n, item in enumerate(items)
        )
        blank = self.level(component.components, {}, around(context, values, {}, 0), f"{name}[0].")
        return {"rows": rows, "blank_row": blank}

    def _choices(self, component: Component, value: Any) -> tuple[Choice, ...]:
        chosen = value if isinstance(value, list) and component.type in ("checklist", "taglist") else [value]
        return tuple(
            Choice(
                value=choice_value(option, position),
                label=self.texts.label(option),
                chosen=any(option.value == one and type(option.value) is type(one) for one in chosen),
            )
            for position, option in enumerate(component.options)
        )

    def _kept(self, value: Any) -> tuple[KeptFile, ...]:
        entries = value if isinstance(value, list) else [value]
        return tuple(
            KeptFile(id=str(entry["id"]), name=str(entry.get("name", "")), size=self.size(int(entry.get("size", 0))))
            for entry in entries
            if isinstance(entry, Mapping) and "id" in entry
        )

    def _shown(self, component: Component, value: Any) -> str:
        text = as_text(value)
        if component.type == "datetime" and text and component.subtype != "date":
            return _local(text, component.subtype, self.zone)
        return text


def _local(text: str, subtype: str, zone: ZoneInfo) -> str:
    """An ISO time with an offset as the site's clock shows it; what cannot be read stays as it is."""
    try:
        moment = datetime.fromisoformat(f"2000-01-01T{text}" if subtype == "time" else text)
    except ValueError:
        return text
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None)
    return moment.strftime("%H:%M" if subtype == "time" else "%Y-%m-%dT%H:%M")


def _attributes(component: Component) -> dict[str, str | bool]:
    """What a browser may check by itself and which keyboard it offers; the server checks everything again."""
    found: dict[str, str | bool] = {}
    if component.type == "number":
        # a text field with a numeric keyboard: number fields lose what is not a number before anyone sees it
        found = {"type": "text", "inputmode": "numeric" if component.decimal_digits == 0 else "decimal"}
    elif component.type == "datetime":
        found["type"] = {"date": "date", "time": "time", "datetime": "datetime-local"}[component.subtype]
    elif component.type == "textfield":
        kinds = {"email": ("email", "email"), "phone": ("tel", "tel")}
        kind, keyboard = kinds.get(component.validation_type, ("text", "text"))
        found = {"type": kind, "inputmode": keyboard}
    if component.type in ("textfield", "textarea") and component.max_length:
        found["maxlength"] = str(component.max_length)
    placeholder = component.schema.get("placeholder")
    if isinstance(placeholder, str):
        found["placeholder"] = placeholder
    return found


def _file_attributes(component: Component) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    if component.accept:
        found["accept"] = component.accept
    if component.multiple:
        found["multiple"] = True
    return found


def _columns_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(key=key, label=key) for key in (rows[0] if rows else {}))


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(
        Paragraph(text=line.lstrip("#").strip() if line.startswith("#") else line, heading=line.startswith("#"))
        for line in lines
        if line
    )


def _are_short(choices: Sequence[Choice]) -> bool:
    return all(len(choice.label) <= 12 for choice in choices)

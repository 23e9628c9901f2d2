"""Form fields written inside a model (Camunda's `formData`, Activiti's `formProperty`) → a form-js schema."""

from __future__ import annotations

import json
from typing import Any, Final

from engine.models.bpmn_xml import Element, attribute, extension_children, local
from engine.models.dialects.extensions import Extensions, Source
from engine.models.juel import is_juel

_TYPES: Final = {
    "string": "textfield",
    "long": "number",
    "int": "number",
    "integer": "number",
    "double": "number",
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
}
_WHOLE: Final = frozenset({"long", "int", "integer"})
_RULES: Final = {"minlength": "minLength", "maxlength": "maxLength", "min": "min", "max": "max"}


def form_of(source: Source, to: Extensions) -> str:
    """The fields of a task or start event as form-js JSON; '' if it has none.

    Fields whose type we do not know become text fields. Rules that are Java classes are named in `to.ignored`.
    """
    element = source.element
    components = [_component(field, source, to) for holder in extension_children(element) for field in _fields(holder)]
    if not components:
        return ""
    schema = {"type": "default", "schemaVersion": 18, "components": components}
    return json.dumps(schema, ensure_ascii=False)


def _fields(holder: Element) -> list[Element]:
    if local(holder) == "formData":
        return [child for child in holder if local(child) == "formField"]
    return [holder] if local(holder) == "formProperty" else []


def _component(field: Element, source: Source, to: Extensions) -> dict[str, Any]:
    kind = attribute(field, "type") or "string"
    component: dict[str, Any] = {
        "type": _TYPES.get(kind, "textfield"),
        "key": attribute(field, "id"),
        "label": attribute(field, "label") or attribute(field, "name") or attribute(field, "id"),
    }
    if kind in _WHOLE:
        component["decimalDigits"] = 0
    if kind == "date":
        component["subtype"] = "date"
    if kind == "enum":
        component["values"] = _options(field)
    default = attribute(field, "defaultValue") or attribute(field, "default")
    if default and is_juel(default):
        value = source.value(default, "default value", "默认值")
        if value is not None and value.is_feel:
            component["defaultValue"] = f"={value.text}"
    elif default:
        component["defaultValue"] = _default(component["type"], default)
    rules, readonly = _rules(field, to)
    if rules:
        component["validate"] = rules
    if readonly:
        component["readonly"] = True
    return component


def _options(field: Element) -> list[dict[str, str]]:
    values = (child for child in field if local(child) == "value")
    return [{"value": attribute(v, "id"), "label": attribute(v, "name") or attribute(v, "id")} for v in values]


def _default(type_: str, text: str) -> object:
    if type_ == "checkbox":
        return text.lower() == "true"
    if type_ == "number":
        number = _number(text)
        return text if number is None else number
    return text


def _rules(field: Element, to: Extensions) -> tuple[dict[str, object], bool]:
    rules: dict[str, object] = {}
    readonly = attribute(field, "writable") == "false"
    if attribute(field, "required") == "true":
        rules["required"] = True
    constraints = (c for v in field if local(v) == "validation" for c in v if local(c) == "constraint")
    for constraint in constraints:
        name, config = attribute(constraint, "name"), attribute(constraint, "config")
        if name in ("required", "readonly"):
            if config != "false":
                readonly = readonly or name == "readonly"
                rules.update({"required": True} if name == "required" else {})
        elif name in _RULES and (number := _number(config)) is not None:
            rules[_RULES[name]] = number
        else:
            to.ignored.append(f"camunda:constraint {name} ({attribute(field, 'id')})")
    return rules, readonly


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None

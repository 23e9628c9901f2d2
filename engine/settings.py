"""Settings that come with a process application: data, read from its `app.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from engine.errors import ExpressionError, InvalidInput
from engine.feel import Expression, compile_expression, from_feel, prepare
from engine.feel.runtime import HostFunctions

APP_FILE = "app.yaml"


def read_settings(files: Mapping[str, bytes]) -> Mapping[str, object]:
    """The `settings` of an application's `app.yaml`, or nothing where there is none; not to be changed.

    Raises:
        InvalidInput: the file is not YAML, or its settings are not a mapping.
    """
    return _settings(files[APP_FILE]) if APP_FILE in files else {}


def fill_choices(
    schema: Mapping[str, Any],
    settings: Mapping[str, object],
    user: Mapping[str, object] | None = None,
    functions: HostFunctions | None = None,
) -> Mapping[str, Any]:
    """A form-js schema in which choices that need no variables stand as plain `values`.

    So whoever shows or checks the form, before a case exists too, offers the city's own categories and
    units without knowing where they come from. Choices that depend on variables stay as they are.

    Args:
        schema: the form.
        settings: of the application.
        user: who is going to fill it in, as forms see them; None leaves what depends on that as it is.
        functions: those of the site; choices that call others, or the clock, stay as they are.
    """
    known = {"settings": settings} if user is None else {"settings": settings, "user": user}
    return _with_choices(schema, known, functions or {})


def _with_choices(
    schema: Mapping[str, Any], known: Mapping[str, object], functions: HostFunctions
) -> Mapping[str, Any]:
    if not isinstance(schema, Mapping) or not isinstance(schema.get("components"), list):
        return schema
    return {**schema, "components": [_filled(each, known, functions) for each in schema["components"]]}


def _filled(component: Any, known: Mapping[str, object], functions: HostFunctions) -> Any:
    if not isinstance(component, dict):
        return component
    source = component.get("valuesExpression")
    if isinstance(source, str):
        values = _values(source.removeprefix("="), known, functions)
        if values is not None:
            kept = {key: value for key, value in component.items() if key != "valuesExpression"}
            return {**kept, "values": values}
    return _with_choices(component, known, functions)


def _values(source: str, known: Mapping[str, object], functions: HostFunctions) -> list[Any] | None:
    try:
        expression = compile_expression(source, functions=functions)
        if not _settled(expression, known, functions):
            return None
        found = from_feel(expression.evaluate(known, functions=functions))
    except ExpressionError:
        return None  # reported where forms are checked
    return found if isinstance(found, list) else None


def _settled(expression: Expression, known: Mapping[str, object], functions: HostFunctions) -> bool:
    """Whether the value follows from what is known, today and tomorrow."""
    named = bool(expression.names) and expression.names <= known.keys()
    return named and expression.functions <= functions.keys() and not expression.reads_clock


@lru_cache(maxsize=32)
def _settings(content: bytes) -> Mapping[str, object]:
    try:
        document: Any = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise InvalidInput(f"Expected YAML in {APP_FILE} but: {error}") from error
    settings = document.get("settings", {}) if isinstance(document, dict) else None
    if not isinstance(settings, dict):
        raise InvalidInput(f"Expected a mapping under 'settings' in {APP_FILE}.")
    try:
        # Expressions read them again and again; converting them takes longer than most expressions.
        return prepare(settings)
    except ExpressionError:
        return settings  # an expression that reads them says why it cannot

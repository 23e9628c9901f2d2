"""Entered values in their proper types, without judging them: what conditions should see.

An HTML form posts '12' and 'on'; a condition such as `count < 3` means the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.models.forms import scope as scopes
from engine.models.forms.choices import check_checkbox, check_choice, check_choices
from engine.models.forms.component import MULTIPLE_CHOICES, SINGLE_CHOICES, Component
from engine.models.forms.numbers import read_number
from engine.models.forms.problems import Refused


def typed(components: tuple[Component, ...], values: Mapping[str, object]) -> dict[str, object]:
    """The same values, numbers as numbers, ticks as booleans; what cannot be read stays as it is."""
    result = dict(values)
    for component in flat(components):
        if component.key and scopes.has_path(values, component.key):
            value = _typed_value(component, scopes.get_path(values, component.key))
            result = scopes.with_path(result, component.key, value)
    return result


def flat(components: tuple[Component, ...]) -> Iterator[Component]:
    """Components of one level: groups opened, dynamic lists closed."""
    for component in components:
        yield component
        if component.type == "group":
            yield from flat(component.components)


def _typed_value(component: Component, value: object) -> object:
    if component.type == "dynamiclist" and isinstance(value, list | tuple):
        return [typed(component.components, item) if isinstance(item, Mapping) else item for item in value]
    try:
        if component.type == "number":
            return read_number(component, value)
        if component.type == "checkbox":
            return check_checkbox(component, value)
        if component.type in SINGLE_CHOICES and component.options:
            return check_choice(component, value)
        if component.type in MULTIPLE_CHOICES and component.options:
            return check_choices(component, value)
    except Refused:
        pass
    return value

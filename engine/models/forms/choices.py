"""Rules for choices and ticks: only what is offered is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.models.forms.component import Component, Option
from engine.models.forms.problems import Refused
from engine.models.forms.scope import as_text, is_number

_TICKED: Final = frozenset({"true", "on", "1", "yes"})
_UNTICKED: Final = frozenset({"false", "off", "0", "no", ""})


def check_checkbox(component: Component, value: object) -> bool:
    """Ticked or not; HTML's 'on' and the texts 'true' and 'false' count too."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    if isinstance(value, str) and text in _TICKED | _UNTICKED:
        return text in _TICKED
    raise Refused("not_a_boolean")


def check_choice(component: Component, value: object) -> object:
    """The chosen option's own value; None for none."""
    if value is None or value == "":
        return None
    return _match(value, component.options)


def check_choices(component: Component, value: object) -> list[object]:
    """The chosen options' own values, each once, in the order of choosing."""
    if value is None or value == "":
        return []
    if not isinstance(value, list | tuple):
        raise Refused("not_a_list")
    if len(value) > max(len(component.options), 1):
        raise Refused("too_many_items", limit=len(component.options))
    chosen: list[object] = []
    for position, item in enumerate(value):
        try:
            option = _match(item, component.options)
        except Refused as refused:
            raise Refused(refused.code, actual=refused.actual, at=f"[{position}]") from None
        if not any(_same(option, other) for other in chosen):
            chosen.append(option)
    return chosen


def _match(value: object, options: Sequence[Option]) -> object:
    for option in options:
        if _same(value, option.value):
            return option.value
    # A posted HTML form knows only text.
    if isinstance(value, str):
        for option in options:
            if not isinstance(option.value, dict | list) and as_text(option.value) == value:
                return option.value
    raise Refused("not_an_option", actual=as_text(value))


def _same(one: object, other: object) -> bool:
    if is_number(one) and is_number(other):
        return one == other
    return type(one) is type(other) and one == other

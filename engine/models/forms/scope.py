"""What FEEL in a form can see: the process variables, the entered values over them, and who fills it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from engine.contracts.principal import Principal
from engine.errors import ExpressionError

USER: Final = "user"
"""The name under which FEEL in a form sees who fills it in."""

_INNER: Final = r"\{(?:[^{}]|\{[^{}]*\})*\}"
"""A context inside an expression, itself with contexts inside."""
_FILLER: Final = re.compile(rf"\{{\{{\s*=?(?P<feel>(?![#/])(?:[^{{}}]|{_INNER})+)\}}\}}")


@dataclass(frozen=True, kw_only=True)
class Host:
    """What FEEL in a form has beside values.

    Args:
        now: what `now()` and `today()` tell, in the site's zone; None for the machine's clock.
        functions: those of the site, by name.
    """

    now: datetime | None = None
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)


ALONE: Final = Host()
"""Built-in functions only, and the machine's clock."""


class Asker(dict[str, object]):
    """Who fills a form in, as its expressions see them: nothing that is entered or stored lies over it."""


def asker(by: Principal) -> Asker:
    """`id`, `roles`, `groups` and `department` of a principal, as plain data."""
    return Asker(id=by.id, roles=sorted(by.roles), groups=sorted(by.groups), department=by.department)


def seen_by(by: Principal, variables: Mapping[str, object]) -> dict[str, object]:
    """What a form can see when this person fills it in: the variables, and themselves under `user`.

    A variable of that name is hidden, so that nobody becomes somebody else by storing one.
    """
    return {**variables, USER: asker(by)}


def merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Both as one; objects are merged key by key, anything else in `over` wins, but over an `Asker`."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Asker):
            continue
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def evaluate(feel: str, scope: Mapping[str, object], host: Host = ALONE) -> object:
    """The expression's value as plain data; null (None) where FEEL says null."""
    from engine.feel import compile_expression, from_feel

    value = compile_expression(feel, functions=host.functions).evaluate(scope, now=host.now, functions=host.functions)
    try:
        return from_feel(value)
    except ExpressionError:
        return None


def templates(text: str) -> list[str]:
    """The FEEL of a text's `{{…}}`, in order."""
    return [found["feel"].strip() for found in _FILLER.finditer(text)]


def fill_in(text: str, scope: Mapping[str, object], host: Host = ALONE) -> str:
    """Text with its `{{name}}` and `{{= expression}}` replaced; what cannot be evaluated stays empty."""

    def replace(found: re.Match[str]) -> str:
        try:
            return as_text(evaluate(found["feel"].strip(), scope, host))
        except ExpressionError:
            return ""

    return _FILLER.sub(replace, text)


def get_path(values: Mapping[str, object], path: str) -> object:
    """The value at 'a.b.c'; None if any part is missing."""
    found: object = values
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def has_path(values: Mapping[str, object], path: str) -> bool:
    """Whether 'a.b.c' is there at all, be it null."""
    holder, _, name = path.rpartition(".")
    found = get_path(values, holder) if holder else values
    return isinstance(found, Mapping) and name in found


def set_path(values: dict[str, Any], path: str, value: object) -> None:
    """Put a value at 'a.b.c', making the objects on the way."""
    *parents, name = path.split(".")
    for part in parents:
        inner = values.get(part)
        if not isinstance(inner, dict):
            inner = values[part] = {}
        values = inner
    values[name] = value


def with_path(values: Mapping[str, object], path: str, value: object) -> dict[str, object]:
    """A copy with a value at 'a.b.c'."""
    head, _, rest = path.partition(".")
    inner = values.get(head)
    put = with_path(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value
    return {**values, head: put}


def drop_path(values: Mapping[str, object], path: str) -> dict[str, object]:
    """A copy without the value at 'a.b.c'."""
    head, _, rest = path.partition(".")
    copy = dict(values)
    inner = copy.get(head)
    if not rest:
        copy.pop(head, None)
    elif isinstance(inner, Mapping):
        copy[head] = drop_path(inner, rest)
    return copy


def is_number(value: object) -> bool:
    """Whether a plain value is a number (a boolean is none)."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def as_text(value: object) -> str:
    """A plain value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return str(value)

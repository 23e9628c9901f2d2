"""Everything inside a boxed expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from engine.models.dmn.model import Boxed, Text

__all__ = ["texts", "walk"]


def walk(boxed: Boxed | None) -> Iterator[Boxed]:
    """The expression and all expressions inside it, in document order."""
    if boxed is not None:
        yield from _inside(boxed)


def texts(boxed: Boxed | None) -> Iterator[Text]:
    """All texts inside the expression, cells included."""
    return (one for one in walk(boxed) if isinstance(one, Text))


def _inside(value: object) -> Iterator[Boxed]:
    if isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
    elif is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Boxed):
            yield value
        for field in fields(value):
            yield from _inside(getattr(value, field.name))

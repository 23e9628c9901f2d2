"""Everything inside a boxed expression, or an element that has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from engine.models.dmn.model import Boxed, BusinessKnowledge, Decision, DecisionTable, Element, Text

__all__ = ["expressions_of", "tables_of", "texts", "walk"]


def walk(boxed: Boxed | None) -> Iterator[Boxed]:
    """The expression and all expressions inside it, in document order."""
    if boxed is not None:
        yield from _inside(boxed)


def expressions_of(element: Element) -> Iterator[Boxed]:
    """All expressions of a decision or of business knowledge; none of anything else."""
    return walk(element.logic if isinstance(element, Decision | BusinessKnowledge) else None)


def tables_of(element: Element) -> Iterator[DecisionTable]:
    """The decision tables inside an element, at any depth."""
    return (one for one in expressions_of(element) if isinstance(one, DecisionTable))


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

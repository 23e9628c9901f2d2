"""Values of a case in words: what variables hold, short enough to read beside a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.pages.visit import Visit

_SHORT = 300


def entries(visit: Visit, variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values, those a person can read; files and nested data are counted, not printed."""
    return [(name, in_words(visit, value)) for name, value in variables.items() if value not in (None, "", [], {})]


def in_words(visit: Visit, value: Any) -> str:
    """One JSON value as a line of text."""
    match value:
        case None | "":
            return "–"
        case bool():
            return visit.gettext("yes") if value else visit.gettext("no")
        case int() | float() | str():
            return _cut(str(value))
        case Mapping():
            if "sha256" in value and "name" in value:
                return str(value["name"])
            return _cut("; ".join(f"{key}: {in_words(visit, inner)}" for key, inner in value.items()))
        case Sequence():
            return _cut(", ".join(in_words(visit, inner) for inner in value))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]} …"

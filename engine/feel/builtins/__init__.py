"""FEEL's built-in functions (DMN 1.5, 10.3.4), one module a group; importing this registers them all."""

from __future__ import annotations

from engine.feel.builtins import (
    context,
    conversion,
    extensions,
    list_numbers,
    lists,
    numeric,
    patterns,
    ranges,
    strings,
    temporal,
)
from engine.feel.builtins.registry import BUILTINS, Builtin

__all__ = ["BUILTINS", "BUILTIN_NAMES", "Builtin", "groups"]

groups = (conversion, strings, patterns, lists, list_numbers, numeric, temporal, ranges, context, extensions)

BUILTIN_NAMES = frozenset(BUILTINS)

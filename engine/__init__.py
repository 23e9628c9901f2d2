"""The kernel: what is running, what may happen next.

    from engine import Engine

opens the front door; `engine.commands`, `engine.errors`, `engine.filters` and `engine.views` are
what goes through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.clock import FakeClock
    from engine.contracts.principal import SYSTEM, Principal
    from engine.engine import Engine

__all__ = ["SYSTEM", "Engine", "FakeClock", "Principal"]

_HOMES = {
    "Engine": "engine.engine",
    "FakeClock": "engine.clock",
    "Principal": "engine.contracts.principal",
    "SYSTEM": "engine.contracts.principal",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that `engine.contracts` alone stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

"""The door: REST API, pages, command line, scheduler, and the composition root that wires everything."""

from __future__ import annotations

from functools import cache

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """`__version__`, looked up when somebody asks: reading the installed packages costs as much as the help page."""
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'api' has no attribute {name!r}")


@cache
def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("civiflow")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "0"

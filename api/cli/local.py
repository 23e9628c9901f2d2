"""What commands that work on the database itself share: its address, the engine, who acts."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.contracts.principal import Principal
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine import Engine

Database = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL; the default is CIVIFLOW_DATABASE, or var/civiflow.db."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Language = Annotated[str, typer.Option("--language", help="zh or en.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=500, help="Rows at most.")]

CONSOLE = Principal(id="console", kind="system", roles=frozenset({"administrator"}), display_name="Command line")
"""Whoever can open the database may do everything; histories name the command line."""


@contextmanager
def open_engine(database: str | None) -> Iterator[Engine]:
    """The engine on the chosen database, closed at the end; logs only what went wrong."""
    from api import logs
    from api.settings import Settings
    from engine import Engine

    logs.configure("warning", "console")
    settings = Settings.from_environment(database=database).prepared()
    engine = Engine.open(settings.database_url, zone=settings.zone)
    try:
        yield engine
    finally:
        engine.close()


def part(module: str, name: str) -> Any:
    """A function of a part that an installation may lack.

    Raises:
        InvalidInput: it is not there.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and not module.startswith(str(error.name)):
            raise
        raise InvalidInput(f"Expected {module}.{name} but this installation comes without it.") from error


def choose_language(language: str) -> str:
    """'zh' or 'en'.

    Raises:
        InvalidInput: something else.
    """
    if language not in {"zh", "en"}:
        raise InvalidInput(f"Expected --language zh or en but got {language!r}.")
    return language

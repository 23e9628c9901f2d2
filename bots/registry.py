"""Which bots there are: the built-in ones, installed packages' and the site's own."""

from __future__ import annotations

import dataclasses
import importlib
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from bots.declare import Bot, BotFunction, Limits, Origin, bot, bots_of
from bots.documents import FONTS_VARIABLE
from bots.sandbox import describe_file
from engine.contracts.errors import CiviflowError, NotFound

__all__ = ["Bot", "BotFunction", "Limits", "Origin", "Registry", "bot", "builtin_registry"]

_log = logging.getLogger("civiflow.bots")

ENTRY_POINT_GROUP = "civiflow.bots"

_BUILTIN = tuple(f"bots.builtin.{name}" for name in ("archive", "document", "log", "notify", "number", "revoke"))


class Registry:
    """Bots by topic.

    Args:
        bots: to begin with.

    Attributes:
        problems: one line for each bot or file that could not be taken in, for operators to read.
    """

    def __init__(self, bots: Iterable[Bot] = ()) -> None:
        self._bots: dict[str, Bot] = {}
        self.problems: list[str] = []
        for each in bots:
            self.add(each)

    def add(self, bot: Bot) -> None:
        """Take in a bot.

        Raises:
            ValueError: another bot serves the topic already.
        """
        other = self._bots.get(bot.topic)
        if other is not None:
            raise ValueError(f"Expected one bot for topic {bot.topic!r} but got {other.origin} and {bot.origin}.")
        self._bots[bot.topic] = bot

    @property
    def topics(self) -> Collection[str]:
        """All topics, in the order they were added."""
        return tuple(self._bots)

    def find(self, topic: str) -> Bot:
        """The bot of a topic.

        Raises:
            NotFound: there is none; the message lists the topics there are.
        """
        if topic not in self._bots:
            raise NotFound(
                f"Expected a bot for topic {topic!r} but this worker has: {', '.join(self._bots) or 'none'}."
            )
        return self._bots[topic]

    def __iter__(self) -> Iterator[Bot]:
        return iter(self._bots.values())

    def __len__(self) -> int:
        return len(self._bots)

    def add_all(self, bots: Iterable[Bot], *, source: str) -> None:
        """Take in the bots of a source; those whose topic is taken are left out and named in `problems`."""
        for each in bots:
            try:
                self.add(each)
            except ValueError as error:
                self.leave_out(source, error)

    def leave_out(self, source: str, error: BaseException) -> None:
        """Write down why bots of a source are not here."""
        problem = f"{source}: {error}"
        self.problems.append(problem)
        _log.error("bots left out: %s", problem)


def builtin_registry(*, site_folder: Path | None = None, fonts: Sequence[Path] = (), plugins: bool = True) -> Registry:
    """The bots of this installation.

    A plugin or a site file that cannot be loaded is left out, logged, and named in `Registry.problems`;
    it does not keep the others from working.

    Args:
        site_folder: each `*.py` in it whose name does not begin with '_' is read for bots, in a process
            of its own; these bots always run isolated. None, the default, means no site bots.
        fonts: folders with the site's own fonts, for documents.
        plugins: whether to take in the bots of installed packages (entry points in the group
            'civiflow.bots', each naming a module or a bot).
    """
    registry = Registry()
    environment = {FONTS_VARIABLE: os.pathsep.join(str(folder.resolve()) for folder in fonts)}
    for name in _BUILTIN:
        for each in bots_of(importlib.import_module(name)):
            registry.add(dataclasses.replace(each, environment=environment))
    for entry_point in entry_points(group=ENTRY_POINT_GROUP) if plugins else ():
        _add_plugin(registry, entry_point)
    if site_folder is not None:
        _add_site_folder(registry, site_folder)
    return registry


def _add_site_folder(registry: Registry, folder: Path) -> None:
    if not folder.is_dir():
        registry.leave_out("site folder", NotADirectoryError(f"Expected a folder at {folder}."))
    for path in sorted(folder.glob("[!_]*.py")):
        try:
            registry.add_all(describe_file(path), source=str(path))
        except CiviflowError as error:
            registry.leave_out(str(path), error)


def _add_plugin(registry: Registry, entry_point: EntryPoint) -> None:
    source = f"entry point {entry_point.name} = {entry_point.value}"
    try:
        loaded = entry_point.load()
    except Exception as error:
        registry.leave_out(source, error)
        return
    if isinstance(loaded, Bot):
        registry.add_all([loaded], source=source)
    elif isinstance(loaded, ModuleType):
        registry.add_all(bots_of(loaded), source=source)
    else:
        registry.leave_out(source, TypeError(f"Expected a module or a bot but got a {type(loaded).__name__}."))

"""What a handler works with beside its command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from engine.calendar import WorkCalendar
from engine.clock import on_site
from engine.contracts.principal import Principal
from engine.handlers.bundle import Bundles
from engine.handlers.functions import feel_functions
from engine.handlers.in_force import Calendars
from engine.store.unit_of_work import UnitOfWork


@dataclass(kw_only=True)
class Context:
    """One command's surroundings.

    Args:
        uow: the transaction.
        bundles: compiled definitions.
        calendars: working time of the site.
        zone: the site's time zone, for case numbers and local dates.
        step_budget: how many steps a command may make before a continuation job goes on.
    """

    uow: UnitOfWork
    bundles: Bundles
    calendars: Calendars
    zone: ZoneInfo
    step_budget: int = 10_000

    @property
    def now(self) -> datetime:
        """The command's instant."""
        return self.uow.now

    @property
    def local_now(self) -> datetime:
        """The command's instant as the site's clock shows it: what expressions see."""
        return on_site(self.now, self.zone)

    @property
    def by(self) -> Principal:
        """Who asked."""
        return self.uow.by

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The calendar in force; read once a command, by those that need it."""
        return self.calendars.current(self.uow.connection)

    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Host functions for FEEL."""
        return self._functions

    @cached_property
    def _functions(self) -> Mapping[str, Callable[..., object]]:
        return feel_functions(self.zone, lambda: self.calendar)

"""Plays months of the city's work through the engine, event by event, on a clock that is moved."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from api.demo.actor import Actor, Matter
from api.demo.agenda import Agenda
from api.demo.bots import Bots, Outage
from api.demo.city import City
from api.demo.desks import Desks
from api.demo.documents import Documents
from api.demo.repair import Repairs
from api.demo.rosters import Rosters
from api.demo.services import Services
from api.demo.world import World
from engine import Engine, FakeClock
from engine import commands as c
from engine.filters import IncidentFilter

ACTORS: Final[tuple[type[Actor[Any]], ...]] = (Repairs, Services, Documents)
"""The packaged processes the city works with."""

_READS: Final = timedelta(days=3)


@dataclass(kw_only=True)
class Told:
    """How much was played."""

    cases: Counter[str] = field(default_factory=Counter)
    tasks: int = 0
    jobs: int = 0
    incidents: int = 0


@dataclass(kw_only=True)
class Story:
    """The city at work.

    Args:
        engine, clock: the engine runs on this clock, which stands where the story begins.
        city: who and where.
        until: where it ends.
        pace: as many times the usual number of cases.
        rng: all chance comes from here.
        outages: when the document service is down.
        site_url: how browsers reach the site, for the addresses on documents.
        passed: told of each new day.
    """

    engine: Engine
    clock: FakeClock
    city: City
    until: datetime
    pace: float
    rng: random.Random
    outages: tuple[Outage, ...] = ()
    site_url: str = ""
    passed: Callable[[datetime], None] = lambda _: None
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self._bots = Bots(self.engine, self.clock, self.outages, site_url=self.site_url)
        self._agenda = Agenda(
            engine=self.engine, clock=self.clock, until=self.until, after_timers=self._go_on, passed=self.passed
        )
        self._world = World(
            engine=self.engine,
            city=self.city,
            agenda=self._agenda,
            rosters=Rosters(city=self.city, calendar=self.engine.calendar, until=self.until),
            rng=self.rng,
            pace=self.pace,
        )
        self._desks = Desks(world=self._world, after_work=self._go_on)

    def play(self) -> Told:
        """From the clock's time to `until`."""
        for actor in [kind(self._world) for kind in ACTORS]:
            for at, matter in actor.openings():
                self._agenda.at(at, partial(self._start, actor, matter))
        for outage in self.outages:
            if outage.mended_at is not None:
                self._agenda.at(outage.mended_at, self._retry_incidents)
        self._agenda.run()
        self._read_messages()
        self.told.tasks, self.told.jobs, self.told.incidents = self._desks.done, self._bots.done, self._bots.incidents
        return self.told

    def _start(self, actor: Actor[Any], matter: Matter) -> None:
        command = c.StartInstance(definition=actor.process, variables=actor.start(matter))
        started = self.engine.execute(command, by=matter.by.principal)
        matter.instance_id, matter.number = started.instance_id, started.business_key
        self.told.cases[actor.process] += 1
        self._desks.take_in(actor, matter)
        self._go_on()

    def _go_on(self) -> None:
        """What follows from what has just happened: bots do their jobs, people see their new tasks."""
        again = self._bots.run()
        if again is not None:
            self._agenda.at(again, self._go_on)
        self._desks.notice()

    def _read_messages(self) -> None:
        """Everybody has read what is older than some days."""
        for person in self.city.people:
            cursor, reader = "", self.engine.read(person.principal)
            while True:
                page = reader.notifications(unread_only=True, cursor=cursor, limit=200)
                for message in page.items:
                    if message.created_at < self.until - _READS:
                        self.engine.execute(c.ReadNotification(notification_id=message.id), by=person.principal)
                if not (cursor := page.next_cursor):
                    break

    def _retry_incidents(self) -> None:
        operator = self.city.in_group("duty_supervisors")[0].principal
        for incident in self.engine.read(operator).incidents(IncidentFilter(), limit=200).items:
            self.engine.execute(c.RetryIncident(incident_id=incident.id), by=operator)
        self._go_on()

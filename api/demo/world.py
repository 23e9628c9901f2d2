"""What those who play a process share: the engine, the city, time, chance, and papers to hand in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from api.demo.agenda import Agenda
from api.demo.city import City, Person
from api.demo.pictures import picture, scan
from api.demo.rosters import Rosters
from engine import Engine
from engine import commands as c
from engine.contracts.files import FileRef

_DIFFERENT: Final = 24
_OPENS, _CLOSES = 6, 22


@dataclass(kw_only=True)
class World:
    """The surroundings of every actor.

    Args:
        rng: all chance comes from here.
        pace: as many times the usual number of cases.
    """

    engine: Engine
    city: City
    agenda: Agenda
    rosters: Rosters
    rng: random.Random
    pace: float = 1.0
    _papers: dict[str, list[bytes]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        draws: dict[str, Callable[[], bytes]] = {
            "before": lambda: picture(self.rng),
            "after": lambda: picture(self.rng, mended=True),
            "scan": lambda: scan(self.rng),
        }
        self._papers = {kind: [draw() for _ in range(_DIFFERENT)] for kind, draw in draws.items()}

    def now(self) -> datetime:
        """The story's time."""
        return self.agenda.now()

    def file(self, by: Person, name: str, kind: str) -> dict[str, object]:
        """Upload a picture as somebody; gives its reference.

        Args:
            name: without an ending.
            kind: 'before' or 'after' for a street, 'scan' for a paper.
        """
        command = c.AddAttachment(name=f"{name}.png", content=self.rng.choice(self._papers[kind]))
        ref: FileRef = self.engine.execute(command, by=by.principal)
        return ref.as_variable()

    def arrivals(
        self, per_day: float, *, days_off: float, factor: Callable[[date], float] = lambda _: 1.0
    ) -> Iterator[datetime]:
        """When things come in: Poisson, between six and ten at night.

        Args:
            per_day: on an average working day.
            days_off: as many times that on weekends and holidays.
            factor: as many times that on a day, for the seasons.
        """
        day = self.now().astimezone(self.engine.zone).replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        while day < self.agenda.until:
            share = 1.0 if self.rosters.calendar.is_workday(day.date()) else days_off
            rate = self.pace * per_day * share * factor(day.date()) / (_CLOSES - _OPENS)
            at = day
            while rate > 0 and (at := at + timedelta(hours=self.rng.expovariate(rate))) < day + timedelta(
                hours=_CLOSES - _OPENS
            ):
                if at > self.now():
                    yield at
            day += timedelta(days=1)

    def before(self, end: datetime, hours: float) -> datetime:
        """The instant from which so many working hours pass until `end`, to half an hour."""
        start = end
        while self.rosters.calendar.between(start, end) < timedelta(hours=hours):
            start -= timedelta(minutes=30)
        return start

    def chance(self, probability: float) -> bool:
        """Whether something happens that does in this share of cases."""
        return self.rng.random() < probability

    def pick(self, options: dict[Any, float]) -> Any:
        """One of some options, by weight."""
        return self.rng.choices(list(options), list(options.values()))[0]

    def skewed(self, median: float, *, most: float = 4.0) -> float:
        """A duration around a median; skewed, as work is, but at most so many times as long."""
        return min(median * self.rng.lognormvariate(0, 0.45), median * most)

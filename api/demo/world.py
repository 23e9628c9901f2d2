"""What those who play a process share: the engine, the city, time, chance, and papers to hand in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
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


Kinds = Mapping[str, Mapping[str, Any]]
"""What can come in, by name: `weight` says how often, `months` has factors for the season."""


def in_season(kinds: Kinds, day: date) -> dict[str, float]:
    """The weights of a day."""
    return {name: each["weight"] * each.get("months", {}).get(day.month, 1.0) for name, each in kinds.items()}


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

    def arrivals(self, kinds: Kinds, *, per_day: float, days_off: float) -> Iterator[tuple[datetime, str]]:
        """When something comes in, and of which kind: Poisson, between six and ten at night.

        Args:
            kinds: by name.
            per_day: on an average working day.
            days_off: as many times that on weekends and holidays.
        """
        usual = sum(each["weight"] for each in kinds.values())
        day = self.now().astimezone(self.engine.zone).replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        while day < self.agenda.until:
            share = 1.0 if self.rosters.calendar.is_workday(day.date()) else days_off
            weights = in_season(kinds, day.date())
            rate = self.pace * per_day * share * sum(weights.values()) / usual / (_CLOSES - _OPENS)
            at = day
            while rate > 0 and (at := at + timedelta(hours=self.rng.expovariate(rate))) < day + timedelta(
                hours=_CLOSES - _OPENS
            ):
                if at > self.now():
                    yield at, self.pick(weights)
            day += timedelta(days=1)

    def burst(
        self, *, days_before_end: float, hours: float, kinds: Mapping[str, int]
    ) -> Iterator[tuple[datetime, str]]:
        """Many things at once: so many of each kind over some working hours; none if that is before the story."""
        first = self.before(self.agenda.until - timedelta(days=days_before_end), hours)
        if first < self.now():
            return
        for kind in [name for name, count in kinds.items() for _ in range(ceil(count * self.pace))]:
            yield self.rosters.calendar.add(first, timedelta(hours=self.rng.uniform(0, hours))), kind

    def before(self, end: datetime, hours: float) -> datetime:
        """The instant from which so many working hours pass until `end`, to half an hour."""
        start = end
        while self.rosters.calendar.between(start, end) < timedelta(hours=hours):
            start -= timedelta(minutes=30)
        return start

    def chance(self, probability: float) -> bool:
        """Whether something happens that does in this share of cases."""
        return self.rng.random() < probability

    def pick(self, options: Mapping[Any, float]) -> Any:
        """One of some options, by weight."""
        return self.rng.choices(list(options), list(options.values()))[0]

    def skewed(self, median: float, *, most: float = 4.0) -> float:
        """A duration around a median; skewed, as work is, but at most so many times as long."""
        return min(median * self.rng.lognormvariate(0, 0.45), median * most)

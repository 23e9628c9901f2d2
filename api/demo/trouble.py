"""What goes wrong in the city, and the form by which it is reported in `repair_dispatch`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.demo.actor import Actor, Matter
from api.demo.city import Place


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A kind of thing that goes wrong: how often, in which months more, how long it takes, what people write."""

    category: str
    weight: float
    hours: float
    reports: tuple[str, ...]
    done: str
    months: Mapping[int, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class Trouble(Matter):
    """What is going to happen to one report.

    Args:
        reject: the acceptance seat's reason for not filing it, or ''.
        unfounded: the inspector finds nothing.
        unit: whose it is by the rules, once somebody has looked.
        proposed: where the unit that returned it wants it.
        mistakes: wrong units it is dispatched to before the right one.
        disputed: the right unit has returned it all the same.
        reworks: checks it fails before it passes.
        late: it was repaired after the deadline.
        rating: 1 to 5, or None for a citizen who does not rate.
        duplicate_of: number of the case in which the same was reported before.
    """

    problem: Problem
    place: Place
    channel: str
    street: str
    urgent: bool
    reject: str = ""
    unfounded: bool = False
    unit: str = ""
    proposed: str = ""
    mistakes: int = 0
    disputed: bool = False
    reworks: int = 0
    late: bool = False
    rating: int | None = None
    duplicate_of: str = ""


def fill_in(actor: Actor[Trouble], matter: Trouble) -> dict[str, Any]:
    """The start form; most come with a photo."""
    world, by, caller = actor.world, matter.by, matter.channel == "hotline"
    longitude, latitude = matter.place.at
    form = {
        "description": world.rng.choice(matter.problem.reports),
        "category": matter.problem.category,
        "place": matter.street,
        "grid": matter.place.grid if matter.channel == "inspector" or world.chance(0.4) else None,
        "longitude": round(longitude + world.rng.uniform(-0.004, 0.004), 6),
        "latitude": round(latitude + world.rng.uniform(-0.004, 0.004), 6),
        "reporter_name": world.rng.choice(actor.data["callers"]) if caller else by.name,
        "reporter_phone": f"139000001{world.rng.randrange(10, 100)}" if caller else by.phone or "12345",
        "channel": matter.channel,
    }
    return form | ({"photos": [world.file(by, "现场照片", "before")]} if world.chance(0.7) else {})

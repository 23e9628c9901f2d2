"""What happens to the demo's cases: fates, and the forms people fill in. Pure; no engine here."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.demo.city import City, Person, Place, Problem

_REASONS: Final = ("duplicate", "out_of_scope", "unclear", "already_handled")
_DESK: Final[Mapping[str, float]] = {
    "accept": 0.15,
    "verify": 0.9,
    "dispatch": 0.1,
    "sign": 0.1,
    "arbitrate": 0.4,
    "check": 0.8,
    "urge": 0.25,
    "follow_up": 0.3,
}
"""Median working hours of the steps that are not the repair itself."""


@dataclass(kw_only=True)
class Fate:
    """What is going to happen to one case.

    Args:
        reject: the acceptance seat's reason for not filing it, or ''.
        unfounded: the inspector finds nothing.
        mistakes: wrong units it is dispatched to before the right one.
        reworks: checks it fails before it passes.
        rating: 1 to 5, or None for a citizen who does not rate.
        duplicate_of: number of the case in which the same was reported before.
        number: its own, once it has been reported.
    """

    problem: Problem
    place: Place
    channel: str
    reporter: Person
    street: str
    urgent: bool
    reject: str = ""
    unfounded: bool = False
    mistakes: int = 0
    reworks: int = 0
    rating: int | None = None
    duplicate_of: str = ""
    number: str = ""


def draw_fate(rng: random.Random, city: City) -> Fate:
    """Somebody sees something."""
    (channel,) = rng.choices(("public", "hotline", "inspector"), (55, 20, 25))
    (problem,) = rng.choices(city.problems, [each.weight for each in city.problems])
    place = rng.choice(city.places)
    from_public = channel != "inspector"
    reporters = {
        "public": city.with_role("citizen"),
        "hotline": city.in_group("acceptance_seat"),
        "inspector": city.in_group("inspectors"),
    }
    return Fate(
        problem=problem,
        place=place,
        channel=channel,
        reporter=rng.choices(reporters[channel], [3 if each.shown else 1 for each in reporters[channel]])[0],
        street=f"{rng.choice(place.streets)} {rng.randrange(1, 160)} 号",
        urgent=rng.random() < 0.08,
        reject=rng.choice(_REASONS) if from_public and rng.random() < 0.12 else "",
        unfounded=from_public and rng.random() < 0.08,
        mistakes=rng.choices((0, 1, 2), (86, 11, 3))[0],
        reworks=rng.choices((0, 1, 2), (82, 15, 3))[0],
        rating=rng.choices((5, 4, 3, 2, 1), (45, 25, 14, 10, 6))[0] if rng.random() < 0.8 else None,
    )


def report_form(rng: random.Random, city: City, fate: Fate) -> dict[str, Any]:
    """The start form, without photos."""
    caller = fate.channel == "hotline"
    longitude, latitude = fate.place.at
    return {
        "description": rng.choice(fate.problem.reports),
        "category": fate.problem.category,
        "place": fate.street,
        "grid": fate.place.grid if fate.channel == "inspector" or rng.random() < 0.4 else None,
        "longitude": round(longitude + rng.uniform(-0.004, 0.004), 6),
        "latitude": round(latitude + rng.uniform(-0.004, 0.004), 6),
        "reporter_name": rng.choice(city.words["callers"]) if caller else fate.reporter.name,
        "reporter_phone": f"139000001{rng.randrange(10, 100)}" if caller else fate.reporter.phone or "12345",
        "channel": fate.channel,
    }


def hours_for(rng: random.Random, element: str, fate: Fate) -> float:
    """How many working hours somebody spends on a task; skewed, as work is."""
    median = fate.problem.hours if element == "handle" else _DESK.get(element, 0.2)
    return min(median * rng.lognormvariate(0, 0.45), median * 4)


def task_form(rng: random.Random, city: City, element: str, fate: Fate, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody enters in a task's form, without photos.

    Args:
        variables: of the case; only the steps about units look at them.
    """
    match element:
        case "accept":
            return _accept(rng, fate)
        case "verify":
            if fate.unfounded:
                return {"verification": "unfounded", "verification_note": rng.choice(city.words["unfounded_notes"])}
            return {"verification": "confirmed"}
        case "dispatch":
            return _dispatch(rng, fate, variables)
        case "sign":
            return _sign(rng, city, fate, variables)
        case "arbitrate":
            note = "按派遣规则表裁定，不得再退回。"
            return {"unit": variables["suggested_unit"], "arbitration_note": note}
        case "handle":
            return {"handling_note": fate.problem.done}
        case "check":
            if fate.reworks > 0:
                fate.reworks -= 1
                return {"check_result": "rework", "check_note": rng.choice(city.words["rework_notes"])}
            return {"check_result": "pass"}
        case "urge":
            measure = rng.choice(("call", "notice", "on_site"))
            return {"urging_measure": measure, "urging_note": "已联系承办单位负责人，要求尽快处置。"}
        case "follow_up":
            result = rng.choice(("explained", "explained", "new_case", "not_reached"))
            return {"follow_up_result": result, "follow_up_note": "已电话回访，向市民说明处置情况。"}
        case _:
            return {}


def rating_form(rng: random.Random, city: City, rating: int) -> dict[str, Any]:
    """What a citizen says of the service."""
    good = rating > 2
    tags = ("fast", "good_work", "polite") if good else ("slow", "not_solved", "unclear")
    comment = rng.choice(city.words["praise" if good else "complaints"])
    return {"rating": rating, "rating_tags": rng.sample(tags, rng.randrange(3)), "rating_comment": comment}


def _accept(rng: random.Random, fate: Fate) -> dict[str, Any]:
    form: dict[str, Any] = {"category": fate.problem.category, "place": fate.street, "channel": fate.channel}
    if fate.reject:
        form |= {"decision": "reject", "reject_reason": fate.reject}
        return form | ({"duplicate_of": fate.duplicate_of} if fate.reject == "duplicate" else {})
    (ownership,) = rng.choices(("municipal", "operator", "residential"), (80, 12, 8))
    return form | {"decision": "file", "grid": fate.place.grid, "ownership": ownership, "urgent": fate.urgent}


_UNITS: Final = ("unit_sanitation", "unit_roads", "unit_water", "unit_lighting", "unit_greening")


def _dispatch(rng: random.Random, fate: Fate, variables: Mapping[str, Any]) -> dict[str, Any]:
    right = str(variables["suggested_unit"])
    if fate.mistakes > 0:
        fate.mistakes -= 1
        return {"unit": rng.choice([unit for unit in _UNITS if unit not in (right, variables.get("unit_before"))])}
    return {"unit": right, "dispatch_note": "请按时限处置，并上传处置前后照片。"}


def _sign(rng: random.Random, city: City, fate: Fate, variables: Mapping[str, Any]) -> dict[str, Any]:
    right = variables["suggested_unit"]
    if variables["unit"] == right:
        return {"sign_decision": "sign"}
    return {
        "sign_decision": "return",
        "return_reason": rng.choice(city.words["return_notes"]),
        "proposed_unit": right,
    }

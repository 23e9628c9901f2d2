"""What is applied for: the application form of `citizen_request` with its papers, all of it invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api.demo.actor import Actor, Matter
from api.demo.city import Place

_COUNTY: Final = "999999"
"""No county has this number: an identity number that begins with it is nobody's."""


@dataclass(kw_only=True)
class Application(Matter):
    """What is going to happen to one application.

    Args:
        item: what is applied for.
        company: the company it is for, or '' for the citizen's own.
        rented: the premises are.
        method: how the decision is delivered.
        complete: nothing has to be corrected.
        supplements: what has to be, is.
        rejected: it is not accepted.
        withdrawn: after so many days, unless it is decided before.
        special: each department asks for a special procedure, once.
        against: the departments are.
        extend: the approver asks for more time, once.
        rating: 1 to 5, or None for an applicant who does not rate.
        asked: departments that have asked for a special procedure.
        handed_in: codes of the materials.
        wanted: what is asked to be corrected.
    """

    item: str
    company: str
    rented: bool
    place: Place
    method: str
    complete: bool
    supplements: bool
    rejected: bool
    withdrawn: float | None
    special: bool
    against: bool
    extend: bool
    rating: int | None
    asked: set[str] = field(default_factory=set)
    handed_in: frozenset[str] = frozenset()
    wanted: list[dict[str, str]] = field(default_factory=list)


def fill_in(actor: Actor[Application], matter: Application) -> dict[str, Any]:
    """The start form; uploads its papers."""
    applicant, request = _applicant(actor, matter), _request(actor, matter)
    given = {"matter_key": matter.item, "applicant": applicant, "request": request}
    return given | {
        "materials": _materials(actor, matter, given),
        "delivery": _delivery(actor, matter),
        "declaration": True,
    }


def _applicant(actor: Actor[Application], matter: Application) -> dict[str, Any]:
    rng, by = actor.world.rng, matter.by
    common = {"phone": by.phone, "address": f"澄湾市{_address(actor, matter)}"}
    if matter.company:
        code = f"91{_COUNTY}MA0{rng.randrange(10**7):07}"
        agent = {"by_agent": True, "agent_name": by.name, "agent_phone": by.phone}
        return common | agent | {"kind": "company", "name": matter.company, "credit_code": code}
    born = f"19{rng.randrange(55, 99)}0{rng.randrange(1, 10)}{rng.randrange(10, 29)}"
    return common | {"kind": "person", "name": by.name, "id_number": f"{_COUNTY}{born}{rng.randrange(1000):03}X"}


def _request(actor: Actor[Application], matter: Application) -> dict[str, Any]:
    rng, address = actor.world.rng, _address(actor, matter)
    premises = {"premises": "rented" if matter.rented else "owned"}
    match matter.item:
        case "food_business":
            return premises | {
                "shop_name": actor.say("shops"),
                "shop_address": address,
                "shop_area": rng.randrange(15, 120),
            }
        case "road_occupation":
            return {
                "road_place": f"{address}前人行道",
                "road_purpose": actor.say("purposes"),
                "road_from": actor.today(rng.randrange(12, 40)),
                "road_days": rng.randrange(2, 45),
                "road_area": rng.randrange(6, 120),
            }
        case "elder_home":
            return premises | {
                "elder_name": actor.say("elders"),
                "elder_age": rng.randrange(66, 93),
                "home_address": address,
                "elder_works": actor.say("works"),
            }
        case _:
            return premises | {
                "sign_place": f"{address}门头",
                "sign_text": actor.say("shops"),
                "sign_width": round(rng.uniform(1.5, 8), 1),
                "sign_height": round(rng.uniform(0.6, 1.8), 1),
            }


def _materials(actor: Actor[Application], matter: Application, given: Mapping[str, Any]) -> dict[str, Any]:
    names = {each["code"]: each["name"] for each in actor.settings["materials"]}
    codes: Any = actor.decisions.decide("required_materials", given).result.value
    matter.handed_in = frozenset(codes)
    return {code: [actor.world.file(matter.by, names[code], "scan")] for code in codes}


def _delivery(actor: Actor[Application], matter: Application) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if matter.method == "pickup":
        more = {"window": actor.world.rng.choice(actor.settings["windows"])["code"]}
    elif matter.method == "post":
        more = {"address": f"澄湾市{_address(actor, matter)}"}
    return {"method": matter.method} | more


def _address(actor: Actor[Application], matter: Application) -> str:
    return f"{actor.world.rng.choice(matter.place.streets)} {actor.world.rng.randrange(1, 200)} 号"

"""How `repair_dispatch` is played: who reports what, and what people enter in its forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, ClassVar, Final

from api.demo.actor import Actor, Step
from api.demo.city import tuples
from api.demo.trouble import Problem, Trouble, fill_in
from api.demo.world import World
from engine.views import TaskRow

_REASONS: Final = ("duplicate", "out_of_scope", "unclear", "already_handled")
_UNITS: Final = ("unit_sanitation", "unit_roads", "unit_water", "unit_lighting", "unit_greening")
_HOURS: Final[Mapping[str, float]] = {
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
_DAY_SHARE: Final = 0.82
"""How much of a unit's day goes into cases; the rest is rounds, meetings and travel."""


class Repairs(Actor[Trouble]):
    """The city's problems."""

    process = "repair_dispatch"
    quick: ClassVar = frozenset({"sign", "dispatch", "accept", "urge", "arbitrate"})

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._kinds: Final = {each["category"]: each for each in self.data["problems"]}
        self._problems: Final = {key: Problem(**tuples(each)) for key, each in self._kinds.items()}
        self._filed: list[Trouble] = []

    # --- what comes up ----------------------------------------------------------------------------

    def openings(self) -> Iterator[tuple[datetime, Trouble]]:
        """Reports by the season, and in bursts."""
        arrivals = self.world.arrivals(self._kinds, per_day=self.data["per_day"], days_off=self.data["days_off"])
        for at, category in chain(arrivals, *(self.world.burst(**each) for each in self.data["bursts"])):
            yield self._reported(at, category)

    def _reported(self, at: datetime, category: str) -> tuple[datetime, Trouble]:
        trouble = self._draw(category)
        by = trouble.by
        if "citizen" not in by.roles and not self.world.rosters.on_duty(by, at):
            at = self.world.rosters.add(by, at, 0.01) or at
        return at, trouble

    def _draw(self, category: str) -> Trouble:
        """Somebody sees something."""
        world, city = self.world, self.world.city
        channel: str = world.pick({"public": 55, "hotline": 20, "inspector": 25})
        place = world.rng.choice(city.places)
        from_public = channel != "inspector"
        reporters = {
            "public": [person for person in city.with_role("citizen") if not person.groups],
            "hotline": list(city.in_group("acceptance_seat")),
            "inspector": list(city.in_group("inspectors")),
        }[channel]
        return Trouble(
            by=world.pick({each: 3 if each.shown else 1 for each in reporters}),
            problem=self._problems[category],
            place=place,
            channel=channel,
            street=f"{world.rng.choice(place.streets)} {world.rng.randrange(1, 160)} 号",
            urgent=world.chance(0.08),
            reject=world.rng.choice(_REASONS) if from_public and world.chance(0.12) else "",
            unfounded=from_public and world.chance(0.08),
            mistakes=world.pick({0: 88, 1: 10, 2: 2}),
            reworks=world.pick({0: 82, 1: 15, 2: 3}),
            rating=world.pick({5: 45, 4: 25, 3: 14, 2: 10, 1: 6}) if world.chance(0.8) else None,
        )

    def start(self, matter: Trouble) -> dict[str, Any]:
        """The report; what was filed lately may be reported again."""
        if matter.reject == "duplicate":
            self._repeat(matter)
        return fill_in(self, matter)

    def _repeat(self, matter: Trouble) -> None:
        """Make it the same problem as one that was filed lately; without one it is merely unclear."""
        if not self._filed:
            matter.reject = "unclear"
            return
        first = self.world.rng.choice(self._filed[-20:])
        matter.problem, matter.place, matter.street = first.problem, first.place, first.street
        matter.duplicate_of = first.number

    # --- what people do about it ------------------------------------------------------------------

    def hours(self, task: TaskRow, matter: Trouble) -> float:
        """The repair takes long, the rest does not."""
        if task.element_id == "handle":
            return self.world.skewed(matter.problem.hours) / _DAY_SHARE
        return self.world.skewed(_HOURS.get(task.element_id, 0.2))

    def delay(self, task: TaskRow, matter: Trouble) -> timedelta | None:
        """Most citizens rate within a day or two."""
        if task.element_id != "rate":
            return timedelta(0)
        if matter.rating is None:
            return None
        return timedelta(hours=min(0.5 + self.world.rng.expovariate(1 / 14), 100))

    def curious(self, task: TaskRow, matter: Trouble) -> bool:
        """The dispatcher sees which unit the rules suggest."""
        return task.element_id == "dispatch" and not matter.unit

    def handed_in(self, step: Step[Trouble], form: Mapping[str, Any]) -> None:
        """What was filed may be reported again."""
        if form.get("decision") == "file":
            self._filed.append(step.matter)

    def do_accept(self, step: Step[Trouble]) -> dict[str, Any]:
        """File it, or say why not."""
        matter = step.matter
        form = {"category": matter.problem.category, "place": matter.street, "channel": matter.channel}
        if matter.reject:
            form |= {"decision": "reject", "reject_reason": matter.reject}
            return form | ({"duplicate_of": matter.duplicate_of} if matter.reject == "duplicate" else {})
        ownership = self.world.pick({"municipal": 80, "operator": 12, "residential": 8})
        filed = {"decision": "file", "grid": matter.place.grid, "ownership": ownership, "urgent": matter.urgent}
        return form | filed

    def do_verify(self, step: Step[Trouble]) -> dict[str, Any]:
        """Look at the place."""
        seen = self._seen(step, "verification_photos", "before")
        if step.matter.unfounded:
            return seen | {"verification": "unfounded", "verification_note": self.say("unfounded_notes")}
        return seen | {"verification": "confirmed"}

    def do_dispatch(self, step: Step[Trouble]) -> dict[str, Any]:
        """Mostly as the rule suggests; a disputed case to where the unit that returned it wants it."""
        matter = step.matter
        matter.unit = matter.unit or str(step.variables["suggested_unit"])
        if matter.mistakes > 0:
            matter.mistakes -= 1
            return {"unit": self.world.rng.choice([unit for unit in _UNITS if unit != matter.unit])}
        if matter.disputed:
            return {"unit": matter.proposed, "dispatch_note": "按退回单位的建议改派。"}
        return {"unit": matter.unit, "dispatch_note": "请按时限处置，并上传处置前后照片。"}

    def do_sign(self, step: Step[Trouble]) -> dict[str, Any]:
        """A unit signs for what is its own, unless it would rather not; and returns what is not."""
        matter, (unit,) = step.matter, step.task.candidate_groups
        if unit != matter.unit:
            return self._returned(matter, matter.unit)
        if not matter.disputed and self.world.chance(self.data["disputes"].get(unit, 0.0)):
            matter.disputed = True
            return self._returned(matter, next(other for other in _UNITS if other != unit))
        return {"sign_decision": "sign"}

    def do_arbitrate(self, step: Step[Trouble]) -> dict[str, Any]:
        """The shift leader decides by the rules."""
        return {"unit": step.matter.unit, "arbitration_note": "按派遣规则表裁定，不得再退回。"}

    def do_handle(self, step: Step[Trouble]) -> dict[str, Any]:
        """Repaired, with a photo before and one after."""
        due = step.task.due_at
        step.matter.late = due is not None and due < self.world.now()
        return {
            "handling_note": step.matter.problem.done,
            "photos_before": [self.world.file(step.by, "处置前", "before")],
            "photos_after": [self.world.file(step.by, "处置后", "after")],
        }

    def do_check(self, step: Step[Trouble]) -> dict[str, Any]:
        """Passed, or sent back."""
        seen = self._seen(step, "check_photos", "after")
        if step.matter.reworks > 0:
            step.matter.reworks -= 1
            return seen | {"check_result": "rework", "check_note": self.say("rework_notes")}
        return seen | {"check_result": "pass"}

    def do_urge(self, _step: Step[Trouble]) -> dict[str, Any]:
        """Call the unit."""
        measure = self.world.rng.choice(("call", "notice", "on_site"))
        return {"urging_measure": measure, "urging_note": "已联系承办单位负责人，要求尽快处置。"}

    def do_follow_up(self, _step: Step[Trouble]) -> dict[str, Any]:
        """Call the citizen."""
        result = self.world.rng.choice(("explained", "explained", "new_case", "not_reached"))
        return {"follow_up_result": result, "follow_up_note": "已电话回访，向市民说明处置情况。"}

    def do_rate(self, step: Step[Trouble]) -> dict[str, Any]:
        """Worse by two for a case that was late."""
        rating = max(1, (step.matter.rating or 5) - (2 if step.matter.late else 0))
        good = rating > 2
        tags = ("fast", "good_work", "polite") if good else ("slow", "not_solved", "unclear")
        return {
            "rating": rating,
            "rating_tags": self.world.rng.sample(tags, self.world.rng.randrange(3)),
            "rating_comment": self.say("praise" if good else "complaints"),
        }

    def _returned(self, matter: Trouble, to: str) -> dict[str, Any]:
        matter.proposed = to
        return {"sign_decision": "return", "return_reason": self.say("return_notes"), "proposed_unit": to}

    def _seen(self, step: Step[Trouble], name: str, kind: str) -> dict[str, Any]:
        return {name: [self.world.file(step.by, "现场复核", kind)]} if self.world.chance(0.5) else {}

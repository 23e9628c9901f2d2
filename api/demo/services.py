"""How `citizen_request` is played: who applies for what, and what people enter in its forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, ClassVar, Final

from api.demo.actor import Actor, Step
from api.demo.application import Application, fill_in
from api.demo.world import World
from engine.views import TaskRow

_HOURS: Final[Mapping[str, float]] = {
    "receive": 0.3,
    "check": 0.7,
    "recheck": 0.4,
    "review": 5.5,
    "special_result": 1.0,
    "decide": 0.8,
    "approve_extension": 0.3,
    "deliver": 0.2,
    "urge": 0.3,
    "contact": 0.4,
    "improve": 3.0,
}
"""Median working hours; a review is read, discussed and written."""
_LATELY: Final = timedelta(days=21)


class Services(Actor[Application]):
    """Applications of residents and companies."""

    process = "citizen_request"
    quick: ClassVar = frozenset({"receive", "approve_extension", "deliver", "urge", "contact"})

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._items: Final[Mapping[str, Any]] = {each["key"]: each for each in self.settings["items"]}

    # --- what comes up ----------------------------------------------------------------------------

    def openings(self) -> Iterator[tuple[datetime, Application]]:
        """Applications by the season."""
        arrivals = self.world.arrivals(self.data["items"], per_day=self.data["per_day"], days_off=self.data["days_off"])
        for at, item in chain(arrivals, *(self.world.burst(**each) for each in self.data["bursts"])):
            yield at, self._draw(at, item)

    def _draw(self, at: datetime, item: str) -> Application:
        world = self.world
        lately = at > world.agenda.until - _LATELY
        company = world.chance(self.data["items"][item]["company"])
        return Application(
            by=world.pick({each: 3 if each.shown else 1 for each in world.city.with_role("citizen")}),
            item=item,
            company=world.rng.choice(self.data["companies"]) if company else "",
            rented=world.chance(0.6),
            place=world.rng.choice(world.city.places),
            method=world.pick({"electronic": 55, "pickup": 25, "post": 20}),
            complete=world.chance(0.74),
            supplements=world.chance(0.88),
            rejected=world.chance(0.05),
            withdrawn=world.rng.uniform(0.5, 9) if world.chance(0.06) else None,
            special=bool(self._items[item]["special"]) and world.chance(0.16),
            against=world.chance(0.06),
            extend=world.chance(self.data["more_time"]["lately" if lately else "usual"]),
            rating=world.pick({5: 48, 4: 26, 3: 12, 2: 8, 1: 6}) if world.chance(0.75) else None,
        )

    def start(self, matter: Application) -> dict[str, Any]:
        """The application with its papers."""
        return fill_in(self, matter)

    # --- when -------------------------------------------------------------------------------------

    def hours(self, task: TaskRow, matter: Application) -> float:
        """A review takes long."""
        return self.world.skewed(_HOURS.get(task.element_id, 0.3))

    def delay(self, task: TaskRow, matter: Application) -> timedelta | None:
        """Experts take about as long as was expected; applicants supplement and rate within days, few withdraw."""
        rng = self.world.rng
        match task.element_id:
            case "special_result" if task.due_at is not None:
                return (task.due_at - task.created_at) * rng.uniform(0.4, 1.2)
            case "withdraw":
                return None if matter.withdrawn is None else timedelta(days=matter.withdrawn)
            case "hand_in_corrections":
                return timedelta(days=rng.uniform(0.5, 9)) if matter.supplements else None
            case "rate":
                return None if matter.rating is None else timedelta(hours=min(rng.expovariate(1 / 20), 90))
            case _:
                return timedelta(0)

    # --- what people do about it ------------------------------------------------------------------

    def do_withdraw(self, _step: Step[Application]) -> dict[str, Any]:
        """The applicant does not want it any longer."""
        return {"withdrawal_reason": self.say("withdrawals"), "withdrawal_confirmed": True}

    def do_hand_in_corrections(self, step: Step[Application]) -> dict[str, Any]:
        """The papers that were missing."""
        return {"supplements": [self.world.file(step.by, "补正材料", "scan")]}

    def do_receive(self, step: Step[Application]) -> dict[str, Any]:
        """The window counts the papers, and marks those that cannot be used."""
        matter = step.matter
        if not matter.complete:
            known = [each for each in self.data["corrections"] if each["material"] in matter.handed_in]
            matter.wanted = self.world.rng.sample(known, min(len(known), 2 if self.world.chance(0.33) else 1))
        unusable = list(dict.fromkeys(each["material"] for each in matter.wanted))
        return {"received_all": True, "receiving_note": self.say("receiving_notes"), "unusable": unusable}

    def do_check(self, step: Step[Application]) -> dict[str, Any]:
        """Accepted, to be corrected, or not accepted."""
        if step.matter.rejected:
            return {"check_decision": "refuse"} | self._rejection()
        if step.matter.wanted:
            return {"check_decision": "supplement", "corrections": step.matter.wanted}
        return {"check_decision": "accept"}

    def do_recheck(self, _step: Step[Application]) -> dict[str, Any]:
        """What was supplemented mostly suffices."""
        if self.world.chance(0.06):
            note = "补正后仍缺少出租方签章，材料不齐全。"
            return {"recheck_decision": "refuse", "rejection_reason": "not_complete", "rejection_note": note}
        return {"recheck_decision": "accept"}

    def _rejection(self) -> dict[str, Any]:
        why = self.world.rng.choice(self.data["rejections"])
        return {"rejection_reason": why["reason"], "rejection_note": why["note"]}

    def do_review(self, step: Step[Application]) -> dict[str, Any]:
        """A department is in favour, against, or wants to look closer first."""
        matter, (department,) = step.matter, step.task.candidate_groups
        if matter.special and department not in matter.asked:
            matter.asked.add(department)
            kind = self.world.rng.choice(self._items[matter.item]["special"])
            days = self.world.rng.choice((5, 7, 10))
            return {
                "outcome": "special",
                "special_kind": kind,
                "special_reason": self.say("special_reasons"),
                "special_days": days,
            }
        if matter.against:
            return {"outcome": "fail", "opinion": self.say("objections")}
        return {"outcome": "pass", "opinion": self.say("opinions")}

    def do_special_result(self, step: Step[Application]) -> dict[str, Any]:
        """What the experts or inspectors found."""
        report = self.world.file(step.by, "勘验记录", "scan")
        return {"finding": "met", "finding_note": self.say("special_findings"), "finding_report": [report]}

    def do_decide(self, step: Step[Application]) -> dict[str, Any]:
        """As the departments advise; now and then later."""
        matter, due = step.matter, step.task.due_at
        if matter.extend and due is not None and due > self.world.now():
            matter.extend = False
            return {"decision": "extend", "extension_reason": self.say("extensions")}
        if matter.against:
            return {"decision": "refuse", "decision_reason": self.say("refusals")}
        return {"decision": "approve", "valid_from": self.today()}

    def do_approve_extension(self, _step: Step[Application]) -> dict[str, Any]:
        """The supervisor mostly agrees."""
        return {"extension_agreed": self.world.chance(0.8)}

    def do_deliver(self, step: Step[Application]) -> dict[str, Any]:
        """Handed over, or posted."""
        form: dict[str, Any] = {"delivered_to": step.matter.by.name, "delivered_on": self.today()}
        if step.matter.method == "post":
            form["tracking_number"] = f"CW{self.world.rng.randrange(10**9):09}"
        else:
            form["identity_checked"] = True
        if self._items[step.matter.item]["fee"] and not step.matter.against:
            form["fee_receipt"] = f"澄财票 {self.world.rng.randrange(10**6):06}"
        return form

    def do_urge(self, _step: Step[Application]) -> dict[str, Any]:
        """The supervisor calls the department."""
        return {
            "urging_measure": self.world.rng.choice(("call", "letter", "meeting")),
            "urging_note": self.say("urging_notes"),
        }

    def do_contact(self, step: Step[Application]) -> dict[str, Any]:
        """The supervisor calls who was dissatisfied."""
        departments = self._items[step.matter.item]["departments"]
        responsible = self.world.rng.choice(["service_window", *departments])
        return {"contact_note": self.say("contact_notes"), "responsible": responsible}

    def do_improve(self, _step: Step[Application]) -> dict[str, Any]:
        """Whoever is responsible says what was done."""
        return {"improvement_note": self.say("improvement_notes")}

    def do_rate(self, step: Step[Application]) -> dict[str, Any]:
        """Better, mostly, after an improvement."""
        matter = step.matter
        rating = matter.rating or 5
        matter.rating = self.world.pick({4: 5, 3: 3, 2: 2})
        good = rating > 2
        tags = ("fast", "clear", "polite", "online") if good else ("slow", "repeated", "unclear")
        return {
            "rating": rating,
            "rating_tags": self.world.rng.sample(tags, self.world.rng.randrange(3)),
            "rating_comment": self.say("praise" if good else "complaints"),
        }

"""How `document_approval` is played: what the office drafts, and what people enter in its forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, ClassVar, Final

from api.demo.actor import Actor, Matter, Step
from engine.views import TaskRow

_HOURS: Final[Mapping[str, float]] = {
    "check": 0.8,
    "give_opinion": 1.6,
    "countersign": 0.4,
    "sign": 0.4,
    "revise": 1.2,
    "proof": 0.3,
    "correct": 0.3,
    "receive": 0.1,
    "withdraw": 0.1,
}
"""Median working hours."""


@dataclass(kw_only=True)
class Draft(Matter):
    """What is going to happen to one document.

    Args:
        topic: what it is about.
        urgency: 'normal', 'urgent' or 'top'.
        returned: times the check sends it back.
        disagreed: somebody disagrees in the first round.
        unsigned: the leader sends it back once.
        misprint: the first print has a mistake.
        withdrawn: hours after which the drafter takes it back, if it is not signed by then.
    """

    topic: Mapping[str, Any]
    urgency: str
    returned: int
    disagreed: bool
    unsigned: bool
    misprint: bool
    withdrawn: float | None


class Documents(Actor[Draft]):
    """The city office's documents."""

    process = "document_approval"
    quick: ClassVar = frozenset({"sign", "proof", "correct", "receive", "withdraw"})

    def openings(self) -> Iterator[tuple[datetime, Draft]]:
        """Drafts by the season, written in the drafter's hours."""
        world, topics = self.world, self.data["topics"]
        arrivals = world.arrivals(topics, per_day=self.data["per_day"], days_off=self.data["days_off"])
        for at, topic in chain(arrivals, *(world.burst(**each) for each in self.data["bursts"])):
            draft = self._draw(topics[topic])
            yield world.rosters.add(draft.by, at, 0.2) or at, draft

    def _draw(self, topic: Mapping[str, Any]) -> Draft:
        world = self.world
        return Draft(
            by=world.city.named(world.pick(self.data["drafters"])),
            topic=topic,
            urgency=world.pick(topic["urgency"]),
            returned=int(world.chance(0.2)),
            disagreed=world.chance(0.12),
            unsigned=world.chance(0.06),
            misprint=world.chance(0.07),
            withdrawn=world.rng.uniform(1, 30) if world.chance(0.04) else None,
        )

    def start(self, matter: Draft) -> dict[str, Any]:
        """The draft, some with an attachment."""
        form = self._text(matter) | {"unclassified": True}
        return form | (
            {"attachments": [self.world.file(matter.by, "附件：责任清单", "scan")]} if self.world.chance(0.4) else {}
        )

    def _text(self, matter: Draft) -> dict[str, Any]:
        topic, organs = matter.topic, [each["key"] for each in self.settings["organs"]]
        to = organs if topic["to"] == "all" else topic["to"]
        return {
            "title": topic["title"],
            "kind": topic["kind"],
            "urgency": matter.urgency,
            "body": topic["body"],
            "main_to": to,
            "copy_to": [] if "law" in to else ["law"],
            "opinion_from": topic["others"],
            "countersigners": topic["heads"],
        }

    def hours(self, task: TaskRow, matter: Draft) -> float:
        """Opinions take long; what is urgent goes faster."""
        median = _HOURS.get(task.element_id, 0.3)
        return self.world.skewed(median * (1.0 if matter.urgency == "normal" else 0.4))

    def delay(self, task: TaskRow, matter: Draft) -> timedelta | None:
        """Few drafts are withdrawn."""
        if task.element_id != "withdraw":
            return timedelta(0)
        return None if matter.withdrawn is None else timedelta(hours=matter.withdrawn)

    def do_withdraw(self, _step: Step[Draft]) -> dict[str, Any]:
        """The drafter takes it back."""
        return {"withdrawal_reason": self.say("withdrawals")}

    def do_check(self, step: Step[Draft]) -> dict[str, Any]:
        """The secretariat reads it."""
        if step.matter.returned > 0:
            step.matter.returned -= 1
            return {"check_result": "return", "check_note": self.say("return_notes")}
        return {"check_result": "pass"}

    def do_give_opinion(self, _step: Step[Draft]) -> dict[str, Any]:
        """Another organ has something to say, or not."""
        if self.world.chance(0.4):
            return {"opinion_result": "suggestion", "opinion_text": self.say("suggestions")}
        return {"opinion_result": "none"}

    def do_countersign(self, step: Step[Draft]) -> dict[str, Any]:
        """The heads agree, in the second round at the latest."""
        if step.matter.disagreed:
            step.matter.disagreed = False
            return {"vote": "disagree", "vote_text": self.say("objections")}
        if self.world.chance(0.2):
            return {"vote": "remark", "vote_text": self.say("remarks")}
        return {"vote": "agree"}

    def do_sign(self, step: Step[Draft]) -> dict[str, Any]:
        """A leader signs."""
        if step.matter.unsigned:
            step.matter.unsigned = False
            return {"sign_result": "return", "sign_note": self.say("sign_returns")}
        return {"sign_result": "approve"}

    def do_revise(self, step: Step[Draft]) -> dict[str, Any]:
        """The drafter mends it."""
        form = self._text(step.matter)
        return form | {"body": form["body"] + "\n各单位落实情况请于月底前报送。"}

    def do_proof(self, step: Step[Draft]) -> dict[str, Any]:
        """The seal keeper compares print and draft."""
        if step.matter.misprint:
            step.matter.misprint = False
            return {"proof_result": "misprint", "proof_note": self.say("misprints")}
        return {"proof_result": "pass"}

    def do_correct(self, step: Step[Draft]) -> dict[str, Any]:
        """The secretariat corrects the text."""
        return {"title": step.matter.topic["title"], "body": step.matter.topic["body"]}

    def do_receive(self, _step: Step[Draft]) -> dict[str, Any]:
        """An organ has received it."""
        return {"receipt_note": self.say("receipts")}

"""Kinds of cases: what starts one, who does its tasks with which values, what the world outside answers.

For the packaged processes that is read from their own scenarios, whatever applications there are; the
harness's own processes (tests.crash.models) stand at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bots.registry import builtin_registry
from engine.applications import load_application
from engine.contracts.principal import Principal
from engine.scenarios.reading import Scenario, Step, read_scenarios
from engine.yaml_files import plain
from tests.crash.models import STAFF

PROCESSES = Path(__file__).parents[2] / "processes"
PAIR = "$pair"
"""A start value for which the number of the case's pair is put."""
PHOTO = "$photo"
"""A mapping with this key stands for an uploaded picture."""

_TOPIC = re.compile(r'<zeebe:taskDefinition type="([^"=]+)"')
_NEEDS_MORE = frozenset({"set", "cancel", "throw_error", "fail_job", "retry", "signal", "delegate", "publish"})
"""Steps of scenarios that the crew does not play."""


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What somebody hands in."""

    by: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One way a process goes.

    Args:
        name: such as 'repair_dispatch/01_from_report_to_rating'.
        process: key of the definition.
        start: who starts it, with what.
        steps: the user tasks that are done, in this order: element, and what is handed in there by whom.
        results: element of a service task → its worker's result.
        messages: names of messages that come from outside while a case waits for them.
        partner: kind of the case that is started beside each one, with the same pair number.
        rest: where the case still stands when all steps are done, as `Crew.settle` found; it is cancelled there.
    """

    name: str
    process: str
    start: Fill
    steps: tuple[tuple[str, Fill], ...] = ()
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    messages: frozenset[str] = frozenset()
    partner: Kind | None = None
    rest: str = ""


@dataclass(frozen=True, kw_only=True)
class Packaged:
    """An application of processes/, its people, the topics no built-in bot does, the kinds its scenarios tell of."""

    folder: Path
    people: Mapping[str, Principal]
    topics: tuple[str, ...]
    kinds: tuple[Kind, ...]


def packaged() -> list[Packaged]:
    """All packaged applications that have scenarios."""
    folders = sorted(path.parent for path in PROCESSES.glob("*/app.yaml") if (path.parent / "scenarios").is_dir())
    return [_read(folder) for folder in folders]


def _read(folder: Path) -> Packaged:
    application = load_application(folder)
    scenarios = read_scenarios(folder / "scenarios", ZoneInfo("Asia/Shanghai"))
    kinds = [
        Kind(
            name=f"{application.key}/{Path(scenario.file).stem}:{scenario.line}",
            process=start.target or application.key,
            start=_fill(start),
            steps=tuple((step.target, _fill(step)) for step in scenario.steps if _is_done(step, "complete")),
            results={
                step.target: plain(step.section.section("with")) for step in scenario.steps if step.verb == "do_job"
            },
        )
        for scenario in scenarios
        if (start := _start(scenario)) is not None
    ]
    people = {name: person for scenario in scenarios for name, person in scenario.people.items()}
    models = " ".join(path.read_text("utf-8") for path in sorted(folder.glob("*.bpmn")))
    topics = set(_TOPIC.findall(models)) - set(builtin_registry().topics)
    return Packaged(folder=folder, people=people, topics=tuple(sorted(topics)), kinds=tuple(kinds))


def _start(scenario: Scenario) -> Step | None:
    """The step by which a scenario that the crew can play begins."""
    if any(step.verb in _NEEDS_MORE for step in scenario.steps):
        return None
    starts = [step for step in scenario.steps if _is_done(step, "start")]
    return starts[0] if len(starts) == 1 and "message" not in starts[0].section else None


def _is_done(step: Step, verb: str) -> bool:
    return step.verb == verb and "refused" not in step.section


def _fill(step: Step) -> Fill:
    return Fill(by=step.section.text("by"), values=_values(step))


def _values(step: Step) -> Mapping[str, Any]:
    found: Mapping[str, Any] = plain(step.section.section("with"))
    return found


CLERKS = tuple(
    Principal(id=f"crash.clerk.{number}", roles=frozenset({"staff"}), groups=frozenset({STAFF})) for number in range(20)
)
CLERK = CLERKS[0]

EFFECTS = Kind(
    name="crash_effects",
    process="crash_effects",
    start=Fill(by=CLERK.id),
    steps=(("prepare", Fill(by=CLERK.id)), ("confirm", Fill(by=CLERK.id, values={"note": "好"}))),
    results={"outside": {"weighed": 12}},
)
ANSWERER = Kind(name="crash_answerer", process="crash_answerer", start=Fill(by=CLERK.id, values={"pair": PAIR}))
ASKER = Kind(
    name="crash_asker",
    process="crash_asker",
    start=Fill(by=CLERK.id, values={"pair": PAIR}),
    steps=(("send", Fill(by=CLERK.id)),),
    partner=ANSWERER,
)
NEWS = Kind(
    name="crash_news",
    process="crash_news",
    start=Fill(by=CLERK.id, values={"pair": PAIR}),
    steps=(("read", Fill(by=CLERK.id)),),
    messages=frozenset({"crash.news"}),
)
OWN = (EFFECTS, ASKER, NEWS)

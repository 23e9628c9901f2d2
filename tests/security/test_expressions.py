"""Expressions and scripts of strangers, wherever a model or form may hold one: nothing runs, nothing leaks, all end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import Engine
from engine import commands as c
from engine.clock import FakeClock
from engine.contracts.principal import SYSTEM
from engine.errors import CiviflowError
from engine.filters import JobFilter
from engine.models.forms import read_form, seen_by
from tests.builders import ADMIN, DESIGNER, node, process
from tests.desk import Desk
from tests.security.effort import LONG
from tests.security.payloads import FEEL, FEEL_BOMBS, JUEL, PYTHON, PYTHON_BOMBS, PYTHON_PATTERNS
from tests.security.positions import PLACES, Files

VALUE = "canary-5b1f0c27"
"""What the environment and a file hold, and nothing that the engine shows may."""

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SILENT = {"subject", "form: text", "called process"}
"""Where a failure becomes an empty text, and what does not run yet."""
_BUDGET = 5.0
_SLACK = 3.0


@dataclass
class Trap:
    """An engine, a file that no payload may make, a value that none may read."""

    desk: Desk
    clock: FakeClock
    canary: Path

    def try_model(self, files: Files) -> str:
        """Deploy, start, and do all that can be done; gives what the engine shows of it."""
        engine = self.desk.engine
        try:
            engine.execute(c.DeployDefinition(files=files, name="x"), by=DESIGNER)
            case = engine.execute(c.StartInstance(definition="p", variables={"secret": "s", "n": 3}), by=ADMIN)
            self._go_on(case.instance_id)
        except CiviflowError as refused:
            return repr(refused) + repr(getattr(refused, "findings", ""))
        seen = engine.read(ADMIN).instance(case.instance_id)
        if not seen.row.ended_at:
            engine.execute(c.CancelInstance(instance_id=case.instance_id, reason="done"), by=ADMIN)
        return repr(seen)

    def _go_on(self, case: str) -> None:
        engine = self.desk.engine
        for task in self.desk.tasks(case)[:3]:
            shown = engine.read(ADMIN).task(task.id)
            if shown.form is not None:
                form, seen = read_form(shown.form), seen_by(ADMIN, shown.variables)
                form.hidden({"a": "1"}, context=seen)
                for component in form.walk():
                    component.resolved({"a": "1"}, seen)
                    component.rows({}, seen)
            engine.execute(c.CompleteTask(task_id=task.id, variables={"a": "1"} if shown.form else {}), by=ADMIN)
        for job in engine.read(ADMIN).jobs(JobFilter(instance_id=case)).items:
            for leased in self.desk.take(job.topic):
                self.desk.finish(leased)
        self.clock.advance(timedelta(seconds=1))

    def assert_untouched(self, shown: str) -> None:
        """Nothing was made and nothing leaked."""
        assert not self.canary.exists()
        assert VALUE not in shown


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    monkeypatch.setenv("CIVIFLOW_CANARY", VALUE)
    monkeypatch.chdir(tmp_path)
    clock = FakeClock(NOON)
    with Engine.open("sqlite://", clock=clock) as engine:
        yield Trap(Desk(engine), clock, tmp_path / "CANARY")


def _within(seconds: float, work: Any) -> Any:
    """The result of work that takes at most so much processor time: a budget of the product, not of the machine."""
    before = time.process_time()
    result = work()
    took = time.process_time() - before
    assert took < seconds, f"took {took:.1f} s"
    return result


def test_there_are_enough_of_them() -> None:
    assert len({*FEEL, *FEEL_BOMBS, *JUEL, *PYTHON, *PYTHON_BOMBS, *PYTHON_PATTERNS}) >= 150
    assert len(PLACES) >= 35


@pytest.mark.parametrize("place", sorted(PLACES.keys() - SILENT))
def test_every_place_is_really_reached(trap: Trap, place: str) -> None:
    shown = trap.try_model(PLACES[place]("{f: function(n) f(n), r: f(1)}.r"))

    assert "function calls inside each other" in shown


@pytest.mark.parametrize("place", sorted(PLACES))
def test_no_expression_reaches_the_host_from_anywhere(trap: Trap, place: str) -> None:
    number = sorted(PLACES).index(place)
    chosen = FEEL if LONG else [p for n, p in enumerate(FEEL) if n % 4 == number % 4]

    for payload in chosen:
        written = payload.replace("CANARY", str(trap.canary))
        shown = _within(2.0, lambda: trap.try_model(PLACES[place](written)))  # noqa: B023
        trap.assert_untouched(shown)

    trap.desk.assert_sound()


@pytest.mark.parametrize("place", sorted(PLACES))
def test_no_expression_holds_the_engine_up_from_anywhere(trap: Trap, place: str) -> None:
    number = sorted(PLACES).index(place)
    chosen = FEEL_BOMBS if LONG else [FEEL_BOMBS[number % len(FEEL_BOMBS)]]

    for payload in chosen:
        shown = _within(2 * _BUDGET + _SLACK, lambda: trap.try_model(PLACES[place](payload)))  # noqa: B023
        trap.assert_untouched(shown)

    assert trap.desk.engine.execute(c.DeployDefinition(files=PLACES["due date"]("now()")), by=SYSTEM)


@pytest.mark.parametrize("payload", JUEL, ids=range(len(JUEL)))
def test_an_expression_of_another_engine_is_translated_or_refused_never_run(trap: Trap, payload: str) -> None:
    written = payload.replace("CANARY", str(trap.canary))

    for place in ("gateway condition", "timer duration", "due date", "assignee", "subject"):
        files = PLACES[place]("MARK")
        files = {path: content.replace(b"=MARK", _escaped(written)) for path, content in files.items()}
        trap.assert_untouched(_within(2.0, lambda: trap.try_model(files)))  # noqa: B023


@pytest.mark.parametrize("payload", PYTHON, ids=range(len(PYTHON)))
def test_no_script_reaches_the_host(trap: Trap, payload: str) -> None:
    written = payload.replace("CANARY", str(trap.canary))

    shown = trap.try_model({"m.bpmn": _scripted(written)})

    trap.assert_untouched(shown)
    assert "root:x:0" not in shown


@pytest.mark.timeout(60)
@pytest.mark.parametrize("payload", PYTHON_BOMBS if LONG else PYTHON_BOMBS[:6])
def test_no_script_holds_the_engine_up(trap: Trap, payload: str) -> None:
    shown = _within(2.0, lambda: trap.try_model({"m.bpmn": _scripted(payload)}))

    assert "Expected the script" in shown or "sandbox" in shown
    assert trap.try_model({"m.bpmn": _scripted("x = 1 + n")}).count("'x': 4")


@pytest.mark.parametrize("payload", PYTHON_PATTERNS)
def test_no_pattern_explodes_in_a_script(trap: Trap, payload: str) -> None:
    _within(2.0, lambda: trap.try_model({"m.bpmn": _scripted(payload)}))

    assert trap.try_model({"m.bpmn": _scripted("x = 1 + n")}).count("'x': 4")


def _scripted(source: str) -> bytes:
    inner = f"<bpmn:script><![CDATA[{source.replace(']]>', '')}]]></bpmn:script>"
    return process("p", "start -> work -> end", node("scriptTask", "work", inner, scriptFormat="python"))


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").encode()


@pytest.mark.skipif(not LONG, reason="takes as long as the allowance: make security")
def test_many_expressions_that_each_stay_within_their_budget_do_not_hold_a_command_up(trap: Trap) -> None:
    slow = "count(for i in 1..900000 return i) > n"
    names = [f"g{n}" for n in range(60)]
    chain = "; ".join(
        f"{a} -> {b} [={slow}]; {a} -> end{a} []" for a, b in zip(names, [*names[1:], "end"], strict=True)
    )
    model = process("p", f"start -> g0; {chain}", *(node("exclusiveGateway", name) for name in names))

    shown = _within(14.0, lambda: trap.try_model({"m.bpmn": model}))

    assert "seconds together" in shown

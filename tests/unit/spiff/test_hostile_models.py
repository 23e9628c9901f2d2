"""Uploaded models are code from strangers: no expression executes anything, and what would hang is stopped.

Hazards M1 and M9 and verdict point 4 of the measurements recorded in docs/adr/0002; the others are in test_hazards.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.findings import Severity
from engine.models.model import Event, EventKind, Loop, Process, Value
from engine.spiff import Execution, check, compile_process
from engine.spiff.effects import IncidentOpened
from engine.spiff.formulas import all_values
from tests.builders_model import (
    boundary,
    catch,
    each,
    end,
    exclusive,
    feel,
    flow,
    parallel,
    process,
    script,
    service,
    throw,
    timer,
    user,
)
from tests.host import MemoryHost, Running

# M1, verdict 4: uploaded models are code from strangers ---------------------------------------------------------

EVERY_POSITION = process(
    flow("start -> script -> user -> service -> wait -> tell -> gate"),
    flow("gate -> yes", when="1 = 1"),
    flow("gate -> no", default=True),
    flow("yes -> many -> repeat -> end"),
    flow("late -> end"),
    exclusive("gate"),
    script("script", "1", "x"),
    user(
        "user",
        assignee=feel("1"),
        candidate_users=feel("1"),
        candidate_groups=feel("1"),
        excluded_users=feel("1"),
        due=feel("1"),
        follow_up=feel("1"),
        priority=feel("1"),
        inputs={"a": "1"},
        outputs={"b": "1"},
    ),
    service("service", feel("1"), retries=feel("1"), priority=feel("1")),
    boundary("late", "service", timer(feel("1"))),
    catch("wait", Event(kind=EventKind.CONDITIONAL, condition=feel("1"))),
    throw("tell", Event(kind=EventKind.MESSAGE, name=feel("1"), correlation_key=feel("1"))),
    user("many", loop=each("1", output_element="1", completion_condition="1")),
    user("repeat", loop=Loop(kind="standard", condition=feel("1"), maximum=feel("1"), cardinality=feel("1"))),
    end("end", Event(kind=EventKind.SIGNAL, name=feel("1"))),
)

PAYLOADS = (
    "__import__('os').system('touch {mark}')",
    '__import__("os").system("touch {mark}")',
    "().__class__.__bases__[0].__subclasses__()",
    'open("{mark}", "w")',
    "exec(\"import os; os.mkdir('{mark}')\")",
    '"".__class__',
    "x.__init__.__globals__",
    "9 ** 9 ** 9",
    "${{execution.getProcessEngineServices()}}",
)


_WATCHED = {
    "os.system",
    "os.exec",
    "os.fork",
    "os.mkdir",
    "os.posix_spawn",
    "subprocess.Popen",
    "exec",
    "ctypes.dlopen",
}
_heard: list[list[str]] = []


@contextmanager
def audited() -> Iterator[list[str]]:
    """What the interpreter was asked to do meanwhile, of the things nobody may do."""
    if not _heard:  # a hook stays for good, so there is one
        sys.addaudithook(lambda name, args: _heard[-1].append(name) if name in _WATCHED else None)
    seen: list[str] = []
    _heard.append(seen)
    try:
        yield seen
    finally:
        _heard.append([])


def test_the_audit_hears_what_it_listens_for(tmp_path: Path) -> None:
    with audited() as seen:
        os.system("true")

    assert seen == ["os.system"]


def _with_everywhere(payload: str) -> list[Process]:
    """The model, with the payload in one expression position after the other."""
    models = []
    for element, place, value in all_values(EVERY_POSITION):
        if place != "script":
            models.append(_replaced(element.id, value, Value(text=payload, is_feel=True)))
    scripted = EVERY_POSITION.nodes["script"]
    for language in ("feel", "python"):
        task = replace(scripted, script=replace(scripted.script, language=language, text=payload))
        models.append(replace(EVERY_POSITION, nodes={**EVERY_POSITION.nodes, "script": task}))
    return models


def _replaced(element: str, old: Value, new: Value) -> Process:
    def swap(thing: object) -> object:
        if thing is old:
            return new
        if isinstance(thing, tuple):
            return tuple(swap(item) for item in thing)
        if hasattr(thing, "__dataclass_fields__"):
            return replace(thing, **{name: swap(getattr(thing, name)) for name in thing.__dataclass_fields__})
        return thing

    nodes = {id_: swap(n) if id_ == element else n for id_, n in EVERY_POSITION.nodes.items()}
    flows = {id_: swap(f) if id_ == element else f for id_, f in EVERY_POSITION.flows.items()}
    return replace(EVERY_POSITION, nodes=nodes, flows=flows)


def test_there_are_as_many_expression_positions_as_the_payloads_are_tried_in() -> None:
    assert len(_with_everywhere("1")) == 26


def run_through(payload: str) -> None:
    for model in _with_everywhere(payload):
        if any(f.severity is Severity.ERROR for f in check(model)):
            continue
        host = MemoryHost("instance", {"x": {}})
        execution = Execution.start(compile_process(model), host, instance="instance")
        execution.run(1000)
        for waiting in execution.waiting():
            if waiting.kind in ("user-task", "job"):
                execution.complete(waiting.id, {})
        execution.run(1000)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_expression_position_executes_anything(payload: str, tmp_path: Path) -> None:
    mark = tmp_path / "touched"
    run_through("1")  # what is imported at first use is imported now

    with audited() as seen:
        run_through(payload.format(mark=mark))

    assert seen == []
    assert not mark.exists()


# M9: what would hang --------------------------------------------------------------------------------------------

HANGS = (
    "9 ** 9 ** 9",
    "count(for i in 1..10 ** 9 return i)",
    "sum(for a in 1..10 ** 5, b in 1..10 ** 5 return a * b)",
    'string join(for i in 1..10 ** 8 return "x")',
    "some x in 1..10 ** 9 satisfies x < 0",
    'matches("' + "a" * 40 + '!", "(a+)+$")',
)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("payload", HANGS)
def test_an_expression_that_would_hang_costs_its_own_token_only(payload: str) -> None:
    model = process(
        flow("start -> fork -> a -> b"),
        flow("fork -> other"),
        parallel("fork"),
        script("a", payload, "x"),
        user("b"),
        user("other"),
    )

    running = Running(model)

    assert "other" in running.at()
    assert (running.at("incident") == ["a"]) or "x" in running.variables


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "payload",
    [
        "while True: pass",
        "x = 9 ** 9 ** 9",
        "x = 'a' * 10 ** 10",
        "x = [0] * 10 ** 9",
        "def f():\n    return f()\nf()",
        "import time\ntime.sleep(3600)\nwhile True: pass",
    ],
)
def test_a_script_that_would_hang_or_swell_is_stopped_and_costs_its_own_token_only(payload: str) -> None:
    model = process(
        flow("start -> fork -> a"),
        flow("fork -> b"),
        parallel("fork"),
        script("a", payload, language="python"),
        user("b"),
    )

    running = Running(model)

    assert running.at("incident") == ["a"]
    assert running.effects(IncidentOpened)[0].kind == "script"
    assert running.at("user-task") == ["b"]

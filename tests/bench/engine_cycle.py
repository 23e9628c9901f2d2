"""Engine speed beside the bare library's, in one run: start to the user task, find it, complete it, end.

The six-node process of the speed comparison (`library/`), with its two scripts in Python and in FEEL, on SQLite and on
PostgreSQL, each fully durable. Ours writes receipts, variables, events, activity instances and work lists, and reads
everything back from the database between the two halves; the library stores one JSON blob an instance and nothing
else. CPU time counts this process and the sandbox's; PostgreSQL's own is noted apart. What a case takes on the disk is
measured in `room.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa
from frame import SHORT, Comparison, cpu, main, part, part_on_each, postgres_cpu

from engine import Engine, Principal
from engine import commands as c
from engine.filters import TaskFilter

LIBRARY = Path(__file__).parent / "library"
COUNT = 200 if SHORT else 1000
WARM = 20
DESIGNER = Principal(id="dora", roles=frozenset({"designer"}))
CLERK = Principal(id="li", roles=frozenset({"staff"}))

WRITTEN = {
    "process_instance": 1,
    "command_receipt": 2,
    "user_task": 1,
    "task_candidate": 1,
    "lifecycle_event": 9,
    "variable_change": 4,
    "activity_instance": 6,
}
"""Rows that each instance must leave behind."""


@part
def library() -> Mapping[str, float]:
    command = [sys.executable, "spiff_library_bench.py", str(COUNT), "shared"]
    with tempfile.TemporaryDirectory() as folder:
        there = {**os.environ, "TMPDIR": folder}
        output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=LIBRARY, env=there).stdout
    found = json.loads(output.splitlines()[-1])
    return {"per_cpu_s": found["instances_per_cpu_s"], "bytes": found["bytes_per_instance"]}


@part_on_each
def script(url: str) -> Mapping[str, float]:
    return _cycle(_with_python_scripts(), url)


@part_on_each
def feel(url: str) -> Mapping[str, float]:
    return _cycle(with_feel_scripts(), url)


def _cycle(model: str, url: str) -> dict[str, float]:
    with Engine.open(url) as engine:
        engine.execute(c.DeployDefinition(files={"approval.bpmn": model.encode()}), by=DESIGNER)
        for n in range(WARM):
            finish(engine, start(engine, -n - 1))
        figures, cases = _measured(engine, url)
        assert_all_is_there(engine, url, cases, COUNT + WARM)
    return figures


def _measured(engine: Engine, url: str) -> tuple[dict[str, float], list[str]]:
    server = postgres_cpu(url) if url.startswith("postgresql") else 0.0
    begin = cpu()
    cases = [start(engine, n) for n in range(COUNT)]
    middle = cpu()
    for case in cases:
        finish(engine, case)
    end = cpu()
    figures = {
        "per_cpu_s": COUNT / (end - begin),
        "ms_start": (middle - begin) / COUNT * 1000,
        "ms_find_and_finish": (end - middle) / COUNT * 1000,
    }
    if url.startswith("postgresql"):
        figures["ms_server"] = (postgres_cpu(url) - server) / COUNT * 1000
    return figures, cases


def start(engine: Engine, n: int) -> str:
    """Start a case; gives its id."""
    command = c.StartInstance(definition="approval", variables={"amount": 120})
    return str(engine.execute(command, by=CLERK, key=f"start {n}").instance_id)


def finish(engine: Engine, case: str) -> None:
    """Find the task of a case and complete it, with which the case ends."""
    (task,) = engine.read(CLERK).tasks(TaskFilter(scope="all", instance_id=case)).items
    command = c.CompleteTask(task_id=task.id, variables={"approved": True})
    assert engine.execute(command, by=CLERK, key=f"finish {task.id}").ended


def assert_all_is_there(engine: Engine, url: str, cases: list[str], count: int) -> None:
    """What was measured did what it claims: every row written, every chain and projection right, receipts answer.

    Args:
        cases: those that were started by the keys 0, 1, 2 …
        count: how many cases there must be in all.
    """
    database = sa.create_engine(url)
    with database.connect() as connection:
        counted = {name: connection.execute(sa.text(f"select count(*) from {name}")).scalar_one() for name in WRITTEN}
    database.dispose()
    assert counted == {name: each * count for name, each in WRITTEN.items()}, counted
    assert start(engine, 0) == cases[0]
    for case in cases[:: max(1, len(cases) // 50)]:
        seen = engine.read(CLERK).instance(case)
        assert seen.row.state == "completed"
        assert seen.variables == {"amount": 120, "checked": True, "approved": True, "booked": True}
        assert engine.verify(case).clean


def _with_python_scripts() -> str:
    sys.path.append(str(LIBRARY))
    from common import bpmn_spiff

    return str(bpmn_spiff(0)).replace("<bpmn:scriptTask ", '<bpmn:scriptTask scriptFormat="python" ')


def with_feel_scripts() -> str:
    """The model with its scripts in FEEL."""
    model = _with_python_scripts().replace(
        "xmlns:camunda=", 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda='
    )
    model = model.replace(' scriptFormat="python"', "")
    for task, variable in (("check", "checked"), ("book", "booked")):
        says = f'<zeebe:script expression="=true" resultVariable="{variable}"/>'
        says = f"<bpmn:extensionElements>{says}</bpmn:extensionElements>"
        model = model.replace(f"<bpmn:script>{variable} = True</bpmn:script>", "")
        model = model.replace(f'<bpmn:scriptTask id="{task}">', f'<bpmn:scriptTask id="{task}">{says}')
    return model


def _beside_the_library(name: str, what: str, measured: Callable[[], Mapping[str, float]]) -> Comparison:
    return Comparison(
        name=name,
        what=what,
        measured=measured,
        baseline=library,
        by="per_cpu_s",
        at_least={"ratio": 0.7},
    )


if __name__ == "__main__":
    main(
        _beside_the_library(
            "engine_cycle", "instances, Python scripts, SQLite; beside the bare library", script.sqlite
        ),
        _beside_the_library("engine_cycle_feel", "the same with FEEL scripts", feel.sqlite),
        _beside_the_library("engine_cycle_postgres", "Python scripts, PostgreSQL", script.postgres),
        _beside_the_library("engine_cycle_feel_postgres", "FEEL scripts, PostgreSQL", feel.postgres),
    )

"""Runs scenarios, each on a database of its own in memory, and gathers what they have reached.

Deploying costs more than playing, so scenarios that begin at the same moment begin on copies of one database.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.applications import Application, load_application
from engine.clock import FakeClock
from engine.commands import DeployDefinition
from engine.contracts.principal import SYSTEM
from engine.decisions.library import watched
from engine.engine import Engine
from engine.errors import InvalidInput
from engine.models import read_model
from engine.models.model import Process
from engine.scenarios.coverage import Reached, coverage_of
from engine.scenarios.expecting import Mismatch
from engine.scenarios.player import Player
from engine.scenarios.reading import Scenario, read_scenarios
from engine.scenarios.report import Failure, ScenarioResult, TestReport
from engine.scenarios.tables import Fired


def run_application_tests(folder: Path, *, zone: str = "Asia/Shanghai") -> TestReport:
    """Run all scenarios of a process application.

    Args:
        folder: the application's folder; its scenarios stand in `scenarios/`.
        zone: IANA name of the time zone the scenarios' local times are in.

    Raises:
        InvalidInput, InvalidModel: the application or a scenario file cannot be meant; names file and line.
    """
    started = time.perf_counter()
    application = load_application(folder)
    processes = _processes(application)
    reached: dict[str, Reached] = {key: Reached() for key in processes}
    fired = Fired()
    scenarios = [
        (each, each.process or _only(processes, each)) for each in read_scenarios(folder / "scenarios", ZoneInfo(zone))
    ]
    results: dict[int, ScenarioResult] = {}
    for begins, numbers in _by_beginning(scenarios).items():
        with Engine.open(clock=FakeClock(begins), zone=zone) as engine:
            engine.execute(DeployDefinition(files=application.files, application=application.key), by=SYSTEM)
            with engine.checkpoint() as go_back, watched(fired.add):
                for number in numbers:
                    go_back(FakeClock(begins))
                    results[number] = _run(*scenarios[number], engine, reached)
    return TestReport(
        application=application.key,
        version=application.version,
        scenarios=tuple(results[number] for number in range(len(scenarios))),
        coverage=tuple(coverage_of(process, reached[key]) for key, process in processes.items()),
        tables=fired.coverage(application.files),
        seconds=time.perf_counter() - started,
    )


def _by_beginning(scenarios: list[tuple[Scenario, str]]) -> dict[datetime, list[int]]:
    """When scenarios begin → which: they can share a deployment, which is made at that moment, too."""
    found: dict[datetime, list[int]] = {}
    for number, (scenario, _) in enumerate(scenarios):
        found.setdefault(scenario.begins, []).append(number)
    return found


def _run(scenario: Scenario, process: str, engine: Engine, reached: Mapping[str, Reached]) -> ScenarioResult:
    failure: Failure | None = None
    done = 0
    player = Player(engine, scenario, process)
    try:
        for step in scenario.steps:
            player.play(step)
            done += 1
    except Mismatch as mismatch:
        failure = mismatch.failure
    for key, seen in reached.items():
        seen.add(engine, key)
    return ScenarioResult(
        name=scenario.name,
        file=scenario.file,
        line=scenario.line,
        steps=len(scenario.steps),
        done=done,
        failure=failure,
    )


def _processes(application: Application) -> dict[str, Process]:
    models = (read_model(c, filename=p) for p, c in application.files.items() if p.endswith(".bpmn"))
    return {process.key: process for model in models for process in model.processes if process.executable}


def _only(processes: Mapping[str, Process], scenario: Scenario) -> str:
    if len(processes) == 1:
        return next(iter(processes))
    raise InvalidInput(
        f"{scenario.file}, line {scenario.line}: Expected 'process' to say which one is meant: {', '.join(processes)}."
    )

"""Runs scenarios, each on a fresh engine in memory, and gathers what they have reached."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from engine.applications import Application, load_application
from engine.clock import FakeClock
from engine.commands import DeployDefinition
from engine.contracts.principal import SYSTEM
from engine.engine import Engine
from engine.errors import InvalidInput
from engine.models import read_model
from engine.models.model import Process
from engine.scenarios.coverage import Reached, coverage_of
from engine.scenarios.expecting import Mismatch
from engine.scenarios.player import Player
from engine.scenarios.reading import Scenario, read_scenarios
from engine.scenarios.report import Failure, ScenarioResult, TestReport


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
    results = []
    with Engine.open(zone=zone) as engine:
        scenarios = read_scenarios(folder / "scenarios", engine.zone)
    for scenario in scenarios:
        results.append(_run(scenario, application, processes, reached, zone))
    return TestReport(
        application=application.key,
        version=application.version,
        scenarios=tuple(results),
        coverage=tuple(coverage_of(process, reached[key]) for key, process in processes.items()),
        seconds=time.perf_counter() - started,
    )


def _run(
    scenario: Scenario,
    application: Application,
    processes: Mapping[str, Process],
    reached: Mapping[str, Reached],
    zone: str,
) -> ScenarioResult:
    process = scenario.process or _only(processes, scenario)
    failure: Failure | None = None
    done = 0
    with Engine.open("sqlite://", clock=FakeClock(scenario.begins), zone=zone) as engine:
        engine.execute(DeployDefinition(files=application.files, application=application.key), by=SYSTEM)
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

"""Scenarios: a process application's own tests, written as data and run in memory on a clock of their own.

`run_application_tests(folder)` runs `scenarios/*.yaml` of an application and says, for each scenario,
whether it went as written and, if not, in which line and what was there instead; and which nodes and
flows of the models, and which rules of their decision tables, no scenario has reached. The format is
described in docs/scenarios.md.
"""

from engine.scenarios.report import Coverage, Failure, ScenarioResult, TableCoverage, TestReport
from engine.scenarios.runner import run_application_tests

__all__ = ["Coverage", "Failure", "ScenarioResult", "TableCoverage", "TestReport", "run_application_tests"]

"""The command surface against a small reference, step by step, with a restart after every step."""

from __future__ import annotations

import os
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import Databases
from tests.properties.machine import Commands

LONG = bool(os.environ.get("CIVIFLOW_LONG"))
EXAMPLES, STEPS = (120, 60) if LONG else (5, 60)
WORTH_MEETING = {
    "completed", "cancelled", "suspended", "review", "rework", "urge", "byhand",
    "job available", "job leased", "job failed", "job uncaught",
    "suspended and paid", "suspended before join:print", "suspended before byhand", "suspended before print",
    "CompleteTask", "CompleteTask refused", "CompleteJob", "CompleteJob refused", "ThrowJobError", "FailJob",
    "ExtendJob", "PublishMessage", "RetryIncident", "SetVariables", "DelegateTask", "UnclaimTask",
}  # fmt: skip
"""What the long form must have come across, or it has not looked well enough."""


@pytest.mark.timeout(7200 if LONG else 600)
def test_every_command_does_what_the_reference_does(databases: Databases) -> None:
    class OnDatabase(Commands):
        seen: ClassVar[Counter[str]] = Counter()

        def __init__(self) -> None:
            super().__init__()
            self.url = databases.fresh()

        def teardown(self) -> None:
            super().teardown()
            databases.drop(self.url)

    run_state_machine_as_test(
        OnDatabase,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not LONG,
        ),
    )
    if LONG:
        print(f"{OnDatabase.seen.pop('steps')} steps, each followed by a restart; how often what was met:")
        print(", ".join(f"{what} {number}" for what, number in OnDatabase.seen.most_common()))
        assert OnDatabase.seen.keys() >= WORTH_MEETING

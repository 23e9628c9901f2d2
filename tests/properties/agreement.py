"""Whether the engine's cases stand where the reference has them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.views import JobRow
from tests.desk import Desk
from tests.properties.reference import Case, Job

_OPEN = {"available", "waiting", "leased", "failed"}


def assert_agrees(desk: Desk, cases: Mapping[str, Case]) -> None:
    """Every case is seen from this desk as the reference has it.

    Args:
        cases: by instance id.

    Raises:
        AssertionError: the two differ.
    """
    for id, case in cases.items():
        seen = desk.see(id)
        assert seen.row.state == case.state
        assert seen.variables == case.variables
        assert sorted((t.element_id, t.assignee or "") for t in desk.tasks(id)) == sorted(
            (t.element, t.assignee or "") for t in case.tasks
        )
        assert [_job(row) for row in seen.jobs if row.state in _OPEN] == _expected(case.job)
        assert len(desk.incidents(id)) == bool(case.job and case.job.has_incident)
        due = {"late": case.reminder, "lapse": case.patience}
        assert {t.element_id: t.due_at for t in seen.timers} == {k: v for k, v in due.items() if v is not None}


def _job(row: JobRow) -> tuple[str, int | None]:
    return "available" if row.state == "waiting" else row.state, row.retries


def _expected(job: Job | None) -> list[tuple[str, int | None]]:
    if job is None or job.state == "uncaught":
        return []
    return [(job.state, job.retries)]

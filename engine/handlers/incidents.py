"""Incidents: the cause is mended, go on."""

from __future__ import annotations

from engine.access import OPERATORS, require
from engine.commands import RetryIncident
from engine.errors import InvalidInput, WrongState
from engine.handlers.advance import advance
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.deadlines import names_followed
from engine.store import deadlines, jobs, outbox, tables, waits
from engine.store.queries.incidents import incident_row
from engine.views import IncidentRow


def retry(command: RetryIncident, context: Context) -> IncidentRow:
    """Correct variables if asked, resolve the incident, and run what had stopped again."""
    require(context.by, *OPERATORS, to="retry an incident")
    if not 1 <= command.retries <= 100:
        raise InvalidInput("Expected 1 to 100 attempts.")
    uow = context.uow
    row = waits.find(uow, tables.incident, command.incident_id, "incident")
    case = Case.load(context, row.instance_id)
    row = waits.find(uow, tables.incident, command.incident_id, "incident")
    if row.state != "open":
        raise WrongState(f"The incident is already resolved by {row.resolved_by}.")

    cause = case.note("incident-retried", element=row.element_id, incident=row.id, activity_id=row.activity_id)
    for name, value in command.variables.items():
        case.write_local(case.record.id, name, value)
    waits.resolve_incident(uow, row.id)
    case.record.incidents = max(case.record.incidents - 1, 0)

    if row.kind == "quarantine":
        case.record.error = None
        case.record.state = "running"
        case.wake()  # its tokens must be readable again before it goes on
        waits.set_suspended(uow, case.record.id, False)
    elif row.kind == "runaway":
        case.wake()  # its tokens are ready; advance lets them run
    elif row.kind == deadlines.KIND:
        case.touched |= names_followed(case)  # advance evaluates them again, and says so if it still cannot
    elif row.kind == "delivery":
        outbox.release(uow, row.id)
    elif row.job_id is None or not jobs.retry_now(uow, row.job_id, command.retries):
        case.execution.retry(row.activity_id)  # it will ask for a new one, at once or when the case is resumed
    else:
        uow.due_jobs.append(row.job_id)
    advance(case, cause)
    return incident_row(uow.connection, row.id)


HANDLERS = {RetryIncident: retry}

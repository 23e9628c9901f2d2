"""Jobs: lease, complete, fail, throw, extend. Every result is fenced by the lease's token."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.access import require
from engine.clock import to_micros
from engine.commands import ActivateJobs, CompleteJob, ExtendJob, FailJob, ThrowJobError
from engine.contracts.jobs import Job
from engine.errors import InvalidInput, NotFound, StaleLease
from engine.handlers.advance import CONTINUE, advance, save
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.rows import Rows
from engine.store import cases, waits
from engine.store import jobs as rows_
from engine.store import tables as t
from engine.store.queries.jobs import job_row
from engine.views import Completed, JobRow

DEFAULT_RETRIES = 3
LONGEST_LEASE = timedelta(hours=12)
LONGEST_PAUSE = timedelta(days=366)
MOST_JOBS = 100
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 3600.0


def activate(command: ActivateJobs, context: Context) -> tuple[Job, ...]:
    """Lease due jobs of these topics; nobody else can take them until the lease ends."""
    require(context.by, "bot", "administrator", to="take jobs")
    topics = tuple(x for x in command.topics if x != CONTINUE)
    if context.by.topics:
        topics = tuple(x for x in topics if x in context.by.topics)
    if not topics or command.limit < 1:
        return ()
    if not timedelta(0) < command.lease <= LONGEST_LEASE:
        raise InvalidInput("Expected a lease of more than nothing and at most 12 hours.")
    token = secrets.token_urlsafe(18)
    leased = rows_.lease(
        context.uow,
        topics=topics,
        limit=min(command.limit, MOST_JOBS),
        worker=command.worker[:200],
        token=token,
        until=context.now + command.lease,
    )
    return tuple(_as_job(context, row) for row in leased)


def complete(command: CompleteJob, context: Context) -> Completed:
    """Take a result in and let the process go on."""
    case, row = _leased(context, command.job_id, command.lease_token)
    cause = case.note(
        "job-completed",
        element=row.element_id,
        activity=row.id,
        stays=True,
        topic=row.topic,
        attempt=row.attempts,
        started=to_micros(row.leased_at),
    )
    case.execution.complete(row.id, command.variables)
    rows_.finish(context.uow, row.id, "completed")
    advance(case, cause)
    return Completed(instance_id=case.record.id, ended=case.record.ended_at is not None)


def fail(command: FailJob, context: Context) -> JobRow:
    """Count the attempt; try again after a pause, or ask for help."""
    case, row = _leased(context, command.job_id, command.lease_token)
    if not timedelta(0) <= (command.retry_after or timedelta(0)) <= LONGEST_PAUSE:
        raise InvalidInput(f"Expected a pause of nothing to {LONGEST_PAUSE.days} days before the next attempt.")
    left = command.retries
    if left is None:
        left = (DEFAULT_RETRIES if row.retries is None else row.retries) - 1
    failed(
        case,
        row,
        left=max(left, 0),
        message=command.message,
        details=command.details,
        pause=command.retry_after,
    )
    return job_row(context.uow.connection, row.id)


def throw(command: ThrowJobError, context: Context) -> Completed:
    """A business error goes to the boundary event that catches it, or becomes an incident."""
    case, row = _leased(context, command.job_id, command.lease_token)
    cause = case.note(
        "job-error",
        element=row.element_id,
        activity=row.id,
        topic=row.topic,
        code=command.code or None,
        message=command.message[:2000] or None,
    )
    caught = case.execution.throw_error(row.id, command.code, command.message, command.variables)
    rows_.finish(context.uow, row.id, "completed" if caught else "cancelled", message=command.message)
    advance(case, cause)
    return Completed(instance_id=case.record.id, ended=case.record.ended_at is not None)


def extend(command: ExtendJob, context: Context) -> datetime:
    """Move the end of a lease."""
    if not timedelta(0) < command.lease <= LONGEST_LEASE:
        raise InvalidInput("Expected a lease of more than nothing and at most 12 hours.")
    _own_job(context, command.job_id)
    until = context.now + command.lease
    if not rows_.extend(context.uow, command.job_id, command.lease_token, until):
        raise StaleLease
    return until


def expire(context: Context, job_id: str) -> None:
    """A lease ran out: the worker died or hangs. It counts as an attempt."""
    row = waits.find(context.uow, t.job, job_id, "job")
    case = Case.load(context, row.instance_id)
    row = waits.find(context.uow, t.job, job_id, "job")
    if row.state != "leased" or row.lease_until > context.now:
        return
    left = (DEFAULT_RETRIES if row.retries is None else row.retries) - 1
    message = f"The worker {row.lease_owner} did not finish within its lease."
    failed(case, row, left=max(left, 0), message=message, details="", pause=timedelta(0))


def failed(case: Case, row: Any, *, left: int, message: str, details: str, pause: timedelta | None) -> None:
    """Write down a failed attempt: another one later, or an incident."""
    uow = case.context_.uow
    cause = case.note(
        "job-failed",
        element=row.element_id,
        topic=row.topic,
        attempt=row.attempts,
        left=left,
        job=row.id,
        message=message[:2000],
    )
    rows = Rows(case, cause)
    if left > 0:
        wait = _backoff(row.attempts) if pause is None else pause
        rows_.retry_later(uow, row.id, left, uow.now + wait, message, details)
    else:
        rows_.set_failed(uow, row.id, message, details)
        rows.open_incident(
            element=row.element_id,
            activity=row.id,
            kind="job",
            message=message or f"Job {row.topic} failed.",
            details=details,
            job=row.id,
        )
    save(case, rows, cause)


def _backoff(attempts: int) -> timedelta:
    """Pauses that double, a fifth of them random, so that failed jobs do not come back in step."""
    seconds = min(_FIRST_PAUSE * 2 ** max(attempts - 1, 0), _LONGEST_PAUSE)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311


def _leased(context: Context, job_id: str, token: str) -> tuple[Case, Any]:
    """Lock a job's case and check that the lease is still the sender's.

    Raises:
        StaleLease: it has run out, was given to another worker, or the job is over.
    """
    case = Case.load(context, _own_job(context, job_id).instance_id)
    row = waits.find(context.uow, t.job, job_id, "job")
    fresh = row.state == "leased" and row.lease_until > context.now
    if not fresh or not secrets.compare_digest((row.lease_token or "").encode(), token.encode()):
        raise StaleLease
    return case, row


def _own_job(context: Context, job_id: str) -> Any:
    """A job's row, if the sender's credential is good for its topic."""
    require(context.by, "bot", "administrator", to="report on jobs")
    row = waits.find(context.uow, t.job, job_id, "job")
    if context.by.topics and row.topic not in context.by.topics:
        raise NotFound(f"There is no job {job_id!r}.")  # word for word what a made-up id gets
    return row


def _as_job(context: Context, row: Any) -> Job:
    bundle = context.bundles.get(context.uow, row.definition_no)
    record = rows_.instance_facts(context.uow, row.instance_id)
    return Job(
        id=row.id,
        topic=row.topic,
        instance_id=row.instance_id,
        definition_id=bundle.id,
        definition_key=bundle.key,
        version=bundle.version,
        business_key=record.business_key,
        element_id=row.element_id,
        element_name=bundle.program.node(row.element_id).name,
        variables=_visible(context, row, record),
        headers=row.headers or {},
        attempt=row.attempts,
        retries_left=None if row.retries is None else row.retries - 1,  # the row counts this attempt too
        lease_token=row.lease_token,
        lease_until=row.lease_until,
        deadline=row.deadline,
        created_at=row.created_at,
    )


def _visible(context: Context, row: Any, record: Any) -> Mapping[str, object]:
    """A job's variables: its input mappings, or all that its scope sees."""
    if not record.has_scopes:
        return dict(record.variables)
    connection = context.uow.connection
    return cases.visible_variables(connection, row.instance_id, row.scope_id, only_inputs_of=row.id)


HANDLERS = {
    ActivateJobs: activate,
    CompleteJob: complete,
    FailJob: fail,
    ThrowJobError: throw,
    ExtendJob: extend,
}

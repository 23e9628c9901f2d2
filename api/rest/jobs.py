"""What bots elsewhere do: lease jobs, hand in results. The same contract as for bots in the house."""

from __future__ import annotations

import time
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.job_news import JobNews
from api.rest.common import AuthenticatedRoute, Cursor, Door, Key, Limit, note, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.jobs import (
    ActivateIn,
    CompleteJobIn,
    ExtendIn,
    FailJobIn,
    JobErrorIn,
    JobOut,
    JobRowOut,
    JobsOut,
    LeaseOut,
)
from api.schemas.tasks import CompletedOut
from api.security import Caller, Person, ask_again
from engine import commands as c
from engine.filters import JobFilter

router = APIRouter(tags=["jobs"], route_class=AuthenticatedRoute)

_LEASED = refusals(404, 409)


@router.post("/jobs/activate")
async def activate(body: ActivateIn, request: Request, principal: Caller, engine: Door) -> JobsOut:
    """Lease due jobs of these topics, the most urgent first. A bot gets those of its token's topics only.

    With `wait`, the answer comes as soon as there is a job, or after that many seconds without one.
    """
    command = c.ActivateJobs(
        worker=body.worker,
        topics=tuple(body.topics),
        limit=body.limit,
        lease=timedelta(seconds=body.lease_seconds),
    )
    news: JobNews = request.app.state.job_news
    topics = principal.topics.intersection(body.topics) if principal.topics else body.topics
    until = time.monotonic() + body.wait
    while True:
        jobs = await run_in_threadpool(engine.execute, command, by=principal)
        if jobs or time.monotonic() >= until or news.closed:
            return JobsOut(items=[JobOut.model_validate(job) for job in jobs])
        await news.wait(topics, until)
        if await request.is_disconnected():
            return JobsOut(items=[])  # nobody is there to take a lease
        principal = await ask_again(request)


@router.post("/jobs/{job_id}/complete", responses=_LEASED)
def complete(
    job_id: str, body: CompleteJobIn, request: Request, principal: Caller, engine: Door, key: Key = None
) -> CompletedOut:
    """Hand in a job's result. Refused with 409 once the lease has passed on."""
    command = c.CompleteJob(job_id=job_id, lease_token=body.lease_token, variables=body.variables)
    done = engine.execute(command, by=principal, key=key)
    note(request, instance_id=done.instance_id, command="CompleteJob")
    return CompletedOut.model_validate(done)


@router.post("/jobs/{job_id}/fail", responses=_LEASED)
def fail(job_id: str, body: FailJobIn, request: Request, principal: Caller, engine: Door, key: Key = None) -> JobRowOut:
    """Report a technical failure. It is tried again with growing pauses, then becomes an incident."""
    pause = body.retry_after_seconds
    command = c.FailJob(
        job_id=job_id,
        lease_token=body.lease_token,
        message=body.message,
        details=body.details,
        retries=body.retries,
        retry_after=None if pause is None else timedelta(seconds=pause),
    )
    row = engine.execute(command, by=principal, key=key)
    note(request, instance_id=row.instance_id, command="FailJob")
    return JobRowOut.model_validate(row)


@router.post("/jobs/{job_id}/error", responses=_LEASED)
def throw_error(
    job_id: str, body: JobErrorIn, request: Request, principal: Caller, engine: Door, key: Key = None
) -> CompletedOut:
    """Report a business error, which a boundary event of the model may catch."""
    command = c.ThrowJobError(
        job_id=job_id,
        lease_token=body.lease_token,
        code=body.code,
        message=body.message,
        variables=body.variables,
    )
    done = engine.execute(command, by=principal, key=key)
    note(request, instance_id=done.instance_id, command="ThrowJobError")
    return CompletedOut.model_validate(done)


@router.post("/jobs/{job_id}/extend", responses=_LEASED)
def extend(job_id: str, body: ExtendIn, principal: Caller, engine: Door) -> LeaseOut:
    """Keep a lease for longer."""
    lease = timedelta(seconds=body.lease_seconds)
    command = c.ExtendJob(job_id=job_id, lease_token=body.lease_token, lease=lease)
    return LeaseOut(lease_until=engine.execute(command, by=principal))


@router.get("/jobs")
def list_jobs(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    state: str = "",
    topic: str = "",
    instance_id: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[JobRowOut]:
    """Jobs as operators see them."""
    where = JobFilter(state=state, topic=topic, instance_id=instance_id)
    page = engine.read(principal).jobs(where, cursor=cursor, limit=limit)
    return page_of(page, JobRowOut.model_validate, request, response)

"""Start, follow and steer cases."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Key, Limit, listed, note, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.definitions import StartIn
from api.schemas.instances import (
    ActivityOut,
    CancelIn,
    DeadlineChangeOut,
    EventOut,
    EventsOut,
    IncidentOut,
    InstanceDetailOut,
    InstanceOut,
    MilestoneOut,
    StartedOut,
    SubscriptionOut,
    SuspendIn,
    TimerOut,
    VariablesIn,
)
from api.schemas.jobs import JobRowOut
from api.schemas.tasks import AttachmentOut, TaskOut
from api.security import Person
from engine import commands as c
from engine.filters import InstanceFilter

router = APIRouter(tags=["instances"], route_class=AuthenticatedRoute)

State = Literal["", "active", "running", "suspended", "completed", "terminated", "cancelled"]


@router.post("/instances", status_code=201, responses=refusals(404, 409, 422))
def start(
    body: StartIn, request: Request, response: Response, principal: Person, engine: Door, key: Key = None
) -> StartedOut:
    """Start a process. The variables are checked against its start form."""
    command = c.StartInstance(
        definition=body.definition,
        variables=body.variables,
        business_key=body.business_key,
        start_node=body.start_node,
    )
    started = engine.execute(command, by=principal, key=key)
    note(request, instance_id=started.instance_id, command="StartInstance")
    response.headers["Location"] = f"/api/v1/instances/{started.instance_id}"
    return StartedOut.model_validate(started)


@router.get("/instances")
def list_instances(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    state: State = "",
    definition: Annotated[str, Query(description="A definition's key.")] = "",
    version: int | None = None,
    business_key: str = "",
    started_by: str = "",
    with_incidents: bool = False,
    search: Annotated[str, Query(max_length=200)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[InstanceOut]:
    """Cases visible to the caller, the newest first."""
    where = InstanceFilter(
        state=state,
        definition_key=definition,
        version=version,
        business_key=business_key,
        started_by=started_by,
        with_incidents=with_incidents,
        search=search,
    )
    page = engine.read(principal).instances(where, cursor=cursor, limit=limit)
    return page_of(page, InstanceOut.model_validate, request, response)


@router.get("/instances/{instance_id}", responses=refusals(404))
def read_instance(instance_id: str, principal: Person, engine: Door) -> InstanceDetailOut:
    """A case with its variables, its history and all that is open in it."""
    found = engine.read(principal).instance(instance_id)
    return InstanceDetailOut(
        **InstanceOut.model_validate(found.row).model_dump(),
        variables=dict(found.variables),
        activities=listed(found.activities, ActivityOut.model_validate),
        tasks=listed(found.tasks, TaskOut.model_validate),
        jobs=listed(found.jobs, JobRowOut.model_validate),
        timers=listed(found.timers, TimerOut.model_validate),
        subscriptions=listed(found.subscriptions, SubscriptionOut.model_validate),
        open_incidents=[IncidentOut.model_validate(i) for i in found.incidents if i.state == "open"],
        attachments=listed(found.attachments, AttachmentOut.of),
        milestones=listed(found.milestones, MilestoneOut.model_validate),
        deadline_changes=listed(found.deadline_changes, DeadlineChangeOut.model_validate),
    )


@router.get("/instances/by-number/{business_key}", responses=refusals(404))
def find_by_number(business_key: str, principal: Person, engine: Door) -> InstanceOut:
    """A case by the number that people use."""
    return InstanceOut.model_validate(engine.read(principal).case_by_number(business_key))


@router.get("/instances/{instance_id}/events", responses=refusals(404))
def list_events(
    instance_id: str,
    principal: Person,
    engine: Door,
    after: Annotated[int, Query(ge=0, description="`next_after` of the answer before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 500,
) -> EventsOut:
    """The audit trail of a case in order."""
    rows = engine.read(principal).events(instance_id, after=after, limit=limit)
    return EventsOut(
        items=listed(rows, EventOut.model_validate), next_after=max((row.seq for row in rows), default=after)
    )


@router.patch("/instances/{instance_id}/variables", responses=refusals(404, 409))
def set_variables(
    instance_id: str, body: VariablesIn, request: Request, principal: Person, engine: Door, key: Key = None
) -> InstanceOut:
    """Correct variables of a running case, with audit; for operators."""
    command = c.SetVariables(instance_id=instance_id, variables=body.variables, scope_id=body.scope_id)
    note(request, instance_id=instance_id, command="SetVariables")
    return InstanceOut.model_validate(engine.execute(command, by=principal, key=key))


@router.post("/instances/{instance_id}/cancel", responses=refusals(404, 409))
def cancel(
    instance_id: str, body: CancelIn, request: Request, principal: Person, engine: Door, key: Key = None
) -> InstanceOut:
    """End a case before its time; for operators."""
    note(request, instance_id=instance_id, command="CancelInstance")
    command = c.CancelInstance(instance_id=instance_id, reason=body.reason)
    return InstanceOut.model_validate(engine.execute(command, by=principal, key=key))


@router.post("/instances/{instance_id}/suspend", responses=refusals(404, 409))
def suspend(
    instance_id: str, body: SuspendIn, request: Request, principal: Person, engine: Door, key: Key = None
) -> InstanceOut:
    """Let a case wait: its tasks, jobs, timers and messages too; for operators."""
    note(request, instance_id=instance_id, command="SuspendInstance")
    command = c.SuspendInstance(instance_id=instance_id, reason=body.reason)
    return InstanceOut.model_validate(engine.execute(command, by=principal, key=key))


@router.post("/instances/{instance_id}/resume", responses=refusals(404, 409))
def resume(instance_id: str, request: Request, principal: Person, engine: Door, key: Key = None) -> InstanceOut:
    """Let a suspended case go on; for operators."""
    note(request, instance_id=instance_id, command="ResumeInstance")
    command = c.ResumeInstance(instance_id=instance_id)
    return InstanceOut.model_validate(engine.execute(command, by=principal, key=key))

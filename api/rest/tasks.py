"""What people do: lists, claim, form, complete."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from api.rest.common import (
    AuthenticatedRoute,
    Cursor,
    Door,
    Key,
    Limit,
    Revision,
    etag,
    listed,
    note,
    page_of,
)
from api.rest.openapi import Responses, refusals
from api.schemas.base import PageOf
from api.schemas.tasks import (
    AttachmentOut,
    CompletedOut,
    CompleteIn,
    CountsOut,
    DelegateIn,
    DraftIn,
    TaskDetailOut,
    TaskOut,
)
from api.security import Person
from engine import commands as c
from engine.filters import TaskFilter
from engine.views import TaskRow

router = APIRouter(tags=["tasks"], route_class=AuthenticatedRoute)

_CHANGED = refusals(404, 409, 412)
_TAGGED: Responses = {200: {"headers": {"ETag": {"description": "The task's revision.", "schema": {"type": "string"}}}}}
_AS_KNOWN: Responses = {304: {"description": "It is as `If-None-Match` says."}}


@router.get("/tasks")
def list_tasks(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    scope: Annotated[
        Literal["mine", "groups", "all"],
        Query(description="Assigned to me; open to my groups; all visible to me."),
    ] = "mine",
    state: Literal["open", "completed"] = "open",
    definition: Annotated[str, Query(description="A definition's key.")] = "",
    element: Annotated[str, Query(description="An element's id.")] = "",
    instance_id: str = "",
    group: str = "",
    overdue: bool = False,
    search: Annotated[str, Query(max_length=200)] = "",
    sort: Literal["due", "created"] = "due",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[TaskOut]:
    """User tasks visible to the caller."""
    where = TaskFilter(
        scope=scope,
        state=state,
        definition_key=definition,
        element_id=element,
        instance_id=instance_id,
        group=group,
        overdue=overdue,
        search=search,
        sort=sort,
    )
    page = engine.read(principal).tasks(where, cursor=cursor, limit=limit)
    return page_of(page, TaskOut.model_validate, request, response)


@router.get("/tasks/counts")
def count_tasks(principal: Person, engine: Door) -> CountsOut:
    """How many open tasks stand in each of one's lists."""
    return CountsOut.model_validate(engine.read(principal).inbox_counts())


@router.get(
    "/tasks/{task_id}",
    response_model=TaskDetailOut,
    responses=_TAGGED | _AS_KNOWN | refusals(404),
)
def read_task(
    task_id: str,
    response: Response,
    principal: Person,
    engine: Door,
    if_none_match: Annotated[str, Header(alias="If-None-Match")] = "",
) -> TaskDetailOut | Response:
    """A task with its form, the variables it sees, and what the caller may do."""
    found = engine.read(principal).task(task_id)
    tag = etag(found.row.revision)
    # a draft does not count the revision up, so a task with one is always sent
    if not found.draft and tag in [part.strip().removeprefix("W/") for part in if_none_match.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return TaskDetailOut(
        **TaskOut.model_validate(found.row).model_dump(),
        form=None if found.form is None else dict(found.form),
        variables=dict(found.variables),
        draft=dict(found.draft),
        documentation=found.documentation,
        may_claim=found.may_claim,
        may_complete=found.may_complete,
        attachments=listed(found.attachments, AttachmentOut.of),
    )


@router.post("/tasks/{task_id}/claim", responses=_TAGGED | _CHANGED)
def claim(
    task_id: str,
    request: Request,
    response: Response,
    principal: Person,
    engine: Door,
    revision: Revision,
    key: Key = None,
) -> TaskOut:
    """Take a task from a group's queue."""
    row = engine.execute(c.ClaimTask(task_id=task_id, revision=revision), by=principal, key=key)
    return _changed(row, request, response, "ClaimTask")


@router.post("/tasks/{task_id}/unclaim", responses=_TAGGED | _CHANGED)
def unclaim(
    task_id: str,
    request: Request,
    response: Response,
    principal: Person,
    engine: Door,
    revision: Revision,
    key: Key = None,
) -> TaskOut:
    """Put a task back into its groups' queues."""
    row = engine.execute(c.UnclaimTask(task_id=task_id, revision=revision), by=principal, key=key)
    return _changed(row, request, response, "UnclaimTask")


@router.post("/tasks/{task_id}/delegate", responses=_TAGGED | _CHANGED)
def delegate(
    task_id: str,
    body: DelegateIn,
    request: Request,
    response: Response,
    principal: Person,
    engine: Door,
    revision: Revision,
    key: Key = None,
) -> TaskOut:
    """Hand a task to another person; the one who delegates stays its owner."""
    command = c.DelegateTask(task_id=task_id, to=body.to, reason=body.reason, revision=revision)
    return _changed(engine.execute(command, by=principal, key=key), request, response, "DelegateTask")


@router.put("/tasks/{task_id}/draft", responses=_TAGGED | _CHANGED)
def save_draft(
    task_id: str, body: DraftIn, request: Request, response: Response, principal: Person, engine: Door
) -> TaskOut:
    """Keep what has been typed into the task's form so far, unchecked."""
    row = engine.execute(c.SaveTaskDraft(task_id=task_id, values=body.values), by=principal)
    return _changed(row, request, response, "SaveTaskDraft")


@router.post("/tasks/{task_id}/complete", responses=_CHANGED)
def complete(
    task_id: str,
    body: CompleteIn,
    request: Request,
    principal: Person,
    engine: Door,
    revision: Revision,
    key: Key = None,
) -> CompletedOut:
    """Hand in the form and let the case go on. A refusal names every field that needs another value."""
    command = c.CompleteTask(task_id=task_id, variables=body.variables, revision=revision)
    done = engine.execute(command, by=principal, key=key)
    note(request, instance_id=done.instance_id, command="CompleteTask")
    return CompletedOut.model_validate(done)


def _changed(row: TaskRow, request: Request, response: Response, command: str) -> TaskOut:
    note(request, instance_id=row.instance_id, command=command)
    response.headers["ETag"] = etag(row.revision)
    return TaskOut.model_validate(row)

"""What needs an operator: read it, mend it, try again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Key, Limit, note, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.instances import IncidentOut, RetryIn
from api.security import Person
from engine.commands import RetryIncident
from engine.filters import IncidentFilter

router = APIRouter(tags=["incidents"], route_class=AuthenticatedRoute)


@router.get("/incidents")
def list_incidents(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    state: Literal["", "open", "resolved"] = "open",
    definition: Annotated[str, Query(description="A definition's key.")] = "",
    instance_id: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[IncidentOut]:
    """Incidents visible to the caller."""
    where = IncidentFilter(state=state, definition_key=definition, instance_id=instance_id)
    page = engine.read(principal).incidents(where, cursor=cursor, limit=limit)
    return page_of(page, IncidentOut.model_validate, request, response)


@router.get("/incidents/{incident_id}", responses=refusals(404))
def read_incident(incident_id: str, principal: Person, engine: Door) -> IncidentOut:
    """An incident with all that is known of it."""
    return IncidentOut.model_validate(engine.read(principal).incident(incident_id))


@router.post("/incidents/{incident_id}/retry", responses=refusals(404, 409))
def retry(
    incident_id: str, body: RetryIn, request: Request, principal: Person, engine: Door, key: Key = None
) -> IncidentOut:
    """The cause is mended: try again, with corrected variables if need be; for operators."""
    command = RetryIncident(incident_id=incident_id, variables=body.variables, retries=body.retries)
    row = engine.execute(command, by=principal, key=key)
    note(request, instance_id=row.instance_id, command="RetryIncident")
    return IncidentOut.model_validate(row)

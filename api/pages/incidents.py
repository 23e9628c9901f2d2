"""Incidents: what is stuck, grouped by what went wrong, and trying again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api.pages.instances import read_json_object
from api.pages.visit import SignedInVisit, Visit
from engine.access import OPERATORS, require
from engine.commands import RetryIncident
from engine.errors import CiviflowError, InvalidInput
from engine.filters import IncidentFilter, JobFilter
from engine.views import IncidentRow

router = APIRouter(prefix="/incidents")

_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Group:
    """Incidents with the same message."""

    message: str
    incidents: Sequence[IncidentRow]


@router.get("")
def incidents(
    visit: SignedInVisit,
    state: Literal["open", "resolved"] = "open",
    process: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Everything that is stuck."""
    require(visit.by, *OPERATORS, to="look after incidents")
    where = IncidentFilter(state=state, definition_key=process)
    page = visit.reader.incidents(where, cursor=cursor, limit=_PAGE)
    return visit.render("incidents.html", where=where, page=page, groups=_grouped(page.items))


@router.post("/retry")
def retry_several(visit: SignedInVisit, chosen: Annotated[list[str], Form(alias="incident")] = []) -> Response:  # noqa: B006
    """Try the selected ones again; one that cannot does not keep the others from it."""
    refused: list[str] = []
    for incident_id in chosen[:_PAGE]:
        try:
            visit.execute(RetryIncident(incident_id=incident_id))
        except CiviflowError as error:
            refused.append(error.message)
    if refused:
        return visit.go("/incidents", notice="incidents-refused", name=refused[0])
    return visit.go("/incidents", notice="incidents-retried", name=str(len(chosen)))


@router.get("/{incident_id}")
def incident_page(visit: SignedInVisit, incident_id: str) -> Response:
    """One incident with its message, details and the values of its case."""
    return _page(visit, incident_id)


@router.post("/{incident_id}/retry")
def retry(
    visit: SignedInVisit,
    incident_id: str,
    variables: Annotated[str, Form(max_length=200_000)] = "",
    retries: Annotated[int, Form(ge=1, le=20)] = 1,
) -> Response:
    """Try again, with corrected values if there are any."""
    try:
        values = read_json_object(visit, variables)
    except InvalidInput as error:
        return _page(visit, incident_id, typed=variables, retries=retries, problem=error.message)
    row = visit.execute(RetryIncident(incident_id=incident_id, variables=values, retries=retries))
    name = visit.element_name(row.definition_id, row.element_id, row.element_name)
    return visit.go(f"/cases/{row.instance_id}", notice="incident-retried", name=name)


def _page(visit: Visit, incident_id: str, *, typed: str = "", retries: int = 1, problem: str = "") -> Response:
    require(visit.by, *OPERATORS, to="look after incidents")
    incident = visit.reader.incident(incident_id)
    jobs = visit.reader.jobs(JobFilter(instance_id=incident.instance_id), limit=200).items
    return visit.render(
        "incident.html",
        status=422 if problem else 200,
        incident=incident,
        job=next((job for job in jobs if job.id == incident.job_id), None),
        variables=visit.reader.instance(incident.instance_id).variables,
        names=visit.names([incident.resolved_by]),
        typed=typed,
        retries=retries,
        problem=problem,
    )


def _grouped(items: Iterable[IncidentRow]) -> list[Group]:
    by_message: dict[str, list[IncidentRow]] = {}
    for incident in items:
        by_message.setdefault(incident.message, []).append(incident)
    groups = [Group(message=message, incidents=found) for message, found in by_message.items()]
    return sorted(groups, key=lambda group: -len(group.incidents))

"""Cases: the list with its filters, and one case with everything that happened and stands open in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api.pages import decisions, diagrams, facts
from api.pages.visit import SignedInVisit, Visit
from engine.access import OPERATORS
from engine.commands import CancelInstance, ResumeInstance, SetVariables, SuspendInstance
from engine.errors import InvalidInput, NotFound
from engine.filters import InstanceFilter
from engine.views import InstanceDetail

router = APIRouter(prefix="/cases")

State = Literal["", "active", "running", "suspended", "completed", "terminated", "cancelled"]
Reason = Annotated[str, Form(max_length=2000)]
_PAGE = 40


@router.get("")
def cases(
    visit: SignedInVisit,
    state: State = "",
    process: Annotated[str, Query(max_length=200)] = "",
    search: Annotated[str, Query(max_length=200)] = "",
    incidents: bool = False,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The cases the person may see, the newest first."""
    where = InstanceFilter(state=state, definition_key=process, with_incidents=incidents, search=search.strip())
    page = visit.reader.instances(where, cursor=cursor, limit=_PAGE)
    return visit.render(
        "cases.html",
        where=where,
        page=page,
        processes=visit.reader.definitions(counted=False),
        names=visit.names(row.started_by for row in page.items),
        clocks=visit.reader.stopped_clocks({row.id for row in page.items if not (row.due_at or row.ended_at)}),
        is_citizen=visit.is_citizen,
    )


@router.get("/find")
def find(visit: SignedInVisit, number: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Open a case by its number; a number that is not quite right becomes a search."""
    try:
        return visit.go(f"/cases/{visit.reader.case_by_number(number.strip()).id}")
    except NotFound:
        return visit.go("/cases?" + urlencode({"search": number.strip()}))


@router.get("/{instance_id}")
def case_page(visit: SignedInVisit, instance_id: str) -> Response:
    """One case; citizens get the plain view of their own."""
    return _page(visit, visit.reader.instance(instance_id))


@router.post("/{instance_id}/cancel")
def cancel(visit: SignedInVisit, instance_id: str, reason: Reason = "") -> Response:
    """End the case before its time."""
    row = visit.execute(CancelInstance(instance_id=instance_id, reason=reason.strip()))
    return visit.go(f"/cases/{instance_id}", notice="case-cancelled", name=row.business_key)


@router.post("/{instance_id}/suspend")
def suspend(visit: SignedInVisit, instance_id: str, reason: Reason = "") -> Response:
    """Let everything in the case wait."""
    row = visit.execute(SuspendInstance(instance_id=instance_id, reason=reason.strip()))
    return visit.go(f"/cases/{instance_id}", notice="case-suspended", name=row.business_key)


@router.post("/{instance_id}/resume")
def resume(visit: SignedInVisit, instance_id: str) -> Response:
    """Let it go on."""
    row = visit.execute(ResumeInstance(instance_id=instance_id))
    return visit.go(f"/cases/{instance_id}", notice="case-resumed", name=row.business_key)


@router.post("/{instance_id}/variables")
def set_variables(
    visit: SignedInVisit, instance_id: str, variables: Annotated[str, Form(max_length=200_000)] = ""
) -> Response:
    """Correct variables, written as a JSON object; what was typed stays if it cannot be read."""
    try:
        values = read_json_object(visit, variables)
    except InvalidInput as error:
        return _page(visit, visit.reader.instance(instance_id), correction=variables, problem=error.message)
    visit.execute(SetVariables(instance_id=instance_id, variables=values))
    return visit.go(f"/cases/{instance_id}", notice="variables-set", name=", ".join(values))


def read_json_object(visit: Visit, text: str) -> dict[str, object]:
    """What an operator typed as a JSON object; '' is an empty one.

    Raises:
        InvalidInput: it is not JSON, or not an object; says where.
    """
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        words = visit.gettext("Expected JSON but line %(line)s, column %(column)s cannot be read: %(why)s")
        raise InvalidInput(words % {"line": error.lineno, "column": error.colno, "why": error.msg}) from None
    if not isinstance(found, dict):
        raise InvalidInput(visit.gettext('Expected a JSON object such as {"unit": "roads"}.'))
    return found


def _page(visit: Visit, case: InstanceDetail, *, correction: str = "", problem: str = "") -> Response:
    row = case.row
    operator = visit.by.has(*OPERATORS)
    common: dict[str, Any] = {
        "case": case,
        "row": row,
        "names": visit.names(_people(case)),
        "clocks": visit.reader.stopped_clocks({row.id}),
        "files": case.attachments,
        "mine": [task for task in case.tasks if task.assignee == visit.by.id],
        "open_tasks": [task for task in case.tasks if task.state == "open"],
    }
    if visit.is_citizen:
        return visit.render("case/citizen.html", stages=visit.stages_of(case), **common)
    return visit.render(
        "case/case.html",
        status=422 if problem else 200,
        marks=diagrams.progress(case, visit.texts),
        decisions=decisions.of_case(visit, case),
        entries=facts.entries(visit, row.definition_id, case.variables),
        variables=case.variables,
        operator=operator,
        # what several do at once waits several times for the same
        timers=Counter((t.element_id, t.element_name, t.due_at) for t in case.timers).items(),
        elements=visit.elements_of(row.definition_id),
        open_incidents=[i for i in case.incidents if i.state == "open"],
        correction=correction,
        problem=problem,
        live=next((a.element_id for a in reversed(case.activities) if a.state == "open"), ""),
        **common,
    )


def _people(case: InstanceDetail) -> Sequence[str | None]:
    return [
        case.row.started_by,
        *(a.performer for a in case.activities if a.performer_kind in (None, "person")),
        *(t.assignee for t in case.tasks),
        *(f.created_by for f in case.attachments),
    ]

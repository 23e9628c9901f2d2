"""Starting a process: the catalogue, the start form, and the receipt with the case number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from api.pages.forms import StepForm, posted_form
from api.pages.visit import SignedInVisit, Visit
from engine.commands import StartInstance
from engine.errors import InvalidForm, NotFound
from engine.filters import TaskFilter
from engine.ids import new_id
from engine.views import DefinitionRow

router = APIRouter()

Posted = Annotated[FormData, Depends(posted_form)]


@router.get("/start")
def catalogue(visit: SignedInVisit) -> Response:
    """Everything the person may start."""
    found = visit.reader.definitions(startable=True, counted=False)
    return visit.render("start.html", definitions=found)


@router.get("/start/{key}")
def start_page(visit: SignedInVisit, key: str) -> Response:
    """The start form of a process."""
    definition, form = _form(visit, key)
    return _page(visit, definition, form, once=new_id(), values=form.defaults({}) if form else {})


@router.post("/start/{key}")
def start(visit: SignedInVisit, key: str, posted: Posted) -> Response:
    """Start it, or show the form again with everything that was typed and what is wrong with it."""
    definition, form = _form(visit, key)
    once = str(posted.get("once", ""))[:64] or new_id()
    values: Mapping[str, Any] = {}
    try:
        values = form.read(posted) if form else {}
        if form and form.is_reshaping(posted):
            return _page(visit, definition, form, once=once, values=values)
        command = StartInstance(definition=definition.id, variables=form.submitted(values) if form else {})
        started = visit.execute(command, key=_key(once, command))
    except InvalidForm as error:
        assert form is not None
        return _page(visit, definition, form, once=new_id(), values=values, error=error)
    return visit.go(f"/started/{started.instance_id}")


@router.post("/start/{key}/visibility")
def visibility(visit: SignedInVisit, key: str, posted: Posted) -> JSONResponse:
    """Which fields do not apply to what has been typed so far."""
    _, form = _form(visit, key)
    return JSONResponse({"hidden": form.hidden(form.read(posted, upload=False)) if form else []})


@router.get("/started/{instance_id}")
def started_page(visit: SignedInVisit, instance_id: str) -> Response:
    """The receipt."""
    case = visit.reader.instance(instance_id).row
    mine = visit.reader.tasks(TaskFilter(scope="mine", instance_id=instance_id), limit=20).items
    asked = [task.id for task in mine if task.priority > 0]  # the others are offers
    return visit.render("started.html", case=case, next_task=asked[0] if asked else "")


def _key(once: str, command: StartInstance) -> str:
    """One page sent twice is one case; the same page sent again with other values is another."""
    said = json.dumps(command.variables, sort_keys=True, default=str)
    return f"page-start-{once}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _form(visit: Visit, key: str) -> tuple[DefinitionRow, StepForm | None]:
    for definition in visit.reader.definitions(startable=True, counted=False):
        if definition.key == key:
            schema = visit.reader.start_form(definition.id)
            seen = {"settings": visit.reader.settings(definition.id)}
            host = visit.reader.form_host(definition.id)
            return definition, StepForm(visit, schema, context=seen, host=host) if schema else None
    raise NotFound(f"Expected a process that you may start but found none named {key!r}.")


def _page(
    visit: Visit,
    definition: DefinitionRow,
    form: StepForm | None,
    *,
    once: str,
    values: Mapping[str, Any],
    error: InvalidForm | None = None,
) -> Response:
    view = form.view(values, error=error) if form else None
    return visit.render(
        "start_form.html",
        status=422 if error else 200,
        definition=definition,
        view=view,
        problems=view.problems if view else [],
        once=once,
    )

"""One task: its form, the facts of its case beside it, and everything one can do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from api.pages import diagrams, facts
from api.pages.forms import StepForm, posted_form
from api.pages.visit import SignedInVisit, Visit
from engine.commands import ClaimTask, CompleteTask, DelegateTask, SaveTaskDraft, UnclaimTask
from engine.errors import Conflict, InvalidForm, NotFound
from engine.views import Completed, InstanceDetail, TaskDetail

router = APIRouter(prefix="/tasks/{task_id}")

Posted = Annotated[FormData, Depends(posted_form)]
Revision = Annotated[int | None, Form()]
Back = Annotated[str, Form(max_length=1000)]


@router.get("")
def task_page(visit: SignedInVisit, task_id: str) -> Response:
    """The task as it stands; a draft is put back where it was typed."""
    task = visit.reader.task(task_id)
    form = _form(visit, task)
    values = (form.defaults(task.variables) | dict(task.draft)) if form else {}
    return _page(visit, task, form, values)


@router.post("/complete")
def complete(visit: SignedInVisit, task_id: str, posted: Posted) -> Response:
    """Hand the form in, then on to the next task of the case, or back to the list."""
    task = visit.reader.task(task_id)
    form = _form(visit, task)
    values: Mapping[str, Any] = {}
    try:
        values = form.read(posted) if form else {}
        if form and form.is_reshaping(posted):
            return _page(visit, task, form, values)
        variables = form.submitted(values) if form else {}
        done: Completed = visit.execute(CompleteTask(task_id=task_id, variables=variables, revision=_revision(posted)))
    except InvalidForm as error:
        if form is None:
            raise
        return _page(visit, task, form, values, error=error)
    except Conflict:
        return _changed(visit, task_id, values)
    name = f"{visit.step_name(task.row)} · {task.row.business_key}"
    if done.next_task_id:
        return visit.go(f"/tasks/{done.next_task_id}", notice="task-completed-next", name=name)
    notice = "task-completed-ended" if done.ended else "task-completed"
    return visit.go("/inbox", notice=notice, name=name)


@router.post("/draft")
def keep_draft(visit: SignedInVisit, task_id: str, posted: Posted) -> JSONResponse:
    """Keep what has been typed so far, unchecked; asked for while one types."""
    form = _form(visit, visit.reader.task(task_id))
    if form:
        visit.execute(SaveTaskDraft(task_id=task_id, values=form.read(posted, upload=False)))
    words = visit.gettext("Draft kept %(when)s")
    return JSONResponse({"text": words % {"when": visit.when(visit.now)}})


@router.post("/visibility")
def visibility(visit: SignedInVisit, task_id: str, posted: Posted) -> JSONResponse:
    """Which fields do not apply to what has been typed so far."""
    form = _form(visit, visit.reader.task(task_id))
    return JSONResponse({"hidden": form.hidden(form.read(posted, upload=False)) if form else []})


@router.post("/claim")
def claim(visit: SignedInVisit, task_id: str, revision: Revision = None, back: Back = "") -> Response:
    """Take the task; it opens, so that work begins at once."""
    try:
        row = visit.execute(ClaimTask(task_id=task_id, revision=revision))
    except Conflict:
        return _changed(visit, task_id, {})
    return visit.go(f"/tasks/{task_id}", notice="task-claimed", name=visit.step_name(row))


@router.post("/unclaim")
def unclaim(visit: SignedInVisit, task_id: str, revision: Revision = None) -> Response:
    """Put the task back."""
    row = visit.execute(UnclaimTask(task_id=task_id, revision=revision))
    return visit.go("/inbox", notice="task-released", name=visit.step_name(row))


@router.post("/delegate")
def delegate(
    visit: SignedInVisit,
    task_id: str,
    to: Annotated[str, Form(max_length=200)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    revision: Revision = None,
) -> Response:
    """Hand the task to a colleague."""
    visit.execute(DelegateTask(task_id=task_id, to=to, reason=reason, revision=revision))
    return visit.go("/inbox", notice="task-delegated", name=visit.names([to]).get(to, to))


def _changed(visit: Visit, task_id: str, typed: Mapping[str, Any]) -> Response:
    """Somebody was faster: who, how the task stands now, and what had been typed, so that it is not lost."""
    task = visit.reader.task(task_id)
    form = _form(visit, task)
    values = (form.defaults(task.variables) | dict(task.draft) | dict(typed)) if form else {}
    return _page(visit, task, form, values, changed=True, typed=bool(typed))


def _form(visit: Visit, task: TaskDetail) -> StepForm | None:
    if not task.form:
        return None
    known = visit.reader.case_facts(task.row.instance_id, task.row.definition_id)
    host = visit.reader.form_host(task.row.definition_id)
    return StepForm(visit, task.form, context={**known, **task.variables}, host=host)


def _revision(posted: FormData) -> int | None:
    value = posted.get("revision", "")
    return int(value) if isinstance(value, str) and value.isdigit() else None


def _page(
    visit: Visit,
    task: TaskDetail,
    form: StepForm | None,
    values: Mapping[str, Any],
    *,
    error: InvalidForm | None = None,
    changed: bool = False,
    typed: bool = False,
) -> Response:
    row = task.row
    editable = task.may_complete and row.state == "open" and not row.suspended
    view = form.view(values, error=error, readonly=not editable) if form else None
    case = _case(visit, row.instance_id)
    people = [row.assignee, row.owner, row.completed_by]
    if case:
        people += [case.row.started_by, *(a.performer for a in case.activities)]
    colleagues = visit.reader.people(limit=500) if editable or visit.by.has("supervisor", "administrator") else ()
    return visit.render(
        "task.html",
        status=422 if error else 409 if changed else 200,
        changed=changed,
        typed=typed,
        task=task,
        row=row,
        editable=editable,
        view=view,
        problems=view.problems if view else [],
        case=case,
        names=visit.names(people),
        clocks={} if row.due_at else visit.reader.stopped_clocks({row.instance_id}),
        colleagues=[person for person in colleagues if person.username != row.assignee],
        facts=_facts(visit, task, form),
        marks=diagrams.progress(case, visit.texts) if case else {},
    )


def _facts(visit: Visit, task: TaskDetail, form: StepForm | None) -> list[tuple[str, str]]:
    if visit.is_citizen:
        return []  # what was noted inside is not theirs to read
    return facts.entries(visit, task.row.definition_id, task.variables, but=form.keys if form else ())


def _case(visit: Visit, instance_id: str) -> InstanceDetail | None:
    """The case around the task; somebody who was handed one task may not see all of it."""
    try:
        found: InstanceDetail = visit.reader.instance(instance_id)
    except NotFound:
        return None
    return found

"""User tasks: claim, put back, delegate, keep a draft, complete."""

from __future__ import annotations

import unicodedata
from typing import Any

from engine.access import OPERATORS, may_work_on, sees_all
from engine.clock import to_micros
from engine.commands import ClaimTask, CompleteTask, DelegateTask, SaveTaskDraft, UnclaimTask
from engine.contracts.principal import Principal
from engine.errors import Forbidden, InvalidInput, NotFound, StaleTask, VersionMismatch, WrongState
from engine.handlers.advance import advance, save
from engine.handlers.asking import with_decisions
from engine.handlers.attachments import bind_attachments
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.rows import Rows
from engine.handlers.values import to_json
from engine.models.forms import seen_by
from engine.store import tasks
from engine.store.history import Event
from engine.store.queries.tasks import task_row
from engine.store.tasks import Candidates
from engine.views import Completed, TaskRow


def claim(command: ClaimTask, context: Context) -> TaskRow:
    """Take a task for oneself."""
    case, row, queues = _open_task(context, command.task_id, command.revision, taken_ok=True)
    if row.assignee != context.by.id:
        _refuse_excluded(context.by, row, queues)
        if row.assignee is not None:
            raise StaleTask(f"«{row.name}» has just been taken by {row.assignee}.")
        tasks.change(context.uow, row, claimable=False, assignee=context.by.id, claimed_at=context.now)
        _record(case, case.note("task-claimed", element=row.element_id, activity=row.id))
    return task_row(context.uow.connection, row.id)


def unclaim(command: UnclaimTask, context: Context) -> TaskRow:
    """Put a task back for others."""
    case, row, queues = _open_task(context, command.task_id, command.revision)
    _require_holder(context, row)
    if not queues.any:
        raise WrongState(f"«{row.name}» has no queue to go back to; delegate it to somebody instead.")
    if row.assignee is not None:
        tasks.change(context.uow, row, claimable=True, assignee=None, claimed_at=None)
        _record(case, case.note("task-unclaimed", element=row.element_id, activity=row.id))
    return task_row(context.uow.connection, row.id)


def delegate(command: DelegateTask, context: Context) -> TaskRow:
    """Hand a task over to somebody."""
    case, row, _ = _open_task(context, command.task_id, command.revision)
    _require_holder(context, row)
    to = unicodedata.normalize("NFC", command.to).strip()
    if not to:
        raise InvalidInput("Expected the user name of the person to delegate to.")
    if to in (row.excluded_users or ()):
        raise Forbidden(f"{to} did an earlier step of this case and may not do «{row.name}».")
    tasks.change(
        context.uow,
        row,
        claimable=False,
        assignee=to,
        owner=row.owner or row.assignee or context.by.id,
        claimed_at=context.now,
    )
    cause = case.note("task-delegated", element=row.element_id, activity=row.id, to=to, reason=command.reason or None)
    _record(case, cause)
    return task_row(context.uow.connection, row.id)


def save_draft(command: SaveTaskDraft, context: Context) -> TaskRow:
    """Keep what has been typed so far. A draft is no part of the case yet, so no event is written."""
    _, row, queues = _open_task(context, command.task_id, None)
    if row.assignee is None:
        _refuse_excluded(context.by, row, queues)
    else:
        _require_holder(context, row)
    values = dict(command.values)
    to_json("draft", values)
    tasks.keep_draft(context.uow, row, values)
    return task_row(context.uow.connection, row.id)


def complete(command: CompleteTask, context: Context) -> Completed:
    """Check the form, hand the values in, and let the process go on."""
    case, row, queues = _open_task(context, command.task_id, command.revision)
    by = context.by
    _refuse_to_complete(by, row, queues)
    node = case.bundle.program.node(row.element_id)
    form = case.bundle.form(node)
    variables = dict(command.variables)
    if form is not None:
        seen = seen_by(by, case.context(row.scope_id))
        functions = with_decisions(context.functions(), case.bundle.decisions, case.local_now, lenient=True)
        variables = form.validate(variables, context=seen, now=context.now, zone=context.zone.key, functions=functions)
    bind_attachments(context, case.record.id, variables)

    straight = row.claimed_at is None
    cause = case.note(
        "task-completed",
        element=row.element_id,
        activity=row.id,
        stays=True,
        claimed=straight or None,
        department=by.department or None,
        started=None if straight else to_micros(row.claimed_at),
    )
    case.record.performers = {**(case.record.performers or {}), row.element_id: by.id}
    case.execution.complete(row.id, variables)
    tasks.change(
        context.uow,
        row,
        claimable=False,
        state="completed",
        completed_at=context.now,
        completed_by=by.id,
        claimed_at=row.claimed_at or context.now,
        draft=None,
    )
    advance(case, cause)
    return Completed(
        instance_id=case.record.id,
        ended=case.record.ended_at is not None,
        next_task_id="" if case.record.ended_at else tasks.next_for(context.uow, case.record.id),
    )


def _open_task(
    context: Context, task_id: str, revision: int | None, *, taken_ok: bool = False
) -> tuple[Case, Any, Candidates]:
    """Lock a task's case and read the task and its queues; refuse what is invisible, done, or changed since."""
    found = tasks.load(context.uow, task_id)
    case, row, queues = Case.of(context, found.case), found.row, found.queues
    if not _visible(context.by, row, queues):
        raise NotFound(f"There is no task {task_id!r}.")
    if row.state != "open":
        who = f" by {row.completed_by}" if row.completed_by else ""
        raise StaleTask(f"«{row.name}» is already {row.state}{who}.")
    if revision is not None and revision != row.revision and not (taken_ok and row.assignee == context.by.id):
        if row.assignee not in {None, context.by.id}:
            raise StaleTask(f"«{row.name}» has just been taken by {row.assignee}.")
        raise VersionMismatch(f"«{row.name}» has changed since you opened it; look at it again.")
    return case, row, queues


def _visible(by: Principal, row: Any, queues: Candidates) -> bool:
    if sees_all(by) or by.id in {row.assignee, row.owner, row.completed_by}:
        return True
    if not queues.any:
        return False  # given to one person, and to nobody else
    return may_work_on(by, candidate_users=queues.users, candidate_groups=queues.groups)


def _refuse_excluded(by: Principal, row: Any, queues: Candidates) -> None:
    if by.id in (row.excluded_users or ()):
        raise Forbidden(f"You did an earlier step of this case, so somebody else must do «{row.name}» (four eyes).")
    if row.assignee == by.id or by.has(*OPERATORS):
        return
    if not may_work_on(by, candidate_users=queues.users, candidate_groups=queues.groups):
        raise Forbidden(f"«{row.name}» is for {', '.join(queues.groups + queues.users) or row.assignee}.")


def _refuse_to_complete(by: Principal, row: Any, queues: Candidates) -> None:
    _refuse_excluded(by, row, queues)
    if row.assignee not in {None, by.id} and not by.has(*OPERATORS):
        raise StaleTask(f"«{row.name}» has been taken by {row.assignee}.")
    if row.suspended:
        raise WrongState(f"«{row.name}» waits: the case is suspended.")


def _require_holder(context: Context, row: Any) -> None:
    if row.assignee == context.by.id or context.by.has(*OPERATORS):
        return
    raise Forbidden(f"«{row.name}» is held by {row.assignee or 'nobody'}; claim it first.")


def _record(case: Case, cause: Event) -> None:
    """Write an event of a command that moves no token."""
    save(case, Rows(case, cause), cause)


HANDLERS = {
    ClaimTask: claim,
    UnclaimTask: unclaim,
    DelegateTask: delegate,
    SaveTaskDraft: save_draft,
    CompleteTask: complete,
}

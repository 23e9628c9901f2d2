"""Process instances: start, stop, let go on, correct, end before their time."""

from __future__ import annotations

from engine.access import OPERATORS, STAFF, may_start, require
from engine.commands import (
    CancelInstance,
    ContinueInstance,
    ResumeInstance,
    SetVariables,
    StartInstance,
    SuspendInstance,
)
from engine.errors import CorruptState, Forbidden, InvalidInput, NotFound, WrongState
from engine.handlers.advance import CONTINUE, advance
from engine.handlers.asking import with_decisions
from engine.handlers.attachments import bind_attachments
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.messages import deliver_kept_messages
from engine.handlers.starting import begin
from engine.models.forms import seen_by
from engine.models.model import EventKind
from engine.store import definitions as stored
from engine.store import tables as t
from engine.store import waits
from engine.store.queries.definitions import startable_by
from engine.store.queries.instances import instance_row
from engine.views import Completed, InstanceRow, Started


def start(command: StartInstance, context: Context) -> Started:
    """Start a process for somebody, with its start form checked if it has one."""
    row = stored.by_reference(context.uow.connection, command.definition)
    if row is None:
        raise NotFound(f"There is no process definition {command.definition!r}.")
    bundle = context.bundles.get(context.uow, row.no)
    if not may_start(context.by, startable_by(row)):
        if not context.by.has(*STAFF):
            raise NotFound(f"There is no process definition {command.definition!r}.")
        raise Forbidden(f"Expected one of {startable_by(row) or ('staff',)} to start {row.key}.")
    node = next(
        (n for n in bundle.program.start_events if n.id == command.start_node)
        if command.start_node
        else (n for n in bundle.program.start_events if n.event is None or n.event.kind is EventKind.NONE),
        None,
    )
    if node is None:
        wanted = repr(command.start_node) if command.start_node else "without a trigger"
        raise InvalidInput(f"Expected a start event {wanted} in {row.key} but it has none.")
    if node.event is not None and node.event.kind is not EventKind.NONE:
        require(context.by, *OPERATORS, to=f"start {row.key} at {node.id}, which waits for an event")
    form = bundle.form(node)
    variables = dict(command.variables)
    if form is not None and context.by.kind == "person":
        seen = seen_by(context.by, {"settings": bundle.settings})
        functions = with_decisions(context.functions(), bundle.decisions, lambda: context.local_now, lenient=True)
        variables = form.validate(variables, context=seen, now=context.now, zone=context.zone.key, functions=functions)
    started = begin(context, bundle, variables, business_key=command.business_key, start_node=node.id)
    bind_attachments(context, started.instance_id, variables)
    return started


def cancel(command: CancelInstance, context: Context) -> InstanceRow:
    """End a case; every open task, job and timer ends with it."""
    require(context.by, *OPERATORS, to="cancel a case")
    case = _active(context, command.instance_id)
    if not command.reason.strip():
        raise InvalidInput("Expected a reason for cancelling the case; it is kept in the case's history.")
    cause = case.note("instance-cancelled", reason=command.reason)
    case.record.state, case.record.ended_at = "cancelled", context.now
    case.record.error = None
    try:
        case.execution.cancel(command.reason)
    except CorruptState:
        case.abandon(command.reason)
    advance(case, cause)
    return instance_row(context.uow.connection, case.record.id)


def suspend(command: SuspendInstance, context: Context) -> InstanceRow:
    """Stop a case where it stands."""
    require(context.by, *OPERATORS, to="suspend a case")
    case = _active(context, command.instance_id)
    if case.record.state == "running":
        cause = case.note("instance-suspended", reason=command.reason or None)
        case.record.state = "suspended"
        advance(case, cause)
        waits.set_suspended(context.uow, case.record.id, True)
    return instance_row(context.uow.connection, case.record.id)


def resume(command: ResumeInstance, context: Context) -> InstanceRow:
    """Let a stopped case go on; messages that came meanwhile are delivered."""
    require(context.by, *OPERATORS, to="resume a case")
    case = _active(context, command.instance_id)
    if case.record.error is not None:
        raise WrongState("Expected a case that somebody suspended, but this one was set aside; retry its incident.")
    if case.record.state == "suspended":
        cause = case.note("instance-resumed")
        case.record.state = "running"
        waits.set_suspended(context.uow, case.record.id, False)
        case.wake()
        deliver_kept_messages(case)
        advance(case, cause)
    return instance_row(context.uow.connection, case.record.id)


def set_variables(command: SetVariables, context: Context) -> InstanceRow:
    """Correct variables of a case; the old values stay in its history."""
    require(context.by, *OPERATORS, to="change variables of a case")
    case = _active(context, command.instance_id)
    scope = command.scope_id or case.record.id
    if scope != case.record.id and scope not in case.scopes:
        raise NotFound(f"There is no variable scope {scope!r} in this case.")
    cause = case.note("variables-set", scope=command.scope_id or None)
    for name, value in command.variables.items():
        case.write_local(scope, name, value)
    case.wake()  # conditional events look at the new values
    advance(case, cause)
    return instance_row(context.uow.connection, case.record.id)


def continue_(command: ContinueInstance, context: Context) -> Completed:
    """Go on after the step budget of a command ran out."""
    require(context.by, "administrator", to="let a case go on")
    row = waits.find(context.uow, t.job, command.job_id, "job")
    if row.topic != CONTINUE or row.element_id:
        raise InvalidInput(f"Expected a continuation but job {row.id} of topic {row.topic!r} is work for a bot.")
    case = Case.load(context, row.instance_id)
    row = waits.find(context.uow, t.job, command.job_id, "job")
    if row.state == "available" and not row.suspended:
        context.uow.connection.execute(
            t.job.update().where(t.job.c.id == row.id).values(state="completed", completed_at=context.now)
        )
        if case.record.state == "running":  # it may have been cancelled since
            steps = int((row.headers or {}).get("steps", 0))
            cause = case.note("instance-continued", steps=steps)
            case.wake()
            advance(case, cause, steps_before=steps)
    return Completed(instance_id=case.record.id, ended=case.record.ended_at is not None)


def _active(context: Context, instance_id: str) -> Case:
    case = Case.load(context, instance_id)
    if case.record.state not in {"running", "suspended"}:
        raise WrongState(f"Expected a running case but {case.record.business_key} is {case.record.state}.")
    return case


HANDLERS = {
    StartInstance: start,
    CancelInstance: cancel,
    SuspendInstance: suspend,
    ResumeInstance: resume,
    SetVariables: set_variables,
    ContinueInstance: continue_,
}

"""Errors and escalations on their way outwards, until something catches them (BPMN 2.0, 10.5.7 and 13.5.3).

From the token where it arose: boundary events of its activity; event sub-processes of its scope; boundary events
of the activity that holds the scope; and so on. An event with the code goes before one that catches every code.
What arises inside an event sub-process is not caught by the event sub-processes beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.models.model import EventKind
from engine.spiff.cancelling import INTERRUPTED, Outcome, Outcomes, cancel, cancel_scope
from engine.spiff.tokens import FIRST, SCOPE, Scope, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime
    from engine.spiff.specs.listeners import ListenerSpec


def throw(run: Runtime, thrower: Token, kind: EventKind, code: str, variables: Mapping[str, object]) -> bool:
    """Find who catches an error or escalation, and start it.

    Args:
        run: the running instance.
        thrower: where it arose; cancelled with everything else that is interrupted.
        kind: error or escalation.
        code: its code.
        variables: written as the catching event's results.

    Returns:
        Whether it was caught.
    """
    outcomes: dict[str, Outcome] = {thrower.id: "failed" if thrower.task_spec.opens_wait else "completed"}
    for catchers, host, scope in _outwards(thrower):
        spec = _match(catchers, kind, code)
        if spec is None:
            continue
        if host is None:
            start_handler(run, spec, scope, variables, (thrower.id,), outcomes)
        elif kind is EventKind.ERROR:
            start_boundary(run, spec, host, variables, {**outcomes, host.id: "failed"})
        else:
            start_boundary(run, spec, host, variables, outcomes)
        return True
    return False


def _outwards(thrower: Token) -> Iterator[tuple[Sequence[ListenerSpec], Token | None, Scope]]:
    at: Token | None = thrower
    while at is not None:
        yield at.task_spec.catchers, at, at.scope
        if not at.task_spec.node.triggered_by_event:
            yield at.scope.contents.catchers, None, at.scope
        at = at.scope.owner


def _match(catchers: Sequence[ListenerSpec], kind: EventKind, code: str) -> ListenerSpec | None:
    candidates = [spec for spec in catchers if spec.kind is kind and spec.code in ("", code)]
    return next((spec for spec in candidates if spec.code), candidates[0] if candidates else None)


def start_boundary(
    run: Runtime,
    spec: ListenerSpec,
    host: Token,
    variables: Mapping[str, object],
    outcomes: Outcomes = INTERRUPTED,
) -> None:
    """A boundary event happens: its flow starts, and an interrupting one ends the activity.

    Args:
        run: the running instance.
        spec: the boundary event.
        host: token of the activity it is attached to.
        variables: results of the event.
        outcomes: how tokens ended that were not merely interrupted.
    """
    trail = host.task_spec.trail(run, host)
    if spec.node.interrupting:
        cancel(run, (host,), spec.node.id, outcomes)
    token = run.spawn(spec, host.scope, trail)
    run.write_results(token, variables)
    token._ready()


def start_handler(
    run: Runtime,
    spec: ListenerSpec,
    scope: Scope,
    variables: Mapping[str, object],
    predecessors: tuple[str, ...] = (),
    outcomes: Outcomes = INTERRUPTED,
) -> None:
    """An event sub-process starts; an interrupting one ends everything else in the scope.

    Args:
        run: the running instance.
        spec: its start event.
        scope: the scope it stands in.
        variables: results of the start event.
        predecessors: activity that threw what it catches, if any.
        outcomes: how tokens ended that were not merely interrupted.
    """
    if spec.node.interrupting:
        cancel_scope(run, scope, spec.node.parent, outcomes)
    owner = run.spawn(spec.handler, scope, predecessors, SCOPE)
    owner._set_state(TaskState.STARTED)
    run.enter(owner)
    run.open_local(owner)
    token = run.spawn(spec, run.open_scope(owner), predecessors, FIRST)
    run.write_results(token, variables)
    token._ready()

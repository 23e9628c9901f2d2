"""What live tokens wait for, seen from outside; and whether any of them can still move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.spiff.tokens import LISTENER, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A live token, and what it waits for.

    Args:
        id: the token's, which is also the activity's and the wait's.
        node: BPMN element id.
        kind: 'user-task', 'job', 'timer', 'message', 'signal', 'conditional', 'event-gateway', 'sub-process',
            'loop', 'join', 'incident', or 'ready' when it only waits for its turn.
        scope: id of the scope it is in.
        listens_for: boundary events and event-based gateways: id of the token it listens for; '' otherwise.
    """

    id: str
    node: str
    kind: str
    scope: str
    listens_for: str = ""


def view(token: Token) -> Waiting:
    """One token as the kernel sees it."""
    return Waiting(
        id=token.id,
        node=token.task_spec.node.id,
        kind=kind_of(token),
        scope=token.scope.id,
        listens_for=token.host.id if token.host else "",
    )


def kind_of(token: Token) -> str:
    """The `kind` of `Waiting`."""
    if token.has_state(TaskState.ERROR):
        return "incident"
    if token.has_state(TaskState.READY):
        return "ready"
    if token.has_state(TaskState.WAITING) and not token.flags & LISTENER:
        return "join"
    return str(token.task_spec.waits_as)


def report_deadlock(run: Runtime) -> None:
    """When only tokens kept at joins are left, nothing will ever move again: that is an incident, not silence."""
    if not run.arrived or any(_can_move(token) for token in run.tasks.values()):
        return
    kept = next(iter(run.arrived.values()))
    token = next(iter(kept.values()))[0]
    spec = token.task_spec
    missing = ", ".join(flow for flow in spec.node.incoming if flow not in kept)
    run.take_from_join(token)
    run.park(
        token,
        "model",
        f"Expected a token on {missing} at {spec.label}, but none can come any more. Correct the model so that every "
        "way into the join is taken, or use an exclusive or inclusive gateway; cancel this instance.",
    )


def _can_move(token: Token) -> bool:
    if token.has_state(TaskState.STARTED):
        return bool(token.task_spec.opens_wait) or token.task_spec.waits_as == "conditional"
    return bool(token.flags & LISTENER) or not token.has_state(TaskState.WAITING)

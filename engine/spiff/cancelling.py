"""Cancelling tokens, with all they hold: from the innermost outwards, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from SpiffWorkflow.util.task import TaskState

from engine.spiff.effects import Left, WaitClosed
from engine.spiff.tokens import ENTERED, SCOPE, Scope, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime

Outcome = Literal["completed", "cancelled", "failed"]
Outcomes = Mapping[str, Outcome]
"""Token id -> how its activity instance ended, where that is not 'cancelled'."""

INTERRUPTED: Final[Outcomes] = MappingProxyType({})


def cancel(run: Runtime, tokens: Iterable[Token], reason: str, outcomes: Outcomes = INTERRUPTED) -> None:
    """Cancel tokens and everything inside them; the scope they are in is left to the caller.

    Args:
        run: the running instance.
        tokens: tokens of one scope, or one token.
        reason: element id, 'instance' or 'completion condition'.
        outcomes: for those that were not merely interrupted.
    """
    found: list[Token] = []
    stack = list(tokens)
    while stack:
        token = stack.pop()
        found.append(token)
        if token.flags & SCOPE and token.id in run.scopes:
            stack.extend(run.scopes[token.id].tokens.values())
    for token in reversed(found):
        _drop(run, token, reason, outcomes)


def cancel_scope(run: Runtime, scope: Scope, reason: str, outcomes: Outcomes = INTERRUPTED) -> None:
    """Cancel every token of a scope and stop its event sub-processes from starting."""
    cancel(run, scope.tokens.values(), reason, outcomes)
    run.silence(scope, reason)


def _drop(run: Runtime, token: Token, reason: str, outcomes: Outcomes) -> None:
    spec = token.task_spec
    if token.flags & SCOPE and (scope := run.scopes.pop(token.id, None)):
        run.silence(scope, reason)
        run.unsettled.pop(scope.id, None)
    run.disarm(token, reason)
    if (token.has_state(TaskState.STARTED) and spec.opens_wait) or token.has_state(TaskState.ERROR):
        if token.id not in outcomes:  # who threw the error is done, and knows
            run.effects.append(WaitClosed(wait=token.id, reason=reason))
    elif token.has_state(TaskState.WAITING):
        run.arrived.pop((spec.name, token.scope.id), None)
    if token.flags & ENTERED and spec.shows:
        outcome = outcomes.get(token.id, "cancelled")
        why = "" if outcome == "completed" else reason
        run.effects.append(Left(activity=token.id, node=spec.node.id, outcome=outcome, reason=why))
    run.close_local(token)
    token._set_state(TaskState.CANCELLED)
    run.discard(token)

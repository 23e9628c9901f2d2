"""Deadlines that follow the data: what open tasks and timers are due by, evaluated again.

A user task's due date and a date timer are evaluated when they open. With `civiflow:recalculate` they
are evaluated again whenever a variable changes that the expression names; null lets them stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from engine.spiff.expressions import Context, Formula, Stuck
from engine.spiff.tokens import LISTENER, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """How a flow node's deadline is found.

    Args:
        kind: what is due.
        formula: its expression.
        evaluate: gives the instant, or None; raises `Stuck`.
    """

    kind: Literal["user-task", "timer"]
    formula: Formula
    evaluate: Callable[[Runtime, Context], datetime | None]

    @property
    def names(self) -> frozenset[str]:
        """The variables it follows."""
        return self.formula.feel.names if self.formula.feel is not None else frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A deadline as it is now.

    Args:
        wait: id of the token, which is the task's or timer's.
        node: BPMN element id.
        kind: what is due.
        due_at: UTC; None while it stands still.
        follows: the values of the variables it names, for the reason why it changed.
        problem: why it could not be evaluated; '' if it could.
    """

    wait: str
    node: str
    kind: Literal["user-task", "timer"]
    due_at: datetime | None
    follows: tuple[object, ...] = ()
    problem: str = ""


def deadlines(run: Runtime, names: Collection[str]) -> tuple[Due, ...]:
    """The open tasks and timers that follow any of these variables, evaluated again."""
    return tuple(_due(run, token, deadline) for token, deadline in _open(run) if not deadline.names.isdisjoint(names))


def deadline_names(workflow_spec: WorkflowSpec) -> frozenset[str]:
    """Every variable that a deadline of a process follows."""
    specs = [inside for spec in workflow_spec.task_specs.values() for inside in (spec, getattr(spec, "inside", None))]
    found = (getattr(spec, "deadline", None) for spec in specs)
    return frozenset().union(*(deadline.names for deadline in found if deadline is not None))


def _open(run: Runtime) -> Iterator[tuple[Token, Deadline]]:
    for token in run.tasks.values():
        deadline = token.task_spec.deadline
        if deadline is None:
            continue
        listens = token.has_state(TaskState.WAITING) and bool(token.flags & LISTENER)
        if listens or token.has_state(TaskState.STARTED):
            yield token, deadline


def _due(run: Runtime, token: Token, deadline: Deadline) -> Due:
    context = run.context(token.host or token)
    follows = tuple(context.get(name) for name in sorted(deadline.names))
    due_at, problem = None, ""
    try:
        due_at = deadline.evaluate(run, context)
    except Stuck as stuck:
        problem = stuck.message
    return Due(
        wait=token.id, node=token.task_spec.node.id, kind=deadline.kind, due_at=due_at, follows=follows, problem=problem
    )

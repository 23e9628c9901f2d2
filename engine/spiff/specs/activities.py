"""Tasks and sub-processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs import WorkflowSpec

from engine.errors import BudgetExceeded, ScriptFailed
from engine.models.model import Node, ScriptTask
from engine.spiff.effects import Effect, JobOpened, UserTaskOpened
from engine.spiff.expressions import Context, Formula, Stuck
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.specs.triggers import Trigger
from engine.spiff.tokens import ARMED, FIRST, SCOPE, Token

if TYPE_CHECKING:
    from engine.spiff.program import Contents
    from engine.spiff.runtime import Runtime


class WaitingSpec(FlowNodeSpec):
    """An activity that waits for somebody outside, with boundary events listening meanwhile."""

    opens_wait = True
    completable = True

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        opened = self.opening(run, my_task, context)
        self.arm_boundaries(run, my_task, context)
        self.open_wait(run, my_task, opened)
        return None

    def arm_boundaries(self, run: Runtime, token: Token, context: Context) -> None:
        """Let the boundary events listen, unless they do so already.

        Raises:
            Stuck: an expression failed; none listens.
        """
        if self.boundaries and not token.flags & ARMED:
            run.arm(self.boundaries, token.scope, token, context)
            token.flags |= ARMED

    def opening(self, run: Runtime, token: Token, context: Context) -> Any:
        """Evaluate what to wait for.

        Raises:
            Stuck: an expression failed.
        """
        raise NotImplementedError

    def open_wait(self, run: Runtime, token: Token, opened: Any) -> None:
        """Report what it waits for."""
        effect: Effect = opened
        run.effects.append(effect)


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The compiled expressions of a user task; None where the model says nothing."""

    assignee: Formula | None = None
    candidate_users: Formula | None = None
    candidate_groups: Formula | None = None
    excluded_users: Formula | None = None
    due: Formula | None = None
    follow_up: Formula | None = None
    priority: Formula | None = None
    form_key: str = ""


class UserTaskSpec(WaitingSpec):
    """A user task.

    Args:
        assignment: who does it, until when, with which form.
    """

    waits_as = "user-task"

    def __init__(self, workflow_spec: WorkflowSpec, node: Node, *, assignment: Assignment, **common: Any) -> None:
        super().__init__(workflow_spec, node, **common)
        self.assignment = assignment

    def opening(self, run: Runtime, token: Token, context: Context) -> UserTaskOpened:
        """The user task, everything evaluated."""
        says = self.assignment
        return UserTaskOpened(
            activity=token.id,
            node=self.node.id,
            scope=run.variable_scope(token),
            assignee=(says.assignee.string(run, context) or None) if says.assignee else None,
            candidate_users=says.candidate_users.strings(run, context) if says.candidate_users else (),
            candidate_groups=says.candidate_groups.strings(run, context) if says.candidate_groups else (),
            excluded_users=says.excluded_users.strings(run, context) if says.excluded_users else (),
            due_at=says.due.instant(run, context) if says.due else None,
            follow_up_at=says.follow_up.instant(run, context) if says.follow_up else None,
            priority=says.priority.integer(run, context) if says.priority else 50,
            form_key=says.form_key,
        )


@dataclass(frozen=True, kw_only=True)
class Work:
    """The compiled expressions of a job."""

    topic: Formula
    retries: Formula | None = None
    priority: Formula | None = None


class JobSpec(WaitingSpec):
    """An activity or message event whose work is done by a worker that asks for its topic.

    Args:
        work: topic, retries, priority.
    """

    waits_as = "job"

    def __init__(self, workflow_spec: WorkflowSpec, node: Node, *, work: Work, **common: Any) -> None:
        super().__init__(workflow_spec, node, **common)
        self.work = work

    def opening(self, run: Runtime, token: Token, context: Context) -> JobOpened:
        """The job, everything evaluated."""
        asks = self.work
        return JobOpened(
            activity=token.id,
            node=self.node.id,
            scope=run.variable_scope(token),
            topic=asks.topic.required(run, context),
            retries=asks.retries.integer(run, context) if asks.retries else None,
            headers=dict(self.node.service_task.headers) if self.node.service_task else {},
            priority=asks.priority.integer(run, context) if asks.priority else 0,
        )


class ReceiveSpec(WaitingSpec):
    """A receive task: waits for a message.

    Args:
        trigger: the message.
    """

    def __init__(self, workflow_spec: WorkflowSpec, node: Node, *, trigger: Trigger, **common: Any) -> None:
        super().__init__(workflow_spec, node, **common)
        self.trigger = trigger
        self.waits_as = trigger.waits_as

    def opening(self, run: Runtime, token: Token, context: Context) -> Any:
        """What opens the subscription."""
        return self.trigger.plan(run, context)

    def open_wait(self, run: Runtime, token: Token, opened: Any) -> None:
        """Open the subscription."""
        opened(token)

    def triggered(self, run: Runtime, token: Token, variables: Mapping[str, object]) -> None:
        """The message came; `token` waits here, or listens on behalf of an event-based gateway."""
        if token.host is not None:
            token = token.host.task_spec.decide(run, token)
        run.write_results(token, variables)
        run.finish(token)


class ScriptSpec(FlowNodeSpec):
    """A script task: a FEEL expression whose value goes to the result variable, or Python in the sandbox.

    Args:
        script: the script.
        formula: FEEL scripts, compiled.
    """

    def __init__(
        self, workflow_spec: WorkflowSpec, node: Node, *, script: ScriptTask, formula: Formula | None, **common: Any
    ) -> None:
        super().__init__(workflow_spec, node, **common)
        self.script = script
        self.formula = formula

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        if self.formula is not None:
            value = self.formula.evaluate(run, context)
            run.write_results(my_task, {self.script.result_variable: value} if self.script.result_variable else {})
            return True
        try:
            run.write_results(my_task, run.host.run_script(self.script.text, context))
        except (ScriptFailed, BudgetExceeded) as error:
            raise Stuck("script", f"The script of {self.label} failed: {error.message}") from error
        return True


class SubProcessSpec(WaitingSpec):
    """An embedded sub-process, or an event sub-process: its token stays STARTED while tokens live inside.

    Args:
        contents: what is inside.
    """

    opens_wait = False
    completable = False
    waits_as = "sub-process"

    def __init__(self, workflow_spec: WorkflowSpec, node: Node, *, contents: Contents, **common: Any) -> None:
        super().__init__(workflow_spec, node, **common)
        self.contents = contents

    def opening(self, run: Runtime, token: Token, context: Context) -> None:
        """Nothing to evaluate beforehand."""

    def open_wait(self, run: Runtime, token: Token, opened: Any) -> None:
        """Open the scope and put a token on its start event."""
        run.open_local(token)
        token.flags |= SCOPE
        first = self.contents.start
        assert first is not None  # the checker saw to it
        start = run.spawn(first, run.open_scope(token), token.predecessors, FIRST)
        start._ready()

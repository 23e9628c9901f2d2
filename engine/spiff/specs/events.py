"""Start, end and intermediate events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from SpiffWorkflow.specs import WorkflowSpec

from engine.models.model import EventKind, Node
from engine.spiff.cancelling import cancel
from engine.spiff.effects import EventThrown
from engine.spiff.expressions import Formula, Stuck
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.specs.triggers import Trigger
from engine.spiff.throwing import throw
from engine.spiff.tokens import LOCAL, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


class PassSpec(FlowNodeSpec):
    """A node a token passes at once.

    None, timer, message, signal and conditional starts of the process (the kernel starts the instance when they
    happen), none throws and ends, link events, abstract tasks, and manual tasks: those are done outside of any
    system, which has nothing to wait for.
    """


class CatchSpec(FlowNodeSpec):
    """An intermediate catch event.

    Args:
        workflow_spec, node, inputs, outputs: see `FlowNodeSpec`.
        trigger: what it waits for.
    """

    def __init__(
        self,
        workflow_spec: WorkflowSpec,
        node: Node,
        *,
        trigger: Trigger,
        **common: Any,
    ) -> None:
        super().__init__(workflow_spec, node, **common)
        self.trigger = trigger
        self.opens_wait = trigger.opens_wait
        self.waits_as = trigger.waits_as

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        self.trigger.plan(run, run.context(my_task))(my_task)
        return None

    def triggered(self, run: Runtime, token: Token, variables: Mapping[str, object]) -> None:
        """What it waits for happened; `token` waits here, or listens on behalf of an event-based gateway."""
        if token.host is not None:
            token = token.host.task_spec.decide(run, token)
        run.conditionals.pop(token.id, None)
        run.write_results(token, variables)
        run.finish(token)


class ThrowSpec(FlowNodeSpec):
    """An intermediate throw or end event, or a send task, that throws a message or signal out of the instance.

    A message carries the event's input mappings as its variables.

    Args:
        workflow_spec, node, inputs, outputs: see `FlowNodeSpec`.
        what: message or signal.
        event_name: its name.
        correlation_key: messages: whom it is meant for.
    """

    def __init__(
        self,
        workflow_spec: WorkflowSpec,
        node: Node,
        *,
        what: Literal["message", "signal"],
        event_name: Formula,
        correlation_key: Formula | None = None,
        **common: Any,
    ) -> None:
        super().__init__(workflow_spec, node, **common)
        self.what: Literal["message", "signal"] = what
        self.event_name = event_name
        self.correlation_key = correlation_key

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        thrown = EventThrown(
            kind=self.what,
            node=self.node.id,
            name=self.event_name.required(run, context),
            correlation_key=self.correlation_key.required(run, context) if self.correlation_key else None,
            variables={m.target: context[m.target] for m in self.input_mappings} if my_task.flags & LOCAL else {},
        )
        run.effects.append(thrown)
        return True


class EscalationSpec(FlowNodeSpec):
    """An escalation throw or end event: caught inside the instance, or else thrown out of it; it goes on either way."""

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        code = self.node.event.code if self.node.event else ""
        if not throw(run, my_task, EventKind.ESCALATION, code, {}):
            run.effects.append(EventThrown(kind="escalation", node=self.node.id, name=code))
        return None if my_task.gone else True


class ErrorEndSpec(FlowNodeSpec):
    """An error end event. An error that nothing catches is an incident, never a success."""

    def _run_hook(self, my_task: Token) -> bool | None:
        code = self.node.event.code if self.node.event else ""
        if not throw(my_task.workflow, my_task, EventKind.ERROR, code, {}):
            raise Stuck(
                "uncaught-error",
                f"Expected something to catch error '{code}' of {self.label}, but neither an error boundary event nor "
                "an event sub-process around it does. Add one to the model, or cancel the instance.",
            )
        return None


class TerminateSpec(FlowNodeSpec):
    """A terminate end event: ends every other token of its scope, and of no other."""

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        scope = my_task.scope
        cancel(run, [token for token in scope.tokens.values() if token is not my_task], self.node.id)
        run.silence(scope, self.node.id)
        run.terminated = scope is run.root
        return True

"""Boundary events and the starts of event sub-processes: nodes that listen on behalf of an activity or a scope.

One that waits for a time, message, signal or condition has a listening token (state WAITING) whose id names its
timer or subscription; when it happens a fresh token starts, so that a non-interrupting one can happen again.
One that catches errors or escalations needs no token: `throwing` looks it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from engine.models.model import EventKind, Node
from engine.spiff.expressions import Stuck
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.specs.triggers import Trigger
from engine.spiff.throwing import start_boundary, start_handler
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime
    from engine.spiff.specs.activities import SubProcessSpec


class ListenerSpec(FlowNodeSpec):
    """What boundary events and event sub-process starts share.

    Args:
        workflow_spec, node, outputs: see `FlowNodeSpec`.
        trigger: what it waits for; None for errors and escalations.
    """

    def __init__(
        self,
        workflow_spec: WorkflowSpec,
        node: Node,
        *,
        trigger: Trigger | None,
        **common: Any,
    ) -> None:
        super().__init__(workflow_spec, node, **common)
        self.trigger = trigger
        self.opens_wait = trigger is not None and trigger.opens_wait
        self.waits_as = trigger.waits_as if trigger else ""
        self.kind = node.event.kind if node.event else EventKind.NONE
        self.code = node.event.code if node.event else ""

    def triggered(self, run: Runtime, listener: Token, variables: Mapping[str, object]) -> None:
        """What it listens for happened."""
        raise NotImplementedError

    def rearm(self, run: Runtime, listener: Token) -> None:
        """Go on listening after a non-interrupting firing; what cannot be evaluated is parked."""
        assert self.trigger is not None
        try:
            open_wait = self.trigger.again(run, listener, run.context(listener.host or listener))
        except Stuck as stuck:
            run.park(listener, stuck.kind, stuck.message)
            return
        if open_wait is None:
            run.drop_listener(listener, fired=True)
        else:
            listener._set_state(TaskState.WAITING)
            open_wait(listener)


class BoundarySpec(ListenerSpec):
    """A boundary event."""

    def triggered(self, run: Runtime, listener: Token, variables: Mapping[str, object]) -> None:
        """Start its flow; end the activity if it interrupts."""
        host = listener.host
        assert host is not None
        if self.node.interrupting:
            run.drop_listener(listener, fired=True)
        start_boundary(run, self, host, variables)
        if not self.node.interrupting:
            self.rearm(run, listener)


class HandlerStartSpec(ListenerSpec):
    """The start event of an event sub-process.

    Args:
        handler: the event sub-process; set by the compiler.
    """

    handler: SubProcessSpec

    def triggered(self, run: Runtime, listener: Token, variables: Mapping[str, object]) -> None:
        """Start the event sub-process; end the rest of the scope if it interrupts."""
        scope = listener.scope
        if self.node.interrupting:
            run.drop_listener(listener, fired=True)
        start_handler(run, self, scope, variables)
        if not self.node.interrupting:
            self.rearm(run, listener)

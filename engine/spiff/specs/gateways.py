"""Exclusive and event-based gateways; parallel and inclusive ones are in `joins`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.spiff.specs.base import FlowNodeSpec, OutFlow
from engine.spiff.specs.triggers import Opening
from engine.spiff.tokens import LISTENER, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


class ExclusiveSpec(FlowNodeSpec):
    """An exclusive gateway: each token takes the first flow, in document order, whose condition is true."""

    def choose(self, run: Runtime, token: Token) -> Sequence[OutFlow]:
        """The one flow to take; the default flow when no condition is true.

        Raises:
            Stuck: a condition failed, or none is true and there is no default flow.
        """
        if not self.has_conditions:
            return self.flows
        context = run.context(token)
        for flow in self.flows:
            if not flow.is_default and (flow.condition is None or flow.condition.holds(run, context)):
                return (flow,)
        return tuple(flow for flow in self.flows if flow.is_default) or self.no_way_out()


class EventGatewaySpec(FlowNodeSpec):
    """An exclusive event-based gateway: the first of its events decides, the others are forgotten.

    Each event listens with a token of its own, whose id names its timer or subscription; the token of the one
    that happens becomes the token in that event.
    """

    waits_as = "event-gateway"

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        plans: list[tuple[FlowNodeSpec, Opening]] = [
            (flow.target, flow.target.trigger.plan(run, context)) for flow in self.flows
        ]
        for spec, open_wait in plans:
            listener = Token(run.host.new_id(), run, spec, my_task.scope)
            listener.flags = LISTENER
            listener.host = my_task
            run.place(listener)
            listener._set_state(TaskState.WAITING)
            open_wait(listener)
        return None

    def decide(self, run: Runtime, listener: Token) -> Token:
        """The event of `listener` happened: end the gateway's token; gives the token in the event."""
        gateway = listener.host
        assert gateway is not None
        run.discard(listener)
        run.disarm(gateway, self.node.id)
        run.leave(gateway)
        listener.host = None
        listener.flags &= ~LISTENER
        listener.predecessors = (gateway.id,)
        run.place(listener)
        return listener

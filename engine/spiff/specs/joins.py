"""Parallel and inclusive gateways: joins that count tokens (BPMN 2.0, 13.4.1 and 13.4.3).

A token that arrives stays WAITING, marked with the sequence flow it came by. When the gateway fires it consumes
the oldest token of each flow that has one; the rest stay for the next round, so loops and any order of finishing
come out right. Tokens are counted for each scope apart.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.spiff.reachability import reachable_flows
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.tokens import Scope, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


class ParallelSpec(FlowNodeSpec):
    """A parallel gateway: waits for one token on each way in, and takes every way out."""

    def _update_hook(self, my_task: Token) -> bool:
        ways_in = len(self.node.incoming)
        if ways_in < 2:
            return True
        run: Runtime = my_task.workflow
        if len(run.keep_at_join(my_task)) == ways_in:
            run.merge_at_join(self.name, my_task.scope)._ready()
        return False


class InclusiveSpec(FlowNodeSpec):
    """An inclusive gateway: waits for every token that may still come, and takes every way out that is true.

    Whether it may fire is looked at when nothing else moves: by then tokens on their way have arrived.
    """

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        run: Runtime = my_task.workflow
        if len(run.keep_at_join(my_task)) == len(self.node.incoming):
            run.merge_at_join(self.name, my_task.scope)._ready()
        else:
            run.unsettled[my_task.scope.id] = my_task.scope
        return False

    def fire_if_enabled(self, run: Runtime, scope: Scope) -> bool:
        """Fire if no token of the scope can still reach an empty way in.

        A token that can reach one with a token too does not count: it cannot be known by which it will come.
        Paths through this gateway do not count.
        """
        kept = run.arrived.get((self.name, scope.id))
        if not kept:
            return False
        filled = sum(self._bits[flow] for flow in kept)
        empty = self._all & ~filled
        for name, count in scope.occupied.items():
            reach = self._reach.get(name, 0) if count and name != self.name else 0
            if reach & empty and not reach & filled:
                return False
        run.merge_at_join(self.name, scope)._ready()
        return True

    @cached_property
    def _bits(self) -> dict[str, int]:
        return {flow: 1 << index for index, flow in enumerate(self.node.incoming)}

    @cached_property
    def _all(self) -> int:
        return (1 << len(self.node.incoming)) - 1

    @cached_property
    def _reach(self) -> dict[str, int]:
        # made when the gateway first asks, so that compiling stays linear in the size of the model
        return reachable_flows(self, self._bits)

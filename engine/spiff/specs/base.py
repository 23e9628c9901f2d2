"""What every flow node does with a token: enter, map inputs, work, map results, choose the ways out, leave.

SpiffWorkflow drives it: `Task.run` calls `_run`, which answers True (completed: `_on_complete` moves on), None
(STARTED: the token waits) or False (ERROR: parked with an incident). Each step can be repeated after an incident,
so it evaluates everything that may fail before it changes anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec

from engine.models.model import Node
from engine.spiff.expressions import Formula, Mapped, Stuck, evaluate_mappings
from engine.spiff.tokens import DONE, ENTER, ENTERED, FIRST, LEAVE, MAPPED, Token

if TYPE_CHECKING:
    from engine.spiff.deadlines import Deadline
    from engine.spiff.runtime import Runtime
    from engine.spiff.specs.listeners import ListenerSpec
    from engine.spiff.specs.loops import LoopSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class OutFlow:
    """A sequence flow out of a node; a link is one without id."""

    id: str
    target: FlowNodeSpec
    condition: Formula | None = None
    is_default: bool = False


class FlowNodeSpec(TaskSpec):  # type: ignore[misc]
    """A flow node of the process, ready to be run. Immutable once compiled: all instances share it.

    Args:
        workflow_spec: the SpiffWorkflow spec it belongs to.
        node: the model's node.
        inputs, outputs: its variable mappings.
        loop: the loop whose rounds or instances run in this node, if it is one's inside.
    """

    shows = True
    """Whether passing through it is an activity instance."""
    opens_wait = False
    """Whether the kernel keeps a row while its token is STARTED."""
    waits_as = ""
    """What its STARTED token waits for; '' where it never is."""
    completable = False
    """Whether its wait ends by `Execution.complete`."""
    kind = ""
    """Listeners: what they catch; '' elsewhere."""

    deadline: Deadline | None = None
    """When what its token waits for is due, if that follows the data."""

    output_collection = ""
    """Loops: the variable that gathers the results."""

    def __init__(
        self,
        workflow_spec: WorkflowSpec,
        node: Node,
        *,
        inputs: Sequence[Mapped] = (),
        outputs: Sequence[Mapped] = (),
        loop: LoopSpec | None = None,
    ) -> None:
        super().__init__(workflow_spec, f"{node.id}#inside" if loop else node.id)
        self.node = node
        self.input_mappings = tuple(inputs)
        self.output_mappings = tuple(outputs)
        self.loop = loop
        self.keeps_results = loop is not None and bool(loop.output_collection)
        """Whether results stay in the token's own scope."""
        self.flows: tuple[OutFlow, ...] = ()
        self.boundaries: tuple[ListenerSpec, ...] = ()
        """Attached events that listen: timer, message, signal, conditional."""
        self.catchers: tuple[ListenerSpec, ...] = ()
        """Attached events that catch: error, escalation."""

    @cached_property
    def has_conditions(self) -> bool:
        """Whether leaving it asks a condition."""
        return any(flow.condition is not None or flow.is_default for flow in self.flows)

    @property
    def label(self) -> str:
        """How messages call it: 'userTask approve'."""
        return f"{self.node.type} {self.node.id}"

    # SpiffWorkflow's hooks --------------------------------------------------------------------------------

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Token) -> bool:
        """Whether an arriving token may go into the queue at once; joins keep it."""
        return True

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.ready.append(my_task)

    def _run(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        try:
            return self._advance(run, my_task)
        except Stuck as stuck:
            run.park(my_task, stuck.kind, stuck.message)
            return False

    def _advance(self, run: Runtime, token: Token) -> bool | None:
        if not token.flags & ENTERED:
            run.enter(token)
        if token.flags & FIRST:
            self._begin(run, token)
        if token.phase == ENTER:
            if self.input_mappings:
                self._map_inputs(run, token)
            if self._run_hook(token) is None:
                return None
            token.phase = DONE
        if token.phase == DONE:
            if self.output_mappings:
                self._map_outputs(run, token)
            self.conclude(run, token)
            token.phase = LEAVE
        token.verdict = self.loop.judge(run, token) if self.loop else self.choose(run, token)
        return True

    def _begin(self, run: Runtime, token: Token) -> None:
        scope = token.scope
        if self.loop is not None:
            self.loop.equip(run, token)
        else:
            run.arm(scope.contents.handlers, scope, None, run.host.context(scope.id))
        token.flags &= ~FIRST

    def _run_hook(self, my_task: Token) -> bool | None:
        """The node's own work: True when it is done, None when the token waits, or is gone."""
        return True

    def _on_complete(self, my_task: Token) -> None:
        run: Runtime = my_task.workflow
        scope, trail = my_task.scope, self.trail(run, my_task)
        run.leave(my_task)
        if self.loop is not None:
            self.loop.child_left(run, my_task)
        else:
            for flow in my_task.ways():
                run.arrive(flow.target, scope, flow.id, trail)
        run.settle_scope(scope)

    # what nodes may do otherwise --------------------------------------------------------------------------

    def conclude(self, run: Runtime, token: Token) -> None:
        """Last work before the ways out are chosen.

        Raises:
            Stuck: an expression failed.
        """

    def choose(self, run: Runtime, token: Token) -> Sequence[OutFlow]:
        """The sequence flows to take: every one without condition, every one whose condition is true.

        The default flow is taken when no condition is true (BPMN 2.0, 13.3.2, and 13.4.3 for inclusive gateways).

        Raises:
            Stuck: a condition failed, or there is no way out.
        """
        if not self.has_conditions:
            return self.flows
        context = run.context(token)
        chosen, asked = [], False
        for flow in self.flows:
            if flow.is_default:
                continue
            if flow.condition is None:
                chosen.append(flow)
            elif flow.condition.holds(run, context):
                chosen.append(flow)
                asked = True
        if not asked:
            chosen += [flow for flow in self.flows if flow.is_default]
        return chosen or self.no_way_out()

    def trail(self, run: Runtime, token: Token) -> tuple[str, ...]:
        """Activity ids that lead to whatever follows the token."""
        return (token.id,)

    def no_way_out(self) -> Sequence[OutFlow]:
        """Raises: Stuck: always."""
        raise Stuck(
            "condition",
            f"Expected a condition of a sequence flow out of {self.label} to be true, but none is and there is no "
            "default flow. Correct the variables and retry, or give the model a default flow.",
        )

    def _map_inputs(self, run: Runtime, token: Token) -> None:
        # a loop's inside has its own scope already: mapping anew would read what was mapped before
        if self.loop is not None and token.flags & MAPPED:
            return
        around = token.id if self.loop else token.scope.id
        values = evaluate_mappings(run, self.input_mappings, run.host.context(around))
        run.open_local(token)
        run.write_local(token.id, values)
        token.flags |= MAPPED

    def _map_outputs(self, run: Runtime, token: Token) -> None:
        values = evaluate_mappings(run, self.output_mappings, run.context(token))
        if self.keeps_results:
            run.write_local(token.id, values)
        else:
            run.write(token.scope.id, values)

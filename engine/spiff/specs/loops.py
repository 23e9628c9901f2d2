"""Loops: standard loops, and parallel and sequential multi-instance activities (BPMN 2.0, 13.3.6 and 13.3.7).

The loop's own token (its body) is no activity instance; each round or instance is one, in a scope the body holds.
Every child has a scope for variables with `loopCounter` (from 1) and its item. With an output collection a child's
results stay in that scope, which stays open until all are done: so a completion costs the same however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from SpiffWorkflow.specs import WorkflowSpec

from engine.models.model import Node
from engine.spiff.cancelling import cancel
from engine.spiff.expressions import Context, Formula, Stuck, overlay
from engine.spiff.program import Contents
from engine.spiff.specs.activities import WaitingSpec
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.tokens import FIRST, SCOPE, Rounds, Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime

MOST_INSTANCES: Final = 100_000

_NAME = re.compile(r"[^\W\d]\w*")
_NEXT, _WAIT, _STOP = "next", "wait", "stop"


@dataclass(frozen=True, kw_only=True)
class LoopRules:
    """The compiled loop characteristics; see `engine.models.model.Loop`."""

    kind: Literal["standard", "parallel", "sequential"]
    condition: Formula | None = None
    test_before: bool = False
    maximum: Formula | None = None
    cardinality: Formula | None = None
    collection: Formula | None = None
    element_variable: str = ""
    output_collection: str = ""
    output_element: Formula | None = None
    completion_condition: Formula | None = None


class LoopSpec(WaitingSpec):
    """The body of a looped activity.

    Args:
        rules: how it loops.
    """

    shows = False
    opens_wait = False
    completable = False
    waits_as = "loop"
    inside: FlowNodeSpec
    """What each round or instance runs; set by the compiler."""

    def __init__(self, workflow_spec: WorkflowSpec, node: Node, *, rules: LoopRules) -> None:
        super().__init__(workflow_spec, node)
        self.rules = rules
        self.output_collection = rules.output_collection
        self.contents = Contents()

    # begin ------------------------------------------------------------------------------------------------

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        items = self._items(run, context)
        if items is None:
            total = -1 if self._goes_on(run, context, 0, before=True) else 0
        else:
            total = len(items)
        my_task.rounds = Rounds(total)
        if total == 0:
            return True
        self.arm_boundaries(run, my_task, context)
        run.open_local(my_task)
        if self.rules.collection is not None:
            # evaluated once: a list that changes meanwhile does not disturb instances still to come
            run.write_local(my_task.id, {self._snapshot: items})
        my_task.flags |= SCOPE
        run.open_scope(my_task)
        for _ in range(total if self.rules.kind == "parallel" else 1):
            self._start(run, my_task, my_task.predecessors)
        return None

    def _items(self, run: Runtime, context: Context) -> Sequence[object] | None:
        """One item an instance; None for a standard loop."""
        rules = self.rules
        if rules.collection is not None:
            items = rules.collection.evaluate(run, context)
            if not isinstance(items, list):
                raise rules.collection.stuck(f"namely a list, but '{rules.collection.text}' gave {items!r:.80}.")
        elif rules.cardinality is not None:
            count = rules.cardinality.integer(run, context)
            if count < 0:
                raise rules.cardinality.stuck(f"namely a number of instances, but got {count}.")
            items = [None] * min(count, MOST_INSTANCES + 1)
        else:
            return None
        if len(items) > MOST_INSTANCES:
            raise Stuck("runaway", f"Expected at most {MOST_INSTANCES} instances of {self.label} but got more.")
        return items

    @property
    def _snapshot(self) -> str:
        return f"{self.node.id}[items]"

    @property
    def _result(self) -> str:
        return f"{self.node.id}[result]"

    def _start(self, run: Runtime, body: Token, predecessors: tuple[str, ...]) -> None:
        rounds = body.rounds
        assert rounds is not None
        child = run.spawn(self.inside, run.scopes[body.id], predecessors, FIRST)
        child.loop_index = rounds.started
        rounds.started += 1
        child._ready()

    def equip(self, run: Runtime, child: Token) -> None:
        """Give a child its scope: its counter, its item, and room for its result.

        Raises:
            Stuck: the host refuses a value.
        """
        rules, index = self.rules, child.loop_index or 0
        local: dict[str, object] = {"loopCounter": index + 1}
        if rules.output_element is not None and _NAME.fullmatch(rules.output_element.text):
            local[rules.output_element.text] = None  # there, so that results of inner tasks stay in this scope
        if rules.collection is not None and rules.element_variable:
            items = run.host.context(child.scope.id)[self._snapshot]
            assert isinstance(items, list)
            local[rules.element_variable] = items[index]
        run.open_local(child)
        run.write_local(child.id, local)

    # after each child ---------------------------------------------------------------------------------------

    def judge(self, run: Runtime, child: Token) -> str:
        """What follows the completion of a child; also keeps what it contributes.

        Raises:
            Stuck: an expression failed; the child is parked and asked again.
        """
        body = child.scope.owner
        assert body is not None and body.rounds is not None
        rules, rounds, context = self.rules, body.rounds, run.context(child)
        if rules.kind == "standard":
            return _NEXT if self._goes_on(run, context, rounds.started, before=False) else _STOP
        done = rounds.completed + 1
        stop = rules.completion_condition is not None and rules.completion_condition.holds(
            run, overlay(_counts(rounds.total, len(child.scope.tokens) - 1, done), context)
        )
        if rules.output_element is not None and rules.output_collection:
            run.write_local(child.id, {self._result: rules.output_element.evaluate(run, context)})
        if stop or done == rounds.total:
            return _STOP
        return _NEXT if rules.kind == "sequential" else _WAIT

    def child_left(self, run: Runtime, child: Token) -> None:
        """A child is gone: start the next, wait for the others, or end them."""
        scope = child.scope
        body = scope.owner
        assert body is not None and body.rounds is not None
        rounds = body.rounds
        rounds.completed += 1
        if self.rules.kind != "parallel" and not self.output_collection:
            rounds.finished.clear()  # only the last one leads on
        rounds.finished[child.loop_index or 0] = child.id
        if child.verdict == _NEXT:
            self._start(run, body, (child.id,))
        elif child.verdict == _STOP and scope.tokens:
            cancel(run, scope.tokens.values(), "completion condition")

    def conclude(self, run: Runtime, token: Token) -> None:
        """Write the output collection, in the order of the instances; null for those that were cancelled."""
        rounds, name = token.rounds, self.output_collection
        if not name or rounds is None:
            return
        contexts = {index: run.host.context(child) for index, child in rounds.finished.items()}
        results = [contexts[index][self._result] if index in contexts else None for index in range(rounds.total)]
        run.write(token.scope.id, {name: results})

    def trail(self, run: Runtime, token: Token) -> tuple[str, ...]:
        """The instances that led on: all that ran in parallel, else the last round."""
        finished = list(token.rounds.finished.values()) if token.rounds else []
        if self.rules.kind != "parallel":
            finished = finished[-1:]
        scope = run.scopes.get(token.id)
        return (*finished, *(scope.tokens if scope else ())) or token.predecessors

    def _goes_on(self, run: Runtime, context: Context, rounds: int, *, before: bool) -> bool:
        rules = self.rules
        if rules.maximum is not None and rounds >= rules.maximum.integer(run, context):
            return False
        if rules.condition is None or (before and not rules.test_before):
            return True
        return rules.condition.holds(run, overlay({"loopCounter": rounds}, context))


def _counts(total: int, active: int, completed: int) -> dict[str, object]:
    """What a completion condition may ask: the standard's names, and Camunda's."""
    return {
        "numberOfInstances": total,
        "numberOfActiveInstances": active,
        "numberOfCompletedInstances": completed,
        "numberOfTerminatedInstances": 0,
        "nrOfInstances": total,
        "nrOfActiveInstances": active,
        "nrOfCompletedInstances": completed,
    }

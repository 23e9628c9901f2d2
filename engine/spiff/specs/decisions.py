"""Business rule tasks that ask a decision (DMN)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.specs import WorkflowSpec

from engine.decisions.library import Taken, shaped
from engine.errors import CiviflowError, InvalidInput
from engine.models.model import Decision, Node
from engine.spiff.effects import DecisionTaken
from engine.spiff.expressions import Context, Formula, Stuck
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.runtime import Runtime


DECISION_STEPS: Final = 20
"""What a decision counts as: it takes longer than a node, and its trace is kept until the command commits."""


class DecisionSpec(FlowNodeSpec):
    """A business rule task: a decision over the variables it sees, whose result goes to a variable.

    Args:
        asks: what the model says.
        decision: the decision's id, compiled.
    """

    def __init__(
        self, workflow_spec: WorkflowSpec, node: Node, *, asks: Decision, decision: Formula, **common: Any
    ) -> None:
        super().__init__(workflow_spec, node, **common)
        self.asks = asks
        self.decision = decision

    def _run_hook(self, my_task: Token) -> bool | None:
        run: Runtime = my_task.workflow
        context = run.context(my_task)
        asked = self.decision.required(run, context)
        run.steps += DECISION_STEPS
        taken = self._decide(run, asked, context)
        # before anything can fail: why there is no result is worth knowing, too
        run.effects.append(DecisionTaken(activity=my_task.id, node=self.node.id, taken=taken))
        run.write_results(my_task, self._results(asked, taken))
        return True

    def _decide(self, run: Runtime, asked: str, context: Context) -> Taken:
        """The decision with its result.

        Raises:
            Stuck: it is not there, or took too long.
        """
        try:
            return run.host.decide(asked, context)
        except CiviflowError as error:
            raise self._stuck(asked, error.message) from error
        except Exception as error:  # a stranger's table may cost its own token, never the whole command
            raise self._stuck(asked, f"{type(error).__name__}: {error}") from error

    def _results(self, asked: str, taken: Taken) -> dict[str, object]:
        """The variables to set.

        Raises:
            Stuck: it gave null for a reason that is none of its rules, or more than the task can hold.
        """
        if reason := taken.failure:
            raise self._stuck(asked, reason)
        try:
            value = shaped(taken, self.asks.shape)
        except InvalidInput as error:
            raise self._stuck(asked, error.message) from error
        if self.asks.shape == "columns" and isinstance(value, dict):
            return value
        return {self.asks.result_variable or taken.id: value}

    def _stuck(self, asked: str, reason: str) -> Stuck:
        return Stuck("decision", f"Expected a result of decision '{asked}' for {self.label}, but: {reason}")

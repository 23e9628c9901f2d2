"""`decide(decision, inputs)`: what FEEL may ask of the decisions that came with its process.

A business rule task is the place where a case decides, and leaves behind why. Where there is no step for it (a
start form that shows what will be asked for, the case's own deadline), an expression asks the same table itself,
so that nothing is said twice. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from engine.decisions import DecisionLibrary, Taken
from engine.errors import ExpressionError
from engine.feel import Expression, ast
from engine.feel.free_names import all_nodes
from engine.feel.runtime import HostFunctions

DECIDE: Final = "decide"
"""Its name in FEEL."""

_MOST_KEPT: Final = 8


def with_decisions(
    functions: HostFunctions, library: DecisionLibrary, now: Callable[[], datetime], *, lenient: bool = False
) -> HostFunctions:
    """The functions of the site, and `decide` for the decisions of one deployment.

    Args:
        functions: of the site; tables may call these, and not `decide`.
        library: the decisions.
        now: the current instant.
        lenient: a decision without a result gives null rather than an error: forms ask while half of what
            they ask for is still to be entered.
    """
    kept: list[tuple[str, Mapping[str, object], Taken]] = []

    def decide(decision: object, inputs: object = None) -> object:
        if not isinstance(decision, str) or not isinstance(inputs, Mapping | None):
            raise ExpressionError(
                "Expected the id of a decision and a context of its inputs, such as "
                "decide(\"fees\", {area: area}), as arguments of 'decide'."
            )
        given: Mapping[str, object] = inputs or {}
        # a form asks the same for each of its fields
        taken = next((t for key, values, t in kept if key == decision and values == given), None)
        if taken is None:
            taken = library.decide(decision, given, now=now(), functions=functions)
            kept[:] = [*kept[1 - _MOST_KEPT :], (decision, given, taken)]
        if taken.failure and not lenient:
            raise ExpressionError(f"Expected a result of decision '{decision}', but: {taken.failure}")
        return taken.result.feel

    return {**functions, DECIDE: decide}


def asked_decisions(expression: Expression) -> list[str]:
    """The decisions that an expression asks by an id that stands in its text."""
    calls = (node for node in all_nodes(expression.node) if isinstance(node, ast.Call) and _is_decide(node.function))
    firsts = (call.arguments[0] for call in calls if call.arguments)
    return [first.value for first in firsts if isinstance(first, ast.Literal) and isinstance(first.value, str)]


def _is_decide(function: ast.Node) -> bool:
    return isinstance(function, ast.Name) and function.name == DECIDE

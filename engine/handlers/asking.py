"""`decide(decision, inputs)`: what FEEL may ask of the decisions that came with its process.

A business rule task is the place where a case decides, and leaves behind why. Where there is no step for it (a
start form that shows what will be asked for, the case's own deadline), an expression asks the same table itself,
so that nothing is said twice. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import Final

from engine.decisions import DecisionLibrary, Taken
from engine.errors import BudgetExceeded, ExpressionError
from engine.feel import Expression, ast
from engine.feel.free_names import all_nodes
from engine.feel.runtime import HostFunctions

DECIDE: Final = "decide"
"""Its name in FEEL."""

MAX_SECONDS: Final = 5.0
"""All decisions together that the expressions of one case in a command, or of one form, ask."""

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
    kept: dict[str, tuple[Mapping[str, object], Taken]] = {}
    spent = 0.0

    def decide(decision: object, inputs: object = None) -> object:
        if not isinstance(decision, str) or not isinstance(inputs, Mapping | None):
            raise ExpressionError(
                "Expected the id of a decision and a context of its inputs, such as "
                "decide(\"fees\", {area: area}), as arguments of 'decide'."
            )
        nonlocal spent
        given: Mapping[str, object] = inputs or {}
        # A form asks the same for each of its fields. By text and by equality: to Python true is 1, and functions
        # that do something else read alike.
        asked = repr((decision, given))
        before = kept.get(asked)
        taken = before[1] if before is not None and before[0] == given else None
        if taken is None:
            if spent > MAX_SECONDS:
                raise BudgetExceeded(
                    f"Expected the decisions that expressions ask to take at most {MAX_SECONDS:g} seconds together, "
                    "but they take longer; ask fewer of them, or let a business rule task ask."
                )
            began = monotonic()
            taken = library.decide(decision, given, now=now(), functions=functions)
            spent += monotonic() - began
            if len(kept) >= _MOST_KEPT:
                kept.pop(next(iter(kept)))
            kept[asked] = (given, taken)
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

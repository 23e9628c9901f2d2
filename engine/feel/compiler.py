"""Syntax tree to closures.

Every node becomes one Python function from the names in scope (`Frame`) to a value. The handlers
stand in the `compile_…` modules, one group of nodes each; this module only finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import ast
from engine.feel.runtime import Code

__all__ = ["Compiler", "Handler"]


class Compiler:
    """Compiles the nodes of one expression.

    Args:
        types: named types (item definitions) besides the built-in ones.
    """

    def __init__(self, types: Mapping[str, ast.Type] | None = None) -> None:
        self.types = types or {}

    def code(self, node: ast.Node) -> Code:
        return _handlers()[type(node)](node, self)

    def codes(self, nodes: tuple[ast.Node, ...]) -> tuple[Code, ...]:
        return tuple([self.code(node) for node in nodes])


Handler = Callable[[Any, Compiler], Code]

_HANDLERS: dict[type[ast.Node], Handler] = {}


def _handlers() -> dict[type[ast.Node], Handler]:
    """All handlers; imported late, as their modules need `Compiler`."""
    if not _HANDLERS:
        from engine.feel import (
            compile_access,
            compile_calls,
            compile_loops,
            compile_operators,
            compile_values,
        )

        for module in (compile_values, compile_operators, compile_access, compile_loops, compile_calls):
            _HANDLERS.update(module.HANDLERS)
    return _HANDLERS

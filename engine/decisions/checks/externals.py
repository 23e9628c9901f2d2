"""Functions in other languages: those that are not run here are named at upload, with the way out."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.space import Space
from engine.errors import CiviflowError
from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.compiler import Compiler
from engine.feel.free_names import all_nodes, free_names
from engine.feel.java import refusal
from engine.feel.runtime import Frame, Run
from engine.models.dmn.model import ContextExpression, FunctionDefinition, Text
from engine.models.dmn.subjects import of_element
from engine.models.dmn.walk import expressions_of
from engine.models.findings import Report, shorten
from engine.models.labels import Words

__all__ = ["check_externals"]


def check_externals(space: Space, report: Report) -> None:
    """Check every external function of a compiled model whose definition is made of constants."""
    nodes = {id(read.text): read.node for read in space.texts.read}
    for element in space.members.values():
        for boxed in expressions_of(element):
            for why in _refused(boxed, nodes):
                report.warning(
                    "external-function-not-run",
                    of_element(element),
                    Words(
                        f"holds an external function that is null when called: {shorten(why, 300)}",
                        f"含有不会运行的外部函数，调用时为 null：{shorten(why, 300)}",
                    ),
                    Words(
                        "Write it in FEEL, or use a method in the list of docs/feel.md.",
                        "请改用 FEEL 书写，或使用 docs/feel.md 所列的方法。",
                    ),
                )


def _refused(boxed: object, nodes: dict[int, ast.Node]) -> Iterator[str]:
    """Why external functions of one expression are not run."""
    if isinstance(boxed, FunctionDefinition) and boxed.kind != "FEEL":
        yield from _said({boxed.kind.lower(): _context(boxed.body, nodes)})
    if isinstance(boxed, Text) and id(boxed) in nodes:
        for node in all_nodes(nodes[id(boxed)]):
            if isinstance(node, ast.Function) and node.external:
                known, mapping = _constant(node.body)
                if known:
                    yield from _said(mapping)


def _said(mapping: object) -> Iterator[str]:
    why = refusal(mapping)
    if why:
        yield why


def _context(body: object, nodes: dict[int, ast.Node]) -> object:
    """A boxed context of constants; entries that are none are left out."""
    if not isinstance(body, ContextExpression):
        return _constant(nodes[id(body)])[1] if isinstance(body, Text) and id(body) in nodes else None
    found: dict[str, object] = {}
    for entry in body.entries:
        node = nodes.get(id(entry.value))
        if entry.variable is not None and node is not None:
            found[entry.variable.name] = _constant(node)[1]
    return found


def _constant(node: ast.Node) -> tuple[bool, object]:
    """Whether a node reads no variables and calls nothing, and its value then."""
    free = free_names(node)
    if free.variables or free.functions:
        return False, None
    try:
        return True, Compiler().code(node)(Frame({}, None, Run(DEFAULT_BUDGET, None, None)))
    except CiviflowError:
        return False, None

"""Which names an expression reads from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from engine.feel import ast

__all__ = ["FreeNames", "all_nodes", "escapes", "free_names", "mentions", "repeated_keys"]


@dataclass(kw_only=True, slots=True)
class FreeNames:
    """Names an expression does not bind itself.

    Args:
        variables: read as values.
        in_filters: those of `variables` that are read inside filters only, where they may be
            entries of the items instead.
        functions: called.
    """

    variables: set[str] = field(default_factory=set)
    in_filters: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def free_names(node: ast.Node) -> FreeNames:
    found = FreeNames()
    outside: set[str] = set()
    stack: list[tuple[ast.Node, frozenset[str], bool]] = [(node, frozenset(), False)]
    while stack:
        current, bound, filtered = stack.pop()
        if isinstance(current, ast.Name):
            if current.name not in bound:
                found.variables.add(current.name)
                if not filtered:
                    outside.add(current.name)
            continue
        if isinstance(current, ast.Call | ast.NamedCall) and isinstance(current.function, ast.Name):
            if current.function.name not in bound:
                found.functions.add(current.function.name)
            stack.extend((child, bound, filtered) for child in _children(current) if child is not current.function)
            continue
        stack.extend(_scoped(current, bound, filtered))
    found.in_filters = found.variables - outside
    return found


def all_nodes(node: ast.Node) -> Iterator[ast.Node]:
    """The node and all below it, in no particular order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(_children(current))


def mentions(node: ast.Node, name: str) -> bool:
    """Whether the name stands anywhere in the tree."""
    return any(isinstance(each, ast.Name) and each.name == name for each in all_nodes(node))


def repeated_keys(node: ast.Node) -> tuple[str, ...]:
    """Keys that one context literal in the tree has more than once, so that its value is null (10.3.2.6)."""
    found: dict[str, None] = {}
    for current in all_nodes(node):
        if isinstance(current, ast.ContextLiteral):
            keys = [key for key, _ in current.entries]
            found.update(dict.fromkeys(key for at, key in enumerate(keys) if key in keys[:at]))
    return tuple(found)


def _scoped(node: ast.Node, bound: frozenset[str], filtered: bool) -> Iterator[tuple[ast.Node, frozenset[str], bool]]:
    """The children of a node, with the names bound for each."""
    if isinstance(node, ast.For | ast.Quantified):
        for iterator in node.iterators:
            yield iterator.source, bound, filtered
            if iterator.end is not None:
                yield iterator.end, bound, filtered
            bound |= {iterator.name}
        if isinstance(node, ast.For):
            yield node.body, bound | {"partial"}, filtered
        else:
            yield node.condition, bound, filtered
    elif isinstance(node, ast.Filter):
        yield node.base, bound, filtered
        yield node.condition, bound | {"item"}, True
    elif isinstance(node, ast.Function):
        yield node.body, bound | {parameter.name for parameter in node.parameters}, filtered
    elif isinstance(node, ast.ContextLiteral):
        # Functions may call themselves and each other, so all keys count as bound in all entries.
        keys = {key for key, _ in node.entries}
        for at, (_, value) in enumerate(node.entries):
            earlier = keys if isinstance(value, ast.Function) else {key for key, _ in node.entries[:at]}
            yield value, bound | earlier, filtered
    else:
        for child in _children(node):
            yield child, bound, filtered


def _children(node: ast.Node) -> Iterator[ast.Node]:
    for one in fields(node):
        yield from _nodes(getattr(node, one.name))


def _nodes(value: object) -> Iterator[ast.Node]:
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, ast.Iterator):
        yield value.source
        if value.end is not None:
            yield value.end
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


_LOOK_ONLY = frozenset(["count", "sum", "min", "max", "mean", "list contains", "all", "any"])


def escapes(node: ast.Node, name: str) -> bool:
    """Whether a list of that name may become part of a value: not if it is only filtered or counted."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Name):
            if current.name == name:
                return True
            continue
        looks = isinstance(current, ast.Filter) or (
            isinstance(current, ast.Call)
            and isinstance(current.function, ast.Name)
            and current.function.name in _LOOK_ONLY
        )
        stack.extend(
            child for child in _children(current) if not (looks and isinstance(child, ast.Name) and child.name == name)
        )
    return False

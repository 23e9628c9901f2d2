"""Functions defined in FEEL, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.feel import ast
from engine.feel.conformance import MISMATCH, coerce
from engine.feel.java import external_function
from engine.feel.runtime import Code, Frame, Run
from engine.feel.static_types import ANY
from engine.feel.values import FeelFunction, kind_of

__all__ = ["define", "external"]


def define(
    node: ast.Function, body: Code, frame: Frame, types: Mapping[str, ast.Type], signature: ast.FunctionType
) -> FeelFunction:
    """A lexical closure (10.3.2.13.2) over the names in scope where it is defined.

    Args:
        types: item definitions by name.
        signature: what the text tells of its type.
    """
    names = tuple(parameter.name for parameter in node.parameters)

    def call(run: Run, arguments: Sequence[object]) -> object:
        if len(arguments) != len(names):
            run.null(f"Expected {len(names)} arguments ({', '.join(names)}), but found {len(arguments)}")
            return None
        bound = _bind(node, types, run, arguments)
        if bound is None:
            return None
        run.enter()
        try:
            return body(Frame(bound, frame, run))
        finally:
            run.leave()

    def call_named(run: Run, arguments: Mapping[str, object]) -> object:
        unknown = arguments.keys() - set(names)
        if unknown:
            run.null(f"Expected arguments named {', '.join(names)}, but found {', '.join(sorted(unknown))}")
            return None
        return call(run, [arguments.get(name) for name in names])

    return FeelFunction(
        name="",
        parameters=names,
        call=call,
        call_named=call_named,
        types=signature.parameters,
        result=None if signature.result == ANY else signature.result,
        origin=(node, frame),
    )


def external(node: ast.Function, mapping: object, types: Mapping[str, ast.Type]) -> FeelFunction:
    """A function of Java, as far as the table of them goes; others give null and are refused by name (10.3.2.13.3).

    Args:
        mapping: the value of what stands after `external`.
        types: item definitions by name.
    """
    inner = external_function("", [parameter.name for parameter in node.parameters], mapping)

    def call(run: Run, arguments: Sequence[object]) -> object:
        if len(arguments) != len(node.parameters):
            return inner.call(run, arguments)
        bound = _bind(node, types, run, arguments)
        return None if bound is None else inner.call(run, list(bound.values()))

    def call_named(run: Run, arguments: Mapping[str, object]) -> object:
        if arguments.keys() - set(inner.parameters):
            return inner.call_named(run, arguments)
        return call(run, [arguments.get(name) for name in inner.parameters])

    return FeelFunction(
        name="", parameters=inner.parameters, call=call, call_named=call_named, origin=(node.parameters, mapping)
    )


def _bind(
    node: ast.Function, types: Mapping[str, ast.Type], run: Run, arguments: Sequence[object]
) -> dict[str, object] | None:
    """Arguments by name, of the declared types; None, with the reason, where one does not fit."""
    bound: dict[str, object] = {}
    for parameter, argument in zip(node.parameters, arguments, strict=True):
        value = coerce(argument, parameter.type, types, run.step)
        if value is MISMATCH:
            run.null(f"Expected another type for {parameter.name!r}, but found {kind_of(argument)}")
            return None
        bound[parameter.name] = value
    return bound

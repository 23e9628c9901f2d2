"""Functions defined in FEEL, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.feel import ast
from engine.feel.conformance import MISMATCH, coerce
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

    def bind(run: Run, arguments: Sequence[object]) -> dict[str, object] | None:
        bound: dict[str, object] = {}
        for parameter, argument in zip(node.parameters, arguments, strict=True):
            value = coerce(argument, parameter.type, types, run.step)
            if value is MISMATCH:
                run.null(f"Expected another type for {parameter.name!r}, but found {kind_of(argument)}")
                return None
            bound[parameter.name] = value
        return bound

    def call(run: Run, arguments: Sequence[object]) -> object:
        if len(arguments) != len(names):
            run.null(f"Expected {len(names)} arguments ({', '.join(names)}), but found {len(arguments)}")
            return None
        bound = bind(run, arguments)
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
    )


def external(node: ast.Function) -> FeelFunction:
    """A Java or PMML function: there is none here, so every call gives null (10.3.2.13.3)."""
    names = tuple(parameter.name for parameter in node.parameters)

    def call(run: Run, arguments: object) -> None:
        run.refuse("Expected a function written in FEEL, but it is external")

    return FeelFunction(name="", parameters=names, call=call, call_named=call)

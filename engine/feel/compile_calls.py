"""Compiling invocations and function definitions (DMN 1.5, 10.3.2.13 and Table 63)."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel import ast
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Compiler, Handler
from engine.feel.functions import define, external
from engine.feel.runtime import Code, Frame
from engine.feel.static_types import function_type
from engine.feel.values import FeelFunction, kind_of

__all__ = ["HANDLERS"]

Callee = Callable[[Frame], FeelFunction | None]


def _call(node: ast.Call, compiler: Compiler) -> Code:
    callee, arguments = _callee(node.function, compiler), compiler.codes(node.arguments)

    def invoke(frame: Frame) -> object:
        function = callee(frame)
        values = [argument(frame) for argument in arguments]
        return None if function is None else function.call(frame.run, values)

    return invoke


def _named_call(node: ast.NamedCall, compiler: Compiler) -> Code:
    callee = _callee(node.function, compiler)
    arguments = [(name, compiler.code(value)) for name, value in node.arguments]

    def invoke(frame: Frame) -> object:
        function = callee(frame)
        values = {name: argument(frame) for name, argument in arguments}
        return None if function is None else function.call_named(frame.run, values)

    return invoke


def _callee(node: ast.Node, compiler: Compiler) -> Callee:
    """What is called: for a name a variable that holds a function, else the host's, else the built-in."""
    if isinstance(node, ast.Name):
        return _named_callee(node.name)
    code = compiler.code(node)

    def evaluate(frame: Frame) -> FeelFunction | None:
        value = code(frame)
        if isinstance(value, FeelFunction):
            return value
        frame.run.null(f"Expected a function before the brackets, but found {kind_of(value)}")
        return None

    return evaluate


def _named_callee(name: str) -> Callee:
    known = BUILTINS[name].value() if name in BUILTINS else None

    def find(frame: Frame) -> FeelFunction | None:
        function = frame.function(name)
        if function is None:
            function = frame.run.host_function(name) or known
        if function is None:
            frame.run.null(f"There is no function {name!r}")
        return function

    return find


def _function(node: ast.Function, compiler: Compiler) -> Code:
    body, types = compiler.code(node.body), compiler.types
    if node.external:
        return lambda frame: external(node, body(frame), types)
    signature = function_type(node, {})
    return lambda frame: define(node, body, frame, types, signature)


HANDLERS: dict[type[ast.Node], Handler] = {
    ast.Call: _call,
    ast.NamedCall: _named_call,
    ast.Function: _function,
}

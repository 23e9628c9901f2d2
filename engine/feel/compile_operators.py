"""Compiling operators and conditionals: arithmetic, comparison, between, in, and, or, if, instance of."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.feel import ast
from engine.feel.arithmetic import ARITHMETIC, negate
from engine.feel.comparison import ORDERINGS, equal, less_or_equal
from engine.feel.compiler import Compiler, Handler
from engine.feel.conformance import instance_of
from engine.feel.runtime import Code, Frame
from engine.feel.unary import compile_test
from engine.feel.values import kind_of

__all__ = ["HANDLERS"]

_PYTHON: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _negation(node: ast.Negation, compiler: Compiler) -> Code:
    operand = compiler.code(node.operand)

    def reckon(frame: Frame) -> object:
        value = operand(frame)
        result = negate(value)
        if result is None:
            frame.run.null(f"Expected a number or duration after -, but found {kind_of(value)}")
        return result

    return reckon


def _arithmetic(node: ast.Arithmetic, compiler: Compiler) -> Code:
    """A chain such as `a + b - c` becomes one loop, so that its length costs no stack."""
    steps: list[tuple[str, Callable[[object, object], object], Code]] = []
    left: ast.Node = node
    while isinstance(left, ast.Arithmetic):
        steps.append((left.op, ARITHMETIC[left.op], compiler.code(left.right)))
        left = left.left
    first = compiler.code(left)
    if len(steps) == 1:
        return _one_step(first, *steps[0])
    steps.reverse()

    def reckon(frame: Frame) -> object:
        value = first(frame)
        for op, apply, operand in steps:
            right = operand(frame)
            value = _checked(frame, op, value, right, apply(value, right))
        return value

    return reckon


def _one_step(left: Code, op: str, apply: Callable[[object, object], object], right: Code) -> Code:
    def reckon(frame: Frame) -> object:
        first, second = left(frame), right(frame)
        return _checked(frame, op, first, second, apply(first, second))

    return reckon


def _checked(frame: Frame, op: str, left: object, right: object, result: object) -> object:
    """Charge for text that was made; keep the reason for null."""
    if type(result) is str:
        frame.run.grow(len(result))
    elif result is None:
        kinds = kind_of(left), kind_of(right)
        if kinds == ("number", "number"):
            what = "a divisor that is not 0" if op == "/" and not right else "numbers whose result is a number in range"
            frame.run.null(f"Expected {what} for {op}")
        else:
            frame.run.null(f"Expected operands that go with {op}, but found {kinds[0]} {op} {kinds[1]}")
    return result


def _comparison(node: ast.Comparison, compiler: Compiler) -> Code:
    left, right = compiler.code(node.left), compiler.code(node.right)
    if node.op in ("=", "!="):
        return _equality(left, right, node.op)
    op, order, python = node.op, ORDERINGS[node.op], _PYTHON[node.op]

    def compare(frame: Frame) -> bool | None:
        first, second = left(frame), right(frame)
        if type(first) is int and type(second) is int:
            return python(first, second)
        result = order(first, second)
        if result is None:
            frame.run.null(f"Expected two values of one ordered kind, but found {_pair(first, op, second)}")
        return result

    return compare


def _equality(left: Code, right: Code, op: str) -> Code:
    wanted = op == "="

    def compare(frame: Frame) -> bool | None:
        first, second = left(frame), right(frame)
        result = equal(first, second, frame.run.step)
        if result is None:
            frame.run.null(f"Expected two values of one kind, but found {_pair(first, op, second)}")
            return None
        return result is wanted

    return compare


def _pair(left: object, op: str, right: object) -> str:
    return f"{kind_of(left)} {op} {kind_of(right)}"


def _between(node: ast.Between, compiler: Compiler) -> Code:
    value, low, high = compiler.code(node.value), compiler.code(node.low), compiler.code(node.high)

    def check(frame: Frame) -> bool | None:
        point, start, end = value(frame), low(frame), high(frame)
        results = less_or_equal(start, point), less_or_equal(point, end)
        if False in results:
            return False
        if None in results:
            kinds = f"{kind_of(point)} between {kind_of(start)} and {kind_of(end)}"
            frame.run.null(f"Expected three values of one ordered kind, but found {kinds}")
            return None
        return True

    return check


def _membership(node: ast.Membership, compiler: Compiler) -> Code:
    value = compiler.code(node.value)
    tests = tuple(compile_test(test, compiler, booleans=False) for test in node.tests)

    def check(frame: Frame) -> bool | None:
        point = value(frame)
        result: bool | None = False
        for test in tests:
            found = test(frame, point)
            if found is True:
                return True
            if found is None:
                result = None
        if result is None:
            frame.run.null(f"Expected values of the kind of the tests, but found {kind_of(point)} in …")
        return result

    return check


def _logical(node: ast.Logical, compiler: Compiler) -> Code:
    operands = compiler.codes(node.operands)
    # `or` ends with the first true, `and` with the first false (Table 50).
    op, decisive = node.op, node.op == "or"

    def decide(frame: Frame) -> bool | None:
        result: bool | None = not decisive
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                result = None
                if value is not None:
                    frame.run.null(f"Expected true, false or null beside `{op}`, but found {kind_of(value)}")
        return result

    return decide


def _if(node: ast.If, compiler: Compiler) -> Code:
    condition, then, otherwise = compiler.codes((node.condition, node.then, node.otherwise))
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _instance_of(node: ast.InstanceOf, compiler: Compiler) -> Code:
    value, type_, types = compiler.code(node.value), node.type, compiler.types

    def check(frame: Frame) -> bool | None:
        result = instance_of(value(frame), type_, types, frame.run.step)
        if result is None:
            frame.run.null("Expected a known type after `instance of`; list, range and context need parameters")
        return result

    return check


HANDLERS: dict[type[ast.Node], Handler] = {
    ast.Negation: _negation,
    ast.Arithmetic: _arithmetic,
    ast.Comparison: _comparison,
    ast.Between: _between,
    ast.Membership: _membership,
    ast.Logical: _logical,
    ast.If: _if,
    ast.InstanceOf: _instance_of,
}

"""Whether a value passes a unary test (DMN 1.5, rule 13 and Table 55)."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel import ast
from engine.feel.comparison import ORDERINGS, contains, equal
from engine.feel.compiler import Compiler
from engine.feel.free_names import mentions
from engine.feel.runtime import Frame
from engine.feel.values import Range

__all__ = ["SUBJECT", "Test", "compile_test", "compile_tests"]

Test = Callable[[Frame, object], bool | None]
"""Takes the names in scope and the value under test."""

SUBJECT = "?"


def compile_tests(tests: ast.UnaryTests, compiler: Compiler) -> Test:
    """One test for a whole cell: any of its tests, or none of them after `not`; `-` passes everything."""
    if not tests.tests:
        return lambda frame, value: True
    codes = tuple(compile_test(test, compiler, booleans=True) for test in tests.tests)
    negated = tests.negated

    def check(frame: Frame, value: object) -> bool | None:
        result: bool | None = False
        for code in codes:
            found = code(frame, value)
            if found is True:
                return not negated
            if found is None:
                result = None
        return None if result is None else negated

    return check


def compile_test(node: ast.Node, compiler: Compiler, *, booleans: bool) -> Test:
    """One test.

    Args:
        booleans: whether an expression that gives true or false, such as `stock > 3`, decides by
            itself for values that are no booleans, though it does not mention `?`. The literals `true` and
            `false` are values to compare with: what is missing is not true.
    """
    if isinstance(node, ast.UnaryComparison):
        return _comparison(node, compiler)
    code = compiler.code(node)
    if mentions(node, SUBJECT):

        def check_subject(frame: Frame, value: object) -> bool | None:
            result = code(Frame({SUBJECT: value}, frame, frame.run))
            return result if result is None or isinstance(result, bool) else _matches(frame, value, result)

        return check_subject

    decides = booleans and not isinstance(node, ast.Literal)

    def check(frame: Frame, value: object) -> bool | None:
        result = code(frame)
        if decides and isinstance(result, bool) and not isinstance(value, bool):
            return result
        return _matches(frame, value, result)

    return check


def _comparison(node: ast.UnaryComparison, compiler: Compiler) -> Test:
    operand, op = compiler.code(node.operand), node.op
    if op in ("=", "!="):

        def check_equal(frame: Frame, value: object) -> bool | None:
            found = equal(value, operand(frame), frame.run.step)
            return None if found is None else found is (op == "=")

        return check_equal
    order = ORDERINGS[op]
    return lambda frame, value: order(value, operand(frame))


def _matches(frame: Frame, value: object, test: object) -> bool | None:
    """Whether the value is in the range or list, or equal to anything else."""
    if isinstance(test, Range) and not isinstance(value, Range):
        return contains(test, value)
    if not isinstance(test, list):
        return equal(value, test, frame.run.step)
    frame.run.step(len(test))
    if isinstance(value, list) and equal(value, test, frame.run.step) is True:
        return True
    return any(
        (contains(item, value) if isinstance(item, Range) else equal(value, item, frame.run.step)) is True
        for item in test
    )

"""FEEL texts of a model, compiled; a text that cannot be read is null whenever it is evaluated."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.decisions.cells import quicken
from engine.decisions.run import run_of
from engine.errors import ExpressionError
from engine.feel import ast
from engine.feel.compiler import Compiler
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.runtime import Code, Frame
from engine.feel.unary import SUBJECT, Test, compile_test, compile_tests
from engine.models.dmn.model import Text

__all__ = ["Read", "Texts", "never", "nothing"]


def nothing(frame: Frame) -> None:
    """The value of an expression that is not there."""
    return


def never(frame: Frame, value: object) -> bool | None:
    """The test of a cell that cannot be read."""
    return None


@dataclass(frozen=True, kw_only=True)
class Read:
    """A text that was read, for the checks: its tree, and the names that were in scope."""

    text: Text
    node: ast.Node
    names: frozenset[str]


@dataclass(kw_only=True)
class Texts:
    """Compiles the texts of one model.

    Args:
        types: item definitions, for `instance of` and typed parameters inside FEEL.
        functions: names of the host's functions.
        problems: texts that cannot be read, with the error.
        read: the others.
    """

    types: Mapping[str, ast.Type] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    problems: list[tuple[Text, ExpressionError]] = field(default_factory=list)
    read: list[Read] = field(default_factory=list)

    def expression(self, text: Text | None, names: Collection[str]) -> Code:
        """A literal expression or output entry; an empty one is null, `-` too (8.3.3)."""
        if text is None or text.text in ("", "-"):
            return nothing
        if text.foreign:
            return _refusing(f"Expected FEEL, but `{_short(text)}` is written in {text.foreign}, which is not run")
        try:
            node = parse_expression(text.text, names=names, functions=self.functions, types=self.types)
            code = Compiler(self.types).code(node)
            self.read.append(Read(text=text, node=node, names=frozenset(names)))
            return code
        except RecursionError:
            error = ExpressionError("Expected an expression that nests less deeply", source=text.text)
        except ExpressionError as problem:
            error = problem
        self.problems.append((text, error))
        return _refusing(f"`{_short(text)}` cannot be read: {error.message}")

    def tests(self, text: Text, names: Collection[str]) -> Test | None:
        """An input entry; None for one that every value passes."""
        if text.text in ("", "-"):
            return None
        if text.foreign:
            reason = f"Expected FEEL, but the cell `{_short(text)}` is written in {text.foreign}, which is not run"
            return _refusing_test(reason)
        if text.is_condition:
            code = self.expression(text, names)
            return lambda frame, value: code(frame) is True
        node = self._parse_tests(text, names)
        if node is None:
            return _refusing_test(f"The cell `{_short(text)}` cannot be read: {self.problems[-1][1].message}")
        return quicken(node, compile_tests(node, Compiler(self.types))) if node.tests else None

    def values(self, text: Text, names: Collection[str] = ()) -> tuple[tuple[Test, ...], bool]:
        """Allowed values, one test each, and whether they are negated.

        Here an expression that is true by itself allows nothing: it is a value (1157 of the kit).
        """
        node = self._parse_tests(text, names)
        if node is None:
            return (never,), False
        compiler = Compiler(self.types)
        return tuple(_allowed(test, compiler) for test in node.tests), node.negated

    def _parse_tests(self, text: Text, names: Collection[str]) -> ast.UnaryTests | None:
        try:
            node = parse_unary_tests(text.text, names=names, functions=self.functions, types=self.types)
            self.read.append(Read(text=text, node=node, names=frozenset(names)))
            return node
        except RecursionError:
            error = ExpressionError("Expected tests that nest less deeply", source=text.text)
        except ExpressionError as problem:
            error = problem
        self.problems.append((text, error))
        return None


def _allowed(node: ast.Node, compiler: Compiler) -> Test:
    """One allowed value; `?` by itself is whatever the value is."""
    if isinstance(node, ast.Name) and node.name == SUBJECT:
        return lambda frame, value: True
    return compile_test(node, compiler, booleans=False)


def _refusing(reason: str) -> Code:
    def refuse(frame: Frame) -> None:
        run_of(frame).refuse(reason)

    return refuse


def _refusing_test(reason: str) -> Test:
    def refuse(frame: Frame, value: object) -> None:
        run_of(frame).refuse(reason)

    return refuse


def _short(text: Text) -> str:
    source = " ".join((text.source or text.text).split())
    return source if len(source) <= 60 else source[:59] + "…"

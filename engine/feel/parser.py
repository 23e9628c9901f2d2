"""Text to syntax tree: a precedence-climbing parser for the FEEL grammar (DMN 1.5, 10.3.1.2).

Precedence, lowest first: or · and · comparison, between, in · + - · * / · ** · negation ·
instance of · path, filter, invocation. All infix operators are left associative.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TypeVar

from engine.feel import ast
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.errors import FeelError
from engine.feel.lexer import Token
from engine.feel.names import NameIndex
from engine.feel.operands import (
    AND,
    COMPARISON,
    COMPARISONS,
    INSTANCE,
    OR,
    POWER,
    PRODUCT,
    SUM,
    OperandParser,
)

__all__ = ["parse_expression", "parse_unary_tests"]

_ARITHMETIC = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER}
_ORDERINGS = frozenset(["<", "<=", ">", ">="])
# What may follow the `[` that closes an open interval; after a filter's `[` comes an expression.
_AFTER_INTERVAL = frozenset([")", "]", ",", "}", ".", *COMPARISONS])
_WORDS_AFTER_INTERVAL = frozenset(["and", "or", "then", "else", "return", "satisfies", "between", "in", "instance"])

_NodeT = TypeVar("_NodeT", bound=ast.Node)


def parse_expression(
    source: str, *, names: Collection[str] = (), functions: Collection[str] = (), types: Collection[str] = ()
) -> ast.Node:
    """Parse a textual or boxed expression.

    Args:
        source: FEEL text.
        names: variables in scope; only those that hold spaces, operators or keywords matter.
        functions: callable names besides the built-ins.
        types: names of types; only those that hold operators or keywords matter.

    Raises:
        FeelError: the text is not FEEL, or nests deeper than `MAX_NESTING`.
    """
    return _parse(source, names, functions, types, _Parser.whole_expression)


def parse_unary_tests(
    source: str, *, names: Collection[str] = (), functions: Collection[str] = (), types: Collection[str] = ()
) -> ast.UnaryTests:
    """Parse a decision table cell; blank text counts as `-`. Arguments and errors as `parse_expression`."""
    if not source.strip():
        return ast.UnaryTests(tests=())
    return _parse(source, names, functions, types, _Parser.whole_tests)


def _parse(
    source: str,
    names: Collection[str],
    functions: Collection[str],
    types: Collection[str],
    rule: Callable[[_Parser], _NodeT],
) -> _NodeT:
    parser = _Parser(source, _index(frozenset(names), frozenset(functions)))
    parser.known_types = _index(frozenset(types), None)
    try:
        return rule(parser)
    except RecursionError:
        raise FeelError("Expected an expression that nests less deeply", source=source, position=0) from None


@lru_cache(maxsize=256)
def _index(names: frozenset[str], functions: frozenset[str] | None) -> NameIndex:
    """Variables and functions by their first token; types where `functions` is None."""
    return NameIndex(sorted(names), before_bracket=() if functions is None else sorted(BUILTIN_NAMES | functions))


class _Parser(OperandParser):
    """One pass over one expression; each method reads one grammar rule at the cursor."""

    def whole_expression(self) -> ast.Node:
        node = self.expression()
        if self.token.kind != "end":
            raise self.error("Expected an operator or the end")
        return node

    def whole_tests(self) -> ast.UnaryTests:
        if self.is_op("-") and self.ahead().kind == "end":
            return ast.UnaryTests(tests=())
        if self.is_keyword("not") and self.ahead().text == "(":
            start = self.at
            self.at += 2
            tests = self.expressions()
            if self.accept(")") and self.token.kind == "end":
                return ast.UnaryTests(tests=tests, negated=True)
            self.at = start
        tests = self.expressions()
        if self.token.kind != "end":
            raise self.error("Expected a comma or the end")
        return ast.UnaryTests(tests=tests)

    def expression(self, power: int = OR) -> ast.Node:
        """Read an expression whose operators all bind at least as tightly as `power`."""
        self.enter()
        if power > COMPARISON and self.is_comparison():
            raise self.error("Expected a value")
        node = self._continue(self.operand(), power)
        self.depth -= 1
        return node

    def _continue(self, left: ast.Node, power: int) -> ast.Node:
        while (longer := self._infix(left, power)) is not None:
            left = longer
        return left

    def _infix(self, left: ast.Node, power: int) -> ast.Node | None:
        token = self.token
        if token.kind == "op":
            return self._infix_operator(left, power)
        if token.kind != "word":
            return None
        if token.text in ("and", "or"):
            binding = AND if token.text == "and" else OR
            return self._logical(left, token.text, binding) if power <= binding else None
        if token.text == "between" and power <= COMPARISON:
            return self._between(left)
        if token.text == "in" and power <= COMPARISON:
            self.at += 1
            return ast.Membership(value=left, tests=self._membership_tests(), pos=token.pos)
        if token.text == "instance" and self.ahead().text == "of" and power <= INSTANCE:
            self.at += 2
            return ast.InstanceOf(value=left, type=self.type(), pos=token.pos)
        return None

    def _infix_operator(self, left: ast.Node, power: int) -> ast.Node | None:
        token = self.token
        if token.text in _ARITHMETIC:
            binding = _ARITHMETIC[token.text]
            if power > binding:
                return None
            self.at += 1
            right = self.expression(binding + 1)
            return ast.Arithmetic(op=token.text, left=left, right=right, pos=token.pos)
        if token.text in COMPARISONS:
            if power > COMPARISON:
                return None
            self.at += 1
            right = self.operand() if self._range_follows(token) else self.expression(SUM)
            return ast.Comparison(op=token.text, left=left, right=right, pos=token.pos)
        if token.text == ".":
            self.at += 1
            return ast.Path(base=left, name=self.name("a name", after_dot=True), pos=token.pos)
        if token.text == "[" and not self._interval_closes_here():
            return self._filter(left)
        if token.text == "(":
            return self._invocation(left)
        return None

    def _range_follows(self, operator: Token) -> bool:
        """`range("[2..)") = >= 2` compares with a range; written together, `==` and `=>` are slips of the pen."""
        after = self.token
        apart = after.pos > operator.pos + len(operator.text)
        return operator.text in ("=", "!=") and apart and after.text in _ORDERINGS and after.kind == "op"

    def _logical(self, left: ast.Node, word: str, binding: int) -> ast.Node:
        pos = self.token.pos
        operands = [left]
        while self.is_keyword(word):
            self.at += 1
            operands.append(self.expression(binding + 1))
        return ast.Logical(op=word, operands=tuple(operands), pos=pos)

    def _between(self, left: ast.Node) -> ast.Node:
        pos = self.next().pos
        low = self.expression(SUM)
        self.expect_keyword("and")
        return ast.Between(value=left, low=low, high=self.expression(SUM), pos=pos)

    def _membership_tests(self) -> tuple[ast.Node, ...]:
        """What follows `in`: one test, or several in brackets (rules 49.c and 49.d)."""
        if self.is_comparison():
            return (self.operand(),)
        if not self.is_op("("):
            return (self.expression(SUM),)
        pos = self.next().pos
        with self.brackets():
            tests = self.expressions()
            if len(tests) == 1 and self.is_op(".."):
                tests = (self.interval(tests[0], pos, start_included=False),)
            else:
                self.expect(")")
        # A single bracketed operand may go on: `x in (a) + 1`, `x in (a).b`.
        return (self._continue(tests[0], SUM),) if len(tests) == 1 else tests

    def _filter(self, base: ast.Node) -> ast.Node:
        pos = self.next().pos
        with self.brackets():
            condition = self.expression()
            self.expect("]")
        return ast.Filter(base=base, condition=condition, pos=pos)

    def _invocation(self, function: ast.Node) -> ast.Node:
        pos = self.next().pos
        if self.accept(")"):
            return ast.Call(function=function, arguments=(), pos=pos)
        with self.brackets():
            name = self.key()
            if name is None:
                arguments = self.expressions()
                self.expect(")")
                return ast.Call(function=function, arguments=arguments, pos=pos)
            named = [(name, self.expression())]
            while self.accept(","):
                name = self.key()
                if name is None:
                    raise self.error("Expected `name: value`, as the arguments before it are named,")
                named.append((name, self.expression()))
            self.expect(")")
        return ast.NamedCall(function=function, arguments=tuple(named), pos=pos)

    def _interval_closes_here(self) -> bool:
        if not self.closing_interval:
            return False
        after = self.ahead()
        if after.kind == "word":
            return after.text in _WORDS_AFTER_INTERVAL
        return after.kind == "end" or (after.kind == "op" and after.text in _AFTER_INTERVAL)

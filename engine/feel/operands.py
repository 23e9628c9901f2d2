"""What starts an operand: literals, names, brackets, contexts, conditionals, loops, definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.feel import ast
from engine.feel.names import NameIndex
from engine.feel.numbers import parse_number
from engine.feel.type_parser import TypeParser

__all__ = [
    "AND",
    "COMPARISON",
    "COMPARISONS",
    "INSTANCE",
    "NEGATION",
    "OR",
    "POWER",
    "PRODUCT",
    "SUM",
    "OperandParser",
]

OR, AND, COMPARISON, SUM, PRODUCT, POWER, NEGATION, INSTANCE = range(1, 9)
COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">="])


class OperandParser(TypeParser):
    """The part of the parser that reads operands; each method reads one grammar rule at the cursor."""

    closing_interval = False

    def expression(self, power: int = OR) -> ast.Node:
        """Read an expression whose operators all bind at least as tightly as `power`."""
        raise NotImplementedError

    def expressions(self) -> tuple[ast.Node, ...]:
        """One expression or more, parted by commas."""
        nodes = [self.expression()]
        while self.accept(","):
            nodes.append(self.expression())
        return tuple(nodes)

    def operand(self) -> ast.Node:
        token = self.token
        if token.kind == "word":
            return self._word()
        if token.kind == "quoted":
            return ast.Name(name=self.next().text, pos=token.pos)
        if token.kind == "number":
            return ast.Literal(value=parse_number(self.next().text), pos=token.pos)
        if token.kind == "string":
            return ast.Literal(value=self.next().text, pos=token.pos)
        if token.kind == "op":
            if token.text in COMPARISONS:
                self.at += 1
                return ast.UnaryComparison(op=token.text, operand=self.expression(SUM), pos=token.pos)
            rule = _PREFIX_RULES.get(token.text)
            if rule is not None:
                return rule(self)
        raise self.error("Expected a value")

    def _word(self) -> ast.Node:
        token = self.token
        if not self.known_name()[0]:
            rule = _KEYWORD_RULES.get(token.text)
            if rule is not None and (token.text != "function" or self.ahead().text == "("):
                return rule(self)
            if token.text == "not" and self.ahead().text != "(":
                raise self.error("Expected not(…)", self.ahead())
        return ast.Name(name=self.name("a value"), pos=token.pos)

    def _constant(self) -> ast.Node:
        token = self.next()
        return ast.Literal(value={"true": True, "false": False}.get(token.text), pos=token.pos)

    def _negation(self) -> ast.Node:
        pos = self.next().pos
        return ast.Negation(operand=self.expression(NEGATION), pos=pos)

    def _at_literal(self) -> ast.Node:
        pos = self.next().pos
        if self.token.kind != "string":
            raise self.error('Expected a date, time or duration such as @"2026-01-01"')
        return ast.AtLiteral(text=self.next().text, pos=pos)

    def _round(self) -> ast.Node:
        pos = self.next().pos
        with self.brackets():
            node = self.expression()
            if self.is_op(".."):
                return self.interval(node, pos, start_included=False)
            self.expect(")")
        return node

    def _square(self) -> ast.Node:
        pos = self.next().pos
        if self.accept("]"):
            return ast.ListLiteral(items=(), pos=pos)
        with self.brackets():
            first = self.expression()
            if self.is_op(".."):
                return self.interval(first, pos, start_included=True)
            items = [first]
            while self.accept(","):
                items.append(self.expression())
            self.expect("]")
        return ast.ListLiteral(items=tuple(items), pos=pos)

    def _open_interval(self) -> ast.Node:
        pos = self.next().pos
        with self.brackets():
            start = self.expression(SUM)
            if not self.is_op(".."):
                raise self.error("Expected `..`, as `]` opens an interval,")
            return self.interval(start, pos, start_included=False)

    def interval(self, start: ast.Node, pos: int, *, start_included: bool) -> ast.Node:
        self.expect("..")
        with self.brackets():
            self.closing_interval = True
            end = self.expression(SUM)
        if self.token.text not in (")", "]", "[") or self.token.kind != "op":
            raise self.error("Expected `]`, `)` or `[` to close the interval")
        end_included = self.next().text == "]"
        return ast.Interval(start=start, end=end, start_included=start_included, end_included=end_included, pos=pos)

    def _context(self) -> ast.Node:
        pos = self.next().pos
        entries: list[tuple[str, ast.Node]] = []
        with self.brackets(), self.scope() as scope:
            while not (not entries and self.accept("}")):
                key = self.key()
                if key is None:
                    raise self.error("Expected an entry such as `name: value`")
                entries.append((key, self.expression()))
                scope.add(key)
                self.keys.add(key)
                if not self.accept(","):
                    self.expect("}")
                    break
        return ast.ContextLiteral(entries=tuple(entries), pos=pos)

    def _if(self) -> ast.Node:
        pos = self.next().pos
        condition = self.expression()
        self.expect_keyword("then")
        then = self.expression()
        self.expect_keyword("else")
        return ast.If(condition=condition, then=then, otherwise=self.expression(), pos=pos)

    def _for(self) -> ast.Node:
        pos = self.next().pos
        with self.scope() as scope:
            iterators = self._iterators(scope)
            self.expect_keyword("return")
            return ast.For(iterators=iterators, body=self.expression(), pos=pos)

    def _quantified(self) -> ast.Node:
        token = self.next()
        with self.scope() as scope:
            iterators = self._iterators(scope)
            self.expect_keyword("satisfies")
            return ast.Quantified(kind=token.text, iterators=iterators, condition=self.expression(), pos=token.pos)

    def _iterators(self, scope: NameIndex) -> tuple[ast.Iterator, ...]:
        iterators = []
        while True:
            name = self.name("a variable")
            self.expect_keyword("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            iterators.append(ast.Iterator(name=name, source=source, end=end))
            scope.add(name)
            if not self.accept(","):
                return tuple(iterators)

    def _definition(self) -> ast.Node:
        pos = self.next().pos
        self.expect("(")
        parameters: list[ast.Parameter] = []
        with self.scope() as scope:
            while not (not parameters and self.accept(")")):
                name = self.key()
                if name is None:
                    parameters.append(ast.Parameter(name=self.name("a parameter")))
                else:
                    parameters.append(ast.Parameter(name=name, type=self.type()))
                scope.add(parameters[-1].name)
                if not self.accept(","):
                    self.expect(")")
                    break
            external = self.is_keyword("external") and self.ahead().text == "{"
            self.at += external
            return ast.Function(parameters=tuple(parameters), body=self.expression(), external=external, pos=pos)

    def is_comparison(self) -> bool:
        return self.token.kind == "op" and self.token.text in COMPARISONS

    @contextmanager
    def brackets(self) -> Iterator[None]:
        """Inside brackets of its own, a `[` no longer closes the interval outside."""
        outside, self.closing_interval = self.closing_interval, False
        yield
        self.closing_interval = outside


_PREFIX_RULES: dict[str, Callable[[OperandParser], ast.Node]] = {
    "(": OperandParser._round,
    "[": OperandParser._square,
    "]": OperandParser._open_interval,
    "{": OperandParser._context,
    "-": OperandParser._negation,
    "@": OperandParser._at_literal,
}
_KEYWORD_RULES: dict[str, Callable[[OperandParser], ast.Node]] = {
    "if": OperandParser._if,
    "for": OperandParser._for,
    "some": OperandParser._quantified,
    "every": OperandParser._quantified,
    "function": OperandParser._definition,
    **dict.fromkeys(["true", "false", "null"], OperandParser._constant),
}

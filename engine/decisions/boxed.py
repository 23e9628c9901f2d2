"""Boxed expressions to closures (DMN 1.5, 7.2, 10.2.1 and Table 59)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from engine.decisions import loops
from engine.decisions.feel_text import Texts, nothing
from engine.decisions.functions import Parameter, make_function
from engine.decisions.kinds import ANY, Kind, bind, coerce, function_kind
from engine.decisions.run import run_of
from engine.decisions.table import compile_table
from engine.decisions.types import Types
from engine.feel.java import external_function
from engine.feel.runtime import Code, Frame
from engine.feel.values import FeelFunction, kind_of
from engine.models.dmn.model import (
    Boxed,
    Cell,
    Conditional,
    ContextExpression,
    DecisionTable,
    FilterExpression,
    FunctionDefinition,
    Invocation,
    IteratorExpression,
    ListExpression,
    Relation,
    Text,
    Unsupported,
)
from engine.models.dmn.walk import texts

__all__ = ["BoxedCompiler"]


@dataclass(frozen=True, kw_only=True)
class BoxedCompiler:
    """Compiles the expressions of one model.

    Args:
        is_camunda: whether tables are read as Camunda 7 reads them.
    """

    texts: Texts
    types: Types
    is_camunda: bool = False

    def code(self, boxed: Boxed | None, names: Collection[str]) -> Code:
        """The expression as code; its value conforms to its declared type, or is null.

        Args:
            names: names in scope.
        """
        if boxed is None:
            return nothing
        code = _COMPILERS[type(boxed)](self, boxed, frozenset(names))
        if isinstance(boxed, FunctionDefinition):
            return code  # its type holds for what the function gives
        kind = self.types.get(boxed.type_ref)
        return code if kind is ANY else lambda frame: coerce(code(frame), kind, frame.run, "the expression's value")

    def function(
        self, definition: FunctionDefinition, names: frozenset[str], type_ref: str = "", name: str = ""
    ) -> Callable[[Frame], FeelFunction]:
        """A function definition; it becomes a function over the names in scope where it is evaluated.

        Args:
            type_ref: the type declared for it, beside that of the definition: of a function, or, in older files, of the
                result.
            name: for messages.
        """
        define = self._untyped(definition, names, name)
        refs = [ref for ref in (definition.type_ref, type_ref) if ref]
        kinds = [function_kind(self.types.get(ref), [one.name for one in definition.parameters]) for ref in refs]
        if not kinds:
            return define

        def typed(frame: Frame) -> FeelFunction:
            function = define(frame)
            for kind in kinds:
                function = kind.wrap(function)
            return function

        return typed

    def _untyped(
        self, definition: FunctionDefinition, names: frozenset[str], name: str
    ) -> Callable[[Frame], FeelFunction]:
        parameters = [(one.name, self.types.get(one.type_ref)) for one in definition.parameters]
        if definition.kind != "FEEL":
            return self._external(definition, parameters, names, name)
        body = self.code(definition.body, names | {parameter for parameter, _ in parameters})

        def define(frame: Frame) -> FeelFunction:
            return make_function(name, parameters, lambda run, bound: body(Frame(bound, frame, run)), ANY)

        return define

    def _external(
        self, definition: FunctionDefinition, parameters: list[Parameter], names: frozenset[str], name: str
    ) -> Callable[[Frame], FeelFunction]:
        """A function of Java: its body tells the class and the method's signature."""
        mapping, key = self.code(definition.body, names), definition.kind.lower()

        def define(frame: Frame) -> FeelFunction:
            inner = external_function(name, [parameter for parameter, _ in parameters], {key: mapping(frame)})
            return make_function(name, parameters, lambda run, bound: inner.call(run, list(bound.values())), ANY)

        return define

    def _text(self, text: Text, names: frozenset[str]) -> Code:
        return self.texts.expression(text, names)

    def _table(self, table: DecisionTable, names: frozenset[str]) -> Code:
        return compile_table(table, names, self.texts, self.types, is_camunda=self.is_camunda)

    def _context(self, context: ContextExpression, names: frozenset[str]) -> Code:
        entries: list[tuple[str, Code, Kind]] = []
        result: Code | None = None
        for entry in context.entries:
            if entry.variable is None:
                result = self.code(entry.value, names)
                continue
            name = entry.variable.name
            # A function may call itself, so its own name is in scope.
            if isinstance(entry.value, FunctionDefinition):
                function = self.function(entry.value, names | {name}, entry.variable.type_ref)
                entries.append((name, function, ANY))
            else:
                code = self.code(entry.value, names | {name})
                entries.append((name, code, self.types.get(entry.variable.type_ref)))
            names |= {name}

        keys = [name for name, _, _ in entries]
        seen: set[str] = set()
        twice = next((key for key in keys if key in seen or seen.add(key)), None)  # type: ignore[func-returns-value]

        def build(frame: Frame) -> object:
            if twice is not None:
                frame.run.null(f"Expected each entry of the context once, but {twice!r} comes twice")
                return None
            made: dict[str, object] = {}
            inner = Frame(made, frame, frame.run)
            frame.run.grow(len(entries))
            for name, code, kind in entries:
                made[name] = coerce(code(inner), kind, frame.run, f"entry {name!r}")
            return made if result is None else result(inner)

        return build

    def _invocation(self, invocation: Invocation, names: frozenset[str]) -> Code:
        function = self.code(invocation.function, names)
        bindings = [
            (parameter.name, self.types.get(parameter.type_ref), self.code(value, names))
            for parameter, value in invocation.bindings
        ]
        typed = [(name, kind) for name, kind, _ in bindings]

        def invoke(frame: Frame) -> object:
            called = function(frame)
            run = frame.run
            given = {name: code(frame) for name, _, code in bindings}
            if not isinstance(called, FeelFunction):
                run.null(f"Expected a function to invoke, but found {kind_of(called)}")
                return None
            bound = bind(given, typed, run, called.name or "the function")
            return None if bound is None else called.call_named(run, bound)

        return invoke

    def _relation(self, relation: Relation, names: frozenset[str]) -> Code:
        columns = [(column.name, self.types.get(column.type_ref)) for column in relation.columns]
        rows = [[self.code(cell, names) for cell in row] for row in relation.rows]

        def build(frame: Frame) -> object:
            frame.run.grow(len(rows) * (len(columns) + 1))
            return [
                {
                    name: coerce(code(frame), kind, frame.run, f"column {name!r}")
                    for (name, kind), code in zip(columns, row, strict=False)
                }
                for row in rows
            ]

        return build

    def _list(self, items: ListExpression, names: frozenset[str]) -> Code:
        codes = [self.code(item, names) for item in items.items]
        return lambda frame: [code(frame) for code in codes]

    def _conditional(self, conditional: Conditional, names: frozenset[str]) -> Code:
        parts = (conditional.condition, conditional.then, conditional.otherwise)
        condition, then, otherwise = (self.code(part, names) for part in parts)

        def choose(frame: Frame) -> object:
            value = condition(frame)
            if value is True:
                return then(frame)
            if value is False or value is None:
                return otherwise(frame)
            frame.run.null(f"Expected true or false after if, but found {kind_of(value)}")
            return None

        return choose

    def _filter(self, filtered: FilterExpression, names: frozenset[str]) -> Code:
        return loops.filtering(self.code(filtered.source, names), self.code(filtered.match, names | {"item"}))

    def _iterator(self, iterator: IteratorExpression, names: frozenset[str]) -> Code:
        inside = names | {iterator.variable.name} | ({"partial"} if iterator.kind == "for" else set())
        source, body = self.code(iterator.source, names), self.code(iterator.body, inside)
        name, kind = iterator.variable.name, self.types.get(iterator.variable.type_ref)
        if iterator.kind == "for":
            uses_partial = any("partial" in text.text for text in texts(iterator.body))
            return loops.collecting(name, kind, source, body, uses_partial=uses_partial)
        return loops.deciding(iterator.kind, name, kind, source, body)

    def _unsupported(self, boxed: Unsupported, names: frozenset[str]) -> Code:
        reason = f"Expected an expression of DMN, but <{boxed.tag}> is none"
        return lambda frame: run_of(frame).refuse(reason)


_COMPILERS: Final[dict[type[Boxed], Callable[[BoxedCompiler, Any, frozenset[str]], Code]]] = {
    Text: BoxedCompiler._text,
    Cell: BoxedCompiler._text,
    DecisionTable: BoxedCompiler._table,
    ContextExpression: BoxedCompiler._context,
    Invocation: BoxedCompiler._invocation,
    FunctionDefinition: BoxedCompiler.function,
    Relation: BoxedCompiler._relation,
    ListExpression: BoxedCompiler._list,
    Conditional: BoxedCompiler._conditional,
    FilterExpression: BoxedCompiler._filter,
    IteratorExpression: BoxedCompiler._iterator,
    Unsupported: BoxedCompiler._unsupported,
}

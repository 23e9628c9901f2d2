"""A decision table as a grid of segments: each rule a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.decisions.checks.boxes import Box
from engine.decisions.checks.columns import Column, Segment, cut
from engine.decisions.checks.constants import constants, is_cheap, value_of
from engine.decisions.kinds import Collection, Constrained, Kind, Later, OneOf, Simple
from engine.decisions.types import Types
from engine.errors import CiviflowError, ExpressionError
from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.compiler import Compiler
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.runtime import Frame, Run
from engine.feel.unary import Test, compile_tests
from engine.models.dmn.model import DecisionTable, InputClause, InputData, OutputClause, Rule, Text
from engine.models.findings import shorten
from engine.models.labels import Words

__all__ = ["NOWHERE", "Grid", "base_kind", "column_type", "make_grid", "order_of", "place_of"]

MAX_CELL_TESTS: Final = 400_000
"""Cells times segments; beyond, a table is not analysed."""
NOWHERE: Final = 1_000_000
"""The place of a value that is not listed: after all that are."""
_WHOLE: Final = frozenset({"integer", "long", "short", "byte", "int"})


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rules as boxes.

    Args:
        possible: for each rule the segments it may match; a cell that cannot be analysed may match all.
        certain: the segments it matches for sure; such a cell matches none.
        ranks: for each rule the priority of its outputs where that is known, smallest first.
    """

    columns: tuple[Column, ...]
    possible: tuple[Box, ...]
    certain: tuple[Box, ...]
    ranks: tuple[tuple[int, ...] | None, ...]

    def describe(self, box: Box, *, lead: bool = True) -> Words:
        """A box in words: ' for «年龄» < 18'; nothing if it is everything."""
        said = [
            (column.label, column.describe(mask))
            for column, mask in zip(self.columns, box, strict=True)
            if column.describe(mask)
        ]
        text = ", ".join(f"«{label}» {shorten(value, 80)}" for label, value in said)
        text_zh = "，".join(f"“{label}”{shorten(value, 80)}" for label, value in said)
        if not lead:
            return Words(text, text_zh)
        return Words(f" for {text}" if text else "", f"当{text_zh}时" if text else "")


def make_grid(table: DecisionTable, types: Types, inputs: dict[str, InputData]) -> Grid | None:
    """The grid of a table; None if it is too large."""
    columns: list[Column] = []
    masks: list[list[tuple[int, int]]] = []
    left = MAX_CELL_TESTS
    for at, clause in enumerate(table.inputs):
        column, cells = _column(table.rules, at, clause, types, inputs)
        left -= len(column.segments) * len(cells)
        if left < 0:
            return None
        columns.append(column)
        masks.append([_mask(cell, column) for cell in cells])
    rows = range(len(table.rules))
    return Grid(
        columns=tuple(columns),
        possible=tuple(tuple(column[row][0] for column in masks) for row in rows),
        certain=tuple(tuple(column[row][1] for column in masks) for row in rows),
        ranks=tuple(_ranks(table, types)),
    )


def _column(
    rules: Sequence[Rule], at: int, clause: InputClause, types: Types, inputs: dict[str, InputData]
) -> tuple[Column, list[Test | bool | None]]:
    """A column, and each rule's test: True for one that all values pass, None for one that cannot be analysed."""
    ref = column_type(clause, inputs)
    kind = base_kind(types.get(ref))
    label = clause.label or (clause.expression.text if clause.expression else "")
    nodes = [_parsed(rule.inputs[at]) for rule in rules]
    found = [None if node is None else constants(node) for node in nodes]
    allowed = clause.values or types.allowed_values(ref)
    domain = None if allowed is None else _parsed(allowed)
    bounds = None if domain is None else constants(domain)
    given = [one for part in found if part is not None for one in part] + (bounds or [])
    pieces = cut(given, kind=kind, whole=ref in _WHOLE)
    if pieces is None:
        whole = Column(label=label, segments=(Segment(value=None),), ordered=False, universe=1)
        return whole, [True if node is not None and not node.tests else None for node in nodes]
    segments, ordered = pieces
    universe = _universe(segments, domain if bounds is not None else None)
    column = Column(label=shorten(label, 40), segments=segments, ordered=ordered, universe=universe)
    tests: list[Test | bool | None] = []
    for node, part in zip(nodes, found, strict=True):
        if node is None or part is None:
            tests.append(None)
        else:
            tests.append(compile_tests(node, Compiler()) if node.tests else True)
    return column, tests


def _universe(segments: Sequence[Segment], domain: ast.UnaryTests | None) -> int:
    """What can occur: everything but null, within the allowed values."""
    every = sum(1 << at for at, one in enumerate(segments) if one.value is not None)
    if domain is None:
        return every
    return every & _passing(compile_tests(domain, Compiler()), segments)


def _mask(test: Test | bool | None, column: Column) -> tuple[int, int]:
    """The segments a cell may match, and matches for sure."""
    every = (1 << len(column.segments)) - 1
    if test is True or test is False:
        return every, every
    if test is None:
        return every, 0
    inside = column.universe | sum(1 << at for at, one in enumerate(column.segments) if one.value is None)
    mask = _passing(test, column.segments) & inside
    return mask, mask


def _passing(test: Test, segments: Sequence[Segment]) -> int:
    frame = Frame({}, None, Run(DEFAULT_BUDGET, None, None))
    return sum(1 << at for at, one in enumerate(segments) if test(frame, one.value) is True)


def _parsed(text: Text) -> ast.UnaryTests | None:
    """A cell that is FEEL; None for any other."""
    if text.foreign or text.is_condition:
        return None
    if text.text in ("", "-"):
        return ast.UnaryTests(tests=())
    try:
        return parse_unary_tests(text.text)
    except ExpressionError:
        return None


def column_type(clause: InputClause, inputs: dict[str, InputData]) -> str:
    """The declared type of a column, or of the input data that it reads."""
    if clause.expression is None:
        return ""
    if clause.expression.type_ref:
        return clause.expression.type_ref
    known = inputs.get(" ".join(clause.expression.text.split()))
    return "" if known is None else known.variable.type_ref


def base_kind(kind: Kind) -> str:
    """The simple kind behind a type: number, string, …; '' if there is none."""
    while True:
        if isinstance(kind, Later):
            kind = kind.kind
        elif isinstance(kind, Constrained):
            kind = kind.base
        elif isinstance(kind, OneOf):
            kind = kind.kinds[0]
        else:
            return kind.name if isinstance(kind, Simple) else "list" if isinstance(kind, Collection) else ""


def _ranks(table: DecisionTable, types: Types) -> list[tuple[int, ...] | None]:
    """The priority of each rule's outputs, where they are constants."""
    if table.hit_policy not in ("P", "O"):
        return [None] * len(table.rules)
    orders = [order_of(output, table, types) for output in table.outputs]
    ranks: list[tuple[int, ...] | None] = []
    for rule in table.rules:
        places = [place_of(cell, order) for cell, order in zip(rule.outputs, orders, strict=True)]
        ranks.append(None if None in places else tuple(place for place in places if place is not None))
    return ranks


def order_of(output: OutputClause, table: DecisionTable, types: Types) -> tuple[ast.Node, ...]:
    """The values of an output column in order of priority; () where it lists no constants."""
    values = output.values or types.allowed_values(output.type_ref or table.type_ref)
    parsed = None if values is None else _parsed(values)
    if parsed is None or parsed.negated or not all(map(is_cheap, parsed.tests)):
        return ()
    return parsed.tests


def place_of(cell: Text, order: tuple[ast.Node, ...]) -> int | None:
    """Where a constant stands among output values: from 0, `NOWHERE`, or None for what is no constant."""
    if not order:
        return 0
    try:
        node = parse_expression(cell.text)
        if not is_cheap(node):
            return None
        value = value_of(node)
        frame = Frame({}, None, Run(DEFAULT_BUDGET, None, None))
        tests = [compile_tests(ast.UnaryTests(tests=(one,)), Compiler()) for one in order]
        return next((at for at, test in enumerate(tests) if test(frame, value) is True), NOWHERE)
    except CiviflowError:
        return None

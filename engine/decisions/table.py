"""Decision tables, every cell compiled once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.decisions.feel_text import Texts
from engine.decisions.hit_policy import Hit, Rank, decide, no_hits
from engine.decisions.kinds import ANY, Allows, Kind, coerce
from engine.decisions.run import DecisionRun, TableRecord, run_of
from engine.decisions.types import Types, allowing
from engine.feel.runtime import Code, Frame, Run
from engine.feel.unary import Test
from engine.models.dmn.model import Cell, DecisionTable, InputClause, OutputClause, Rule, Text

__all__ = ["compile_table"]

CELL_INPUT = "cellInput"
"""What Camunda calls the value of the column inside a cell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Input:
    code: Code
    kind: Kind
    allows: Allows | None
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Output:
    name: str
    kind: Kind
    allows: Allows | None
    label: str
    default: Code | None
    priorities: tuple[Test, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """A rule: its tests by column, those that every value passes left out, and its results."""

    rule: Rule
    tests: tuple[tuple[int, Test], ...]
    results: tuple[tuple[Code, Kind], ...]


class _Builder:
    def __init__(self, table: DecisionTable, names: Collection[str], texts: Texts, types: Types) -> None:
        self.table = table
        self.names = names
        self.texts = texts
        self.types = types
        own = {clause.variable for clause in table.inputs if clause.variable} | {CELL_INPUT}
        self.cell_names = frozenset(names) | own

    def input(self, clause: InputClause) -> _Input:
        expression = clause.expression
        if expression is not None and not expression.text and clause.variable:
            expression = None
        return _Input(
            code=self.texts.expression(expression, self.names),
            kind=self.types.get(expression.type_ref) if expression else ANY,
            allows=self.allows(clause.values),
            label=clause.label or (expression.text if expression else ""),
        )

    def output(self, clause: OutputClause, at: int) -> _Output:
        name = clause.name or clause.label or (f"output {at}" if len(self.table.outputs) > 1 else "")
        return _Output(
            name=name,
            kind=self.types.get(clause.type_ref),
            allows=self.allows(clause.values),
            label=clause.label or clause.name,
            default=self.texts.expression(clause.default, self.names) if clause.default else None,
            priorities=self.priorities(clause),
        )

    def allows(self, values: Text | None) -> Allows | None:
        return None if values is None else allowing(*self.texts.values(values, self.names))

    def priorities(self, clause: OutputClause) -> tuple[Test, ...]:
        """The output values in order; where the column names none, those its type allows."""
        if self.table.hit_policy not in ("P", "O"):
            return ()
        values = clause.values or self.types.allowed_values(clause.type_ref or self.table.type_ref)
        return self.texts.values(values, self.names)[0] if values is not None else ()

    def row(self, rule: Rule) -> _Row:
        tests = ((at, self.texts.tests(cell, self.cell_names)) for at, cell in enumerate(rule.inputs))
        return _Row(
            rule=rule,
            tests=tuple((at, test) for at, test in tests if test is not None),
            results=tuple(self.result(cell) for cell in rule.outputs),
        )

    def result(self, cell: Cell) -> tuple[Code, Kind]:
        return self.texts.expression(cell, self.names), self.types.get(cell.type_ref)


def compile_table(
    table: DecisionTable, names: Collection[str], texts: Texts, types: Types, *, is_camunda: bool = False
) -> Code:
    """A table as code; it records in the run which rules matched and why the value came out.

    Args:
        names: names in scope.
        is_camunda: whether cells may read the column's value by a name, and input values only advise.
    """
    builder = _Builder(table, names, texts, types)
    inputs = tuple(builder.input(clause) for clause in table.inputs)
    outputs = tuple(builder.output(clause, at) for at, clause in enumerate(table.outputs, 1))
    rows = tuple(builder.row(rule) for rule in table.rules)
    variables = tuple(clause.variable or CELL_INPUT for clause in table.inputs) if is_camunda else ()
    stops_at_first = table.hit_policy == "F"

    def evaluate(frame: Frame) -> object:
        run = run_of(frame)
        values = tuple(_input_value(one, frame, is_camunda) for one in inputs)
        cells = _cell_frames(frame, variables, values) if variables else (frame,) * len(inputs)
        run.step(len(rows) + 1)
        hits: list[tuple[Rule, tuple[object, ...]]] = []
        for row in rows:
            for at, test in row.tests:
                if test(cells[at], values[at]) is not True:
                    break
            else:
                hits.append((row.rule, _results(row, outputs, frame)))
                if stops_at_first:
                    break
        value = _outcome(table, hits, outputs, frame)
        misses = _misses(rows, hits, cells, values, run, stops_at_first) if run.explains else None
        run.record.add_table(TableRecord(table=table, values=values, hits=tuple(hits), value=value, misses=misses))
        return value

    return evaluate


def _misses(
    rows: tuple[_Row, ...],
    hits: list[tuple[Rule, tuple[object, ...]]],
    cells: tuple[Frame, ...],
    values: tuple[object, ...],
    run: DecisionRun,
    stops_at_first: bool,
) -> dict[int, int]:
    """Which cell kept each rule from matching: asked anew, so that deciding pays nothing for it and warns but once."""
    matched = {rule.number for rule, _ in hits}
    began = len(run.warnings)
    run.step(len(rows))
    found: dict[int, int] = {}
    for row in rows:
        if row.rule.number in matched:
            if stops_at_first:
                break
            continue
        failed = (at for at, test in row.tests if test(cells[at], values[at]) is not True)
        found[row.rule.number] = next(failed, 0)
    del run.warnings[began:]
    return found


def _cell_frames(frame: Frame, variables: tuple[str, ...], values: tuple[object, ...]) -> tuple[Frame, ...]:
    named = Frame(dict(zip(variables, values, strict=True)), frame, frame.run)
    return tuple(Frame({CELL_INPUT: value}, named, frame.run) for value in values)


def _input_value(one: _Input, frame: Frame, is_camunda: bool) -> object:
    value = one.code(frame)
    if value is None:
        return None
    value = coerce(value, one.kind, frame.run, f"input {one.label!r}")
    if value is not None and one.allows is not None and not is_camunda and not one.allows(frame.run, value):
        frame.run.null(f"Expected input {one.label!r} to be one of its input values, but it is not; it counts as null")
        return None
    return value


def _results(row: _Row, outputs: tuple[_Output, ...], frame: Frame) -> tuple[object, ...]:
    return tuple(
        _checked(coerce(code(frame), kind, frame.run), output, frame.run, f"rule {row.rule.number}")
        for (code, kind), output in zip(row.results, outputs, strict=True)
    )


def _checked(value: object, output: _Output, run: Run, where: str) -> object:
    """An output value of its column's type and values; null otherwise."""
    if value is None:
        return None
    value = coerce(value, output.kind, run, f"output {output.label!r} of {where}")
    if value is not None and output.allows is not None and not output.allows(run, value):
        run.null(f"Expected output {output.label!r} of {where} to be one of its output values; it counts as null")
        return None
    return value


def _outcome(
    table: DecisionTable,
    hits: list[tuple[Rule, tuple[object, ...]]],
    outputs: tuple[_Output, ...],
    frame: Frame,
) -> object:
    if not hits:
        return _default(table, outputs, frame)
    joined: list[Hit] = [(rule.number, _joined(results, outputs)) for rule, results in hits]
    return decide(table.hit_policy, table.aggregation, joined, _rank(outputs, frame), frame.run)


def _default(table: DecisionTable, outputs: tuple[_Output, ...], frame: Frame) -> object:
    if all(output.default is None for output in outputs):
        return no_hits(table, frame.run)
    values = tuple(
        _checked(output.default(frame), output, frame.run, "the default") if output.default else None
        for output in outputs
    )
    value = _joined(values, outputs)
    return [value] if table.gives_list else value


def _joined(results: tuple[object, ...], outputs: tuple[_Output, ...]) -> object:
    if len(outputs) == 1:
        return results[0]
    return {output.name: value for output, value in zip(outputs, results, strict=True)}


def _rank(outputs: tuple[_Output, ...], frame: Frame) -> Rank:
    """Priority by the first output column that tells, in the order of its values; unlisted values come last."""

    def place(output: _Output, value: object) -> int:
        listed = output.priorities
        return next((at for at, test in enumerate(listed) if test(frame, value) is True), len(listed))

    def rank(value: object) -> tuple[int, ...]:
        if len(outputs) == 1:
            return (place(outputs[0], value),)
        assert isinstance(value, dict)
        return tuple(place(output, value[output.name]) for output in outputs)

    return rank

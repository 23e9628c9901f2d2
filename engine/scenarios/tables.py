"""Which rules of the application's decision tables have fired in the scenarios.

A table counts wherever it was asked: by a business rule task or an expression (`decide`), as a requirement of
another decision, or inside a knowledge model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from engine.decisions import Taken
from engine.models.dmn import read_decision_file
from engine.models.dmn.model import Cell, DecisionTable, Element, Rule
from engine.models.dmn.walk import tables_of
from engine.scenarios.report import FiredRule, MissedRule, TableCoverage

_LONGEST_CELL = 40

_Key = tuple[str, tuple[str, ...]]
"""A table among others: its id, and the expressions of its columns where ids are missing or not unique."""


class Fired:
    """Rules that have fired, by table."""

    def __init__(self) -> None:
        self._rules: dict[_Key, Counter[int]] = {}

    def add(self, taken: Taken) -> None:
        """Add a decision that was taken."""
        for step in taken.result.steps:
            for record in step.tables:
                fired = self._rules.setdefault(_key(record.table), Counter())
                fired.update(rule.number for rule, _ in record.hits)

    def coverage(self, files: Mapping[str, bytes]) -> tuple[TableCoverage, ...]:
        """What that is of all tables of an application.

        Args:
            files: path → content.
        """
        return tuple(self._covered(*found) for found in _tables(files))

    def _covered(self, path: str, element: Element, table: DecisionTable) -> TableCoverage:
        fired = self._rules.get(_key(table), Counter())
        return TableCoverage(
            file=path,
            decision=element.name or element.id,
            decision_id=element.id,
            table=table.id,
            rules=len(table.rules),
            fired=tuple(FiredRule(number=rule.number, id=rule.id, times=fired[rule.number]) for rule in table.rules),
            missed=tuple(
                MissedRule(number=rule.number, id=rule.id, text=_text(rule))
                for rule in table.rules
                if not fired[rule.number]
            ),
        )


def _key(table: DecisionTable) -> _Key:
    return table.id, tuple(clause.expression.text if clause.expression else "" for clause in table.inputs)


def _tables(files: Mapping[str, bytes]) -> Iterator[tuple[str, Element, DecisionTable]]:
    """Every decision table with its file and the decision or knowledge model that holds it, in order."""
    for path, content in sorted(files.items()):
        if not path.lower().endswith(".dmn"):
            continue
        for element in read_decision_file(content, filename=path).elements.values():
            yield from ((path, element, one) for one in tables_of(element))


def _text(rule: Rule) -> str:
    """A rule on one line: `"新城", - → "城管局"`."""
    return f"{_cells(rule.inputs)} → {_cells(rule.outputs)}"


def _cells(cells: Iterable[Cell]) -> str:
    texts = [" ".join(cell.text.split()) or "-" for cell in cells]
    return ", ".join(text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…" for text in texts)

"""Which rules of the application's decision tables have fired in the scenarios.

Told from the evaluations that the cases keep (`GET …/decisions`), so a table counts wherever it was asked:
by a business rule task itself, as a requirement of another decision, or inside a knowledge model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.contracts.principal import SYSTEM
from engine.models.dmn import read_decision_file
from engine.models.dmn.model import BusinessKnowledge, Cell, Decision, DecisionTable, Element, Rule
from engine.models.dmn.walk import walk
from engine.scenarios.report import FiredRule, MissedRule, TableCoverage

if TYPE_CHECKING:
    from engine.engine import Engine

_PAGE = 200
_LONGEST_CELL = 40

_Key = tuple[str, tuple[str, ...]]
"""A table among others: its id, and the expressions of its columns where ids are missing or not unique."""


class Fired:
    """Rules that have fired, by table."""

    def __init__(self) -> None:
        self._rules: dict[_Key, Counter[int]] = {}

    def add(self, engine: Engine, instances: Iterable[str]) -> None:
        """Add what was decided in cases of an engine."""
        reader = engine.read(SYSTEM)
        for instance in instances:
            cursor = ""
            while True:
                page = reader.evaluations(instance, cursor=cursor, limit=_PAGE)
                for evaluation in page.items:
                    self._count(evaluation.trace)
                if not page.next_cursor:
                    break
                cursor = page.next_cursor

    def _count(self, trace: Iterable[Mapping[str, Any]]) -> None:
        for step in trace:
            for table in step["tables"]:
                key = table["id"], tuple(column["expression"] for column in table["inputs"])
                self._rules.setdefault(key, Counter()).update(rule["number"] for rule in table["rules"])

    def coverage(self, files: Mapping[str, bytes]) -> tuple[TableCoverage, ...]:
        """What that is of all tables of an application.

        Args:
            files: path → content.
        """
        return tuple(self._covered(*found) for found in _tables(files))

    def _covered(self, path: str, element: Element, table: DecisionTable) -> TableCoverage:
        key = table.id, tuple(clause.expression.text if clause.expression else "" for clause in table.inputs)
        fired = self._rules.get(key, Counter())
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


def _tables(files: Mapping[str, bytes]) -> Iterator[tuple[str, Element, DecisionTable]]:
    """Every decision table with its file and the decision or knowledge model that holds it, in order."""
    for path, content in sorted(files.items()):
        if not path.lower().endswith(".dmn"):
            continue
        for element in read_decision_file(content, filename=path).elements.values():
            logic = element.logic if isinstance(element, Decision | BusinessKnowledge) else None
            yield from ((path, element, one) for one in walk(logic) if isinstance(one, DecisionTable))


def _text(rule: Rule) -> str:
    """A rule on one line: `"新城", - → "城管局"`."""
    return f"{_cells(rule.inputs)} → {_cells(rule.outputs)}"


def _cells(cells: Iterable[Cell]) -> str:
    texts = [" ".join(cell.text.split()) or "-" for cell in cells]
    return ", ".join(text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…" for text in texts)

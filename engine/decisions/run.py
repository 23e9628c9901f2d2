"""One evaluation of a decision: FEEL's run, and beside it what is recorded of why the answer came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from engine.feel.budget import Budget
from engine.feel.runtime import Frame, HostFunctions, Run

if TYPE_CHECKING:
    from engine.models.dmn.model import DecisionTable, Rule

__all__ = ["DecisionRun", "Step", "TableRecord", "run_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRecord:
    """What happened in one decision table; values are FEEL values.

    Args:
        values: of the input columns, in order.
        hits: the rules that matched, with the values of their output columns.
        value: the table's result.
        misses: where it was asked for: rule number → the first column (from 0) whose cell did not match, of the
            rules that were looked at; None where it was not.
    """

    table: DecisionTable
    values: tuple[object, ...]
    hits: tuple[tuple[Rule, tuple[object, ...]], ...]
    value: object
    misses: Mapping[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One decision or service that was evaluated; values are FEEL values.

    Args:
        kind: 'decision' or 'service'.
        path: the names of the imports that lead to it.
        inputs: what it required, by name; functions are left out.
        warnings: why values inside became null.
    """

    kind: str
    id: str
    name: str
    path: tuple[str, ...]
    inputs: dict[str, object]
    value: object
    tables: tuple[TableRecord, ...]
    warnings: tuple[str, ...]


MAX_TABLES = 100
"""Tables that one step keeps: a knowledge model with a table may be called for each of a thousand items."""
MAX_STEPS = 1_000


@dataclass(slots=True)
class Record:
    """Collected while an evaluation runs; of what is repeated without end, the beginning."""

    steps: list[Step] = field(default_factory=list)
    tables: list[TableRecord] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def add_step(self, step: Step) -> None:
        if len(self.steps) < MAX_STEPS:
            self.steps.append(step)

    def add_table(self, table: TableRecord) -> None:
        if len(self.tables) < MAX_TABLES:
            self.tables.append(table)


class DecisionRun(Run):
    """FEEL's run with a record beside it; `explains` says whether tables record why rules did not match."""

    __slots__ = ("explains", "record")

    def __init__(
        self, budget: Budget, now: datetime | None, functions: HostFunctions | None, *, explains: bool = False
    ) -> None:
        super().__init__(budget, now, functions)
        self.record = Record()
        self.explains = explains

    def refuse(self, reason: str) -> None:
        """Something the model asks for is not run here, so its value is null."""
        self.null(reason)
        if reason not in self.record.refusals:
            self.record.refusals.append(reason)


def run_of(frame: Frame) -> DecisionRun:
    """The decision's run; the code of decisions runs in no other."""
    assert isinstance(frame.run, DecisionRun)
    return frame.run

"""What an evaluation gives: the value, and why it came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from engine.decisions.run import DecisionRun, Step, TableRecord
from engine.errors import ExpressionError
from engine.feel.convert import from_feel
from engine.feel.values import format_value

__all__ = ["DecisionResult", "plain"]


@dataclass(frozen=True, kw_only=True)
class DecisionResult:
    """The outcome of one evaluation.

    Args:
        feel: the value as FEEL has it: decimals, dates, durations (`engine.feel.values`).
        warnings: why values became null on the way, in order; English.
        refusals: what the model asks for and is not run here (other languages, unreadable texts),
            of the parts that were evaluated; empty for a model without findings.
        steps: every decision and service evaluated, in order.
    """

    feel: object
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]
    steps: tuple[Step, ...] = field(repr=False)

    @classmethod
    def of(cls, value: object, run: DecisionRun) -> DecisionResult:
        record = run.record
        return cls(feel=value, warnings=tuple(run.warnings), refusals=tuple(record.refusals), steps=tuple(record.steps))

    @cached_property
    def value(self) -> Any:
        """Plain data: whole numbers as int, others as float; dates, times and durations as ISO 8601 text;
        ranges and functions as the text FEEL writes for them."""
        return plain(self.feel)

    @cached_property
    def trace(self) -> tuple[dict[str, Any], ...]:
        """Why the value came out, as plain data for storing and showing: one entry a decision, in order.

        Each has `kind`, `id`, `name`, `inputs` (by name), `value`, `warnings`, and `tables`: for each
        its `id`, `hit_policy`, `inputs` (`label`, `expression`, `value`), the `rules` that matched
        (`number`, `id`, `description`, `conditions`: its cells by column, `outputs` by name) and its
        `value`. Values of many parts are cut short: `…` stands for what is left out. Of decisions asked
        again and again, as in a loop, the first thousand are kept, and of tables the first hundred of each.
        """
        return tuple(_step(step) for step in self.steps)


MAX_PARTS: Final = 500
"""Items and entries of one value that a trace keeps; it is stored with every case."""


class _Brief:
    """Plain data of bounded size."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def __call__(self, value: object) -> Any:
        if not isinstance(value, list | dict):
            return plain(value)
        kept: Any = [] if isinstance(value, list) else {}
        for key, item in enumerate(value) if isinstance(value, list) else value.items():
            if self._left <= 0:
                kept.append("…") if isinstance(kept, list) else kept.setdefault("…", "…")
                break
            self._left -= 1
            if isinstance(kept, list):
                kept.append(self(item))
            else:
                kept[key] = self(item)
        return kept


def brief(value: object) -> Any:
    """A FEEL value as plain data, cut after `MAX_PARTS` parts."""
    return _Brief()(value)


def plain(value: object) -> Any:
    """A FEEL value as plain data; what JSON cannot hold as text."""
    try:
        return from_feel(value)
    except ExpressionError:
        pass
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return format_value(value)


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "id": step.id,
        "name": ".".join((*step.path, step.name)),
        "inputs": {name: brief(value) for name, value in step.inputs.items()},
        "value": brief(step.value),
        "tables": [_table(record) for record in step.tables],
        "warnings": list(step.warnings),
    }


def _table(record: TableRecord) -> dict[str, Any]:
    table = record.table
    names = [output.name or output.label for output in table.outputs]
    return {
        "id": table.id,
        "hit_policy": table.hit_policy + table.aggregation,
        "inputs": [
            {
                "id": clause.id,
                "label": clause.label,
                "expression": clause.expression.text if clause.expression else "",
                "value": brief(value),
            }
            for clause, value in zip(table.inputs, record.values, strict=True)
        ],
        "rules": [
            {
                "number": rule.number,
                "id": rule.id,
                "description": rule.description,
                "conditions": [cell.text for cell in rule.inputs],
                "outputs": {
                    name or f"output {at}": brief(value)
                    for at, (name, value) in enumerate(zip(names, values, strict=True), 1)
                },
            }
            for rule, values in record.hits
        ],
        "value": brief(record.value),
    }

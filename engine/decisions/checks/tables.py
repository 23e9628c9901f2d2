"""What is wrong with a decision table: rules that overlap, contradict, can never decide; cases left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.decisions.checks.boxes import TooLarge, meet, uncovered
from engine.decisions.checks.grid import NOWHERE, Grid, make_grid, order_of, place_of
from engine.decisions.types import Types
from engine.models.dmn.model import DecisionTable, InputData
from engine.models.dmn.subjects import of_rule
from engine.models.findings import Report, Subject, shorten
from engine.models.labels import Words

__all__ = ["check_table"]

BUDGET: Final = 2_000_000
"""Steps of one analysis: about two seconds."""
MAX_PAIRS: Final = 20
"""Overlaps named one by one; more are counted."""
MAX_GAPS: Final = 5


@dataclass(frozen=True, kw_only=True)
class _Case:
    table: DecisionTable
    owner: Subject
    grid: Grid
    report: Report

    @property
    def policy(self) -> str:
        return self.table.hit_policy

    def row(self, at: int) -> Words:
        rule = self.table.rules[at]
        return Words(f"rule {rule.number}", f"第 {rule.number} 条规则")

    def outputs(self, at: int) -> tuple[str, ...]:
        return tuple(" ".join(cell.text.split()) for cell in self.table.rules[at].outputs)


def check_table(
    table: DecisionTable, owner: Subject, types: Types, inputs: dict[str, InputData], report: Report
) -> None:
    """Check one table; findings name its rules by their numbers.

    Args:
        owner: the decision or knowledge model that holds it.
        inputs: input data by name, for the types of columns that read them.
    """
    _results(table, owner, types, report)
    if not table.rules or not table.inputs:
        return
    grid = make_grid(table, types, inputs)
    if grid is None or len(table.rules) > 2_000:
        _too_large(owner, report)
        return
    case = _Case(table=table, owner=owner, grid=grid, report=report)
    never = _never(case)
    try:
        _overlaps(case, never)
        _masked(case, never)
        _gaps(case)
    except TooLarge:
        _too_large(owner, report)


def _results(table: DecisionTable, owner: Subject, types: Types, report: Report) -> None:
    """Priorities that nobody wrote down, and results that their column does not allow."""
    listed = any(types.allowed_values(output.type_ref or table.type_ref) or output.values for output in table.outputs)
    if table.hit_policy in ("P", "O") and table.outputs and not listed:
        report.warning(
            "priority-without-values",
            owner,
            Words(
                "has a table that goes by priority, but no output column lists its values in order",
                "的决策表按优先级取值，但没有输出列按顺序列出其值",
            ),
            Words("List the output values, the most important first.", "请列出输出值，最重要的在前。"),
        )
    for rule in table.rules:
        for output, cell in zip(table.outputs, rule.outputs, strict=True):
            if output.values is None or cell.text in ("", "-", "null"):
                continue
            if place_of(cell, order_of(output, table, types)) == NOWHERE:
                report.warning(
                    "output-not-allowed",
                    of_rule(owner, rule),
                    Words(
                        f"gives `{shorten(cell.text)}`, which is not among the output values; it counts as null",
                        f"给出的 `{shorten(cell.text)}` 不在输出值之中，按 null 处理",
                    ),
                    Words("Add it to the output values, or change it.", "请加入输出值列表，或修改该值。"),
                )


def _too_large(owner: Subject, report: Report) -> None:
    report.note(
        "table-not-analysed",
        owner,
        Words("has a table that is too large to be searched for gaps and overlaps", "的决策表过大，未检查遗漏与重叠"),
        Words("Split it into several decisions to have it checked.", "如需检查，请拆分为几个决策。"),
    )


def _never(case: _Case) -> set[int]:
    """Rules with a cell that no possible value passes."""
    found: set[int] = set()
    for at, box in enumerate(case.grid.possible):
        empty = [column for column, mask in zip(case.grid.columns, box, strict=True) if not mask]
        if not empty:
            continue
        found.add(at)
        labels = ", ".join(f"«{column.label}»" for column in empty)
        case.report.warning(
            "rule-never-matches",
            of_rule(case.owner, case.table.rules[at]),
            Words(
                f"can never match: no value of {labels} passes its cell", f"永远不会匹配：{labels} 没有符合单元格的值"
            ),
            Words(
                "Check the cell against the column's allowed values and the order of range ends.",
                "请核对单元格与该列允许的值，以及区间两端的先后。",
            ),
        )
    return found


def _overlaps(case: _Case, never: set[int]) -> None:
    if case.policy not in ("U", "A"):
        return
    boxes, pairs = case.grid.certain, []
    for one in range(len(boxes)):
        for other in range(one + 1, len(boxes)):
            if one in never or other in never or not meet(boxes[one], boxes[other]):
                continue
            if case.policy == "U" or case.outputs(one) != case.outputs(other):
                pairs.append((one, other))
    for one, other in pairs[:MAX_PAIRS]:
        _overlap(case, one, other)
    if len(pairs) > MAX_PAIRS:
        more = len(pairs) - MAX_PAIRS
        code = "rules-overlap" if case.policy == "U" else "rules-contradict"
        case.report.warning(
            code,
            case.owner,
            Words(f"has {more} further pairs of rules that overlap", f"还有 {more} 对规则相互重叠"),
        )


def _overlap(case: _Case, one: int, other: int) -> None:
    both = tuple(a & b for a, b in zip(case.grid.certain[one], case.grid.certain[other], strict=True))
    where = case.grid.describe(both)
    first, second = case.row(one), case.row(other)
    subject = of_rule(case.owner, case.table.rules[other])
    differ = case.outputs(one) != case.outputs(other)
    if case.policy == "A":
        case.report.warning(
            "rules-contradict",
            subject,
            Words(
                f"contradicts {first.en} under hit policy Any: both match{where.en}, with different outputs",
                f"与{first.zh}矛盾(命中策略 Any):{where.zh}两者都匹配但输出不同",
            ),
            Words("Give both the same outputs, or make their conditions exclusive.", "请统一输出，或使条件互斥。"),
        )
        return
    case.report.warning(
        "rules-overlap",
        subject,
        Words(
            f"overlaps {first.en} under hit policy Unique: both match{where.en}"
            + (", with different outputs" if differ else "")
            + "; the result is null there",
            f"与{first.zh}重叠(命中策略 Unique):{where.zh}两者都匹配{'且输出不同' if differ else ''}，结果为 null",
        ),
        Words(
            f"Narrow {first.en} or {second.en}, or choose the hit policy First or Priority.",
            f"请缩小{first.zh}或{second.zh}的条件，或改用 First、Priority 命中策略。",
        ),
    )


def _masked(case: _Case, never: set[int]) -> None:
    """Rules whose every case an earlier (or more important) rule decides."""
    if case.policy not in ("F", "P"):
        return
    for at, box in enumerate(case.grid.possible):
        if at in never:
            continue
        before = [other for other in _stronger(case, at) if other not in never and meet(case.grid.certain[other], box)]
        if before and not uncovered(box, [case.grid.certain[one] for one in before], limit=1, budget=BUDGET):
            _mask(case, at, before)


def _stronger(case: _Case, at: int) -> Iterator[int]:
    if case.policy == "F":
        yield from range(at)
        return
    own = case.grid.ranks[at]
    yield from (
        other for other, rank in enumerate(case.grid.ranks) if rank is not None and own is not None and rank < own
    )


def _mask(case: _Case, at: int, before: Sequence[int]) -> None:
    numbers = ", ".join(str(case.table.rules[one].number) for one in before[:6]) + (" …" if len(before) > 6 else "")
    plural = "s" if len(before) > 1 else ""
    case.report.warning(
        "rule-unreachable",
        of_rule(case.owner, case.table.rules[at]),
        Words(
            f"can never decide: rule{plural} {numbers} come first in every case",
            f"永远不起作用：规则 {numbers} 总是优先",
        ),
        Words("Delete the rule, or move it before them.", "请删除该规则，或把它移到前面。"),
    )


def _gaps(case: _Case) -> None:
    """Cases no rule covers, where that leaves the decision without a result."""
    defaults = any(output.default is not None for output in case.table.outputs)
    if case.policy not in ("U", "A", "F", "P") or defaults:
        return
    universe = tuple(column.universe for column in case.grid.columns)
    if not all(universe):
        return
    found = uncovered(universe, case.grid.possible, limit=MAX_GAPS, budget=BUDGET)
    for box in found:
        where = case.grid.describe(box, lead=False)
        case.report.warning(
            "table-has-gap",
            case.owner,
            Words(
                f"has no rule for {where.en or 'any case'}; the result is null there",
                f"没有规则覆盖 {where.zh or '任何情况'}，此时结果为 null",
            ),
            Words("Add a rule, or a default output.", "请增加规则，或设置默认输出。"),
        )

"""What came out of a decision that was tried: in words, as data, and on the tables, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from api.pages.decision_reasons import not_given
from api.pages.decision_words import DecisionWords
from engine.decision_views import DecisionAnswer
from engine.decisions.run import Step, TableRecord
from engine.models.dmn.model import DecisionTable, Element, Rule

MOST_TIMES: Final = 10
"""Times that one table is shown, where it was asked again and again."""
_MOST_LINES: Final = 20

State = Literal["hit", "near", "miss", "unasked"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One rule after the table was asked.

    Args:
        state: it matched and decides; it matched, but another decides or several may not; it did not match; or
            nobody looked, because one before it decided.
        failed: the first column (from 0) that did not match.
        outputs: of a rule that matched: the values, in words.
    """

    state: State
    failed: int = -1
    outputs: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Lit:
    """A table after it was asked: what its columns read, and what became of each rule, by number."""

    table: DecisionTable
    values: Sequence[str]
    rows: Mapping[int, Row]
    value: str

    def is_of(self, table: DecisionTable) -> bool:
        """Whether it is that table; files may have been read twice, once to be shown and once to be asked."""
        return self.table is table or self.table == table

    @property
    def hits(self) -> list[int]:
        """Numbers of the rules that decide."""
        return [number for number, row in self.rows.items() if row.state == "hit"]

    @property
    def near(self) -> list[int]:
        """Numbers of the rules that match and do not decide."""
        return [number for number, row in self.rows.items() if row.state == "near"]

    def row(self, rule: Rule) -> Row:
        """What became of a rule."""
        return self.rows.get(rule.number, Row(state="unasked"))


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """A decision below the one that was asked, as it came out."""

    name: str
    key: str
    value: str
    tables: Sequence[Lit]


@dataclass(frozen=True, kw_only=True)
class ShownAnswer:
    """The answer.

    Args:
        value: the result in words; `parts`: the same, part by part, where it has parts; `data`: as JSON.
        failed: whether there is no result though there should be one.
        is_empty: whether it is null.
        reasons: why values became null on the way.
        lit: the tables of the asked decision, each time one was asked.
        below: what it rests on.
    """

    value: str
    parts: Sequence[tuple[str, str]]
    data: str
    failed: bool
    is_empty: bool
    reasons: Sequence[str]
    lit: Sequence[Lit]
    below: Sequence[ShownStep] = field(default=())


def shown_answer(answer: DecisionAnswer, element: Element, words: DecisionWords) -> ShownAnswer:
    """The answer in the reader's words.

    Args:
        element: what was asked.
    """
    own = next((step for step in reversed(answer.steps) if step.id == element.id), None)
    below = [step for step in answer.steps if step is not own]
    return ShownAnswer(
        value=words.value(answer.feel),
        parts=list(_parts(answer.feel, words)),
        data=json.dumps(answer.value, ensure_ascii=False, indent=2),
        failed=bool(answer.failure),
        is_empty=answer.feel is None,
        reasons=list(dict.fromkeys(_reasons(answer, words)))[:_MOST_LINES],
        lit=[_lit(record, words) for record in own.tables] if own else [],
        below=[_below(step, words) for step in reversed(below)],
    )


def _parts(value: object, words: DecisionWords) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in words.own(value):
            yield name, words.value(part)
    elif isinstance(value, list):
        for number, item in enumerate(value[:_MOST_LINES], 1):
            yield str(number), words.value(item)


def _reasons(answer: DecisionAnswer, words: DecisionWords) -> Iterator[str]:
    """Each warning with the decision it arose in: the innermost, which was done first."""
    missing = list(dict.fromkeys(filter(None, map(not_given, answer.warnings))))
    if missing:
        names = words.gettext(", ").join(map(words.said, missing))
        yield words.gettext("No value was given for: %(names)s") % {"names": names}
    for warning in answer.warnings:
        if not_given(warning):
            continue
        step = next((one for one in answer.steps if warning in one.warnings), None)
        said = words.reason(warning)
        yield f"{words.said(step.name)}{words.gettext(': ')}{said}" if step else said


def _below(step: Step, words: DecisionWords) -> ShownStep:
    return ShownStep(
        name=words.said(".".join((*step.path, step.name))),
        key="" if step.path else step.id,
        value=words.value(step.value),
        tables=[_lit(record, words) for record in step.tables[:MOST_TIMES]],
    )


def _lit(record: TableRecord, words: DecisionWords) -> Lit:
    rows: dict[int, Row] = {}
    for rule in record.table.rules:
        if record.misses is not None and rule.number in record.misses:
            rows[rule.number] = Row(state="miss", failed=record.misses[rule.number])
    deciding = _deciding(record)
    for rule, outputs in record.hits:
        state: State = "hit" if rule.number in deciding else "near"
        rows[rule.number] = Row(state=state, outputs=[words.value(value) for value in outputs])
    return Lit(
        table=record.table,
        values=[words.value(value) for value in record.values],
        rows=dict(sorted(rows.items())),
        value=words.value(record.value),
    )


def _deciding(record: TableRecord) -> set[int]:
    """Of the rules that matched, those that make the result: by priority one; of several under Unique none."""
    numbers = {rule.number for rule, _ in record.hits}
    if record.table.hit_policy == "U" and len(numbers) > 1:
        return set()
    if record.table.hit_policy != "P":
        return numbers
    value = record.value
    wanted = list(value.values()) if isinstance(value, dict) and len(record.table.outputs) > 1 else [value]
    return {next((rule.number for rule, outputs in record.hits if list(outputs) == wanted), 0)}

"""A decision as people read it: its table or boxed expression, with findings beside the rules they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from api.pages.decision_answers import Lit
from api.pages.decision_words import DecisionWords, Shown
from engine.decisions.changes import Change
from engine.decisions.model import DecisionModel
from engine.findings import Finding
from engine.models.dmn.model import (
    Boxed,
    BusinessKnowledge,
    Cell,
    Conditional,
    ContextExpression,
    Decision,
    DecisionService,
    DecisionTable,
    Element,
    FilterExpression,
    FunctionDefinition,
    InputClause,
    InputData,
    Invocation,
    IteratorExpression,
    KnowledgeSource,
    ListExpression,
    OutputClause,
    Relation,
    Rule,
    Text,
)

_KINDS: Final[dict[type[Boxed], str]] = {
    DecisionTable: "table",
    Text: "literal",
    Cell: "literal",
    ContextExpression: "context",
    Invocation: "invocation",
    FunctionDefinition: "function",
    Relation: "relation",
    ListExpression: "list",
    Conditional: "conditional",
    FilterExpression: "filter",
    IteratorExpression: "iterator",
}
_ELEMENTS: Final[dict[type[Element], str]] = {
    Decision: "decision",
    DecisionService: "service",
    BusinessKnowledge: "knowledge",
    InputData: "input",
    KnowledgeSource: "source",
}


class Sheet:
    """What templates ask while they draw a decision.

    Args:
        words: the reader's.
        model: what the decision stands in, for its types.
        findings: of the decision; those about a rule or column stand beside it.
        lit: tables as they were asked, drawn instead of the bare ones.
    """

    def __init__(
        self,
        words: DecisionWords,
        model: DecisionModel,
        findings: Sequence[Finding] = (),
        lit: Sequence[Lit] = (),
    ) -> None:
        self.words = words
        self._model = model
        self._findings: dict[str, list[Finding]] = {}
        for one in findings:
            self._findings.setdefault(one.element, []).append(one)
        self._lit = lit
        self._anchors: list[tuple[DecisionTable, str]] = []

    def kind(self, boxed: Boxed | None) -> str:
        """Which box it is; '' for what is not there, 'other' for what DMN does not know."""
        return "" if boxed is None else _KINDS.get(type(boxed), "other")

    def element_kind(self, element: Element) -> str:
        """Which node of the requirements graph it is."""
        return _ELEMENTS.get(type(element), "other")

    def anchor(self, table: DecisionTable) -> str:
        """A table's place on the page: 't1', 't2', …"""
        known = next((anchor for one, anchor in self._anchors if one is table or one == table), "")
        if not known:
            known = f"t{len(self._anchors) + 1}"
            self._anchors.append((table, known))
        return known

    def lit(self, table: DecisionTable) -> Sequence[Lit]:
        """Each time that the table was asked; nothing where nobody asked."""
        return [one for one in self._lit if one.is_of(table)]

    def about(self, id_: str) -> Sequence[Finding]:
        """Findings about a rule or column."""
        return self._findings.get(id_, ()) if id_ else ()

    def policy(self, table: DecisionTable) -> tuple[str, str]:
        """The hit policy's name, and what it means."""
        return self.words.policy(table.hit_policy + table.aggregation)

    def column(self, clause: InputClause) -> Mapping[str, str]:
        """A column of conditions: its name, what it reads where that is another thing, its type, its values."""
        text = clause.expression.text if clause.expression else clause.variable
        label = self.words.said(clause.label or text)
        return {
            "label": label,
            "source": text if text not in (clause.label, label) else "",
            **self._of(clause.expression.type_ref if clause.expression else "", clause.values),
        }

    def result(self, clause: OutputClause, table: DecisionTable, owner: str) -> Mapping[str, str]:
        """A column of results; one without a name goes by the table's or the decision's."""
        name = clause.label or clause.name or table.output_label or owner
        label = self.words.said(name)
        return {
            "label": label,
            "source": clause.name if clause.name not in ("", name, label) else "",
            **self._of(clause.type_ref, clause.values),
            "default": self.words.given(clause.default.text).text if clause.default else "",
        }

    def condition(self, cell: Text) -> Shown:
        """A cell that asks."""
        if cell.foreign or cell.is_condition or cell.source:
            return Shown(text=cell.source or cell.text, is_code=True)
        return self.words.asked(cell.text)

    def outcome(self, cell: Text) -> Shown:
        """A cell that says, or a literal."""
        if cell.foreign or cell.source:
            return Shown(text=cell.source or cell.text, is_code=True)
        return self.words.given(cell.text)

    def type(self, reference: str) -> str:
        """A type reference in words; '' for any."""
        return self.words.gettext(": ").join(filter(None, self._of(reference, None).values()))

    def has_notes(self, table: DecisionTable) -> bool:
        """Whether any rule has an annotation."""
        return any(rule.description for rule in table.rules)

    def rule_findings(self, rule: Rule) -> Sequence[Finding]:
        """Findings about a rule or one of its cells."""
        ids = dict.fromkeys((rule.id, *(cell.id for cell in (*rule.inputs, *rule.outputs))))
        return [finding for one in ids for finding in self.about(one)]

    def line(self, rule: Rule) -> str:
        """A rule on one line: '> 50, 城区 → 4'."""
        asked = [self.condition(cell).text for cell in rule.inputs]
        said = [self.outcome(cell).text for cell in rule.outputs]
        comma = self.words.gettext(", ")
        return f"{comma.join(asked)} → {comma.join(said)}"

    def changed_cells(self, change: Change, element: Element) -> Iterator[tuple[str, Shown, Shown]]:
        """Cells of a rule that changed: the column's name, before and after."""
        table = element.logic if isinstance(element, Decision) else None
        if not isinstance(table, DecisionTable):
            return
        width = len(table.inputs)
        for at, old, new in change.cells:
            if at < width:
                yield self.column(table.inputs[at])["label"], self.words.asked(old), self.words.asked(new)
            else:
                label = self.result(table.outputs[at - width], table, element.name)["label"]
                yield label, self.words.given(old), self.words.given(new)

    def _of(self, reference: str, values: Text | None) -> Mapping[str, str]:
        """What a column or name may hold: the type, and the values that are allowed."""
        base, allowed = self._model.type(reference) if reference else ("", "")
        allowed = values.text if values else allowed
        return {
            "type": self.words.type(base) if base else "",
            "values": self.words.asked(allowed).text if allowed else "",
        }

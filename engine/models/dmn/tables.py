"""Reading decision tables (DMN 1.5, chapter 8). Rules are written the same however a table is drawn."""

from __future__ import annotations

from typing import Final

from engine.models.bpmn_xml import Element, all_text, one_line
from engine.models.dmn.languages import Languages
from engine.models.dmn.model import Cell, DecisionTable, InputClause, OutputClause, Rule, Text
from engine.models.dmn.subjects import in_table
from engine.models.dmn.vocabulary import attribute, children, first, name_of, type_ref, vendor
from engine.models.findings import Report, Subject
from engine.models.labels import Words

_POLICIES: Final = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
_AGGREGATIONS: Final = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


def text_content(element: Element | None) -> str:
    """The text of an expression, trimmed: in a child `text`, or as older exporters wrote it directly."""
    if element is None:
        return ""
    inner = first(element, "text")
    return all_text(element if inner is None else inner).strip()


class Tables:
    """Reads the tables of one file."""

    def __init__(self, report: Report, languages: Languages) -> None:
        self._report = report
        self._languages = languages

    def read(self, element: Element, owner: Subject) -> DecisionTable:
        inputs = tuple(self._input(clause, at, owner) for at, clause in enumerate(children(element, "input"), 1))
        outputs = tuple(self._output(clause, owner) for clause in children(element, "output"))
        rules = tuple(
            self._rule(rule, number, owner, len(inputs), len(outputs))
            for number, rule in enumerate(children(element, "rule"), 1)
        )
        policy = self._choice(element, "hitPolicy", "UNIQUE", _POLICIES, owner)
        aggregation = self._choice(element, "aggregation", "", _AGGREGATIONS, owner)
        if not outputs:
            self._report.error(
                "table-without-output",
                owner,
                Words("has a decision table without an output column", "的决策表没有输出列"),
                Words("Add an output column.", "请添加输出列。"),
            )
        return DecisionTable(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            hit_policy=policy,
            aggregation=aggregation if policy == "C" else "",
            inputs=inputs,
            outputs=outputs,
            rules=rules,
            output_label=attribute(element, "outputLabel"),
        )

    def _choice(self, element: Element, name: str, default: str, known: dict[str, str], owner: Subject) -> str:
        written = one_line(attribute(element, name).replace("_", " ")).upper() or default
        if not written:
            return ""
        if written not in known and written not in known.values():
            self._report.error(
                f"unknown-{name.lower()}",
                owner,
                Words(f"has a table with {name} «{written}»", f"的决策表使用了未知的 {name}“{written}”"),
                Words(f"Choose one of {', '.join(known)}.", f"请选择 {'、'.join(known)} 之一。"),
            )
        return known.get(written, written if written in known.values() else known.get(default, ""))

    def _input(self, element: Element, at: int, owner: Subject) -> InputClause:
        subject = in_table(owner, Words(f"input {at}", f"第 {at} 个输入"), attribute(element, "id"))
        expression = first(element, "inputExpression")
        text = None if expression is None else self._text(expression, subject)
        return InputClause(
            id=attribute(element, "id"),
            label=attribute(element, "label"),
            expression=text,
            values=self._values(first(element, "inputValues")),
            variable=vendor(element, "inputVariable"),
        )

    def _output(self, element: Element, owner: Subject) -> OutputClause:
        default = first(element, "defaultOutputEntry")
        values = self._values(first(element, "outputValues"))
        return OutputClause(
            id=attribute(element, "id"),
            name=name_of(element),
            label=attribute(element, "label"),
            type_ref=type_ref(element),
            values=values,
            default=None if default is None or not text_content(default) else self._text(default, owner),
        )

    def _rule(self, element: Element, number: int, owner: Subject, inputs: int, outputs: int) -> Rule:
        subject = in_table(owner, Words(f"rule {number}", f"第 {number} 条规则"), attribute(element, "id"))
        tests = [self._cell(cell, subject, is_test=True) for cell in children(element, "inputEntry")]
        results = [self._cell(cell, subject) for cell in children(element, "outputEntry")]
        sides = ((tests, inputs, Words("input", "输入")), (results, outputs, Words("output", "输出")))
        for found, expected, what in sides:
            if len(found) != expected:
                self._report.error(
                    "rule-of-wrong-length",
                    subject,
                    Words(
                        f"has {len(found)} {what.en} entries, but the table has {expected} {what.en} columns",
                        f"有 {len(found)} 个{what.zh}单元格，而决策表有 {expected} 个{what.zh}列",
                    ),
                    Words("Give the rule one entry for each column.", "请为每一列填写一个单元格。"),
                )
        description = first(element, "description")
        notes = [text_content(note) for note in children(element, "annotationEntry")]
        said = [one_line(text_content(description)), *map(one_line, notes)]
        return Rule(
            id=attribute(element, "id"),
            number=number,
            inputs=tuple((tests + [Cell(text="-")] * inputs)[:inputs]),
            outputs=tuple((results + [Cell(text="")] * outputs)[:outputs]),
            description=" · ".join(filter(None, said)),
        )

    def _cell(self, element: Element, subject: Subject, *, is_test: bool = False) -> Cell:
        cell = Cell(id=attribute(element, "id"), type_ref=type_ref(element), text=text_content(element))
        return self._languages.read(cell, attribute(element, "expressionLanguage"), subject, is_test=is_test)

    def _text(self, element: Element, subject: Subject) -> Text:
        text = Text(id=attribute(element, "id"), type_ref=type_ref(element), text=text_content(element))
        return self._languages.read(text, attribute(element, "expressionLanguage"), subject)

    def _values(self, element: Element | None) -> Text | None:
        text = text_content(element)
        if element is None or not text or text == "-":
            return None
        return Text(id=attribute(element, "id"), text=text)

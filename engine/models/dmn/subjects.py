"""Whom a finding about a DMN file is about, in English and Chinese."""

from __future__ import annotations

from typing import Final

from engine.models.dmn.model import DecisionTable, Element, InputClause, OutputClause, Rule
from engine.models.findings import Subject, shorten
from engine.models.labels import Words

LABELS: Final = {
    "Decision": Words("Decision", "决策"),
    "InputData": Words("Input data", "输入数据"),
    "BusinessKnowledge": Words("Business knowledge model", "业务知识模型"),
    "DecisionService": Words("Decision service", "决策服务"),
    "KnowledgeSource": Words("Knowledge source", "知识来源"),
    "ItemDefinition": Words("Item definition", "数据类型"),
    "Import": Words("Import", "导入"),
}


def named(kind: str, id_: str, name: str) -> Subject:
    """The subject for an element of a kind in `LABELS`."""
    label, shown = LABELS[kind], shorten(name)
    if shown and id_:
        words = Words(f"{label.en} «{shown}» ({id_})", f"{label.zh}“{shown}”({id_})")
    elif shown:
        words = Words(f"{label.en} «{shown}»", f"{label.zh}“{shown}”")
    else:
        words = Words(f"{label.en} {id_ or 'without a name'}", f"{label.zh} {id_ or '(无名称)'} ")
    return Subject(id=id_, name=name, words=words)


def of_element(element: Element) -> Subject:
    return named(type(element).__name__, element.id, element.name)


def in_table(owner: Subject, part: Words, id_: str) -> Subject:
    """The subject for a part of a table of `owner`."""
    words = Words(f"{owner.words.en}, {part.en},", f"{owner.words.zh}的{part.zh}")
    return Subject(id=id_ or owner.id, name=owner.name, words=words)


def of_rule(owner: Subject, rule: Rule) -> Subject:
    return in_table(owner, Words(f"rule {rule.number}", f"第 {rule.number} 条规则"), rule.id)


def of_input(owner: Subject, table: DecisionTable, clause: InputClause) -> Subject:
    shown = shorten(clause.label or (clause.expression.text if clause.expression else ""))
    at = table.inputs.index(clause) + 1
    return in_table(owner, Words(f"input {at} «{shown}»", f"第 {at} 个输入“{shown}”"), clause.id)


def of_output(owner: Subject, table: DecisionTable, clause: OutputClause) -> Subject:
    at = table.outputs.index(clause) + 1
    shown = shorten(clause.label or clause.name)
    return in_table(owner, Words(f"output {at} «{shown}»", f"第 {at} 个输出“{shown}”"), clause.id)

"""Reading boxed expressions (DMN 1.5, 7.2 and 10.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from engine.models.bpmn_xml import Element, local
from engine.models.dmn.languages import Languages
from engine.models.dmn.model import (
    Boxed,
    Column,
    Conditional,
    ContextEntry,
    ContextExpression,
    FilterExpression,
    FunctionDefinition,
    Invocation,
    IteratorExpression,
    ListExpression,
    Relation,
    Text,
    Unsupported,
    Variable,
)
from engine.models.dmn.tables import Tables, text_content
from engine.models.dmn.vocabulary import attribute, children, first, name_of, type_ref, vendor
from engine.models.findings import Report, Subject
from engine.models.labels import Words

_ITERATORS: Final = {"for": "return", "some": "satisfies", "every": "satisfies"}
_NO_EXPRESSION: Final = frozenset(
    {
        *("description", "extensionElements", "variable", "question", "allowedAnswers", "typeRef"),
        *("informationRequirement", "knowledgeRequirement", "authorityRequirement", "formalParameter", "parameter"),
        *("supportedObjective", "impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess"),
        *("usingTask", "column", "itemDefinition", "import"),
    }
)


def variable(element: Element | None, default: str = "") -> Variable:
    """The name and type of an information item."""
    return Variable(name=name_of(element) or default, type_ref=type_ref(element))


class Expressions:
    """Reads the expressions of one file."""

    def __init__(self, report: Report, languages: Languages) -> None:
        self._report = report
        self._languages = languages
        self._tables = Tables(report, languages)

    def inside(self, element: Element | None, subject: Subject) -> Boxed | None:
        """The expression among the children of a decision, an entry, a binding, …; None without one."""
        return next(iter(self._all(children(element), subject)), None)

    def _all(self, elements: Iterable[Element], subject: Subject) -> list[Boxed]:
        return [self.read(one, subject) for one in elements if local(one) not in _NO_EXPRESSION]

    def read(self, element: Element, subject: Subject) -> Boxed:
        """One expression element."""
        tag = local(element)
        if tag == "decisionTable":
            return self._tables.read(element, subject)
        if tag in _ITERATORS:
            return self._iterator(element, subject)
        reader = _READERS.get(tag)
        if reader is not None:
            return reader(self, element, subject)
        self._report.error(
            "unknown-expression",
            subject,
            Words(f"holds <{tag}>, which is no expression of DMN", f"含有 <{tag}>，它不是 DMN 表达式"),
            Words("Replace it by a literal expression, a table or another boxed expression.", "请改用 DMN 的表达式。"),
        )
        return Unsupported(id=attribute(element, "id"), tag=tag)

    def literal(self, element: Element, subject: Subject) -> Text:
        text = Text(id=attribute(element, "id"), type_ref=type_ref(element), text=text_content(element))
        if first(element, "importedValues") is not None:
            self._report.error(
                "imported-values-not-supported",
                subject,
                Words(
                    "takes its expression from another file (importedValues)", "的表达式来自另一个文件(importedValues)"
                ),
                Words("Write the expression here, or import a DMN file.", "请在此处写出表达式，或导入 DMN 文件。"),
            )
        return self._languages.read(text, attribute(element, "expressionLanguage"), subject)

    def function(self, element: Element, subject: Subject) -> FunctionDefinition:
        """A function definition: boxed, or the encapsulated logic of a business knowledge model."""
        kind = _KINDS.get(vendor(element, "kind").upper(), vendor(element, "kind") or "FEEL")
        return FunctionDefinition(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            kind=kind,
            parameters=tuple(variable(one) for one in children(element, "formalParameter")),
            body=self.inside(element, subject),
        )

    def _context(self, element: Element, subject: Subject) -> Boxed:
        entries = []
        for entry in children(element, "contextEntry"):
            item = first(entry, "variable")
            named = variable(item) if item is not None and attribute(item, "name") else None
            entries.append(ContextEntry(variable=named, value=self.inside(entry, subject)))
        return ContextExpression(id=attribute(element, "id"), type_ref=type_ref(element), entries=tuple(entries))

    def _invocation(self, element: Element, subject: Subject) -> Boxed:
        bindings = tuple(
            (variable(first(binding, "parameter")), self.inside(binding, subject))
            for binding in children(element, "binding")
        )
        callee = self._all((one for one in children(element) if local(one) != "binding"), subject)
        return Invocation(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            function=callee[0] if callee else None,
            bindings=bindings,
        )

    def _relation(self, element: Element, subject: Subject) -> Boxed:
        columns = tuple(Column(name=name_of(one), type_ref=type_ref(one)) for one in children(element, "column"))
        rows = tuple(tuple(self._all(children(row), subject)) for row in children(element, "row"))
        for number, row in enumerate(rows, 1):
            if len(row) != len(columns):
                self._report.error(
                    "row-of-wrong-length",
                    subject,
                    Words(
                        f"has a relation of {len(columns)} columns, but row {number} has {len(row)} cells",
                        f"的关系表有 {len(columns)} 列，但第 {number} 行有 {len(row)} 个单元格",
                    ),
                    Words("Give each row one cell for each column.", "请为每一行填写与列数相同的单元格。"),
                )
        return Relation(id=attribute(element, "id"), type_ref=type_ref(element), columns=columns, rows=rows)

    def _list(self, element: Element, subject: Subject) -> Boxed:
        items = tuple(self._all(children(element), subject))
        return ListExpression(id=attribute(element, "id"), type_ref=type_ref(element), items=items)

    def _conditional(self, element: Element, subject: Subject) -> Boxed:
        return Conditional(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            condition=self.inside(first(element, "if"), subject),
            then=self.inside(first(element, "then"), subject),
            otherwise=self.inside(first(element, "else"), subject),
        )

    def _filter(self, element: Element, subject: Subject) -> Boxed:
        return FilterExpression(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            source=self.inside(first(element, "in"), subject),
            match=self.inside(first(element, "match"), subject),
        )

    def _iterator(self, element: Element, subject: Subject) -> Boxed:
        kind = local(element)
        domain = first(element, "in")
        return IteratorExpression(
            id=attribute(element, "id"),
            type_ref=type_ref(element),
            kind=kind,
            variable=Variable(name=name_of(element, "iteratorVariable"), type_ref=type_ref(domain)),
            source=self.inside(domain, subject),
            body=self.inside(first(element, _ITERATORS[kind]), subject),
        )


_KINDS: Final = {"F": "FEEL", "FEEL": "FEEL", "J": "Java", "JAVA": "Java", "P": "PMML", "PMML": "PMML"}
_READERS: Final[dict[str, Callable[[Expressions, Element, Subject], Boxed]]] = {
    "literalExpression": Expressions.literal,
    "context": Expressions._context,
    "invocation": Expressions._invocation,
    "functionDefinition": Expressions.function,
    "relation": Expressions._relation,
    "list": Expressions._list,
    "conditional": Expressions._conditional,
    "filter": Expressions._filter,
}

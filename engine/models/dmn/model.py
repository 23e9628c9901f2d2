"""A DMN file as plain data: what its author wrote, names and references as they stand, nothing evaluated.

Terms are those of DMN 1.5, chapters 6 to 8 and 10; elements of older versions are read into the same shapes.
A *type reference* is a string: a type of FEEL (`number`), an item definition's name (`tLoan`), the name of an
import and a type's name (`lib.tLoan`), or `{namespace}name` where the file used a prefix.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.findings import Finding, Severity

__all__ = [
    "Boxed",
    "BusinessKnowledge",
    "Cell",
    "Column",
    "Conditional",
    "ContextEntry",
    "ContextExpression",
    "Decision",
    "DecisionFile",
    "DecisionService",
    "DecisionTable",
    "Element",
    "FilterExpression",
    "FunctionDefinition",
    "FunctionItem",
    "Import",
    "InputClause",
    "InputData",
    "Invocation",
    "ItemDefinition",
    "IteratorExpression",
    "KnowledgeSource",
    "ListExpression",
    "OutputClause",
    "Relation",
    "Rule",
    "Text",
    "Unsupported",
    "Variable",
]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A name with a declared type: information items, formal parameters, bindings.

    Args:
        type_ref: a type reference; '' for any type.
    """

    name: str
    type_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Boxed:
    """Any boxed expression.

    Args:
        id: of its XML element, or ''.
        type_ref: what its value must conform to; '' for any type.
    """

    id: str = ""
    type_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Text(Boxed):
    """A literal expression, or a cell of a decision table.

    Args:
        text: FEEL, unless `foreign` says otherwise; JUEL of Camunda models is translated already.
        source: as written, where that differs from `text`.
        foreign: name of the language it is written in, if we do not run that.
        is_condition: for a cell: an expression that decides by itself, translated from JUEL.
    """

    text: str
    source: str = ""
    foreign: str = ""
    is_condition: bool = False


@dataclass(frozen=True, kw_only=True)
class ContextEntry:
    """One row of a boxed context; without a variable it is the final result cell."""

    variable: Variable | None
    value: Boxed | None


@dataclass(frozen=True, kw_only=True)
class ContextExpression(Boxed):
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, kw_only=True)
class Invocation(Boxed):
    function: Boxed | None
    bindings: tuple[tuple[Variable, Boxed | None], ...]


@dataclass(frozen=True, kw_only=True)
class FunctionDefinition(Boxed):
    """A function; `kind` is FEEL, Java or PMML. The body of one that is not FEEL is a context that says which."""

    kind: str
    parameters: tuple[Variable, ...]
    body: Boxed | None


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    type_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Relation(Boxed):
    columns: tuple[Column, ...]
    rows: tuple[tuple[Boxed | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ListExpression(Boxed):
    items: tuple[Boxed | None, ...]


@dataclass(frozen=True, kw_only=True)
class Conditional(Boxed):
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None


@dataclass(frozen=True, kw_only=True)
class FilterExpression(Boxed):
    source: Boxed | None
    match: Boxed | None


@dataclass(frozen=True, kw_only=True)
class IteratorExpression(Boxed):
    """`for`, `some` or `every`; `body` is what is returned or satisfied."""

    kind: str
    variable: Variable
    source: Boxed | None
    body: Boxed | None


@dataclass(frozen=True, kw_only=True)
class Unsupported(Boxed):
    """An expression element that DMN does not know."""

    tag: str


@dataclass(frozen=True, kw_only=True)
class Cell(Text):
    """An input or output entry of a rule."""


@dataclass(frozen=True, kw_only=True)
class InputClause:
    """A column of conditions.

    Args:
        label: what people call it.
        values: unary tests that every value must pass (`inputValues`), or None.
        variable: Camunda's name for the value inside cells, or ''.
    """

    id: str
    label: str
    expression: Text | None
    values: Text | None = None
    variable: str = ""


@dataclass(frozen=True, kw_only=True)
class OutputClause:
    """A column of results.

    Args:
        values: the allowed values in order of priority, or None.
        default: what counts when no rule matches, or None.
    """

    id: str
    name: str
    label: str = ""
    type_ref: str = ""
    values: Text | None = None
    default: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row; `number` counts from 1 as people do."""

    id: str
    number: int
    inputs: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionTable(Boxed):
    """A decision table (DMN 1.5, chapter 8), whichever way it is drawn.

    Args:
        hit_policy: one of U A P F R O C.
        aggregation: one of + < > #, or ''.
    """

    hit_policy: str
    aggregation: str = ""
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    output_label: str = ""

    @property
    def gives_list(self) -> bool:
        """Whether the result is a list, one item for each rule that matches."""
        return self.hit_policy in ("R", "O") or (self.hit_policy == "C" and not self.aggregation)


@dataclass(frozen=True, kw_only=True)
class Element:
    """A node of the requirements graph, by its id.

    Args:
        variable: its name in expressions, and the type of its value.
    """

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, kw_only=True)
class InputData(Element):
    pass


@dataclass(frozen=True, kw_only=True)
class KnowledgeSource(Element):
    pass


@dataclass(frozen=True, kw_only=True)
class Decision(Element):
    """A decision; `requires` and `knows` are references (`#id`, `namespace#id`)."""

    requires: tuple[str, ...] = ()
    knows: tuple[str, ...] = ()
    logic: Boxed | None = None
    question: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class BusinessKnowledge(Element):
    knows: tuple[str, ...] = ()
    logic: FunctionDefinition | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionService(Element):
    """Decisions offered together; all four are references."""

    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FunctionItem:
    """The type of a function; a parameter's type or `output` is '' for any."""

    parameters: tuple[Variable, ...]
    output: str


@dataclass(frozen=True, kw_only=True)
class ItemDefinition:
    """A type with a name, or a component of one.

    Args:
        type_ref: what it is based on; '' for a structure or any type.
        allowed: unary tests that a value, or each item of a collection, must pass.
        constraint: unary tests that the value as a whole must pass (DMN 1.5).
        collection: a list of what the rest describes.
    """

    id: str
    name: str
    type_ref: str = ""
    allowed: Text | None = None
    constraint: Text | None = None
    collection: bool = False
    components: tuple[ItemDefinition, ...] = ()
    function: FunctionItem | None = None


@dataclass(frozen=True, kw_only=True)
class Import:
    """Another file's elements, under a name; '' makes them this file's own."""

    name: str
    namespace: str
    location: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionFile:
    """One DMN file.

    Args:
        filename: as uploaded, for messages.
        version: of DMN: '1.1' … '1.5'; '' where the file was refused.
        is_camunda: whether Camunda's spelling is used (its namespace, its type names).
        elements: by id, in document order.
        findings: what its author should know.
    """

    filename: str
    namespace: str = ""
    name: str = ""
    version: str = ""
    is_camunda: bool = False
    imports: tuple[Import, ...] = ()
    types: tuple[ItemDefinition, ...] = ()
    elements: dict[str, Element] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it is a DMN file at all."""
        return bool(self.version)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

"""The abstract syntax of FEEL (DMN 1.5, 10.3.1.2). Plain frozen data, no behaviour.

`pos`, the 0-based index in the source, takes no part in comparison: trees are equal if they mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

__all__ = [
    "Arithmetic",
    "AtLiteral",
    "Between",
    "Call",
    "Comparison",
    "ContextLiteral",
    "ContextType",
    "Filter",
    "For",
    "Function",
    "FunctionType",
    "HostType",
    "If",
    "InstanceOf",
    "Interval",
    "Iterator",
    "ListLiteral",
    "ListType",
    "Literal",
    "Logical",
    "Membership",
    "Name",
    "NamedCall",
    "NamedType",
    "Negation",
    "Node",
    "Parameter",
    "Path",
    "Quantified",
    "RangeType",
    "Type",
    "UnaryComparison",
    "UnaryTests",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """Any expression."""

    pos: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal(Node):
    """A number, string, boolean or null."""

    value: int | Decimal | str | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AtLiteral(Node):
    """`@"2026-01-01"`: a date, time, date and time, or duration (rule 65)."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Name(Node):
    """A variable; `?` is the value under test."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval(Node):
    """`[a..b)` and its kin (rule 8)."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class UnaryComparison(Node):
    """`> 5`: a range with one end, or a test of the value at hand (rule 7)."""

    op: str
    operand: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Arithmetic(Node):
    """`+ - * / **`, all left associative."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison(Node):
    """`= != < <= > >=`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership(Node):
    """`value in (test, test, …)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Logical(Node):
    """`and` or `or` over two or more operands, kept flat so that long conditions stay shallow."""

    op: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantified(Node):
    """`some` or `every` … `satisfies`."""

    kind: str
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: Type


@dataclass(frozen=True, kw_only=True, slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedCall(Node):
    function: Node
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    name: str
    type: Type | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Function(Node):
    """A function definition (rule 55); the body of an external one tells the function of Java that is meant."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UnaryTests(Node):
    """A decision table cell (rule 15); no tests at all stand for `-`, which every value passes."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedType:
    """A built-in type, or an item definition's name."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListType:
    element: Type


@dataclass(frozen=True, kw_only=True, slots=True)
class RangeType:
    element: Type


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextType:
    entries: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionType:
    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, kw_only=True, slots=True)
class HostType:
    """A named type of the host, such as an item definition with allowed values; `conforms` is given no null."""

    name: str
    conforms: Callable[[object], bool] = field(repr=False)


Type = NamedType | ListType | RangeType | ContextType | FunctionType | HostType

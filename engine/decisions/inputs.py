"""What a decision has to be given: for forms, and for checking what was typed into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from engine.decisions.checks.constants import constants, is_cheap, value_of
from engine.decisions.kinds import ANY, Collection, Constrained, Kind, OneOf, Simple, Structure, coerce, settled
from engine.decisions.references import Reference, clean, hrefs_of
from engine.decisions.space import Space
from engine.errors import CiviflowError
from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.free_names import free_names
from engine.feel.parser import parse_unary_tests
from engine.feel.runtime import Run
from engine.feel.unary import SUBJECT
from engine.models.dmn.model import BusinessKnowledge, Decision, DecisionService, Element, InputData
from engine.models.dmn.walk import tables_of, walk

__all__ = ["InputField", "described", "fields_of", "needed_by"]

MAX_DEPTH: Final = 4
"""Structures inside structures that get fields of their own; a type may hold itself."""
MAX_EXAMPLES: Final = 100


@dataclass(frozen=True, kw_only=True)
class InputField:
    """One value that a decision is given, or a part of one.

    Args:
        path: the names that lead to it: ('面积',); ('lib', 'Age') of an import; ('kind', 'major') of a structure.
        type: 'number', 'string', 'boolean', 'date', 'time', 'date and time', a duration, 'list', 'context',
            'any' where nothing is declared; else the type as the model writes it.
        kind: the declared type.
        choices: all values that are allowed, as FEEL values, where they are written down one by one; of a list,
            those of its items.
        allowed: the allowed values as the model writes them, '' for any.
        label: what a column of a table that reads it is called; '' if none does, or it goes by its name.
        examples: constants that rules compare it with.
        parts: of a structure.
        is_declared: whether the model declares it; else expressions merely read a value of that name.
    """

    path: tuple[str, ...]
    type: str
    kind: Kind = field(repr=False)
    choices: tuple[object, ...] = ()
    allowed: str = ""
    label: str = ""
    examples: tuple[object, ...] = ()
    parts: tuple[InputField, ...] = ()
    is_declared: bool = True

    @property
    def name(self) -> str:
        """The names that lead to it, with dots between."""
        return ".".join(self.path)

    def takes(self, value: object) -> bool:
        """Whether a value, plain or of FEEL, conforms to the declared type; null always does."""
        run = Run(DEFAULT_BUDGET, None, None)
        adapted = self.kind.adapt(run.to_feel(value), run)
        return adapted is None or coerce(adapted, self.kind, run) is not None


def fields_of(space: Space, element: Element) -> tuple[InputField, ...]:
    """All that a decision or service needs, at any distance: input data first, then names it merely reads."""
    needed = list(needed_by(space, element))
    columns = _columns(space, needed)
    found: dict[tuple[str, ...], InputField] = {}
    for reference in _given(space, element, needed):
        path = (*reference.path, reference.name)
        kind = space.at(reference.path).input_kind(reference.element)
        found.setdefault(path, _field(path, kind, columns, is_declared=True))
    for name in sorted(_undeclared(space, needed)):
        if (name,) not in found:
            found[name,] = _field((name,), ANY, columns, is_declared=False)
    return tuple(found.values())


def described(kind: Kind) -> tuple[str, str]:
    """A type as `InputField.type` and `InputField.allowed` have it."""
    base, allowed = _unwrapped(kind)
    return _type(base), allowed


def needed_by(space: Space, element: Element) -> Iterator[Reference]:
    """The element and all that it requires, each once, the nearest first."""
    waiting, seen = [Reference(path=(), element=element)], set[tuple[tuple[str, ...], str]]()
    while waiting:
        one = waiting.pop(0)
        if (one.path, one.element.id) in seen:
            continue
        seen.add((one.path, one.element.id))
        yield one
        stops = isinstance(one.element, DecisionService) and one.element is not element
        for further in () if stops else space.at(one.path).references(hrefs_of(one.element)):
            waiting.append(Reference(path=(*one.path, *further.path), element=further.element))


def _given(space: Space, element: Element, needed: Iterable[Reference]) -> Iterator[Reference]:
    """What nobody but the one who asks can know: input data, and decisions without logic."""
    if isinstance(element, DecisionService):
        yield from (reference for reference, _ in space.service(element).inputs)
        return
    for one in needed:
        if isinstance(one.element, InputData) or (isinstance(one.element, Decision) and one.element.logic is None):
            yield one


def _undeclared(space: Space, needed: Iterable[Reference]) -> set[str]:
    """Names that expressions of the model's own file read, and nothing in it stands for."""
    found: set[str] = set()
    inside: set[int] = set()
    for reference in needed:
        element = reference.element
        if reference.path or not isinstance(element, Decision | BusinessKnowledge):
            continue
        if isinstance(element, Decision):
            space.decision(element)
        else:
            space.knowledge(element)
        inside |= {id(boxed) for boxed in walk(element.logic)}
    for read in space.texts.read:
        if id(read.text) in inside:
            free = free_names(read.node)
            found |= free.variables - read.names - free.in_filters - BUILTIN_NAMES - {SUBJECT}
    return {name for name in found if space.is_camunda or name not in space.declared}


@dataclass(frozen=True, kw_only=True)
class _Column:
    """What tables tell of a value that they read as it is."""

    kind: Kind
    label: str
    values: str
    constants: tuple[object, ...]


def _columns(space: Space, needed: Iterable[Reference]) -> dict[str, _Column]:
    found: dict[str, _Column] = {}
    for reference in needed:
        here = space.at(reference.path)
        for table in tables_of(reference.element):
            for at, clause in enumerate(table.inputs):
                if clause.expression is None:
                    continue
                name = ".".join((*reference.path, clean(clause.expression.text)))
                cells = (value for rule in table.rules for value in _constants(rule.inputs[at].text))
                known = found.get(name)
                found[name] = _Column(
                    kind=known.kind if known and known.kind is not ANY else here.types.get(clause.expression.type_ref),
                    label=(known.label if known else "") or ("" if clause.label == name else clause.label),
                    values=(known.values if known else "") or (clause.values.text if clause.values else ""),
                    constants=tuple(dict.fromkeys((*(known.constants if known else ()), *cells)))[:MAX_EXAMPLES],
                )
    return found


def _field(
    path: tuple[str, ...], kind: Kind, columns: dict[str, _Column], *, is_declared: bool, depth: int = 0
) -> InputField:
    column = columns.get(".".join(path))
    if column is not None and kind is ANY:
        kind = column.kind
    base, allowed = _unwrapped(kind)
    made = InputField(path=path, type=_type(base), kind=kind, allowed=allowed, is_declared=is_declared)
    made = replace(made, label=column.label if column else "")
    if isinstance(base, Structure):
        if not base.parts or depth >= MAX_DEPTH:
            return made
        parts = (
            _field((*path, name), part, columns, is_declared=is_declared, depth=depth + 1)
            for name, part in base.parts.items()
        )
        return replace(made, parts=tuple(parts))
    if isinstance(base, Collection):
        _, inner = _unwrapped(base.element)
        return replace(made, choices=_choices(inner), allowed=allowed or inner)
    if column is not None and not allowed:
        made = replace(made, allowed=column.values)
    return replace(made, choices=_choices(made.allowed), examples=column.constants if column else ())


def _unwrapped(kind: Kind) -> tuple[Kind, str]:
    """The type behind names and constraints, and the text of the outermost constraint."""
    allowed = ""
    while True:
        kind = settled(kind)
        if not isinstance(kind, Constrained):
            return kind, allowed
        allowed = allowed or kind.text
        kind = kind.base


def _type(base: Kind) -> str:
    if isinstance(base, Simple):
        return base.name
    if isinstance(base, OneOf):
        return str(base.kinds[0])
    if isinstance(base, Collection):
        return "list"
    if isinstance(base, Structure):
        return "context"
    return "any" if base is ANY else str(base)


def _choices(allowed: str) -> tuple[object, ...]:
    """The values of `"a", "b"`; () where anything but constants is allowed."""
    tests = _tests(allowed)
    if tests is None or tests.negated or not all(isinstance(one, ast.Literal | ast.Negation) for one in tests.tests):
        return ()
    return tuple(value_of(one) for one in tests.tests) if all(map(is_cheap, tests.tests)) else ()


def _constants(cell: str) -> list[object]:
    """Texts and numbers that a cell compares with."""
    tests = _tests(cell)
    found = constants(tests) if tests is not None else None
    return [one for one in found or () if one is not None and not isinstance(one, bool)]


def _tests(text: str) -> ast.UnaryTests | None:
    if text in ("", "-"):
        return None
    try:
        return parse_unary_tests(text)
    except (CiviflowError, RecursionError):
        return None

"""Item definitions to types (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Final

from engine.decisions.feel_text import Texts
from engine.decisions.kinds import (
    ANY,
    Allows,
    Collection,
    Constrained,
    FunctionKind,
    Kind,
    Later,
    OneOf,
    RangeKind,
    Simple,
    Structure,
    settled,
)
from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.runtime import Frame, Run
from engine.feel.unary import Test
from engine.models.dmn.model import ItemDefinition, Text

__all__ = ["Types", "allowing"]

_SIMPLE: Final = {
    name: Simple(name)
    for name in (
        *("number", "string", "boolean", "date", "time", "date and time"),
        *("days and time duration", "years and months duration"),
    )
}
_BUILT_IN: Final[dict[str, Kind]] = {
    **_SIMPLE,
    "dateTime": _SIMPLE["date and time"],
    "date_and_time": _SIMPLE["date and time"],
    "dayTimeDuration": _SIMPLE["days and time duration"],
    "yearMonthDuration": _SIMPLE["years and months duration"],
    "Any": ANY,
    "any": ANY,
    "Null": Simple("null"),
    "context": Structure({}),
    "list": Collection(ANY),
}
_MAX_NESTING: Final = 100
_NUMBERS: Final = ("integer", "long", "double", "float", "short", "byte", "decimal", "int")
_CAMUNDA: Final[dict[str, Kind]] = {
    **dict.fromkeys(_NUMBERS, _SIMPLE["number"]),
    "date": OneOf(_SIMPLE["date and time"], _SIMPLE["date"]),
}

_MAKING: Final = RLock()
"""Models are shared between threads, and a type that is being made is not to be seen by others. One for all types,
because files that import each other make each other's."""

Finder = Callable[[str], "Types | None"]
"""The types of the file imported under a name, or with a namespace written as `{namespace}`."""


class Types:
    """The types of one model.

    Args:
        definitions: item definitions by name.
        imported: finds those of imported files.
        is_camunda: whether Camunda's names of types count.
    """

    def __init__(
        self, definitions: Mapping[str, ItemDefinition], texts: Texts, imported: Finder, *, is_camunda: bool = False
    ) -> None:
        self._definitions = definitions
        self._texts = texts
        self._imported = imported
        self._is_camunda = is_camunda
        self._made: dict[str, Kind] = {}
        self.unknown: set[str] = set()

    def get(self, ref: str) -> Kind:
        """The type a reference means; `ANY` for none, and for one that is not there (kept in `unknown`)."""
        if not ref:
            return ANY
        with _MAKING:
            return self._made.get(ref) or self._make(ref)

    def _make(self, ref: str) -> Kind:
        if self._is_circular(ref):
            self.unknown.add(ref)
            self._made[ref] = ANY
            return ANY
        # Bases first: a long chain of references is not a deep recursion.
        for base in reversed(self._bases(ref)):
            self.get(base)
        # While it is made, a type that holds itself finds this instead.
        self._made[ref] = Later(ref, lambda name: self._made[name])
        known = self._made[ref] = self._find(ref)
        return known

    def _bases(self, ref: str) -> list[str]:
        """Item definitions that a type is based on, one by one, up to the first that is made."""
        bases: list[str] = []
        definition = self._definitions.get(ref)
        while definition is not None and not definition.components and definition.function is None:
            ref = definition.type_ref
            if ref in self._made or ref not in self._definitions:
                break
            bases.append(ref)
            definition = self._definitions[ref]
        return bases

    def _is_circular(self, ref: str) -> bool:
        """Whether a type is based on itself and nothing else; one that holds itself is not."""
        seen: set[str] = set()
        while ref in self._definitions and ref not in self._made and not self._definitions[ref].components:
            if ref in seen:
                return True
            seen.add(ref)
            ref = self._definitions[ref].type_ref
        return False

    def _find(self, ref: str) -> Kind:
        if ref in self._definitions:
            return self._item(self._definitions[ref])
        if self._is_camunda and ref in _CAMUNDA:
            return _CAMUNDA[ref]
        if ref in _BUILT_IN:
            return _BUILT_IN[ref]
        kind = self._generic(ref) or self._of_import(ref) or (_CAMUNDA.get(ref) if ref in _NUMBERS else None)
        if kind is None:
            self.unknown.add(ref)
            return ANY
        return kind

    def _generic(self, ref: str) -> Kind | None:
        """`list<number>` and `range<date>`, as DMN 1.4 lets a type be written."""
        if ref.count("<") > _MAX_NESTING:
            return None
        for name, made in (("list", Collection), ("range", RangeKind)):
            if ref.startswith(f"{name}<") and ref.endswith(">"):
                return made(self.get(ref[len(name) + 1 : -1].strip()))
        return None

    def _of_import(self, ref: str) -> Kind | None:
        if ref.startswith("{"):
            source, _, name = ref.partition("}")
            types = self._imported(source + "}")
            return None if types is None else types.get(name)
        at = ref.find(".")
        while at > 0:
            types = self._imported(ref[:at])
            if types is not None:
                return types.get(ref[at + 1 :])
            at = ref.find(".", at + 1)
        return None

    def _item(self, item: ItemDefinition) -> Kind:
        """An item definition: its base or structure, with constraints, and perhaps a list of that."""
        if item.function is not None:
            parameters = [(one.name, self._lazily(one.type_ref)) for one in item.function.parameters]
            return FunctionKind(parameters, self._lazily(item.function.output))
        base: Kind
        if item.components:
            base = Structure({part.name: self._part(part) for part in item.components})
        else:
            base = self.get(item.type_ref)
        if item.allowed is not None:
            base = Constrained(_unconstrained(base), self._allows(item.allowed), item.allowed.text)
        if item.collection:
            base = Collection(base)
        if item.constraint is not None:
            base = Constrained(base, self._allows(item.constraint), item.constraint.text)
        return base

    def _part(self, part: ItemDefinition) -> Kind:
        if part.components or part.collection or part.allowed or part.constraint or part.function:
            return self._item(part)
        return self._lazily(part.type_ref)

    def _lazily(self, ref: str) -> Kind:
        return Later(ref, self.get) if ref in self._definitions else self.get(ref)

    def _allows(self, text: Text) -> Allows:
        tests, negated = self._texts.values(text)
        return allowing(tests, negated)

    def allowed_values(self, ref: str) -> Text | None:
        """The allowed values of a type or of what it is based on, in the order written."""
        seen: set[str] = set()
        while ref in self._definitions and ref not in seen:
            seen.add(ref)
            item = self._definitions[ref]
            if item.allowed is not None:
                return item.allowed
            ref = item.type_ref
        return None

    @property
    def definitions(self) -> Mapping[str, ItemDefinition]:
        return self._definitions

    def feel_type(self, name: str) -> ast.Type:
        """An item definition as a type of FEEL, for `instance of` and typed parameters."""

        def conforms(value: object) -> bool:
            return self.get(name).conforms(value, Run(DEFAULT_BUDGET, None, None))

        return ast.HostType(name=name, conforms=conforms)


def allowing(tests: tuple[Test, ...], negated: bool) -> Allows:
    """Whether a value passes one of the tests, or none where they are negated."""

    def allows(run: Run, value: object) -> bool:
        frame = Frame({}, None, run)
        passed = any(test(frame, value) is True for test in tests)
        return passed is not negated

    return allows


def _unconstrained(kind: Kind) -> Kind:
    """Allowed values written on a type stand instead of those of its base."""
    kind = settled(kind)
    return kind.base if isinstance(kind, Constrained) and kind.item is None else kind

"""Types of values, and how values come to conform to them (DMN 1.5, 10.3.2.9).

`coerce` applies the implicit conversions of 10.3.2.9.4: a value into a list of one, a list of one into
its item, a date into its midnight; what still does not conform becomes null, with the reason kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engine.feel.conformance import MISMATCH
from engine.feel.runtime import Run
from engine.feel.temporal import FeelDate, FeelDateTime, FeelTime
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import FeelFunction, Range, format_value, kind_of

__all__ = [
    "ANY",
    "Collection",
    "Constrained",
    "FunctionKind",
    "Kind",
    "Later",
    "OneOf",
    "RangeKind",
    "Simple",
    "Structure",
    "bind",
    "coerce",
    "convert",
    "function_kind",
    "settled",
]

Allows = Callable[[Run, object], bool]
"""Whether a value passes the unary tests of a type."""


class Kind(ABC):
    """A type."""

    @abstractmethod
    def conforms(self, value: object, run: Run) -> bool:
        """Whether a value that is not null is an instance, with all its parts."""

    @abstractmethod
    def __str__(self) -> str: ...

    @property
    def item(self) -> Kind | None:
        """For a list: what it is a list of."""
        return None

    def adapt(self, value: object, run: Run) -> object:
        """A value from outside, as near to the type as plain data can be meant: text that says a date, say."""
        return value

    def dress(self, value: object) -> object:
        """A conforming value as seen through the type: functions check what they are given and give."""
        return value


class _Any(Kind):
    def conforms(self, value: object, run: Run) -> bool:
        return True

    def __str__(self) -> str:
        return "Any"


ANY: Final = _Any()
_PARSERS: Final[dict[str, Callable[[str], object]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


class Simple(Kind):
    """A type that FEEL has: number, string, …"""

    def __init__(self, name: str) -> None:
        self.name = name

    def conforms(self, value: object, run: Run) -> bool:
        return kind_of(value) == self.name

    def adapt(self, value: object, run: Run) -> object:
        parse = _PARSERS.get(self.name)
        if parse is None or not isinstance(value, str):
            return value
        read = parse(value)
        return value if read is None else read

    def __str__(self) -> str:
        return self.name


class OneOf(Kind):
    """Any of several types: Camunda's `date` holds dates with times, too."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds

    def conforms(self, value: object, run: Run) -> bool:
        return any(kind.conforms(value, run) for kind in self.kinds)

    def adapt(self, value: object, run: Run) -> object:
        for kind in self.kinds:
            adapted = kind.adapt(value, run)
            if kind.conforms(adapted, run):
                return adapted
        return value

    def __str__(self) -> str:
        return " or ".join(map(str, self.kinds))


class RangeKind(Kind):
    def __init__(self, element: Kind) -> None:
        self.element = element

    def conforms(self, value: object, run: Run) -> bool:
        if not isinstance(value, Range):
            return False
        return all(self.element.conforms(end, run) for end in (value.start, value.end) if end is not None)

    def __str__(self) -> str:
        return f"range<{self.element}>"


class Collection(Kind):
    def __init__(self, element: Kind) -> None:
        self.element = element

    def conforms(self, value: object, run: Run) -> bool:
        if not isinstance(value, list):
            return False
        run.step(len(value))
        return all(item is None or self.element.conforms(item, run) for item in value)

    @property
    def item(self) -> Kind | None:
        return self.element

    def adapt(self, value: object, run: Run) -> object:
        return [self.element.adapt(item, run) for item in value] if isinstance(value, list) else value

    def __str__(self) -> str:
        return f"list<{self.element}>"


class Structure(Kind):
    """A context with named parts, and perhaps more."""

    def __init__(self, parts: Mapping[str, Kind]) -> None:
        self.parts = parts

    def conforms(self, value: object, run: Run) -> bool:
        if not isinstance(value, dict):
            return False
        run.step(len(self.parts))
        return all(
            name in value and (value[name] is None or kind.conforms(value[name], run))
            for name, kind in self.parts.items()
        )

    def adapt(self, value: object, run: Run) -> object:
        """Parts that are not given count as null."""
        if not isinstance(value, dict):
            return value
        return value | {name: kind.adapt(value.get(name), run) for name, kind in self.parts.items()}

    def __str__(self) -> str:
        return "context<" + ", ".join(self.parts) + ">"


class FunctionKind(Kind):
    def __init__(self, parameters: Sequence[tuple[str, Kind]], result: Kind) -> None:
        self.parameters = parameters
        self.result = result

    def conforms(self, value: object, run: Run) -> bool:
        return isinstance(value, FeelFunction) and len(value.parameters) == len(self.parameters)

    def dress(self, value: object) -> object:
        return self.wrap(value) if isinstance(value, FeelFunction) else value

    def wrap(self, inner: FeelFunction) -> FeelFunction:
        """The function, with arguments and result coerced to this type's."""
        result, names = self.result, inner.parameters
        kinds = [kind for _, kind in self.parameters]
        typed = [(name, kinds[at] if at < len(kinds) else ANY) for at, name in enumerate(names)]
        shown = f"{inner.name}({', '.join(names)})"

        def call(run: Run, arguments: Sequence[object]) -> object:
            if len(arguments) != len(names):
                return inner.call(run, arguments)
            bound = bind(dict(zip(names, arguments, strict=True)), typed, run, shown)
            return None if bound is None else coerce(inner.call(run, list(bound.values())), result, run)

        def call_named(run: Run, arguments: Mapping[str, object]) -> object:
            bound = bind(arguments, [(name, kind) for name, kind in typed if name in arguments], run, shown)
            if bound is None:
                return None
            return coerce(inner.call_named(run, {**arguments, **bound}), result, run)

        return FeelFunction(name=inner.name, parameters=inner.parameters, call=call, call_named=call_named)

    def __str__(self) -> str:
        return f"function<{', '.join(str(kind) for _, kind in self.parameters)}> -> {self.result}"


class Constrained(Kind):
    """A type of which only some values are allowed."""

    def __init__(self, base: Kind, allows: Allows, text: str) -> None:
        self.base = base
        self.allows = allows
        self.text = text

    def conforms(self, value: object, run: Run) -> bool:
        return self.base.conforms(value, run) and self.allows(run, value)

    @property
    def item(self) -> Kind | None:
        return self.base.item

    def adapt(self, value: object, run: Run) -> object:
        return self.base.adapt(value, run)

    def dress(self, value: object) -> object:
        return self.base.dress(value)

    def __str__(self) -> str:
        return f"{self.base} ({self.text})"


class Later(Kind):
    """A type by its name, looked up when first needed, so that types may hold themselves."""

    def __init__(self, name: str, find: Callable[[str], Kind]) -> None:
        self.name = name
        self._find = find
        self._found: Kind | None = None

    @property
    def kind(self) -> Kind:
        if self._found is None:
            self._found = self._find(self.name)
        return self._found

    def conforms(self, value: object, run: Run) -> bool:
        return self.kind.conforms(value, run)

    @property
    def item(self) -> Kind | None:
        return self.kind.item

    def adapt(self, value: object, run: Run) -> object:
        return value if value is None else self.kind.adapt(value, run)

    def dress(self, value: object) -> object:
        return self.kind.dress(value)

    def __str__(self) -> str:
        return self.name


def settled(kind: Kind) -> Kind:
    """The type behind a name."""
    while isinstance(kind, Later):
        kind = kind.kind
    return kind


def function_kind(kind: Kind, parameters: Sequence[str]) -> FunctionKind:
    """A function's type; a type that is none stands for the result, as files before DMN 1.3 write it.

    Args:
        parameters: names of the function's.
    """
    kind = settled(kind)
    return kind if isinstance(kind, FunctionKind) else FunctionKind([(name, ANY) for name in parameters], kind)


def convert(value: object, kind: Kind, run: Run) -> object:
    """The value as an instance of the type, after the implicit conversions; `MISMATCH` if it cannot become one."""
    if value is None or kind is ANY:
        return value
    if kind.conforms(value, run):
        return kind.dress(value)
    if isinstance(value, list) and len(value) == 1 and value[0] is not None and kind.conforms(value[0], run):
        return kind.dress(value[0])
    element = kind.item
    if element is not None and not isinstance(value, list) and kind.conforms([value], run):
        return [element.dress(value)]
    if isinstance(value, FeelDate):
        midnight = FeelDateTime(value, FeelTime(0, 0, 0, 0, 0))
        if kind.conforms(midnight, run):
            return midnight
    return MISMATCH


def coerce(value: object, kind: Kind, run: Run, where: str = "") -> object:
    """The value as an instance of the type; null, with the reason, if it cannot become one.

    Args:
        where: what the value is for, in the reason: "the value of 'Rate'".
    """
    converted = convert(value, kind, run)
    if converted is not MISMATCH:
        return converted
    run.null(f"Expected {where or 'a value'} to be of type {kind}, but found {_shown(value)}; it counts as null")
    return None


def bind(
    given: Mapping[str, object], kinds: Sequence[tuple[str, Kind]], run: Run, call: str
) -> dict[str, object] | None:
    """Arguments by name, each of its parameter's type; None if one is not: the function is not called (10.3.2.13.2).

    Args:
        given: those left out are null.
        call: the function with its parameters, for the reason.
    """
    bound: dict[str, object] = {}
    for name, kind in kinds:
        value = given.get(name)
        bound[name] = convert(value, kind, run)
        if bound[name] is MISMATCH:
            run.null(f"Expected {name!r} of {call} to be of type {kind}, but found {_shown(value)}; it is not called")
            return None
    return bound


def _shown(value: object) -> str:
    """A value of another type by its type, one of the type by itself."""
    text = format_value(value) or "null"
    return f"{kind_of(value)} {text if len(text) <= 60 else text[:59] + '…'}"

"""How built-in functions are declared and called.

    @builtin("substring", "string: string", "start position: number", "length?: number")
    def _substring(run: Run, text: str, start: int | Decimal, length: …) -> …

A name may be declared several times with other parameters; the first whose parameters fit the
arguments, before or after the implicit conversions of 10.3.2.9.4, is called. If none fits, or an
argument is outside its domain, the result is null and the reason is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.feel.conformance import MISMATCH
from engine.feel.numbers import is_number
from engine.feel.runtime import Run
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.values import FeelFunction, Range, kind_of

__all__ = ["BUILTINS", "Builtin", "builtin"]

_CHECKS: dict[str, Callable[[object], bool]] = {
    "any": lambda value: True,
    "value": lambda value: value is not None,
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "context": lambda value: isinstance(value, dict),
    "range": lambda value: isinstance(value, Range),
    "function": lambda value: isinstance(value, FeelFunction),
    "date": lambda value: isinstance(value, FeelDate),
    "time": lambda value: isinstance(value, FeelTime),
    "date and time": lambda value: isinstance(value, FeelDateTime),
    "day": lambda value: isinstance(value, FeelDate | FeelDateTime),
    "days duration": lambda value: isinstance(value, DaysDuration),
    "duration": lambda value: isinstance(value, DaysDuration | MonthsDuration),
    "point": lambda value: value is not None and not isinstance(value, list | dict | Range | FeelFunction),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parameter:
    name: str
    type: str
    optional: bool

    @staticmethod
    def parse(text: str) -> _Parameter:
        name, _, kind = text.partition(": ")
        assert kind in _CHECKS, text
        return _Parameter(name=name.removesuffix("?"), type=kind, optional=name.endswith("?"))

    def accept(self, value: object) -> object:
        """The value, converted if need be; `MISMATCH` if it does not fit."""
        if _CHECKS[self.type](value) or (value is None and self.optional):
            return value
        if isinstance(value, list) and len(value) == 1 and _CHECKS[self.type](value[0]):
            return value[0]
        return [value] if self.type == "list" and value is not None else MISMATCH


@dataclass(frozen=True, kw_only=True, slots=True)
class _Overload:
    parameters: tuple[_Parameter, ...]
    rest: _Parameter | None
    implementation: Callable[..., object]

    def bind(self, arguments: Sequence[object]) -> list[object] | None:
        """The arguments as the implementation takes them; None if they do not fit."""
        wanted = len(self.parameters)
        if len(arguments) > wanted and self.rest is None:
            return None
        bound: list[object] = []
        for at, parameter in enumerate(self.parameters):
            if at >= len(arguments) and not parameter.optional:
                return None
            bound.append(parameter.accept(arguments[at]) if at < len(arguments) else None)
        if self.rest is not None:
            more = [self.rest.accept(argument) for argument in arguments[wanted:]]
            if any(value is MISMATCH for value in more):
                return None
            bound.append(more)
        return None if any(value is MISMATCH for value in bound) else bound

    def order(self, arguments: Mapping[str, object]) -> list[object] | None:
        """Named arguments in positional order; None if a name is not a parameter's."""
        names = [parameter.name for parameter in self.parameters]
        if not arguments.keys() <= set(names):
            return None
        return [arguments.get(name) for name in names]

    def __str__(self) -> str:
        texts = [f"{parameter.name}{'?' if parameter.optional else ''}" for parameter in self.parameters]
        return "(" + ", ".join(texts + ([f"{self.rest.name}…"] if self.rest else [])) + ")"


class Builtin:
    """One built-in function with its overloads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._overloads: list[_Overload] = []
        self._value: FeelFunction | None = None

    def add(self, overload: _Overload) -> None:
        self._overloads.append(overload)

    def signatures(self) -> list[str]:
        """Its overloads as people write them: `(string, start position, length?)`."""
        return [str(overload) for overload in self._overloads]

    def value(self) -> FeelFunction:
        """The function as a FEEL value, one for all uses."""
        if self._value is None:
            names = tuple(parameter.name for parameter in self._overloads[0].parameters)
            self._value = FeelFunction(name=self.name, parameters=names, call=self.call, call_named=self.call_named)
        return self._value

    def call(self, run: Run, arguments: Sequence[object]) -> object:
        run.step()
        for overload in self._overloads:
            bound = overload.bind(arguments)
            if bound is not None:
                return self._result(run, overload.implementation(run, *bound))
        self._refuse(run, ", ".join(map(kind_of, arguments)))
        return None

    def call_named(self, run: Run, arguments: Mapping[str, object]) -> object:
        run.step()
        for overload in self._overloads:
            ordered = overload.order(arguments)
            bound = None if ordered is None else overload.bind(ordered)
            if bound is not None:
                return self._result(run, overload.implementation(run, *bound))
        self._refuse(run, ", ".join(f"{name}: {kind_of(value)}" for name, value in arguments.items()))
        return None

    def _result(self, run: Run, value: object) -> object:
        if value is None:
            run.null(f"{self.name}(…) gave null: an argument is null or outside what the function takes")
        return value

    def _refuse(self, run: Run, given: str) -> None:
        signatures = " or ".join(f"{self.name}{signature}" for signature in self.signatures())
        run.null(f"Expected {signatures}, but {self.name} was called with ({given})")


BUILTINS: dict[str, Builtin] = {}

_Implementation = Callable[..., object]


def builtin(name: str, *parameters: str, rest: str | None = None) -> Callable[[_Implementation], _Implementation]:
    """Declare an overload of a built-in function.

    Args:
        name: as called in FEEL.
        parameters: `name: type`, or `name?: type` for one that may be left out or null.
        rest: the parameter that takes all further arguments, given to the implementation as a list.
    """

    def register(implementation: _Implementation) -> _Implementation:
        overload = _Overload(
            parameters=tuple(_Parameter.parse(text) for text in parameters),
            rest=None if rest is None else _Parameter.parse(rest),
            implementation=implementation,
        )
        BUILTINS.setdefault(name, Builtin(name)).add(overload)
        return implementation

    return register

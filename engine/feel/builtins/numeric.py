"""Numeric functions (DMN 1.5, 10.3.4.5) and the Boolean function `not` (10.3.4.2)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

from engine.feel import numbers
from engine.feel.builtins.registry import builtin
from engine.feel.numbers import Number, whole
from engine.feel.runtime import Run
from engine.feel.temporal import DaysDuration, MonthsDuration

_WIDE = Context(prec=13_000, Emin=-99_999, Emax=99_999, traps=[])
_ROUNDINGS = {
    "decimal": ROUND_HALF_EVEN,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
}


def _declare_rounding(name: str, rounding: str) -> None:
    @builtin(name, "n: number", "scale: number")
    def _round(run: Run, value: Number, scale: Number) -> Number | None:
        return numbers.quantize(value, int(scale), rounding)


for _name, _rounding in _ROUNDINGS.items():
    _declare_rounding(_name, _rounding)


@builtin("floor", "n: number")
def _floor(run: Run, value: Number) -> Number | None:
    return numbers.quantize(value, 0, ROUND_FLOOR)


@builtin("floor", "n: number", "scale: number")
def _floor_to(run: Run, value: Number, scale: Number) -> Number | None:
    return numbers.quantize(value, int(scale), ROUND_FLOOR)


@builtin("ceiling", "n: number")
def _ceiling(run: Run, value: Number) -> Number | None:
    return numbers.quantize(value, 0, ROUND_CEILING)


@builtin("ceiling", "n: number", "scale: number")
def _ceiling_to(run: Run, value: Number, scale: Number) -> Number | None:
    return numbers.quantize(value, int(scale), ROUND_CEILING)


@builtin("abs", "n: number")
def _abs(run: Run, value: Number) -> Number:
    return abs(value) if isinstance(value, int) else value.copy_abs()


@builtin("abs", "n: duration")
def _abs_duration(run: Run, value: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    return DaysDuration(abs(value.nanos)) if isinstance(value, DaysDuration) else MonthsDuration(abs(value.months))


@builtin("modulo", "dividend: number", "divisor: number")
def _modulo(run: Run, dividend: Number, divisor: Number) -> Number | None:
    """`dividend - divisor * floor(dividend / divisor)`, exact before the one rounding at the end."""
    if not divisor:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    remainder = _WIDE.remainder(Decimal(dividend), Decimal(divisor))
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = _WIDE.add(remainder, divisor)
    return numbers.narrow(remainder)


@builtin("sqrt", "number: number")
def _sqrt(run: Run, value: Number) -> Number | None:
    return numbers.unary("sqrt", value)


@builtin("log", "number: number")
def _log(run: Run, value: Number) -> Number | None:
    return numbers.unary("ln", value)


@builtin("exp", "number: number")
def _exp(run: Run, value: Number) -> Number | None:
    return numbers.unary("exp", value)


@builtin("odd", "number: number")
def _odd(run: Run, value: Number) -> bool | None:
    integer = whole(value)
    return None if integer is None else integer % 2 == 1


@builtin("even", "number: number")
def _even(run: Run, value: Number) -> bool | None:
    integer = whole(value)
    return None if integer is None else integer % 2 == 0


@builtin("not", "negand: boolean")
def _not(run: Run, value: bool) -> bool:
    return not value

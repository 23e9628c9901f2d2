"""`java.lang.Math` and `StrictMath`: the methods that depend on nothing but their arguments (`random` is none)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any, Final

from engine.feel.java.methods import declare
from engine.feel.java.types import BITS, JavaError, round_float, wrap

__all__ = ["floor_div", "real"]

NAN: Final = math.nan


def real(function: Callable[..., float]) -> Callable[..., float]:
    """A function of Python's `math` that gives NaN or an infinity where Java does, instead of raising."""

    def apply(*arguments: float) -> float:
        try:
            return float(function(*arguments))
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    return apply


def _exact(bits: int, reckon: Callable[..., int]) -> Callable[..., int]:
    def apply(*arguments: int) -> int:
        value = reckon(*arguments)
        if wrap(value, bits) != value:
            raise JavaError(f"Expected a result of {bits} bits, but it overflows")
        return value

    return apply


def _wrapped(bits: int, reckon: Callable[..., int]) -> Callable[..., int]:
    return lambda *arguments: wrap(reckon(*arguments), bits)


def floor_div(left: int, right: int) -> int:
    """Java's `floorDiv`; division by zero is an error there, too."""
    if not right:
        raise JavaError("Expected a divisor other than 0")
    return left // right


def _floor_mod(left: int, right: int) -> int:
    return left - floor_div(left, right) * right


def _ceil_div(left: int, right: int) -> int:
    return -floor_div(-left, right)


def _ceil_mod(left: int, right: int) -> int:
    return left - _ceil_div(left, right) * right


def _truncated(left: int, right: int) -> int:
    """The quotient cut off towards zero."""
    if not right:
        raise JavaError("Expected a divisor other than 0")
    quotient = abs(left) // abs(right)
    return -quotient if (left < 0) != (right < 0) else quotient


def _clamp(value: Any, low: Any, high: Any) -> Any:
    if low > high:
        raise JavaError("Expected the smaller end first")
    return min(max(value, low), high)


def _round(bits: int) -> Callable[[float], int]:
    """`floor(x + 1/2)` without rounding in between; beyond the range its end, NaN 0."""

    def apply(value: float) -> int:
        if math.isnan(value):
            return 0
        limit = 1 << (bits - 1)
        if abs(value) >= limit:
            return limit - 1 if value > 0 else -limit
        return int((Decimal(value) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))

    return apply


def _rint(value: float) -> float:
    return math.copysign(float(round(value)), value) if math.isfinite(value) else value


def _floor(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def _ceil(value: float) -> float:
    return float(math.ceil(value)) if math.isfinite(value) else value


def _cube_root(value: float) -> float:
    """Reckoned with spare digits: C libraries miss -3 for -27 by one bit."""
    if not value or not math.isfinite(value):
        return value
    spare = Context(prec=40)
    return math.copysign(float(spare.power(abs(Decimal(value)), spare.divide(Decimal(1), Decimal(3)))), value)


def _signum(value: float) -> float:
    return value if not value or math.isnan(value) else math.copysign(1.0, value)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.inf if not base else NAN


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if not value else real(function)(value)


def _exponent(value: float) -> int:
    if not math.isfinite(value):
        return 1024
    return -1023 if abs(value) < 2.0**-1022 else math.frexp(value)[1] - 1


def _float_exponent(value: float) -> int:
    if not math.isfinite(value):
        return 128
    return -127 if abs(value) < 2.0**-126 else math.frexp(value)[1] - 1


def _scalb(value: float, scale: int) -> float:
    try:
        return math.ldexp(value, scale)
    except OverflowError:
        return math.copysign(math.inf, value)


def _next_float(value: float, towards: float) -> float:
    """The neighbour among floats of 32 bits."""
    if value == towards or math.isnan(value) or math.isnan(towards):
        return towards
    if not value:
        return math.copysign(2.0**-149, towards)
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    bits += 1 if (towards > value) is (value > 0) else -1
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


def _float_ulp(value: float) -> float:
    if not math.isfinite(value):
        return abs(value)
    return 2.0 ** (max(_float_exponent(value), -126) - 23)


def _as_float(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *arguments: round_float(function(*arguments))


def _fma(one: float, two: float, three: float) -> float:
    """`one * two + three`, rounded once."""
    if not all(map(math.isfinite, (one, two, three))):
        return one * two + three
    exact = Fraction(one) * Fraction(two) + Fraction(three)
    try:
        return exact.numerator / exact.denominator
    except OverflowError:
        return math.copysign(math.inf, exact)


_REAL: Final[dict[str, Callable[..., float]]] = {
    **{name: real(getattr(math, name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "tanh")},
    **{name: real(getattr(math, name)) for name in ("cosh", "exp", "expm1", "sqrt")},
    "toRadians": lambda value: value / 180.0 * math.pi,
    "toDegrees": lambda value: value * 180.0 / math.pi,
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "log1p": lambda value: -math.inf if value == -1 else real(math.log1p)(value),
    "cbrt": _cube_root,
    "ceil": _ceil,
    "floor": _floor,
    "rint": _rint,
}
_METHODS: dict[str, Callable[..., object]] = {
    **{f"double {name}(double)": function for name, function in _REAL.items()},
    "double atan2(double, double)": math.atan2,
    "double pow(double, double)": _power,
    "double hypot(double, double)": math.hypot,
    "double IEEEremainder(double, double)": real(math.remainder),
    "double fma(double, double, double)": _fma,
    "double nextAfter(double, double)": math.nextafter,
    "float nextAfter(float, double)": _next_float,
    "double scalb(double, int)": _scalb,
    "float scalb(float, int)": _as_float(_scalb),
    "long round(double)": _round(64),
    "int round(float)": _round(32),
    "double ulp(double)": math.ulp,
    "float ulp(float)": _float_ulp,
    "int getExponent(double)": _exponent,
    "int getExponent(float)": _float_exponent,
    "double nextUp(double)": lambda value: math.nextafter(value, math.inf),
    "double nextDown(double)": lambda value: math.nextafter(value, -math.inf),
    "float nextUp(float)": lambda value: _next_float(value, math.inf),
    "float nextDown(float)": lambda value: _next_float(value, -math.inf),
    "int toIntExact(long)": _exact(32, lambda value: value),
    "long multiplyFull(int, int)": lambda left, right: left * right,
    "long multiplyHigh(long, long)": lambda left, right: (left * right) >> 64,
    "long unsignedMultiplyHigh(long, long)": lambda left, right: wrap((left % 2**64) * (right % 2**64) >> 64, 64),
    "long multiplyExact(long, int)": _exact(64, lambda left, right: left * right),
    "long floorDiv(long, int)": _wrapped(64, floor_div),
    "int floorMod(long, int)": _floor_mod,
    "long ceilDiv(long, int)": _wrapped(64, _ceil_div),
    "int ceilMod(long, int)": _ceil_mod,
    "int clamp(long, int, int)": _clamp,
    "long clamp(long, long, long)": _clamp,
}
for _type in ("double", "float"):
    _METHODS |= {
        f"{_type} signum({_type})": _signum,
        f"{_type} copySign({_type}, {_type})": math.copysign,
        f"{_type} clamp({_type}, {_type}, {_type})": _clamp,
    }
_METHODS["float fma(float, float, float)"] = _as_float(_fma)
for _type in ("int", "long", "float", "double"):
    _METHODS |= {
        f"{_type} max({_type}, {_type})": max,
        f"{_type} min({_type}, {_type})": min,
        f"{_type} abs({_type})": _wrapped(BITS[_type], abs) if _type in BITS else abs,
    }
for _type in ("int", "long"):
    _bits = BITS[_type]
    _METHODS |= {
        f"{_type} addExact({_type}, {_type})": _exact(_bits, lambda left, right: left + right),
        f"{_type} subtractExact({_type}, {_type})": _exact(_bits, lambda left, right: left - right),
        f"{_type} multiplyExact({_type}, {_type})": _exact(_bits, lambda left, right: left * right),
        f"{_type} divideExact({_type}, {_type})": _exact(_bits, _truncated),
        f"{_type} floorDivExact({_type}, {_type})": _exact(_bits, floor_div),
        f"{_type} ceilDivExact({_type}, {_type})": _exact(_bits, _ceil_div),
        f"{_type} incrementExact({_type})": _exact(_bits, lambda value: value + 1),
        f"{_type} decrementExact({_type})": _exact(_bits, lambda value: value - 1),
        f"{_type} negateExact({_type})": _exact(_bits, lambda value: -value),
        f"{_type} absExact({_type})": _exact(_bits, abs),
        f"{_type} floorDiv({_type}, {_type})": _wrapped(_bits, floor_div),
        f"{_type} floorMod({_type}, {_type})": _floor_mod,
        f"{_type} ceilDiv({_type}, {_type})": _wrapped(_bits, _ceil_div),
        f"{_type} ceilMod({_type}, {_type})": _ceil_mod,
    }

declare("java.lang.Math", _METHODS)
declare("java.lang.StrictMath", _METHODS)

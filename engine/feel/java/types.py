"""FEEL values to Java's types and back (DMN 1.5, 10.3.2.13.3).

A number becomes a `BigDecimal` where anything is taken, else what `Number.intValue()`, `doubleValue()`, … of
it give: fractions are cut off, integers keep their low bits, floats are rounded to 24 bits.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from ctypes import c_float
from decimal import Decimal
from typing import Final

from engine.feel import numbers
from engine.feel.numbers import is_number
from engine.feel.values import FeelFunction, kind_of

__all__ = [
    "BITS",
    "JavaError",
    "float_text",
    "from_java",
    "round_float",
    "to_java",
    "wrap",
]


class JavaError(Exception):
    """What Java would throw: the call gives null, with this as the reason."""


BITS: Final = {"byte": 8, "short": 16, "int": 32, "long": 64}


def wrap(value: int, bits: int) -> int:
    """The low bits as a signed integer, as Java's arithmetic leaves them."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def round_float(value: float) -> float:
    """The nearest float of 32 bits."""
    return c_float(value).value


def float_text(value: float) -> str:
    """The fewest digits that tell a float of 32 bits from its neighbours, as Python's repr writes a double."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if round_float(float(text)) == value:
            break
    return repr(float(text))


def _integer(bits: int) -> Callable[[object], object]:
    def convert(value: object) -> int:
        if not is_number(value):
            raise _mismatch("a number", value)
        return wrap(_cut(value), bits)  # type: ignore[arg-type]

    return convert


def _cut(value: int | Decimal) -> int:
    """Without fraction; beyond long's reach only the low bits count, which 10**64 has none of."""
    if isinstance(value, Decimal) and value.adjusted() > 6200:
        return 0
    return int(value)


def _double(value: object) -> float:
    if not is_number(value):
        raise _mismatch("a number", value)
    return float(value)  # type: ignore[arg-type]


def _float(value: object) -> float:
    if not is_number(value):
        raise _mismatch("a number", value)
    exact = Decimal(value)  # type: ignore[arg-type]
    near = round_float(float(exact))
    return near if math.isinf(near) or Decimal(near) == exact else _nearest(exact, near)


def _nearest(exact: Decimal, near: float) -> float:
    """Rounding to a double first may end at the wrong float; its neighbours are tried."""
    bits: int = struct.unpack("<I", struct.pack("<f", near))[0]
    around: list[float] = [
        struct.unpack("<f", struct.pack("<I", bits + step))[0] for step in (-1, 0, 1) if 0 <= bits + step < 2**32
    ]
    finite = [one for one in around if math.isfinite(one)]
    return min(finite, key=lambda one: abs(Decimal(one) - exact))


def _character(value: object) -> str:
    """A text of one UTF-16 unit."""
    if not isinstance(value, str) or len(value) != 1 or value > "\uffff":
        raise _mismatch("a text of one character", value)
    return value


def _characters(value: object) -> list[str]:
    if isinstance(value, list):
        return [_character(one) for one in value]
    return [_character(value)]


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _mismatch("true or false", value)
    return value


def _string(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise _mismatch("a text", value)
    return value


def _list(value: object) -> object:
    if not isinstance(value, list):
        raise _mismatch("a list", value)
    return value


def _object(value: object) -> object:
    if isinstance(value, FeelFunction):
        raise _mismatch("data", value)
    return value


def _big_decimal(value: object) -> object:
    if not is_number(value):
        raise _mismatch("a number", value)
    return Decimal(value)  # type: ignore[arg-type]


def _big_integer(value: object) -> object:
    if not is_number(value):
        raise _mismatch("a number", value)
    return _cut(value)  # type: ignore[arg-type]


def _mismatch(wanted: str, value: object) -> JavaError:
    return JavaError(f"Expected {wanted}, but found {kind_of(value)}")


_CONVERTERS: Final[dict[str, Callable[[object], object]]] = {
    **{name: _integer(bits) for name, bits in BITS.items()},
    "double": _double,
    "float": _float,
    "char": _character,
    "char[]": _characters,
    "boolean": _boolean,
    "String": _string,
    "CharSequence": _string,
    "Iterable": _list,
    "Object": _object,
    "BigDecimal": _big_decimal,
    "BigInteger": _big_integer,
}
_BOXED: Final = {
    "Byte": "byte",
    "Short": "short",
    "Integer": "int",
    "Long": "long",
    "Float": "float",
    "Double": "double",
    "Character": "char",
    "Boolean": "boolean",
}


def to_java(value: object, type_: str) -> object:
    """A FEEL value as the parameter of a type takes it.

    Args:
        type_: a simple name: int, Integer, String, Object, …

    Raises:
        JavaError: it does not go with the type.
    """
    if type_ in _BOXED:
        return None if value is None else _CONVERTERS[_BOXED[type_]](value)
    return _CONVERTERS[type_](value)


def from_java(value: object, type_: str) -> object:
    """What a method gave as a FEEL value; null for what is no number (NaN, infinities).

    Args:
        type_: what the method is declared to give.
    """
    type_ = _BOXED.get(type_, type_)
    if type_ in BITS or type_ == "BigInteger":
        assert isinstance(value, int)
        return numbers.from_int(value)
    if type_ in ("double", "float"):
        assert isinstance(value, float)
        if not math.isfinite(value):
            return None
        return numbers.from_float(float(float_text(value)) if type_ == "float" else value)
    return numbers.narrow(value) if isinstance(value, Decimal) else value

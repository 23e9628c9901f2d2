"""FEEL numbers: 34 decimal digits, ties to even (DMN 1.5, 10.3.2.3.1).

A number is an `int` of at most 34 digits or a `Decimal`. Integer arithmetic runs on `int` where
the exact result fits, which gives the same value as `Decimal` and is several times faster; every
other result is rounded in one decimal128 context, never in the thread's own, which is shorter and
raises. What has no finite value is null (None).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

__all__ = [
    "INT_LIMIT",
    "Number",
    "add",
    "divide",
    "format_number",
    "from_float",
    "from_int",
    "is_number",
    "multiply",
    "narrow",
    "negate",
    "parse_number",
    "power",
    "quantize",
    "subtract",
    "unary",
    "whole",
]

Number = int | Decimal

INT_LIMIT = 10**34
"""Integers from here on, and from its negative down, are rounded to 34 digits."""

_CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
_MAX_EXPONENT = 999_999_999
_SCALES = range(-6111, 6177)
_LITERAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)


def is_number(value: object) -> bool:
    """Whether a FEEL value is a number; booleans are not."""
    kind = type(value)
    return kind is int or kind is Decimal


def parse_number(text: str) -> Number | None:
    """The value of a numeric literal (rule 37), rounded to 34 digits; None if it is none, or too large."""
    if not _LITERAL.fullmatch(text):
        return None
    if len(text) < 34 and text.isdigit():
        return int(text)
    return narrow(_CONTEXT.create_decimal(text))


def narrow(value: Decimal) -> Number | None:
    """A number from a decimal of any precision; None for infinities and NaN."""
    rounded = _CONTEXT.plus(value)
    if not rounded.is_finite():
        return None
    # There is no distinction between -0 and 0.
    return rounded if rounded else rounded.copy_abs()


def from_int(value: int) -> Number | None:
    """A number from an integer of any size."""
    return value if -INT_LIMIT < value < INT_LIMIT else narrow(Decimal(value))


def from_float(value: float) -> Number | None:
    """The number a float shows as: 0.1 is 0.1, not the binary fraction next to it."""
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else narrow(Decimal(repr(value)))


def add(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return from_int(left + right)
    return narrow(_CONTEXT.add(left, right))


def subtract(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return from_int(left - right)
    return narrow(_CONTEXT.subtract(left, right))


def multiply(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return from_int(left * right)
    return narrow(_CONTEXT.multiply(left, right))


def divide(left: Number, right: Number) -> Number | None:
    """The quotient; None when dividing by zero."""
    if not right:
        return None
    if type(left) is int and type(right) is int and left % right == 0:
        return left // right
    return narrow(_CONTEXT.divide(left, right))


def power(base: Number, exponent: Number) -> Number | None:
    """`base ** exponent`; None when out of range (|exponent| above 999,999,999, no real value, too large)."""
    if not -_MAX_EXPONENT <= exponent <= _MAX_EXPONENT:
        return None
    if type(base) is int and type(exponent) is int and exponent >= 0 and base.bit_length() * exponent <= 112:
        return from_int(base**exponent)
    if not base and exponent <= 0:
        return 1 if not exponent else None
    return narrow(_CONTEXT.power(base, exponent))


def negate(value: Number) -> Number | None:
    return -value if type(value) is int else narrow(_CONTEXT.minus(value))


def unary(name: str, value: Number) -> Number | None:
    """`sqrt`, `ln` or `exp` in the decimal context; None outside the function's domain."""
    result: Decimal = getattr(_CONTEXT, name)(Decimal(value))
    return narrow(result)


def quantize(value: Number, scale: int, rounding: str) -> Number | None:
    """`value` with `scale` digits after the point (negative: zeros before it); None if out of range.

    Args:
        rounding: one of the constants of module `decimal`.
    """
    if scale not in _SCALES:
        return None
    if type(value) is int and scale == 0:
        return value
    wide = Context(prec=7000, rounding=rounding, Emin=-20000, Emax=20000, traps=[])
    rounded = wide.quantize(Decimal(value), Decimal((0, (1,), -scale)))
    return narrow(rounded) if rounded.is_finite() else None


def whole(value: object) -> int | None:
    """The integer a number equals; None if it has a fraction, is no number, or has over 34 digits."""
    if type(value) is int:
        return value
    if type(value) is Decimal and value.copy_abs() < INT_LIMIT and value == value.to_integral_value():
        return int(value)
    return None


def format_number(value: Number) -> str:
    """Plain digits, never an exponent."""
    return str(value) if type(value) is int else format(value, "f")

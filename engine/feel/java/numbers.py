"""The classes of Java's numbers: Integer, Long, Short, Byte, Double, Float, BigDecimal, BigInteger."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from engine.feel.java.methods import declare
from engine.feel.java.types import BITS, JavaError, float_text, round_float, wrap

__all__ = ["double_text"]

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_REAL: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[fFdD]?", re.ASCII)
_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf}
_MAX_DIGITS: Final = 4_000


def _parse(bits: int, *, signed: bool = True) -> Callable[..., int]:
    """`Integer.parseInt` and its like: a sign and digits of the radix, nothing else, within the range."""

    def parse(text: str | None, radix: int = 10) -> int:
        if not 2 <= radix <= 36:
            raise JavaError(f"Expected a radix from 2 to 36, but found {radix}")
        digits = (text or "").lower()
        sign = -1 if digits[:1] == "-" else 1
        if digits[:1] in ("-", "+"):
            digits = digits[1:]
        allowed = _DIGITS[:radix]
        if not digits or len(digits) > _MAX_DIGITS or any(one not in allowed for one in digits):
            raise JavaError(f"Expected whole digits, but found {_short(text)}")
        value = sign * int(digits, radix)
        if (signed and wrap(value, bits) != value) or (not signed and not 0 <= value < 1 << bits):
            raise JavaError(f"Expected a number of {bits} bits, but found {_short(text)}")
        return wrap(value, bits)

    return parse


def _decode(bits: int) -> Callable[[str | None], int]:
    """`Integer.decode`: also 0x…, #… and 0…."""

    def decode(text: str | None) -> int:
        match = re.fullmatch(r"([-+]?)(0[xX]|#|0(?=.))?(.*)", text or "", re.DOTALL)
        assert match is not None
        sign, prefix, digits = match.groups()
        if digits[:1] in ("-", "+"):
            raise JavaError(f"Expected whole digits, but found {_short(text)}")
        return _parse(bits)(sign + digits, {None: 10, "0": 8}.get(prefix, 16))

    return decode


def _parse_real(text: str | None) -> float:
    """`Double.parseDouble`; white space around the number is no part of it."""
    plain = (text or "").strip("".join(map(chr, range(33))))
    sign, rest = (plain[:1], plain[1:]) if plain[:1] in ("-", "+") else ("", plain)
    if rest in _SPECIAL:
        return -_SPECIAL[rest] if sign == "-" else _SPECIAL[rest]
    if len(plain) > _MAX_DIGITS or not _REAL.fullmatch(plain):
        raise JavaError(f"Expected a number, but found {_short(text)}")
    return float(plain.rstrip("fFdD"))


def _parse_float(text: str | None) -> float:
    return round_float(_parse_real(text))


def _short(text: str | None) -> str:
    return "null" if text is None else repr(text if len(text) <= 40 else text[:39] + "…")


def _in_radix(value: int, radix: int = 10) -> str:
    """Digits of a radix; one that Java does not know counts as 10."""
    radix = radix if 2 <= radix <= 36 else 10
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def double_text(value: float, *, single: bool = False) -> str:
    """What `Double.toString` or, for single, `Float.toString` gives: at least one digit after the point, an
    exponent from 10^7 and below 10^-3."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if not value:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    number = Decimal(float_text(value) if single else repr(value)).normalize()
    digits, exponent = "".join(map(str, number.as_tuple().digits)), number.adjusted()
    sign = "-" if value < 0 else ""
    if -3 <= exponent < 7:
        if exponent < 0:
            return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
        whole = digits[: exponent + 1].ljust(exponent + 1, "0")
        return f"{sign}{whole}.{digits[exponent + 1 :] or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _compare(left: float, right: float) -> int:
    return (left > right) - (left < right)


def _double_bits(value: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits


def _float_bits(value: float) -> int:
    bits: int = struct.unpack("<i", struct.pack("<f", value))[0]
    return bits


def _unsigned(reckon: Callable[[int, int], int], bits: int) -> Callable[[int, int], int]:
    def apply(left: int, right: int) -> int:
        mask = (1 << bits) - 1
        if not right and reckon is not _compare:
            raise JavaError("Expected a divisor other than 0")
        return wrap(reckon(left & mask, right & mask), bits)

    return apply


def _rotate(bits: int, *, left: bool) -> Callable[[int, int], int]:
    def apply(value: int, distance: int) -> int:
        distance = (distance if left else -distance) % bits
        value &= (1 << bits) - 1
        return wrap(value << distance | value >> (bits - distance), bits)

    return apply


def _declare_integer(class_name: str, type_: str, parse: str) -> None:
    bits = BITS[type_]
    mask = (1 << bits) - 1
    declare(
        f"java.lang.{class_name}",
        {
            f"{type_} {parse}(String)": _parse(bits),
            f"{type_} {parse}(String, int)": _parse(bits),
            f"{class_name} valueOf(String)": _parse(bits),
            f"{class_name} valueOf(String, int)": _parse(bits),
            f"{class_name} valueOf({type_})": lambda value: value,
            f"{class_name} decode(String)": _decode(bits),
            f"String toString({type_})": str,
            f"int compare({type_}, {type_})": _compare if bits > 16 else lambda left, right: left - right,
            f"int hashCode({type_})": lambda value: wrap(value ^ (value >> 32), 32) if bits == 64 else value,
        },
    )
    if bits <= 16:
        return
    declare(
        f"java.lang.{class_name}",
        {
            f"{type_} parseUnsigned{'Int' if bits == 32 else 'Long'}(String)": _parse(bits, signed=False),
            f"{type_} max({type_}, {type_})": max,
            f"{type_} min({type_}, {type_})": min,
            f"{type_} sum({type_}, {type_})": lambda left, right: wrap(left + right, bits),
            f"int signum({type_})": lambda value: (value > 0) - (value < 0),
            f"int bitCount({type_})": lambda value: (value & mask).bit_count(),
            f"{type_} reverse({type_})": lambda value: wrap(int(f"{value & mask:0{bits}b}"[::-1], 2), bits),
            f"{type_} highestOneBit({type_})": lambda value: wrap((1 << (value & mask).bit_length()) >> 1, bits),
            f"{type_} lowestOneBit({type_})": lambda value: wrap(value & -value, bits),
            f"int numberOfLeadingZeros({type_})": lambda value: bits - (value & mask).bit_length(),
            f"int numberOfTrailingZeros({type_})": lambda value: (value & -value).bit_length() - 1 if value else bits,
            f"{type_} rotateLeft({type_}, int)": _rotate(bits, left=True),
            f"{type_} rotateRight({type_}, int)": _rotate(bits, left=False),
            f"String toString({type_}, int)": _in_radix,
            f"String toBinaryString({type_})": lambda value: f"{value & mask:b}",
            f"String toOctalString({type_})": lambda value: f"{value & mask:o}",
            f"String toHexString({type_})": lambda value: f"{value & mask:x}",
            f"String toUnsignedString({type_})": lambda value: str(value & mask),
            f"int compareUnsigned({type_}, {type_})": _unsigned(_compare, bits),
            f"{type_} divideUnsigned({type_}, {type_})": _unsigned(lambda left, right: left // right, bits),
            f"{type_} remainderUnsigned({type_}, {type_})": _unsigned(lambda left, right: left % right, bits),
        },
    )


for _class, _type, _name in (
    ("Integer", "int", "parseInt"),
    ("Long", "long", "parseLong"),
    ("Short", "short", "parseShort"),
    ("Byte", "byte", "parseByte"),
):
    _declare_integer(_class, _type, _name)

for _class, _type, _read, _single in (
    ("Double", "double", _parse_real, False),
    ("Float", "float", _parse_float, True),
):
    declare(
        f"java.lang.{_class}",
        {
            f"{_type} parse{_class}(String)": _read,
            f"{_class} valueOf(String)": _read,
            f"{_class} valueOf({_type})": lambda value: value,
            f"String toString({_type})": lambda value, single=_single: double_text(value, single=single),
            f"{_type} max({_type}, {_type})": max,
            f"{_type} min({_type}, {_type})": min,
            f"{_type} sum({_type}, {_type})": (lambda left, right: round_float(left + right))
            if _single
            else (lambda left, right: left + right),
            f"int compare({_type}, {_type})": _compare,
            f"boolean isNaN({_type})": math.isnan,
            f"boolean isInfinite({_type})": math.isinf,
            f"boolean isFinite({_type})": math.isfinite,
        },
    )

declare(
    "java.lang.Integer",
    {
        "long toUnsignedLong(int)": lambda value: value & 0xFFFFFFFF,
        "int reverseBytes(int)": lambda value: int.from_bytes(
            value.to_bytes(4, "big", signed=True), "little", signed=True
        ),
    },
)
declare(
    "java.lang.Long",
    {
        "long reverseBytes(long)": lambda value: int.from_bytes(
            value.to_bytes(8, "big", signed=True), "little", signed=True
        ),
    },
)
declare(
    "java.lang.Double",
    {
        "long doubleToLongBits(double)": _double_bits,
        "double longBitsToDouble(long)": lambda bits: struct.unpack("<d", struct.pack("<q", bits))[0],
        "int hashCode(double)": lambda value: wrap(_double_bits(value) ^ (_double_bits(value) >> 32), 32),
    },
)
declare(
    "java.lang.Float",
    {
        "int floatToIntBits(float)": _float_bits,
        "float intBitsToFloat(int)": lambda bits: struct.unpack("<f", struct.pack("<i", bits))[0],
        "int hashCode(float)": _float_bits,
    },
)
for _type in ("Short", "Byte"):
    _bits = BITS[_type.lower()]
    declare(
        f"java.lang.{_type}",
        {
            f"int toUnsignedInt({_type.lower()})": lambda value, bits=_bits: value & ((1 << bits) - 1),
            f"long toUnsignedLong({_type.lower()})": lambda value, bits=_bits: value & ((1 << bits) - 1),
        },
    )


def _scaled(value: int, scale: int) -> Decimal:
    return Decimal(value).scaleb(-scale)


def _decimal(value: float) -> Decimal:
    if not math.isfinite(value):
        raise JavaError("Expected a finite number")
    return Decimal(double_text(value))


declare(
    "java.math.BigDecimal",
    {
        "BigDecimal valueOf(double)": _decimal,
        "BigDecimal valueOf(long)": Decimal,
        "BigDecimal valueOf(long, int)": _scaled,
    },
)
declare("java.math.BigInteger", {"BigInteger valueOf(long)": lambda value: value})

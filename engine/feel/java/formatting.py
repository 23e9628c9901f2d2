"""`String.format` for the values FEEL hands to Java: texts, booleans, BigDecimals, lists, maps, dates and null."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from engine.feel.java.types import JavaError, wrap
from engine.feel.numbers import is_number
from engine.feel.runtime import Run
from engine.feel.values import format_value

__all__ = ["format_text", "object_text"]

_SPECIFIER: Final = re.compile(r"%(?:([1-9][0-9]*)\$)?([-#+ 0,(<]*)([1-9][0-9]*)?(?:\.([0-9]+))?([a-zA-Z%])?", re.ASCII)
_LARGEST: Final = 2**31 - 1
_WHOLE_TYPES: Final = frozenset("doxXcC")
_WIDE: Final = Context(prec=20_000, Emin=-999_999, Emax=999_999, traps=[])


def object_text(value: object, charge: Callable[[int], object]) -> str:
    """What `String.valueOf(Object)` gives for a FEEL value.

    Args:
        charge: called with the number of characters of each part.
    """
    if value is None or isinstance(value, bool | str):
        text = {None: "null", True: "true", False: "false"}[value] if not isinstance(value, str) else value
    elif is_number(value):
        text = str(value)
    elif isinstance(value, list):
        text = "[" + ", ".join([object_text(item, charge) for item in value]) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join([f"{key}={object_text(item, charge)}" for key, item in value.items()]) + "}"
    else:
        text = format_value(value) or ""
    charge(len(text))
    return text


def format_text(run: Run, pattern: str | None, arguments: list[object]) -> str:
    """`String.format(pattern, arguments)` with `Locale.ROOT`.

    Raises:
        JavaError: where Java throws: no such conversion, a value that does not go with it, too few arguments.
    """
    if pattern is None:
        raise JavaError("Expected a text to format by, but it is null")
    parts: list[str] = []
    at = ordinary = 0
    last = -1
    while (found := pattern.find("%", at)) >= 0:
        parts.append(pattern[at:found])
        match = _SPECIFIER.match(pattern, found)
        if match is None or match.group(5) is None:
            raise JavaError(f"Expected a conversion such as %s after the % at position {found + 1}")
        at = match.end()
        index, flags, width, precision, conversion = match.groups()
        if conversion == "n" and (flags or width or precision):
            raise JavaError("Expected %n without flags, width or precision")
        spec = _Spec(flags, width, precision, conversion)
        run.grow(spec.size)
        if conversion in "%n":
            parts.append("\n" if conversion == "n" else spec.padded("%"))
            continue
        if "<" in flags:
            chosen = last
        elif index is not None:
            chosen = int(index) - 1
        else:
            chosen, ordinary = ordinary, ordinary + 1
        if not 0 <= chosen < len(arguments):
            raise JavaError(f"Expected an argument for {match.group()}, but there are {len(arguments)}")
        last = chosen
        parts.append(spec.write(arguments[chosen], run))
    parts.append(pattern[at:])
    return "".join(parts)


class _Spec:
    """One conversion, such as `%-10.2f`."""

    def __init__(self, flags: str, width: str | None, precision: str | None, conversion: str) -> None:
        plain = flags.replace("<", "")
        if len(set(plain)) < len(plain):
            raise JavaError(f"Expected each flag once, but found {plain!r}")
        self.flags = frozenset(plain)
        self.width = int(width) if width else 0
        self.precision = int(precision) if precision is not None else None
        self.conversion = conversion
        if self.width > _LARGEST or (self.precision or 0) > _LARGEST:
            raise JavaError("Expected a width and a precision of 31 bits")
        if self.flags & {"-", "0"} and not self.width:
            raise JavaError(f"Expected a width beside the flag {plain!r}")
        if self.flags >= {"-", "0"} or self.flags >= {"+", " "}:
            raise JavaError(f"Expected flags that go together, but found {plain!r}")

    @property
    def size(self) -> int:
        """How many characters it may make at least."""
        made_by_precision = self.conversion in "eEfgG"
        return self.width + (self.precision or 0 if made_by_precision else 0)

    def write(self, value: object, run: Run) -> str:
        kind = self.conversion.lower()
        if kind not in "bhscdoxefga" or self.conversion in "DOF":
            raise JavaError(f"Expected one of the conversions b, h, s, d, e, f, g, but found %{self.conversion}")
        if kind in "bhs":
            text = self._general(kind, value, run)
        elif value is None:
            text = self.padded("null"[: self.precision])
        elif kind in "efg" and is_number(value):
            text = self._number(kind, Decimal(value))  # type: ignore[arg-type]
        else:
            hint = "; FEEL's numbers are BigDecimals, write %.0f" if self.conversion in _WHOLE_TYPES else ""
            raise JavaError(f"Expected a value that goes with %{self.conversion}{hint}")
        return text.upper() if self.conversion.isupper() else text

    def _general(self, kind: str, value: object, run: Run) -> str:
        if self.flags - {"-"}:
            raise JavaError(f"Expected no flags but - with %{self.conversion}")
        if kind == "b":
            text = "true" if value is True or (value is not None and value is not False) else "false"
        elif kind == "h" and value is not None:
            text = _hash(value)
        else:
            text = object_text(value, run.grow)
        return self.padded(text[: self.precision])

    def padded(self, text: str) -> str:
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)

    def _number(self, kind: str, value: Decimal) -> str:
        if kind == "e" and "," in self.flags:
            raise JavaError("Expected no , with %e")
        if kind == "g" and "#" in self.flags:
            raise JavaError("Expected no # with %g")
        precision = 6 if self.precision is None else self.precision
        if kind == "g":
            kind, precision = _general_form(value, precision)
        digits = _fixed(abs(value), precision) if kind == "f" else _scientific(abs(value), precision)
        if "#" in self.flags and "." not in digits:
            digits = digits.replace("e", ".e") if "e" in digits else digits + "."
        return self._signed(digits, negative=value < 0)

    def _signed(self, digits: str, *, negative: bool) -> str:
        before, after = "", ""
        if negative:
            before, after = ("(", ")") if "(" in self.flags else ("-", "")
        elif self.flags & {"+", " "}:
            before = "+" if "+" in self.flags else " "
        if "," in self.flags:
            whole, point, fraction = digits.partition(".")
            digits = f"{int(whole):,}" + point + fraction
        if "0" in self.flags:
            digits = digits.rjust(self.width - len(before) - len(after), "0")
        return self.padded(before + digits + after)


def _fixed(value: Decimal, precision: int) -> str:
    if precision > 10_000:
        # Every digit beyond a number's own is a zero; the budget has been charged for them.
        exact = format(value, "f")
        whole, _, fraction = exact.partition(".")
        return f"{whole}.{fraction.ljust(precision, '0')}"
    return format(value.quantize(Decimal((0, (1,), -precision)), ROUND_HALF_UP, _WIDE), "f")


def _scientific(value: Decimal, precision: int) -> str:
    digits = min(precision, 10_000) + 1
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=[]).plus(value)
    exponent = rounded.adjusted() if rounded else 0
    figures = (
        "".join(map(str, rounded.as_tuple().digits)).ljust(precision + 1, "0") if rounded else "0" * (precision + 1)
    )
    fraction = f".{figures[1 : precision + 1]}" if precision else ""
    return f"{figures[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general_form(value: Decimal, precision: int) -> tuple[str, int]:
    """`%g`: fixed for 10^-4 and more, up to 10^precision; else scientific. The precision counts all digits."""
    precision = precision or 1
    if not value:
        return "f", precision - 1
    rounded = Context(prec=min(precision, 10_000), rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=[]).plus(
        value
    )
    exponent = rounded.adjusted()
    if -4 <= exponent < precision:
        return "f", max(0, precision - 1 - exponent)
    return "e", precision - 1


def _hash(value: object) -> str:
    """`Integer.toHexString(arg.hashCode())` of what has a hash code written down."""
    if isinstance(value, bool):
        return f"{1231 if value else 1237:x}"
    if not isinstance(value, str):
        raise JavaError("Expected a text or a boolean with %h")
    code = 0
    raw = value.encode("utf-16-be")
    for at in range(0, len(raw), 2):
        code = wrap(31 * code + int.from_bytes(raw[at : at + 2], "big"), 32)
    return f"{code & 0xFFFFFFFF:x}"

"""Rules for numbers: bounds, decimals, steps. Checked as decimals, so 0.1 is 0.1."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

import regex

from engine.models.forms.component import Component
from engine.models.forms.problems import Refused
from engine.models.forms.scope import is_number

_MAX_LENGTH: Final = 60
_LARGEST: Final = Decimal(2**63 - 1)
_NUMBER: Final = regex.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", regex.ASCII)


def check_number(component: Component, value: object) -> int | float | str | None:
    """The number; None for an empty field; text where the form keeps numbers as text.

    Raises:
        Refused: with the first rule it breaks.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number = _parse(value)
    _check_bounds(component, number)
    _check_digits(component, number)
    return _stored(component, number)


def read_number(component: Component, value: object) -> int | float | str | None:
    """The number in the type it is stored in, its bounds unchecked.

    Raises:
        Refused: it is no number, or none that can be stored.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _stored(component, _parse(value))


def _stored(component: Component, number: Decimal) -> int | float | str:
    if component.as_text:
        return format(number, "f")
    if abs(number) > _LARGEST:
        raise Refused("number_too_large")
    return int(number) if number == number.to_integral_value() else float(number)


def _parse(value: object) -> Decimal:
    if not isinstance(value, str) and not is_number(value):
        raise Refused("not_a_number", actual=value)
    # Full-width digits come from Chinese input methods.
    text = unicodedata.normalize("NFKC", str(value).strip()) if len(str(value)) <= _MAX_LENGTH else ""
    if not _NUMBER.fullmatch(text):
        raise Refused("not_a_number", actual=value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Refused("not_a_number", actual=value) from None
    if abs(number.adjusted()) > _MAX_LENGTH:
        raise Refused("number_too_large")
    return number


def _check_bounds(component: Component, number: Decimal) -> None:
    if component.min is not None and number < component.min:
        raise Refused("below_minimum", limit=plain(component.min))
    if component.max is not None and number > component.max:
        raise Refused("above_maximum", limit=plain(component.max))


def _check_digits(component: Component, number: Decimal) -> None:
    exponent = number.normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    if component.decimal_digits is not None and decimals > component.decimal_digits:
        if component.decimal_digits == 0:
            raise Refused("not_a_whole_number")
        raise Refused("too_many_decimals", limit=component.decimal_digits)
    step = component.increment
    if step is not None and step > 0 and number % step != 0:
        raise Refused("not_a_step", limit=plain(step))


def plain(number: Decimal) -> str:
    """A decimal without exponent and without trailing zeros."""
    text = format(number.normalize(), "f")
    return "0" if text in ("-0", "") else text

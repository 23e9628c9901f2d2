"""Settings of form-js components: where each stands in the schema, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import regex

from engine.models.forms.scope import is_number


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a component.

    Args:
        key: its name in the schema.
        rule: whether it stands in `validate`.
        read: turns the JSON value into ours; None if it cannot be meant.
        computable: whether '=…' (FEEL) may stand there instead.
    """

    key: str
    read: Callable[[Any], Any]
    rule: bool = False
    computable: bool = False


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _feel(value: Any) -> str | None:
    return value.removeprefix("=").strip() if isinstance(value, str) else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, str):
        value = value.strip()
        return Decimal(value) if regex.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", value) else None
    return Decimal(str(value)) if is_number(value) and value == value and abs(value) < 10**30 else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _one_of(*names: str) -> Any:
    return lambda value: value if value in names else None


SETTINGS: Final[dict[str, Setting]] = {
    "label": Setting(key="label", read=_text, computable=True),
    "description": Setting(key="description", read=_text, computable=True),
    "text": Setting(key="text", read=_text, computable=True),
    "disabled": Setting(key="disabled", read=_boolean, computable=True),
    "readonly": Setting(key="readonly", read=_boolean, computable=True),
    "required": Setting(key="required", read=_boolean, rule=True, computable=True),
    "min": Setting(key="min", read=_number, rule=True, computable=True),
    "max": Setting(key="max", read=_number, rule=True, computable=True),
    "min_length": Setting(key="minLength", read=_whole, rule=True, computable=True),
    "max_length": Setting(key="maxLength", read=_whole, rule=True, computable=True),
    "pattern": Setting(key="pattern", read=_text, rule=True),
    "validation_type": Setting(key="validationType", read=_one_of("email", "phone"), rule=True),
    "decimal_digits": Setting(key="decimalDigits", read=_whole),
    "increment": Setting(key="increment", read=_number, computable=True),
    "as_text": Setting(key="serializeToString", read=_boolean),
    "subtype": Setting(key="subtype", read=_one_of("date", "time", "datetime")),
    "time_format": Setting(key="timeSerializingFormat", read=_one_of("utc_offset", "utc_normalized", "no_timezone")),
    "future_only": Setting(key="disallowPassedDates", read=_boolean),
    "options_key": Setting(key="valuesKey", read=_text),
    "options_expression": Setting(key="valuesExpression", read=_feel),
    "data_source": Setting(key="dataSource", read=_text),
    "row_count": Setting(key="rowCount", read=_whole),
    "accept": Setting(key="accept", read=_text, computable=True),
    "multiple": Setting(key="multiple", read=_boolean, computable=True),
    "repetitions": Setting(key="defaultRepetitions", read=_whole),
    "allow_add_remove": Setting(key="allowAddRemove", read=_boolean),
    "expression": Setting(key="expression", read=_feel),
}

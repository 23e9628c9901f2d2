"""What is asked can be stored: checked for every command before its handler sees it, and for every wait.

Neither database takes everything that Python calls a string or a number. Refusing it here, by the
name of the field, spares every handler the same checks and keeps database errors from users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from functools import cache
from typing import Any

from engine.errors import InvalidInput
from engine.handlers.values import check_name, to_json

MAX_SHORT = 255
MAX_LONG = 100_000
_LONG = {"reason", "message", "details", "subject", "body", "user_agent"}
_LONGEST = timedelta(days=36_600)


def check_fields(asked: object) -> None:
    """Refuse a dataclass (a command, or a wait that a process opens) whose fields no database can hold.

    Raises:
        InvalidInput: names the field and says what is wrong with it.
    """
    kind: type = type(asked)
    for name in _names(kind):
        value = getattr(asked, name)
        check = _CHECKS.get(type(value))
        if check is not None:
            check(name, value)
        elif isinstance(value, Mapping):
            _check_mapping(name, value)


def check_text(name: str, text: str, limit: int, *, least: int = 0) -> None:
    """Refuse a text that is too long, or holds what is no character.

    Raises:
        InvalidInput: `name` is what it calls the text.
    """
    if not least <= len(text) <= limit:
        raise InvalidInput(f"Expected {least} to {limit:,} characters for {name} but got {len(text):,}.")
    if "\0" in text or not _is_unicode(text):
        raise InvalidInput(f"Expected {name} without NUL and unpaired surrogates but got {text[:40]!r}.")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_text(name: str, text: str) -> None:
    check_text(f"'{name}'", text, MAX_LONG if name in _LONG else MAX_SHORT)


def _check_texts(name: str, values: tuple[object, ...]) -> None:
    for value in values:
        if isinstance(value, str):
            _check_text(name, value)


def _check_integer(name: str, number: int) -> None:
    if not -(2**31) <= number < 2**31:
        raise InvalidInput(f"Expected a number of at most 32 bits for '{name}' but got one of {number.bit_length()}.")


def _check_duration(name: str, duration: timedelta) -> None:
    if not -_LONGEST <= duration <= _LONGEST:
        raise InvalidInput(f"Expected at most a hundred years for '{name}'.")


def _check_mapping(name: str, mapping: Mapping[object, object]) -> None:
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise InvalidInput(f"Expected names that are text in '{name}' but got {key!r:.40}.")
        if isinstance(value, bytes) and name == "files":
            _check_text(name, key)
        else:
            to_json(check_name(key), value)


@cache
def _names(asked: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(asked))


_CHECKS: dict[type, Callable[[str, Any], None]] = {
    str: _check_text,
    tuple: _check_texts,
    int: _check_integer,
    timedelta: _check_duration,
}

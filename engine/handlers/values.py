"""Names and values of variables: any JSON that a user can type, and nothing else."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import orjson

from engine.errors import InvalidInput

MAX_NAME = 255
MAX_VALUE = 1_000_000


@lru_cache(maxsize=4_096)
def check_name(name: str) -> str:
    """A variable's name in NFC.

    Raises:
        InvalidInput: it is empty, too long, or holds a control character or half of one.
    """
    name = unicodedata.normalize("NFC", name)
    if not name or len(name) > MAX_NAME or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        raise InvalidInput(
            f"Expected a variable name of 1 to {MAX_NAME} characters, none a control character, but got {name[:40]!r}."
        )
    return name


def to_json(name: str, value: object) -> bytes:
    """A variable's value as JSON bytes.

    Raises:
        InvalidInput: it is not JSON data, or over a megabyte.
    """
    try:
        body = orjson.dumps(value)
    except TypeError as error:
        raise InvalidInput(f"Expected JSON data for variable {name!r} but: {error}.") from error
    if len(body) > MAX_VALUE:
        raise InvalidInput(
            f"Expected at most {MAX_VALUE:,} bytes for variable {name!r} but got {len(body):,}; "
            "attach it as a file instead."
        )
    if b"null" in body and _has_odd_float(value):  # orjson writes NaN and infinity as null
        raise InvalidInput(f"Expected numbers for variable {name!r} but got one that is not finite.")
    return body


def _has_odd_float(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(map(_has_odd_float, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_odd_float, value))

"""What a bot may hand back: JSON values under string keys, one mebibyte at most."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.contracts.errors import TechnicalError
from engine.contracts.jobs import JobResult

MAX_RESULT_BYTES: Final = 1024 * 1024


def checked_variables(topic: str, result: object) -> dict[str, Any]:
    """The variables of a bot's result as plain JSON data (a copy; tuples become lists).

    Args:
        topic: of the bot, for the message.
        result: whatever the bot's function returned.

    Raises:
        TechnicalError: it is no JobResult, holds something that is not JSON, or is larger than 1 MiB
            as UTF-8; the message names the variable.
    """
    if not isinstance(result, JobResult):
        raise TechnicalError(
            f"Expected a JobResult from bot {topic!r} but got {type(result).__name__}; "
            "a bot with nothing to say returns JobResult()."
        )
    if not isinstance(result.variables, Mapping):
        raise TechnicalError(
            f"Expected variables by name from bot {topic!r} but got {type(result.variables).__name__}."
        )
    try:
        problem = _not_json(result.variables, "variables")
        text = "" if problem else json.dumps(_plain(result.variables), ensure_ascii=False)
        size = len(text.encode())
    except RecursionError:
        problem = "variables nested too deeply"
    except UnicodeEncodeError:
        problem = "a text with half a character (a lone surrogate)"
    if problem:
        raise TechnicalError(f"Expected JSON values from bot {topic!r} but got {problem}.")
    if size > MAX_RESULT_BYTES:
        raise TechnicalError(
            f"Expected at most {MAX_RESULT_BYTES} bytes of variables from bot {topic!r} but got {size}; "
            "attach large data as a file and return its reference."
        )
    plain: dict[str, Any] = json.loads(text)
    return plain


def _not_json(value: object, path: str) -> str:
    """What in the value is not JSON, and where; '' if all of it is."""
    if value is None or isinstance(value, str | bool | int):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{value} at {path}"
    if isinstance(value, Mapping):
        bad_keys = [key for key in value if not isinstance(key, str)]
        if bad_keys:
            return f"the key {bad_keys[0]!r} at {path}, which is no text"
        return next(filter(None, (_not_json(item, f"{path}.{key}") for key, item in value.items())), "")
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return next(filter(None, (_not_json(item, f"{path}[{n}]") for n, item in enumerate(value))), "")
    return f"a {type(value).__name__} at {path}"


def _plain(value: Any) -> Any:
    """The same value in dicts and lists, which is what json writes."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [_plain(item) for item in value]

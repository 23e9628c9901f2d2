"""Receipts: the result of a command under its idempotency key, so that a repeat gives it again.

Results are dataclasses of plain data; they are written as JSON with the name of their type and
read back by their type hints.
"""

from __future__ import annotations

import dataclasses
import hashlib
import types
import typing
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

import orjson

from engine import calendar_views, decision_views, document_views, findings, identity_views, views
from engine.commands import Command
from engine.contracts import documents, files, jobs
from engine.errors import CorruptState

_KNOWN = {
    cls.__name__: cls
    for module in (
        views,
        calendar_views,
        decision_views,
        document_views,
        identity_views,
        findings,
        documents,
        files,
        jobs,
    )
    for cls in vars(module).values()
    if isinstance(cls, type) and dataclasses.is_dataclass(cls)
}


def digest(command: Command) -> bytes:
    """What a command asks, as 32 bytes: the same key with another digest is a mistake."""
    fields = {f.name: getattr(command, f.name) for f in dataclasses.fields(command)}  # type: ignore[arg-type]
    body = orjson.dumps(
        [type(command).__name__, fields],
        default=_plain,
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
    )
    return hashlib.sha256(body).digest()


def encode(result: object) -> Any:
    """A command's result as JSON data."""
    if isinstance(result, tuple):
        return {"type": "tuple", "items": [encode(item) for item in result]}
    if isinstance(result, datetime):
        return {"type": "datetime", "value": result.isoformat()}
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        name = type(result).__name__
        body = orjson.dumps(result, default=_plain, option=orjson.OPT_NON_STR_KEYS)
        return {"type": name, "value": orjson.Fragment(body)}
    return {"type": "", "value": result}


def decode(stored: Mapping[str, Any]) -> Any:
    """The result that `encode` was given.

    Raises:
        CorruptState: the receipt was written by something newer.
    """
    kind = stored["type"]
    if kind == "tuple":
        return tuple(decode(item) for item in stored["items"])
    if kind == "datetime":
        return datetime.fromisoformat(stored["value"])
    if not kind:
        return stored["value"]
    if kind not in _KNOWN:
        raise CorruptState(f"Expected a receipt of a known type but got {kind!r}.")
    return _read(_KNOWN[kind], stored["value"])


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | Mapping):
        return dict(value) if isinstance(value, Mapping) else list(value)
    if isinstance(value, Enum):
        return value.value
    return str(value)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return _read(next(h for h in inner if h is not type(None)), value)
    if origin is tuple and inner[1:] != (Ellipsis,):
        return tuple(map(_read, inner, value))
    if origin is Mapping:
        return {key: _read(inner[1], item) for key, item in value.items()}
    if origin in {tuple, list, frozenset}:
        return origin(_read(inner[0] if inner else Any, item) for item in value)
    if dataclasses.is_dataclass(hint):
        hints = _hints(typing.cast(type, hint))
        kept = {k: _read(hints[k], v) for k, v in value.items() if k in hints}
        return typing.cast(type, hint)(**kept)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is timedelta:
        return timedelta(seconds=value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value

"""The event log: append-only, hash-chained per instance, values beside the chain.

Each link is a BLAKE2b-256 digest over the link before it, the event, and the salted digests of
the variable values it changed. The values themselves stand beside the chain, so that erasing a
person's data (value and salt) leaves the chain provable.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from engine.clock import to_micros

GENESIS = b"\0" * 32
"""The link before the first event of an instance."""


@dataclass
class Change:
    """A variable got a value in a scope. `value` is JSON bytes; None means it was removed."""

    scope_id: str
    name: str
    value: bytes | None
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(12))

    @cached_property
    def digest(self) -> bytes:
        """What the chain holds in place of the value."""
        return value_digest(self.salt, self.value)


@dataclass(slots=True)
class Event:
    """One thing that happened, before it is written."""

    kind: str
    element_id: str = ""
    activity_id: str | None = None
    data: dict[str, Any] | None = None
    changes: Sequence[Change] = ()


def value_digest(salt: bytes, value: bytes | None) -> bytes:
    """The salted digest of a variable's JSON value."""
    return hashlib.blake2b(salt + (b"-" if value is None else b"+" + value), digest_size=32).digest()


def link(
    before: bytes,
    *,
    number: int,
    at: datetime,
    kind: str,
    element_id: str,
    activity_id: str | None,
    actor: str,
    actor_kind: str,
    data: object,
    changes: Sequence[tuple[str, str, bytes]],
) -> bytes:
    """The next link of an instance's chain.

    Args:
        before: the link of the event before, or `GENESIS`.
        changes: (scope id, variable name, digest) of each variable change, in order.
    """
    body = orjson.dumps([number, to_micros(at), kind, element_id, activity_id, actor, actor_kind, data])
    digest = hashlib.blake2b(before, digest_size=32)
    digest.update(body)
    for scope_id, name, value in changes:
        digest.update(orjson.dumps([scope_id, name]))
        digest.update(value)
    return digest.digest()

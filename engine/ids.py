"""Identifiers: UUID version 7 (RFC 9562), ordered by time, as 36-character strings."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7, such as '019a9c2e-6b1c-7d0e-8c3a-2f9d0c8e4b11'."""
    return str(uuid_utils.uuid7())

"""Column types that mean the same on SQLite and PostgreSQL, and the column that every table of a tenant's has."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Dialect, LargeBinary, MetaData, SmallInteger, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.types import TypeDecorator, TypeEngine
from uuid_utils import UUID

from engine.clock import from_micros, to_micros

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""One metadata for every table of the platform."""


class Id(TypeDecorator[str]):
    """A UUID as a 36-character string in Python: 16 bytes on SQLite, `uuid` on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(PG_UUID(as_uuid=False))
        return dialect.type_descriptor(LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Any:
        return None if dialect.name == "postgresql" else _to_bytes

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _text_of if dialect.name == "postgresql" else _from_bytes


@lru_cache(maxsize=4_096)
def _to_bytes(value: str | None) -> bytes | None:
    """16 bytes of a UUID; a command writes the same few ids many times."""
    return None if value is None else bytes.fromhex(value.replace("-", ""))


def _from_bytes(value: bytes | None) -> str | None:
    return None if value is None else str(UUID(bytes=value))


class Ids(TypeDecorator[list[str]]):
    """Several UUIDs as a list of strings in Python, in both databases as their bytes one after the other."""

    impl = LargeBinary
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda values: None if values is None else bytes.fromhex("".join(values).replace("-", ""))

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _list_of


def _list_of(value: bytes | None) -> list[str] | None:
    if value is None:
        return None
    if len(value) == 16:  # nearly always
        return [str(UUID(bytes=value))]
    return [str(UUID(bytes=value[at : at + 16])) for at in range(0, len(value), 16)]


def _text_of(value: object) -> str | None:
    return None if value is None else str(value)


def is_id(text: str) -> bool:
    """Whether a text from outside is a UUID in canonical form, so that a lookup cannot blow up on it."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, microseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda value: None if value is None else to_micros(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return lambda value: None if value is None else from_micros(value)


class Json(TypeDecorator[Any]):
    """Any JSON value: compact UTF-8 bytes on both databases.

    Bytes rather than PostgreSQL's `jsonb`, so that every key and string round-trips (NUL included) and key
    order and number forms stay as written; nothing queries inside these documents.
    """

    impl = LargeBinary
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda value: None if value is None else orjson.dumps(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return lambda value: None if value is None else orjson.loads(value)


def tenant() -> Column[int]:
    """The column that says whose a row is; one tenant for now, with number 0."""
    return Column("tenant_id", SmallInteger, nullable=False, server_default=text("0"))


__all__ = ["Id", "Ids", "Instant", "Json", "is_id", "metadata", "tenant"]

"""Decisions that are deployed; evaluations as they were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.decision_tables import decision_definition, decision_evaluation
from engine.store.unit_of_work import UnitOfWork


def insert_definitions(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    """Write the decisions of a deployment, each as the next version of its key.

    Args:
        rows: the columns of `decision_definition` but for the version.
    """
    table = decision_definition
    highest = sa.select(table.c.key, sa.func.max(table.c.version).label("version")).group_by(table.c.key)
    keys = [row["key"] for row in rows]
    found = uow.connection.execute(highest.where(table.c.key.in_(keys))) if keys else ()
    last = {row.key: row.version for row in found}
    uow.insert(table, [{**row, "version": last.get(row["key"], 0) + 1} for row in rows])


def definition(connection: sa.Connection, key: str, version: int | None = None) -> Any | None:
    """The latest version of a deployed decision, or a certain one; None if there is none."""
    return connection.execute(_definitions(key, version).limit(1)).one_or_none()


def definitions(connection: sa.Connection) -> list[Any]:
    """All versions of all deployed decisions, by key, the latest first."""
    table = decision_definition
    statement = _select().order_by(table.c.key, table.c.version.desc())
    return list(connection.execute(statement))


def versions(connection: sa.Connection, key: str) -> list[Any]:
    """All versions of a decision, the latest first."""
    return list(connection.execute(_definitions(key, None)))


def of_deployment(connection: sa.Connection, deployment_id: str) -> list[Any]:
    """The decisions of a deployment, by key."""
    table = decision_definition
    return list(connection.execute(_select().where(table.c.deployment_id == deployment_id).order_by(table.c.key)))


def evaluations(connection: sa.Connection, instance_id: str) -> list[Any]:
    """What was decided in a case, in order."""
    table = decision_evaluation
    return list(connection.execute(sa.select(table).where(table.c.instance_id == instance_id).order_by(table.c.id)))


def _definitions(key: str, version: int | None) -> sa.Select[Any]:
    table = decision_definition
    statement = _select().where(table.c.key == key).order_by(table.c.version.desc())
    return statement if version is None else statement.where(table.c.version == version)


def _select() -> sa.Select[Any]:
    table, made, other = decision_definition, t.deployment, decision_definition.alias()
    latest = sa.select(sa.func.max(other.c.version)).where(other.c.key == table.c.key).scalar_subquery()
    columns = (made.c.deployed_at, made.c.deployed_by, made.c.application, latest.label("latest"))
    return sa.select(table, *columns).join(made, made.c.id == table.c.deployment_id)

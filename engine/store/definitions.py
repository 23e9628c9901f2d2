"""Deployments, their files, and the definitions in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store import tables as t
from engine.store.statements import KEY, Prepared, is_key, select_where
from engine.store.unit_of_work import UnitOfWork

_LATEST = Prepared(
    sa.select(t.process_definition).where(is_key(t.process_definition.c.key), t.process_definition.c.is_latest)
)


def by_number(connection: sa.Connection, no: int) -> Any | None:
    """The row of a definition by its number, or None."""
    table = t.process_definition
    return connection.execute(sa.select(table).where(table.c.no == no)).one_or_none()


def by_reference(connection: sa.Connection, reference: str) -> Any | None:
    """The row of a definition by its id (`key:version:uuid`), or the latest of a key, or None."""
    statement = select_where(t.process_definition.c.id) if ":" in reference else _LATEST
    return statement.one_or_none(connection, {KEY: reference})


def resources(connection: sa.Connection, deployment_id: str, endings: Sequence[str]) -> dict[str, bytes]:
    """Path → content of those of a deployment's files whose names end so."""
    table = t.resource
    wanted = sa.or_(*(table.c.path.endswith(ending, autoescape=True) for ending in endings))
    rows = connection.execute(
        sa.select(table.c.path, table.c.content).where(table.c.deployment_id == deployment_id, wanted)
    )
    return {row.path: bytes(row.content) for row in rows}


def resource(connection: sa.Connection, deployment_id: str, path: str) -> bytes | None:
    """One of a deployment's files, or None."""
    table = t.resource
    statement = sa.select(table.c.content).where(table.c.deployment_id == deployment_id, table.c.path == path)
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else bytes(found)


def paths(connection: sa.Connection, deployment_id: str) -> list[str]:
    """Paths of a deployment's files, in order."""
    table = t.resource
    statement = sa.select(table.c.path).where(table.c.deployment_id == deployment_id).order_by(table.c.path)
    return list(connection.execute(statement).scalars())


def latest_version(connection: sa.Connection, key: str) -> int:
    """The highest version of a key; 0 if there is none."""
    table = t.process_definition
    found = connection.execute(sa.select(sa.func.max(table.c.version)).where(table.c.key == key))
    return found.scalar_one() or 0


def last_deployment(connection: sa.Connection, application: str, name: str) -> Any | None:
    """The newest deployment of this application and name, or None."""
    table = t.deployment
    statement = (
        sa.select(table)
        .where(table.c.tenant_id == 0, table.c.application == application, table.c.name == name)
        .order_by(table.c.deployed_at.desc(), table.c.id.desc())
        .limit(1)
    )
    return connection.execute(statement).one_or_none()


def of_deployment(connection: sa.Connection, deployment_id: str) -> list[Any]:
    """The rows of a deployment's definitions."""
    table = t.process_definition
    statement = sa.select(table).where(table.c.deployment_id == deployment_id).order_by(table.c.no)
    return list(connection.execute(statement))


def of_deployments(connection: sa.Connection, deployment_ids: Collection[str]) -> list[Any]:
    """The definitions of several deployments: their ids, by the order they were made in."""
    table = t.process_definition
    columns = (table.c.id, table.c.deployment_id)
    statement = sa.select(*columns).where(table.c.deployment_id.in_(deployment_ids)).order_by(table.c.no)
    return list(connection.execute(statement))


def insert_deployment(uow: UnitOfWork, values: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a deployment and its files."""
    uow.connection.execute(t.deployment.insert(), dict(values))
    rows = [{"deployment_id": values["id"], "path": p, "content": c} for p, c in files.items()]
    uow.insert(t.resource, rows)


def insert_definition(uow: UnitOfWork, values: Mapping[str, Any]) -> int:
    """Write a definition as the latest of its key; gives its number.

    What waited to start instances of the version before (timers, messages, signals) goes with it.
    """
    table = t.process_definition
    before = sa.select(table.c.no).where(table.c.key == values["key"], table.c.is_latest)
    old = list(uow.connection.execute(before).scalars())
    if old:
        uow.connection.execute(table.update().where(table.c.no.in_(old)).values(is_latest=False))
        for waiting in (t.timer, t.message_subscription):
            uow.connection.execute(
                waiting.delete().where(waiting.c.instance_id.is_(None), waiting.c.definition_no.in_(old))
            )
    made = uow.connection.execute(table.insert().values(is_latest=True, **values).returning(table.c.no))
    return int(made.scalar_one())

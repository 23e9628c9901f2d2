"""Less room for what is finished: indexes of open work hold nothing else, and rows say nothing twice.

`activity_instance` and `variable_change` are written anew, on SQLite `task_candidate` too. `lifecycle_event`, by far
the largest, keeps the old order of its columns, in which PostgreSQL pads a row with eight bytes more.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_GONE = (
    ("process_instance", "ix_process_instance_tenant_id_state_started_at_id"),
    ("process_instance", "ix_process_instance_definition_no_state_started_at_id"),
    ("user_task", "ix_user_task_assignee"),
    ("user_task", "ix_user_task_due"),
    ("user_task", "ix_user_task_created"),
    ("task_candidate", "ix_task_candidate_task_id"),
    ("job", "ix_job_due"),
    ("job", "ix_job_lease"),
    ("activity_instance", "ix_activity_instance_instance_id_seq"),
    ("activity_instance", "ix_activity_instance_definition_no_completed_at"),
)
_NOT_DONE_BY = "state <> 'open' and assignee is not null and (completed_by is null or completed_by <> assignee)"
_PARTIAL = (
    ("process_instance", "state", ["tenant_id", "state", "started_at", "id"], "state <> 'completed'"),
    ("process_instance", "completed", ["tenant_id", "started_at", "id"], "state = 'completed'"),
    ("user_task", "assignee", ["assignee", "due_sort", "id"], "state = 'open' and assignee is not null"),
    ("user_task", "due", ["tenant_id", "due_sort", "id"], "state = 'open'"),
    ("user_task", "created", ["tenant_id", "created_at", "id"], "state = 'open'"),
    ("user_task", "assigned_before", ["assignee"], _NOT_DONE_BY),
    ("job", "due", ["state", "suspended", "topic", "not_before"], "state <> 'completed'"),
    ("job", "lease", ["lease_until"], "state = 'leased'"),
)
_CHURNED = ("process_instance", "user_task", "task_candidate", "job")
_SERVED_SOON = "autovacuum_vacuum_scale_factor = 0.05"


def upgrade() -> None:
    for table, name in _GONE:
        op.drop_index(name, table_name=table)
    if op.get_bind().dialect.name == "postgresql":
        _rewrite_on_postgres()
    else:
        _rewrite_on_sqlite()
    for table, name, columns, condition in _PARTIAL:
        _index_where(f"ix_{table}_{name}", table, columns, condition, condition)
    queue = ["kind", "name", "due_sort", "task_id"]
    _index_where("ix_task_candidate_queue", "task_candidate", queue, "claimable", "claimable = 1")
    op.create_index("ix_task_candidate_kind_name", "task_candidate", ["kind", "name"])
    op.create_index("ix_process_instance_definition_no_state", "process_instance", ["definition_no", "state"])
    op.create_index("ix_activity_instance_instance_id", "activity_instance", ["instance_id"])


def _index_where(name: str, table: str, columns: list[str], condition: str, on_sqlite: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(condition), sqlite_where=sa.text(on_sqlite))


def _rewrite_on_postgres() -> None:
    op.execute("alter table task_candidate drop constraint pk_task_candidate")
    op.execute("alter table task_candidate add constraint pk_task_candidate primary key (task_id, kind, name)")
    for table in _CHURNED:
        op.execute(f"alter table {table} set ({_SERVED_SOON})")
    op.execute("alter table activity_instance set (fillfactor = 95)")
    op.execute(
        "alter table activity_instance alter column seq type integer, alter column definition_no type integer, "
        "alter column scope_id drop not null, alter column scope_id type uuid using nullif(scope_id, instance_id), "
        "alter column predecessors type bytea "
        "using decode(regexp_replace(encode(predecessors, 'escape'), '[^0-9a-f]', '', 'g'), 'hex')"
    )
    op.execute(
        "alter table variable_change drop constraint pk_variable_change, "
        "alter column scope_id drop not null, alter column scope_id type uuid using nullif(scope_id, instance_id)"
    )
    op.execute("alter table variable_change replica identity full")
    op.execute("alter table lifecycle_event drop constraint pk_lifecycle_event")
    op.execute("alter table lifecycle_event replica identity using index uq_lifecycle_event_instance_id_number")
    op.create_index("ix_lifecycle_event_seq", "lifecycle_event", ["seq"], postgresql_using="brin")


def _rewrite_on_sqlite() -> None:
    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function("bytes_of_ids", 1, _bytes_of_ids, deterministic=True)
    own_scope = {"scope_id": "nullif(scope_id, instance_id)"}
    _copied("task_candidate", _task_candidate(), {})
    _copied("activity_instance", _activity_instance(), {**own_scope, "predecessors": "bytes_of_ids(predecessors)"})
    op.drop_index("ix_variable_change_instance_id", table_name="variable_change")
    _copied("variable_change", _variable_change(), own_scope)
    op.create_index("ix_variable_change_instance_id", "variable_change", ["instance_id"])


def _bytes_of_ids(value: bytes | None) -> bytes | None:
    return None if value is None else bytes.fromhex("".join(orjson.loads(value)).replace("-", ""))


def _copied(table: str, items: list[Any], changed: Mapping[str, str]) -> None:
    """Make a table anew, with its rows; SQLite cannot change the columns of one."""
    op.create_table(f"{table}_0007", *items)
    names = [item.name for item in items if isinstance(item, sa.Column)]
    values = ", ".join(changed.get(name, name) for name in names)
    op.execute(f"insert into {table}_0007 ({', '.join(names)}) select {values} from {table}")  # noqa: S608  (ours)
    op.drop_table(table)
    op.rename_table(f"{table}_0007", table)


def _task_candidate() -> list[Any]:
    return [
        sa.Column("task_id", types.Id(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("claimable", sa.Boolean(), nullable=False),
        sa.Column("due_sort", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_candidate_task_id")),
        sa.PrimaryKeyConstraint("task_id", "kind", "name", name=op.f("pk_task_candidate")),
    ]


def _variable_change() -> list[Any]:
    return [
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_variable_change")),
    ]


def _activity_instance() -> list[Any]:
    return [
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("definition_no", sa.Integer(), nullable=False),
        sa.Column("enabled_at", types.Instant(), nullable=False),
        sa.Column("claimed_at", types.Instant(), nullable=True),
        sa.Column("started_at", types.Instant(), nullable=True),
        sa.Column("completed_at", types.Instant(), nullable=True),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("scope_id", types.Id(length=16), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("element_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("performer", sa.Text(), nullable=True),
        sa.Column("performer_kind", sa.Text(), nullable=True),
        sa.Column("candidate_group", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("predecessors", types.Ids(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_instance")),
    ]

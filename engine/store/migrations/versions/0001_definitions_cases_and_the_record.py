"""Definitions, cases and the record of what happened.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_instance",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("element_type", sa.Text(), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("enabled_at", types.Instant(), nullable=False),
        sa.Column("claimed_at", types.Instant(), nullable=True),
        sa.Column("started_at", types.Instant(), nullable=True),
        sa.Column("completed_at", types.Instant(), nullable=True),
        sa.Column("performer", sa.Text(), nullable=True),
        sa.Column("performer_kind", sa.Text(), nullable=True),
        sa.Column("candidate_group", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("predecessors", types.Json(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_instance")),
    )
    with op.batch_alter_table("activity_instance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_instance_definition_no_completed_at"),
            ["definition_no", "completed_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_activity_instance_instance_id_seq"), ["instance_id", "seq"], unique=False)

    op.create_table(
        "content",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("deployed_at", types.Instant(), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deployment_tenant_id_application_name_deployed_at"),
            ["tenant_id", "application", "name", "deployed_at"],
            unique=False,
        )

    op.create_table(
        "lifecycle_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("activity_id", types.Id(length=16), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("tx", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lifecycle_event")),
        sa.UniqueConstraint("instance_id", "number", name=op.f("uq_lifecycle_event_instance_id_number")),
    )
    op.create_table(
        "variable_change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("event_number", sa.Integer(), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_variable_change")),
    )
    with op.batch_alter_table("variable_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variable_change_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_attachment_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "process_definition",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("deployment_id", types.Id(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("properties", types.Json(), nullable=False),
        sa.Column("findings", types.Json(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_process_definition_deployment_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("id", name=op.f("uq_process_definition_id")),
        sa.UniqueConstraint("tenant_id", "key", "version", name=op.f("uq_process_definition_tenant_id_key_version")),
    )
    op.create_table(
        "resource",
        sa.Column("deployment_id", types.Id(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_resource_deployment_id")),
        sa.PrimaryKeyConstraint("deployment_id", "path", name=op.f("pk_resource")),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("definition_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("incidents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("token_state", sa.LargeBinary(), nullable=True),
        sa.Column("variables", types.Json(), nullable=False),
        sa.Column("has_scopes", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("performers", types.Json(), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_no"], ["process_definition.no"], name=op.f("fk_process_instance_definition_no")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_instance_business_key"), ["business_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_process_instance_definition_no_state_started_at_id"),
            ["definition_no", "state", "started_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_started_by_started_at"), ["started_by", "started_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_tenant_id_state_started_at_id"),
            ["tenant_id", "state", "started_at", "id"],
            unique=False,
        )

    op.create_table(
        "variable_scope",
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("parent_id", types.Id(length=16), nullable=False),
        sa.Column("variables", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_variable_scope_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "scope_id", name=op.f("pk_variable_scope")),
    )

    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table lifecycle_event alter column tx set default (pg_current_xact_id()::text::bigint)")

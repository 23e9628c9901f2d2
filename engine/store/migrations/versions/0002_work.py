"""Work: tasks, jobs, timers, messages, incidents, and what leaves a case.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "command_receipt",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("command_digest", sa.LargeBinary(), nullable=False),
        sa.Column("result", types.Json(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_command_receipt")),
    )
    with op.batch_alter_table("command_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_command_receipt_created_at"), ["created_at"], unique=False)

    op.create_table(
        "kept_message",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("variables", types.Json(), nullable=False),
        sa.Column("published_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("subscription_id", types.Id(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_message")),
    )
    with op.batch_alter_table("kept_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_message_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_kept_message_match", ["name", "correlation_key"], unique=False)
        batch_op.create_index("ix_kept_message_message_id", ["name", "message_id"], unique=False)

    op.create_table(
        "message_subscription",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=True),
        sa.Column("instance_id", types.Id(length=16), nullable=True),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
    )
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_subscription_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_message_subscription_match", ["kind", "name", "correlation_key"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("read_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notification_recipient_created_at_id"), ["recipient", "created_at", "id"], unique=False
        )

    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject_id", types.Id(length=16), nullable=False),
        sa.Column("payload", types.Json(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("incident_id", types.Id(length=16), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox_sent",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("sent_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_sent")),
    )
    with op.batch_alter_table("outbox_sent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_sent_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "timer",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=True),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index("ix_timer_due", ["suspended", "due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_timer_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("element_name", sa.Text(), nullable=False),
        sa.Column("activity_id", types.Id(length=16), nullable=True),
        sa.Column("job_id", types.Id(length=16), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("resolved_at", types.Instant(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_incident_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_incident_tenant_id_state_created_at_id"),
            ["tenant_id", "state", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "job",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("element_name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("headers", types.Json(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", types.Instant(), nullable=False),
        sa.Column("deadline", types.Instant(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("leased_at", types.Instant(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", types.Instant(), nullable=True),
        sa.Column("error_message", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("error_details", sa.Text(), server_default=sa.text("('')"), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("completed_at", types.Instant(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_job_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["state", "suspended", "topic", "not_before"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_job_lease", ["state", "lease_until"], unique=False)

    op.create_table(
        "user_task",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("excluded_users", types.Json(), nullable=True),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("claimed_at", types.Instant(), nullable=True),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("due_sort", sa.BigInteger(), nullable=False),
        sa.Column("follow_up_at", types.Instant(), nullable=True),
        sa.Column("completed_at", types.Instant(), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("draft", types.Json(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index("ix_user_task_assignee", ["assignee", "state", "due_sort", "id"], unique=False)
        batch_op.create_index("ix_user_task_completed_by", ["completed_by", "completed_at"], unique=False)
        batch_op.create_index(
            "ix_user_task_owner",
            ["owner"],
            unique=False,
            sqlite_where=sa.text("owner is not null"),
            postgresql_where=sa.text("owner is not null"),
        )
        batch_op.create_index("ix_user_task_created", ["tenant_id", "state", "created_at", "id"], unique=False)
        batch_op.create_index("ix_user_task_due", ["tenant_id", "state", "due_sort", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_task_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "task_candidate",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("claimable", sa.Boolean(), nullable=False),
        sa.Column("due_sort", sa.BigInteger(), nullable=False),
        sa.Column("task_id", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_candidate_task_id")),
        sa.PrimaryKeyConstraint("kind", "name", "claimable", "due_sort", "task_id", name=op.f("pk_task_candidate")),
    )
    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_candidate_task_id"), ["task_id"], unique=False)

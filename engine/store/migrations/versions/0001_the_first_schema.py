"""The first schema

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
        "department",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_department")),
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
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject_id", types.Id(length=16), nullable=False),
        sa.Column("payload", types.Json(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("incident_id", types.Id(length=16), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_in_count",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", types.Instant(), nullable=False),
        sa.Column("blocked_until", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_sign_in_count")),
    )
    with op.batch_alter_table("sign_in_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_count_last_at"), ["last_at"], unique=False)

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
        "user_account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_en", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", types.Json(), nullable=False),
        sa.Column("works_here", sa.Boolean(), nullable=False),
        sa.Column("administers", sa.Boolean(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("topics", types.Json(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("password_changed_at", types.Instant(), nullable=True),
        sa.Column("last_sign_in_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_user_account")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_administers"), ["administers"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_user_account_works_here_username"), ["works_here", "username"], unique=False
        )

    op.create_table(
        "user_group",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_group")),
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
        "api_token",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("scopes", types.Json(), nullable=False),
        sa.Column("topics", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True),
        sa.Column("last_used_at", types.Instant(), nullable=True),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["owner"], ["user_account.username"], name=op.f("fk_api_token_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_token_token_sha256")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_owner"), ["owner"], unique=False)

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
        "membership",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group_key"], ["user_group.key"], name=op.f("fk_membership_group_key")),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_membership_username")),
        sa.PrimaryKeyConstraint("username", "group_key", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_group_key_username"), ["group_key", "username"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_one_time_link_username")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_one_time_link")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_link_username"), ["username"], unique=False)

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
        "session",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("last_seen_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_session_username")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_session_token_sha256")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_username"), ["username"], unique=False)

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
        "variable_scope",
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("scope_id", types.Id(length=16), nullable=False),
        sa.Column("parent_id", types.Id(length=16), nullable=False),
        sa.Column("variables", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_variable_scope_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "scope_id", name=op.f("pk_variable_scope")),
    )
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

    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table lifecycle_event alter column tx set default (pg_current_xact_id()::text::bigint)")

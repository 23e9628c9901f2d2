"""What was issued: numbers taken, documents with their verification codes, archived cases.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taken_number",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=True),
        sa.Column("taken_at", types.Instant(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("series", "key", name=op.f("pk_taken_number")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_taken_number_series_number")),
    )
    with op.batch_alter_table("taken_number", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taken_number_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "archived_case",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("attachment_id", types.Id(length=16), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("archived_at", types.Instant(), nullable=False),
        sa.Column("archived_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_archived_case_attachment_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_archived_case_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_case")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_archived_case_instance_id_key")),
    )
    with op.batch_alter_table("archived_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_archived_case_tenant_id_archived_at_id"), ["tenant_id", "archived_at", "id"], unique=False
        )

    op.create_table(
        "issued_document",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reserved_at", types.Instant(), nullable=False),
        sa.Column("attachment_id", types.Id(length=16), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("issuer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("issued_on", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sealed_at", types.Instant(), nullable=True),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_issued_document_attachment_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_issued_document_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
        sa.UniqueConstraint("code", name=op.f("uq_issued_document_code")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_issued_document_instance_id_key")),
    )
    with op.batch_alter_table("issued_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_document_attachment_id"), ["attachment_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_issued_document_tenant_id_sealed_at_id"), ["tenant_id", "sealed_at", "id"], unique=False
        )

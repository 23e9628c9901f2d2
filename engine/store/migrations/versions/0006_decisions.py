"""Decisions that are deployed, and what came out of them in cases.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_definition",
        sa.Column("deployment_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_decision_definition_deployment_id")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "key", name=op.f("pk_decision_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_decision_definition_key_version")),
    )
    op.create_table(
        "decision_evaluation",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("tenant_id", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("instance_id", types.Id(length=16), nullable=False),
        sa.Column("definition_no", sa.BigInteger(), nullable=False),
        sa.Column("activity_id", types.Id(length=16), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("decision_name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_decision_evaluation_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_evaluation")),
    )
    with op.batch_alter_table("decision_evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_evaluation_instance_id_id"), ["instance_id", "id"], unique=False)

"""The tables of decisions: which are deployed, and what came out of them in cases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.types import Id, Instant, metadata, tenant

decision_definition = Table(
    "decision_definition",
    metadata,
    Column("deployment_id", Id, ForeignKey("deployment.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # the decision's id in its file
    tenant(),
    Column("version", Integer, nullable=False),  # 1, 2, 3 … of the key
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),  # of the file in the deployment
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the file
    UniqueConstraint("key", "version"),
)

decision_evaluation = Table(
    "decision_evaluation",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False),
    Column("definition_no", BigInteger, nullable=False),
    Column("activity_id", Id, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("decision_name", Text, nullable=False),
    Column("path", Text, nullable=False),  # of the file in the deployment
    Column("file_digest", LargeBinary, nullable=False),  # SHA-256 of the file
    Column("at", Instant, nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("body", LargeBinary),  # JSON: inputs outputs trace warnings failure; NULL once erased
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of salt and body; the chain holds this
    Index(None, "instance_id", "id"),
)

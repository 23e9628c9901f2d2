"""The kernel's tables. Rows are the truth: every wait, job and incident is one, written with the state.

Ids are those of the tokens they stand for: a user task, job, timer or subscription carries the
id of its activity instance. `tenant_id` stands everywhere; there is one tenant for now.
"""

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
    text,
)

from engine.store.conditions import ASSIGNED, ASSIGNED_BEFORE, CHURNED, POSTGRES_ONLY, only_where
from engine.store.types import Id, Ids, Instant, Json, metadata, tenant

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A key the database counts up."""


deployment = Table(
    "deployment",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("name", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of all files, to see that nothing changed
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", Text, nullable=False),
    Index(None, "tenant_id", "application", "name", "deployed_at"),
)

resource = Table(
    "resource",
    metadata,
    Column("deployment_id", Id, ForeignKey("deployment.id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("no", Serial, primary_key=True),  # short reference for the rows of its instances
    tenant(),
    Column("id", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("deployment_id", Id, ForeignKey("deployment.id"), nullable=False),
    Column("path", Text, nullable=False),  # of the BPMN file in the deployment
    Column("properties", Json, nullable=False),
    Column("findings", Json, nullable=False),
    Column("is_latest", Boolean, nullable=False),
    UniqueConstraint("tenant_id", "key", "version"),
)

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("definition_no", ForeignKey("process_definition.no"), nullable=False),
    Column("business_key", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("state", Text, nullable=False),  # running suspended completed terminated cancelled
    Column("revision", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),  # of the last event: an instance's time never runs back
    Column("ended_at", Instant),
    Column("due_at", Instant),
    Column("incidents", Integer, nullable=False, server_default=text("0")),
    Column("token_state", LargeBinary),  # NULL once ended
    Column("variables", Json, nullable=False),  # of the instance's own scope
    Column("has_scopes", Boolean, nullable=False, server_default=text("false")),
    Column("performers", Json),  # element id -> who completed it last
    Column("event_count", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
    Column("error", Text),  # why the instance is quarantined: its state cannot be read
    *only_where("state <> 'completed'", Index("ix_process_instance_state", "tenant_id", "state", "started_at", "id")),
    *only_where("state = 'completed'", Index("ix_process_instance_completed", "tenant_id", "started_at", "id")),
    Index(None, "definition_no", "state"),
    Index(None, "business_key"),
    Index(None, "started_by", "started_at"),
    **CHURNED,
)

variable_scope = Table(
    "variable_scope",
    metadata,
    Column("instance_id", Id, ForeignKey("process_instance.id"), primary_key=True),
    Column("scope_id", Id, primary_key=True),
    Column("parent_id", Id, nullable=False),
    Column("variables", Json, nullable=False),
)

user_task = Table(
    "user_task",
    metadata,
    Column("id", Id, primary_key=True),  # the activity instance's
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False, index=True),
    Column("definition_no", BigInteger, nullable=False),
    Column("scope_id", Id, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),  # open completed cancelled
    Column("assignee", Text),
    Column("owner", Text),
    Column("excluded_users", Json),
    Column("form_key", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("due_at", Instant),
    Column("due_sort", BigInteger, nullable=False),  # due_at, or far away: lists sort by it
    Column("follow_up_at", Instant),
    Column("completed_at", Instant),
    Column("completed_by", Text),
    Column("suspended", Boolean, nullable=False),
    Column("draft", Json),
    Column("revision", Integer, nullable=False),
    *only_where(
        "state = 'open'",
        Index("ix_user_task_due", "tenant_id", "due_sort", "id"),
        Index("ix_user_task_created", "tenant_id", "created_at", "id"),
    ),
    *only_where(ASSIGNED, Index("ix_user_task_assignee", "assignee", "due_sort", "id")),
    *only_where(ASSIGNED_BEFORE, Index("ix_user_task_assigned_before", "assignee")),
    Index("ix_user_task_completed_by", "completed_by", "completed_at"),
    *only_where("owner is not null", Index("ix_user_task_owner", "owner")),
    **CHURNED,
)

task_candidate = Table(
    "task_candidate",
    metadata,
    Column("task_id", Id, ForeignKey("user_task.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # group user role
    Column("name", Text, primary_key=True),
    Column("claimable", Boolean, nullable=False),  # open and nobody's: what a queue shows
    Column("due_sort", BigInteger, nullable=False),
    *only_where(
        "claimable",
        Index("ix_task_candidate_queue", "kind", "name", "due_sort", "task_id"),
        sqlite="claimable = 1",  # as conditions have it there
    ),
    Index(None, "kind", "name"),
    **CHURNED,
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),  # the activity instance's, or its own for a continuation
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False, index=True),
    Column("definition_no", BigInteger, nullable=False),
    Column("scope_id", Id, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("element_name", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),  # available leased failed completed cancelled
    Column("priority", Integer, nullable=False),
    Column("headers", Json),
    Column("retries", Integer),  # attempts left; NULL until somebody sets it
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("deadline", Instant),
    Column("lease_owner", Text),
    Column("leased_at", Instant),
    Column("lease_token", Text),
    Column("lease_until", Instant),
    Column("error_message", Text, nullable=False, server_default=text("''")),
    Column("error_details", Text, nullable=False, server_default=text("''")),
    Column("created_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("suspended", Boolean, nullable=False),
    *only_where("state <> 'completed'", Index("ix_job_due", "state", "suspended", "topic", "not_before")),
    *only_where("state = 'leased'", Index("ix_job_lease", "lease_until")),
    **CHURNED,
)

timer = Table(
    "timer",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, index=True),  # NULL for a timer that starts instances
    Column("definition_no", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("due_at", Instant),  # NULL while a deadline that follows the data stands still
    Column("interval", Text),  # ISO 8601, of a start timer that goes off again
    Column("remaining", Integer),  # firings left; NULL without end
    Column("suspended", Boolean, nullable=False),
    Index("ix_timer_due", "suspended", "due_at", "id"),
)

message_subscription = Table(
    "message_subscription",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("kind", Text, nullable=False),  # message signal
    Column("name", Text, nullable=False),
    Column("correlation_key", Text),
    Column("instance_id", Id, index=True),  # NULL for one that starts instances
    Column("definition_no", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Index("ix_message_subscription_match", "kind", "name", "correlation_key"),
)

kept_message = Table(
    "kept_message",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("name", Text, nullable=False),
    Column("correlation_key", Text),
    Column("message_id", Text),
    Column("variables", Json, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("delivered", Boolean, nullable=False),  # kept on to recognise duplicates
    Column("subscription_id", Id),  # for one wait alone: a signal that came while its case was suspended
    Index("ix_kept_message_match", "name", "correlation_key"),
    Index("ix_kept_message_message_id", "name", "message_id"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, ForeignKey("process_instance.id"), nullable=False, index=True),
    Column("definition_no", BigInteger, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("element_name", Text, nullable=False),
    Column("activity_id", Id),
    Column("job_id", Id),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("state", Text, nullable=False),  # open resolved
    Column("created_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", Text),
    Index(None, "tenant_id", "state", "created_at", "id"),
)

lifecycle_event = Table(
    "lifecycle_event",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("tx", BigInteger),  # PostgreSQL: transaction that wrote it, so readers can stop below open ones
    Column("number", Integer, nullable=False),  # 1, 2, 3 … in the instance
    Column("instance_id", Id, nullable=False),
    Column("activity_id", Id),
    Column("kind", Text, nullable=False),
    Column("element_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("data", Json),
    Column("link", LargeBinary, nullable=False),  # of the hash chain
    UniqueConstraint("instance_id", "number"),
    Index("ix_lifecycle_event_seq", "seq", postgresql_using="brin", info=POSTGRES_ONLY).ddl_if(dialect="postgresql"),
)

variable_change = Table(
    "variable_change",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("instance_id", Id, nullable=False, index=True),
    Column("event_number", Integer, nullable=False),  # the lifecycle event that reports it
    Column("scope_id", Id),  # NULL: the instance's own
    Column("name", Text, nullable=False),
    Column("value", LargeBinary),  # JSON; NULL once erased
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of salt and value; the chain holds this
)

activity_instance = Table(
    "activity_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, nullable=False, index=True),
    Column("seq", Integer, nullable=False),  # number of the lifecycle event that opened it
    Column("definition_no", Integer, nullable=False),
    Column("enabled_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("started_at", Instant),
    Column("completed_at", Instant),
    Column("due_at", Instant),
    Column("loop_index", Integer),
    Column("scope_id", Id),  # NULL: the instance's own
    Column("element_id", Text, nullable=False),
    Column("element_type", Text, nullable=False),
    Column("state", Text, nullable=False),  # open completed cancelled failed
    Column("performer", Text),
    Column("performer_kind", Text),
    Column("candidate_group", Text),
    Column("department", Text),
    Column("waiting_for", Text),
    Column("predecessors", Ids),
    Column("reason", Text),
    postgresql_with={"fillfactor": 95},  # room for a row's next version: it stays on its page, and in its indexes
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("id", Id, nullable=False),  # by which the event that caused it, and `outbox_sent`, know it
    Column("topic", Text, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("payload", Json),
    Column("created_at", Instant, nullable=False),
    Column("incident_id", Id),  # it could not be delivered: held back until this incident is retried
    Column("digest", LargeBinary, nullable=False),  # of topic, subject and payload
    sqlite_autoincrement=True,  # a number is never given twice, so that relays can go on from one
)

outbox_sent = Table(
    "outbox_sent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sent_at", Instant, nullable=False, index=True),
)

command_receipt = Table(
    "command_receipt",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("command_digest", LargeBinary, nullable=False),
    Column("result", Json),
    Column("created_at", Instant, nullable=False, index=True),
)

content = Table(
    "content",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("instance_id", Id, index=True),  # NULL until a form binds it
    Column("sha256", LargeBinary, ForeignKey("content.sha256"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
)

notification = Table(
    "notification",
    metadata,
    Column("id", Id, primary_key=True),
    tenant(),
    Column("key", Text, nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("instance_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Index(None, "recipient", "created_at", "id"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),  # 'repair_dispatch-20261121': case numbers
    Column("value", Integer, nullable=False),
)

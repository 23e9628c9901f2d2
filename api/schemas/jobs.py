"""Jobs and messages on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, Variables, example

LeaseToken = Annotated[str, Field(max_length=200, pattern=r"^[!-~]+$")]

_JOB = {
    "id": s.JOB,
    "topic": "document.render",
    "instance_id": s.INSTANCE,
    "definition_id": s.DEFINITION,
    "definition_key": "repair_dispatch",
    "version": 3,
    "business_key": s.CASE,
    "element_id": "Task_notice",
    "element_name": "生成办结通知书",
    "variables": s.VARIABLES,
    "headers": {"template": "closing_notice.typ"},
    "attempt": 1,
    "retries_left": 2,
    "lease_token": s.LEASE,
    "lease_until": s.LATER,
    "deadline": None,
    "created_at": s.AT,
    "idempotency_key": f"job:{s.JOB}",
}


class ActivateIn(Body):
    """Lease due jobs of some topics."""

    model_config = ConfigDict(
        json_schema_extra=example(worker="render-1", topics=["document.render"], limit=4, lease_seconds=60, wait=30)
    )

    worker: str = Field(min_length=1, max_length=120)
    topics: list[str] = Field(min_length=1, max_length=100)
    limit: int = Field(default=1, ge=1, le=100)
    lease_seconds: int = Field(default=60, ge=1, le=3600)
    wait: float = Field(default=0, ge=0, le=60, description="Seconds to wait for a job if none is due.")


class JobOut(Out):
    """A leased job. Hand `idempotency_key` to whatever the work changes outside: it may be done twice."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra=example(**_JOB))

    id: str
    topic: str
    instance_id: str
    definition_id: str
    definition_key: str
    version: int
    business_key: str
    element_id: str
    element_name: str
    variables: Variables
    headers: dict[str, str]
    attempt: int
    retries_left: int | None
    lease_token: str
    lease_until: datetime
    deadline: datetime | None
    created_at: datetime | None
    idempotency_key: str


class JobsOut(Out):
    """Leased jobs, the most urgent first; empty if none is due."""

    model_config = ConfigDict(json_schema_extra=example(items=[_JOB]))

    items: list[JobOut]


class JobRowOut(Out):
    """A job as operators see it."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id=s.JOB,
            instance_id=s.INSTANCE,
            definition_key="repair_dispatch",
            element_id="Task_notice",
            element_name="生成办结通知书",
            topic="document.render",
            state="available",
            attempts=0,
            retries=None,
            lease_owner=None,
            lease_until=None,
            not_before=s.AT,
            error_message="",
            error_details="",
            created_at=s.AT,
            priority=0,
            business_key=s.CASE,
        )
    )

    id: str
    instance_id: str
    definition_key: str
    element_id: str
    element_name: str
    topic: str
    state: str
    attempts: int
    retries: int | None
    lease_owner: str | None
    lease_until: datetime | None
    not_before: datetime | None
    error_message: str
    error_details: str
    created_at: datetime
    priority: int
    business_key: str


class CompleteJobIn(Body):
    """A job's result."""

    model_config = ConfigDict(json_schema_extra=example(lease_token=s.LEASE, variables={"document": s.FILE}))

    lease_token: LeaseToken
    variables: Variables = {}


class FailJobIn(Body):
    """A technical failure; it is tried again with growing pauses, then becomes an incident."""

    model_config = ConfigDict(
        json_schema_extra=example(lease_token=s.LEASE, message="The printer does not answer.", retries=2)
    )

    lease_token: LeaseToken
    message: str = Field(min_length=1, max_length=10_000)
    details: str = Field(default="", max_length=100_000)
    retries: int | None = Field(default=None, ge=0, le=1000)
    retry_after_seconds: float | None = Field(default=None, ge=0, le=31_536_000)


class JobErrorIn(Body):
    """A business error; a boundary event may catch its code, otherwise it becomes an incident."""

    model_config = ConfigDict(
        json_schema_extra=example(lease_token=s.LEASE, code="no_address", message="The address is not in the register.")
    )

    lease_token: LeaseToken
    code: str = Field(min_length=1, max_length=200)
    message: str = Field(default="", max_length=10_000)
    variables: Variables = {}


class ExtendIn(Body):
    """Keep a lease for longer."""

    model_config = ConfigDict(json_schema_extra=example(lease_token=s.LEASE, lease_seconds=60))

    lease_token: LeaseToken
    lease_seconds: int = Field(ge=1, le=3600)


class LeaseOut(Out):
    """A lease's new end."""

    model_config = ConfigDict(json_schema_extra=example(lease_until=s.LATER))

    lease_until: datetime


class MessageIn(Body):
    """A message for the one instance that waits for it. `message_id` makes sending it again harmless."""

    model_config = ConfigDict(
        json_schema_extra=example(
            name="parts_arrived",
            correlation_key=s.CASE,
            variables={"parts": 3},
            ttl_seconds=3600,
            message_id="warehouse-20261121-0007",
        )
    )

    name: str = Field(min_length=1, max_length=200)
    correlation_key: str | None = Field(default=None, max_length=1000)
    variables: Variables = {}
    ttl_seconds: float = Field(default=0, ge=0, le=31_536_000)
    message_id: str = Field(default="", max_length=200)


class SignalIn(Body):
    """A signal for everyone that waits for it."""

    model_config = ConfigDict(json_schema_extra=example(name="storm_warning", variables={"level": "orange"}))

    name: str = Field(min_length=1, max_length=200)
    variables: Variables = {}


class PublishedOut(Out):
    """Where it went; `kept` if it waits for an instance that does not wait for it yet."""

    model_config = ConfigDict(json_schema_extra=example(instance_ids=[s.INSTANCE], kept=False, duplicate=False))

    instance_ids: list[str]
    kept: bool
    duplicate: bool


class NotificationOut(Out):
    """A message in one's box."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id=s.NOTIFICATION,
            instance_id=s.INSTANCE,
            business_key=s.CASE,
            subject="您反映的问题已办结",
            body="感谢您的反映，请评价本次服务。",
            created_at=s.AT,
            read_at=None,
        )
    )

    id: str
    instance_id: str | None
    business_key: str
    subject: str
    body: str
    created_at: datetime
    read_at: datetime | None

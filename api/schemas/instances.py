"""Process instances, incidents and the audit trail on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, Variables, example
from api.schemas.jobs import JobRowOut
from api.schemas.tasks import AttachmentOut, TaskOut

_ROW = {
    "id": s.INSTANCE,
    "definition_id": s.DEFINITION,
    "definition_key": "repair_dispatch",
    "definition_name": "市政维修派单",
    "version": 3,
    "business_key": s.CASE,
    "subject": "长桥路 18 号路面破损",
    "state": "running",
    "started_at": s.AT,
    "started_by": "gu.an",
    "ended_at": None,
    "due_at": s.LATER,
    "incidents": 0,
    "revision": 4,
}

_ACTIVITY = {
    "id": s.TASK,
    "seq": 12,
    "element_id": "Task_accept",
    "name": "受理",
    "element_type": "userTask",
    "scope_id": s.INSTANCE,
    "state": "open",
    "enabled_at": s.AT,
    "claimed_at": None,
    "started_at": None,
    "completed_at": None,
    "performer": None,
    "performer_kind": None,
    "due_at": s.LATER,
    "loop_index": None,
    "reason": "",
}

_EVENT = {
    "seq": 12,
    "at": s.AT,
    "kind": "activity_enabled",
    "element_id": "Task_accept",
    "activity_id": s.TASK,
    "actor": "gu.an",
    "actor_kind": "person",
    "data": {},
}

_INCIDENT = {
    "id": s.INCIDENT,
    "instance_id": s.INSTANCE,
    "business_key": s.CASE,
    "definition_id": s.DEFINITION,
    "definition_key": "repair_dispatch",
    "definition_name": "市政维修派单",
    "element_id": "Task_notice",
    "element_name": "生成办结通知书",
    "activity_id": s.JOB,
    "job_id": s.JOB,
    "kind": "job_failed",
    "message": "The template closing_notice.typ names no variable 'unit'.",
    "details": "",
    "state": "open",
    "created_at": s.AT,
    "resolved_at": None,
    "resolved_by": None,
}

_MILESTONE = {
    "name": "答复",
    "name_en": "Answer",
    "due_at": None,
    "reached_at": None,
    "stopped": "补正材料",
}


class InstanceOut(Out):
    """A process instance: a case."""

    model_config = ConfigDict(json_schema_extra=example(**_ROW))

    id: str
    definition_id: str
    definition_key: str
    definition_name: str
    version: int
    business_key: str
    subject: str
    state: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    due_at: datetime | None
    incidents: int
    revision: int


class ActivityOut(Out):
    """One activity instance of a case."""

    id: str
    seq: int
    element_id: str
    name: str
    element_type: str
    scope_id: str
    state: str
    enabled_at: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    performer: str | None
    performer_kind: str | None
    due_at: datetime | None
    loop_index: int | None
    reason: str


class TimerOut(Out):
    """A timer that will go off; without `due_at` it stands still, as long as the clock it follows does."""

    id: str
    element_id: str
    element_name: str
    due_at: datetime | None


class MilestoneOut(Out):
    """A stage by which the case is measured. `due_at` is null while the clock stands; `stopped` says why it does."""

    name: str
    name_en: str
    due_at: datetime | None
    reached_at: datetime | None
    stopped: str


class DeadlineChangeOut(Out):
    """A deadline that followed the data; `element_id` is empty for the case's own. Null: the clock stood, or stands."""

    at: datetime
    element_id: str
    element_name: str
    old: datetime | None
    new: datetime | None
    reason: str
    actor: str


class SubscriptionOut(Out):
    """A message or signal that is waited for."""

    id: str
    element_id: str
    kind: str
    name: str
    correlation_key: str | None


class IncidentOut(Out):
    """Something that needs a person before the case can go on."""

    model_config = ConfigDict(json_schema_extra=example(**_INCIDENT))

    id: str
    instance_id: str
    business_key: str
    definition_id: str
    definition_key: str
    definition_name: str
    element_id: str
    element_name: str
    activity_id: str | None
    job_id: str | None
    kind: str
    message: str
    details: str
    state: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


class InstanceDetailOut(InstanceOut):
    """A case with everything that stands in it."""

    model_config = ConfigDict(
        json_schema_extra=example(
            **_ROW,
            variables=s.VARIABLES,
            activities=[_ACTIVITY],
            tasks=[],
            jobs=[],
            timers=[],
            subscriptions=[],
            open_incidents=[],
            attachments=[],
            milestones=[_MILESTONE],
            deadline_changes=[],
        )
    )

    variables: Variables
    activities: list[ActivityOut]
    tasks: list[TaskOut]
    jobs: list[JobRowOut]
    timers: list[TimerOut]
    subscriptions: list[SubscriptionOut]
    open_incidents: list[IncidentOut]
    attachments: list[AttachmentOut]
    milestones: list[MilestoneOut] = []
    deadline_changes: list[DeadlineChangeOut] = []


class EventOut(Out):
    """One line of the audit trail."""

    model_config = ConfigDict(json_schema_extra=example(**_EVENT))

    seq: int
    at: datetime
    kind: str
    element_id: str
    activity_id: str | None
    actor: str
    actor_kind: str
    data: Variables


class EventsOut(Out):
    """Lines of the audit trail in order; `next_after` continues where they stop."""

    model_config = ConfigDict(json_schema_extra=example(items=[_EVENT], next_after=12))

    items: list[EventOut]
    next_after: int


class StartedOut(Out):
    """A started instance; `ended` if it has run through already."""

    model_config = ConfigDict(
        json_schema_extra=example(instance_id=s.INSTANCE, business_key=s.CASE, definition_id=s.DEFINITION, ended=False)
    )

    instance_id: str
    business_key: str
    definition_id: str
    ended: bool


class VariablesIn(Body):
    """Variables to set; those not named stay as they are."""

    model_config = ConfigDict(json_schema_extra=example(variables={"unit": "市政道路养护中心"}))

    variables: Variables = Field(min_length=1)
    scope_id: str = ""


class CancelIn(Body):
    """Why a case ends before its time."""

    model_config = ConfigDict(json_schema_extra=example(reason="重复上报，已并入 REPAIR_DISPATCH-20261121-0017"))

    reason: str = Field(min_length=1, max_length=2000)


class SuspendIn(Body):
    """Why a case is to wait."""

    model_config = ConfigDict(json_schema_extra=example(reason="等待权属单位确认"))

    reason: str = Field(default="", max_length=2000)


class RetryIn(Body):
    """Try again; variables are corrected first, with audit."""

    model_config = ConfigDict(json_schema_extra=example(variables={"unit": "市政道路养护中心"}, retries=3))

    variables: Variables = {}
    retries: int = Field(default=1, ge=1, le=100)

"""User tasks and attachments on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, Variables, example
from engine.views import Attachment

_ROW = {
    "id": s.TASK,
    "instance_id": s.INSTANCE,
    "business_key": s.CASE,
    "definition_id": s.DEFINITION,
    "definition_key": "repair_dispatch",
    "definition_name": "市政维修派单",
    "element_id": "Task_accept",
    "name": "受理",
    "state": "open",
    "assignee": None,
    "owner": None,
    "candidate_groups": ["acceptance_seat"],
    "candidate_users": [],
    "priority": 50,
    "created_at": s.AT,
    "claimed_at": None,
    "due_at": s.LATER,
    "follow_up_at": None,
    "completed_at": None,
    "completed_by": None,
    "form_key": "accept",
    "revision": 1,
    "suspended": False,
    "subject": "长桥路 18 号路面破损",
}

_ATTACHMENT = {**s.FILE, "instance_id": s.INSTANCE, "created_at": s.AT, "created_by": "gu.an"}


class AttachmentOut(Out):
    """A file of a case. `media_type` is told from its content."""

    model_config = ConfigDict(json_schema_extra=example(**_ATTACHMENT))

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    instance_id: str | None
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentOut:
        """The engine's view of a file, flat."""
        ref = attachment.ref
        return cls(
            id=ref.id,
            name=ref.name,
            media_type=ref.media_type,
            size=ref.size,
            sha256=ref.sha256,
            instance_id=attachment.instance_id or None,
            created_at=attachment.created_at,
            created_by=attachment.created_by,
        )


class UploadOut(Out):
    """A stored file. Put the whole object into the form field that asks for a file."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id=s.ATTACHMENT, name="现场照片.png", type="image/png", size=48213, sha256=s.FILE["sha256"]
        )
    )

    id: str
    name: str
    type: str
    size: int
    sha256: str


class TaskOut(Out):
    """A user task. `revision` is its ETag."""

    model_config = ConfigDict(json_schema_extra=example(**_ROW))

    id: str
    instance_id: str
    business_key: str
    definition_id: str
    definition_key: str
    definition_name: str
    element_id: str
    name: str
    state: str
    assignee: str | None
    owner: str | None
    candidate_groups: list[str]
    candidate_users: list[str]
    priority: int
    created_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    follow_up_at: datetime | None
    completed_at: datetime | None
    completed_by: str | None
    form_key: str
    revision: int
    suspended: bool
    subject: str


class TaskDetailOut(TaskOut):
    """A task with what one needs to do it; `form` is a form-js schema."""

    model_config = ConfigDict(
        json_schema_extra=example(
            **_ROW,
            form={
                "type": "default",
                "components": [{"type": "radio", "key": "decision", "label": "处理意见"}],
            },
            variables=s.VARIABLES,
            draft={},
            documentation="核对是否重复上报。",
            may_claim=True,
            may_complete=False,
            attachments=[_ATTACHMENT],
        )
    )

    form: Variables | None
    variables: Variables
    draft: Variables
    documentation: str
    may_claim: bool
    may_complete: bool
    attachments: list[AttachmentOut]


class CountsOut(Out):
    """How many open tasks stand in each of one's lists."""

    model_config = ConfigDict(json_schema_extra=example(mine=4, groups=17, overdue=2, due_today=5))

    mine: int
    groups: int
    overdue: int
    due_today: int


class DelegateIn(Body):
    """To whom a task is handed."""

    model_config = ConfigDict(json_schema_extra=example(to="he.qing", reason="外出办案"))

    to: str = Field(min_length=1, max_length=64)
    reason: str = Field(default="", max_length=2000)


class DraftIn(Body):
    """What has been typed into the form so far."""

    model_config = ConfigDict(json_schema_extra=example(values={"decision": "accept"}))

    values: Variables


class CompleteIn(Body):
    """The form's values."""

    model_config = ConfigDict(json_schema_extra=example(variables={"decision": "accept"}))

    variables: Variables = {}


class CompletedOut(Out):
    """A completed task or job; `next_task_id` is a task of the case that the same person may do now."""

    model_config = ConfigDict(json_schema_extra=example(instance_id=s.INSTANCE, ended=False, next_task_id=""))

    instance_id: str
    ended: bool
    next_task_id: str

"""What the engine gives back: plain data, as commands and reads return it.

Instants are aware UTC datetimes. Every row here was visible to the principal who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from engine.calendar_views import DeadlineChange, Milestone
from engine.contracts.files import FileRef
from engine.decision_views import DecisionRow
from engine.findings import Finding

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """A page of a list. `next_cursor` is '' on the last page; otherwise hand it in for the next."""

    items: tuple[T, ...]
    next_cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class DefinitionRow:
    """A deployed process definition. `id` is `key:version:uuid`; `running` is None where nobody counted."""

    id: str
    key: str
    version: int
    name: str
    application: str
    deployed_at: datetime
    deployed_by: str
    is_latest: bool
    has_start_form: bool
    startable_by: tuple[str, ...] = ()
    running: int | None = None
    documentation: str = ""
    warnings: int = 0


@dataclass(frozen=True, kw_only=True)
class DefinitionDetail:
    """A definition with its file, findings and the names of what came with it."""

    row: DefinitionRow
    xml: str
    findings: tuple[Finding, ...]
    resources: tuple[str, ...]
    elements: Mapping[str, tuple[str, str]]  # element id -> (name, type)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The outcome of a deployment."""

    id: str
    name: str
    definitions: tuple[DefinitionRow, ...]
    findings: tuple[Finding, ...]
    unchanged: bool = False
    decisions: tuple[DecisionRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Started:
    """A started instance."""

    instance_id: str
    business_key: str
    definition_id: str
    ended: bool


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A completed task or job; `next_task_id` is a task of the same case that the same person may do now."""

    instance_id: str
    ended: bool
    next_task_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where a message or signal went: instances it was delivered to or started; kept if it waits for one."""

    instance_ids: tuple[str, ...]
    kept: bool = False
    duplicate: bool = False


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """A user task in a list. `revision` is its ETag."""

    id: str
    instance_id: str
    business_key: str
    definition_id: str
    definition_key: str
    definition_name: str
    element_id: str
    name: str
    state: Literal["open", "completed", "cancelled"]
    assignee: str | None
    owner: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    priority: int
    created_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    follow_up_at: datetime | None
    completed_at: datetime | None
    completed_by: str | None
    form_key: str
    revision: int
    suspended: bool = False
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskDetail:
    """A task with what one needs to do it."""

    row: TaskRow
    form: Mapping[str, object] | None
    variables: Mapping[str, object]
    draft: Mapping[str, object]
    documentation: str
    may_claim: bool
    may_complete: bool
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a case."""

    ref: FileRef
    instance_id: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, kw_only=True)
class InstanceRow:
    """A process instance in a list."""

    id: str
    definition_id: str
    definition_key: str
    definition_name: str
    version: int
    business_key: str
    subject: str
    state: Literal["running", "suspended", "completed", "terminated", "cancelled"]
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    due_at: datetime | None
    incidents: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity instance of a case: a line of its timeline."""

    id: str
    seq: int
    element_id: str
    name: str
    element_type: str
    scope_id: str
    state: Literal["open", "completed", "cancelled", "failed"]
    enabled_at: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    performer: str | None
    performer_kind: str | None
    due_at: datetime | None
    loop_index: int | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One line of the audit trail: what happened, when, by whom."""

    seq: int
    at: datetime
    kind: str
    element_id: str
    activity_id: str | None
    actor: str
    actor_kind: str
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """A job as operators see it."""

    id: str
    instance_id: str
    definition_key: str
    element_id: str
    element_name: str
    topic: str
    state: Literal["available", "leased", "waiting", "failed", "completed", "cancelled"]
    attempts: int
    retries: int | None
    lease_owner: str | None
    lease_until: datetime | None
    not_before: datetime | None
    error_message: str = ""
    error_details: str = ""
    created_at: datetime
    priority: int = 0
    business_key: str = ""


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """Something that needs a person before the case can go on."""

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
    state: Literal["open", "resolved"]
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """A timer that will go off."""

    id: str
    instance_id: str
    element_id: str
    element_name: str
    due_at: datetime | None  # None: it stands still, as long as the clock it follows does


@dataclass(frozen=True, kw_only=True)
class SubscriptionRow:
    """A message or signal that is waited for."""

    id: str
    instance_id: str | None
    element_id: str
    kind: str
    name: str
    correlation_key: str | None


@dataclass(frozen=True, kw_only=True)
class InstanceDetail:
    """A case with all that its page shows."""

    row: InstanceRow
    variables: Mapping[str, object]
    activities: tuple[ActivityRow, ...]
    tasks: tuple[TaskRow, ...]
    jobs: tuple[JobRow, ...]
    timers: tuple[TimerRow, ...]
    subscriptions: tuple[SubscriptionRow, ...]
    incidents: tuple[IncidentRow, ...]
    attachments: tuple[Attachment, ...]
    milestones: tuple[Milestone, ...] = ()
    milestones_problem: str = ""  # why the model's expression gives none
    deadline_changes: tuple[DeadlineChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotificationRow:
    """A message in a user's box."""

    id: str
    instance_id: str | None
    business_key: str
    subject: str
    body: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """How many open tasks stand in each of a user's lists."""

    mine: int = 0
    groups: int = 0
    overdue: int = 0
    due_today: int = 0


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something `verify` found: which invariant, which row, what is wrong."""

    check: str
    instance_id: str
    subject: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The outcome of `verify`."""

    instances: int
    events: int
    problems: tuple[Problem, ...] = field(default=())

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

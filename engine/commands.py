"""Everything that can be asked of the engine, in the imperative.

`Engine.execute(command, by=principal)` runs one of these in one transaction. The docstring of
each says what it gives back. Every command takes an idempotency key through `execute(key=…)`:
the same key with the same command gives the first result again and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

Json = Mapping[str, object]


class Command:
    """Base of all commands."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class DeployDefinition(Command):
    """Check models and make them startable; gives a `views.Deployment`.

    Args:
        files: path → content: `*.bpmn`, `*.dmn`, `forms/*.json`, `templates/*`, `texts/*`.
        name: shown in lists.
        application: key of the process application it belongs to, or ''.
        only_if_changed: give the latest deployment back when every file is the same.

    Raises:
        InvalidModel: a model has findings of severity error; nothing is deployed.
        InvalidInput: no model among the files, or a form that cannot be read.
    """

    files: Mapping[str, bytes]
    name: str = ""
    application: str = ""
    only_if_changed: bool = True


@dataclass(frozen=True, kw_only=True)
class StartInstance(Command):
    """Start a process; gives a `views.Started`.

    Args:
        definition: a definition id (`key:version:uuid`), or a key for its latest version.
        variables: checked against the start form if the process has one and a person starts it.
        business_key: the case number people use; made up as `KEY-YYYYMMDD-nnnn` if ''.
        start_node: which start event; '' takes the none start event.
    """

    definition: str
    variables: Json = field(default_factory=dict)
    business_key: str = ""
    start_node: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimTask(Command):
    """Take a task from a group's queue; gives a `views.TaskRow`. Claiming your own again changes nothing."""

    task_id: str
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnclaimTask(Command):
    """Put a task back into its groups' queues; gives a `views.TaskRow`."""

    task_id: str
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class DelegateTask(Command):
    """Hand a task to another person; gives a `views.TaskRow`. The one who delegates stays its owner."""

    task_id: str
    to: str
    reason: str = ""
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class SaveTaskDraft(Command):
    """Keep what has been typed into a task's form so far, unchecked; gives a `views.TaskRow`."""

    task_id: str
    values: Json


@dataclass(frozen=True, kw_only=True)
class CompleteTask(Command):
    """Hand in a task's form and let the process go on; gives a `views.Completed`.

    Raises:
        InvalidForm: names every field that needs another value; nothing is lost.
        StaleTask: done already, or taken by somebody else.
    """

    task_id: str
    variables: Json = field(default_factory=dict)
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class ActivateJobs(Command):
    """Lease due jobs; gives a tuple of `contracts.jobs.Job`, the most urgent first."""

    worker: str
    topics: tuple[str, ...]
    limit: int = 1
    lease: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class CompleteJob(Command):
    """Hand in a job's result; gives a `views.Completed`. Raises StaleLease if the lease has passed on."""

    job_id: str
    lease_token: str
    variables: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FailJob(Command):
    """Report a technical failure; gives a `views.JobRow`. No retries left makes an incident."""

    job_id: str
    lease_token: str
    message: str
    details: str = ""
    retries: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class ThrowJobError(Command):
    """Report a business error; gives a `views.Completed`. Uncaught it becomes an incident."""

    job_id: str
    lease_token: str
    code: str
    message: str = ""
    variables: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExtendJob(Command):
    """Keep a lease for longer; gives its new end (aware datetime)."""

    job_id: str
    lease_token: str
    lease: timedelta


@dataclass(frozen=True, kw_only=True)
class FireTimer(Command):
    """Let a due timer go off; gives True, or False if it was gone or not yet due."""

    timer_id: str


@dataclass(frozen=True, kw_only=True)
class PublishMessage(Command):
    """Deliver a message to the one instance that waits for it; gives a `views.Published`.

    Args:
        correlation_key: equal to what the waiting event computed; None matches subscriptions without a key.
        ttl: how long an early message is kept for an instance that does not wait yet.
        message_id: the same id of the same name within its time to live is taken once.
    """

    name: str
    correlation_key: str | None = None
    variables: Json = field(default_factory=dict)
    ttl: timedelta = timedelta(0)
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class BroadcastSignal(Command):
    """Deliver a signal to everyone that waits for it; gives a `views.Published`."""

    name: str
    variables: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RetryIncident(Command):
    """The cause is mended: try again; gives a `views.IncidentRow`.

    Args:
        variables: set in the instance before the retry, with audit.
        retries: attempts the job gets.
    """

    incident_id: str
    variables: Json = field(default_factory=dict)
    retries: int = 1


@dataclass(frozen=True, kw_only=True)
class SetVariables(Command):
    """Correct variables of a running instance, with audit; gives a `views.InstanceRow`."""

    instance_id: str
    variables: Json
    scope_id: str = ""


@dataclass(frozen=True, kw_only=True)
class CancelInstance(Command):
    """End an instance before its time; gives a `views.InstanceRow`."""

    instance_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuspendInstance(Command):
    """Stop an instance: its tasks, jobs, timers and messages wait; gives a `views.InstanceRow`."""

    instance_id: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ResumeInstance(Command):
    """Let a suspended instance go on; gives a `views.InstanceRow`."""

    instance_id: str


@dataclass(frozen=True, kw_only=True)
class ContinueInstance(Command):
    """Go on after a step budget ran out; gives a `views.Completed`. Sent by the engine's own sweep."""

    job_id: str


@dataclass(frozen=True, kw_only=True)
class AddAttachment(Command):
    """Store a file; gives a `contracts.files.FileRef`.

    Args:
        instance_id: the case it belongs to; '' for an upload that a form will refer to
            (it is bound to the case when the form is handed in, and swept after a day otherwise).
        allowed_types: media types that are taken; the type is told from the content. None takes all.

    Raises:
        InvalidInput: empty, too large, or of another type.
    """

    name: str
    content: bytes
    instance_id: str = ""
    allowed_types: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Notify(Command):
    """Put a message into a user's message box; the same key twice is one message; gives its id."""

    key: str
    recipient: str
    subject: str
    body: str
    instance_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadNotification(Command):
    """Mark one's own message as read; gives None."""

    notification_id: str

"""Jobs as workers see them: leased, fenced, at least once.

A worker activates jobs of its topics, works, and completes or fails each with the lease
token it was given. When the lease runs out the job goes to another worker, and the first
one's result is refused (`StaleLease`). Effects on the outside carry `Job.idempotency_key`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from engine.contracts.documents import DocumentRegister, NoRegister
from engine.contracts.files import FileRef, FileStore


@dataclass(frozen=True, kw_only=True)
class Job:
    """A leased job.

    Args:
        id: job id; stays the same over retries.
        topic: what kind of work, such as 'document.render'.
        instance_id, definition_id, definition_key, version: the process instance and its definition.
        business_key: the case number people use, or ''.
        element_id, element_name: the service task.
        variables: those visible to the task (its input mappings, if it has any).
        headers: static settings from the model.
        attempt: 1 for the first try.
        retries_left: attempts that remain after this one; None if nobody has set it yet.
        lease_token: proves that the lease is yours.
        lease_until: aware UTC instant.
        deadline: when the work is due, if it is.
        created_at: when the process reached the task, aware UTC, the same for every attempt; what a
            document is dated by, so that a second attempt writes the same bytes.
    """

    id: str
    topic: str
    instance_id: str
    definition_id: str
    definition_key: str
    version: int
    business_key: str = ""
    element_id: str
    element_name: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    retries_left: int | None = None
    lease_token: str
    lease_until: datetime
    deadline: datetime | None = None
    created_at: datetime | None = None

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt: hand it to whatever the job changes outside."""
        return f"job:{self.id}"


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """What a bot gives back.

    Args:
        variables: become variables of the process, as the model's output mappings say.
    """

    variables: Mapping[str, object] = field(default_factory=dict)


class JobClient(Protocol):
    """How a worker talks to the engine; the same calls exist over REST for workers elsewhere."""

    def activate(self, *, worker: str, topics: Collection[str], limit: int, lease: timedelta) -> Sequence[Job]:
        """Lease up to `limit` due jobs of these topics, the most urgent first."""
        ...

    def complete(self, job_id: str, lease_token: str, result: JobResult) -> None:
        """Hand in the result. Raises StaleLease when the lease has passed on."""
        ...

    def fail(
        self,
        job_id: str,
        lease_token: str,
        *,
        message: str,
        details: str = "",
        retries: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        """Report a technical failure; it is tried again with growing pauses, then becomes an incident.

        Args:
            retries: attempts left; None counts down by one.
            retry_after: pause before the next try; None takes the engine's backoff with jitter.
        """
        ...

    def throw_error(self, job_id: str, lease_token: str, *, code: str, message: str) -> None:
        """Report a business error; a boundary event may catch its code, otherwise it becomes an incident."""
        ...

    def extend(self, job_id: str, lease_token: str, lease: timedelta) -> datetime:
        """Keep the lease for longer; gives its new end."""
        ...

    def files(self, job: Job) -> FileStore:
        """The files of the job's process instance."""
        ...


class Resources(Protocol):
    """Where a bot finds what came with the process: templates, texts, settings."""

    def template(self, definition_id: str, name: str) -> bytes:
        """A file of the process application's `templates/` folder, in the version the case runs on.

        Raises:
            NotFound: the application has no such template; the message lists those it has.
        """
        ...


class Notifier(Protocol):
    """How a bot tells somebody something inside Civiflow."""

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        """Put a message into a user's message box; the same key twice is one message."""
        ...


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """What a bot function gets beside the job.

    Args:
        files: the instance's files.
        resources: templates that came with the process.
        notifier: messages to users.
        workdir: an empty folder of this run's own, removed afterwards.
        now: the engine's time, aware.
        zone: the site's time zone (IANA name), for the dates that people read.
        register: numbers, verification codes and the archive.
        site_url: how browsers reach the site, without a slash at the end; '' where nobody has said.
    """

    files: FileStore
    resources: Resources
    notifier: Notifier
    workdir: Path
    now: datetime
    zone: str = "Asia/Shanghai"
    register: DocumentRegister = field(default_factory=NoRegister)
    site_url: str = ""


__all__ = [
    "FileRef",
    "FileStore",
    "Job",
    "JobClient",
    "JobContext",
    "JobResult",
    "Notifier",
    "Resources",
]

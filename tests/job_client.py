"""The job contract in memory: leases, fencing, retries and incidents as the engine keeps them.

For tests of workers and bots without a database. Time is an injected clock; all calls may come from
any thread.
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.clock import Clock, SystemClock
from engine.contracts.errors import NotFound, StaleLease
from engine.contracts.files import CaseFile, FileRef
from engine.contracts.jobs import Job, JobContext, JobResult
from engine.ids import new_id

BACKOFF = timedelta(seconds=10)


@dataclass(kw_only=True)
class JobRow:
    """What the job table would hold; tests read it."""

    job: Job
    state: str = "available"
    retries: int | None = None
    attempts: int = 0
    not_before: datetime
    lease_owner: str = ""
    lease_token: str = ""
    lease_until: datetime | None = None
    extensions: int = 0
    result: Mapping[str, object] = field(default_factory=dict)
    error_code: str = ""
    error_message: str = ""
    error_details: str = ""


class InMemoryFiles:
    """The files of one process instance; the same content twice is one file."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.references: list[FileRef] = []

    def read(self, attachment_id: str) -> bytes:
        if attachment_id not in self.contents:
            raise NotFound(f"Expected an attachment of this case but there is no {attachment_id!r}.")
        return self.contents[attachment_id]

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        digest = hashlib.sha256(content).hexdigest()
        for reference in self.references:
            if reference.sha256 == digest:
                return reference
        reference = FileRef(id=new_id(), name=name, media_type=media_type, size=len(content), sha256=digest)
        self.references.append(reference)
        self.contents[reference.id] = content
        return reference

    def all(self) -> Sequence[CaseFile]:
        arrived = datetime(2026, 3, 2, tzinfo=UTC)
        return [CaseFile(ref=reference, attached_at=arrived, attached_by="li") for reference in self.references]


class InMemoryNotifier:
    """Message boxes; the same key twice is one message."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, str]] = {}

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        message = {"recipient": recipient, "subject": subject, "body": body, "instance_id": instance_id}
        self.messages.setdefault(key, message)


class InMemoryResources:
    """The `templates/` folder of one process application."""

    def __init__(self, templates: Mapping[str, bytes] | None = None) -> None:
        self.templates = dict(templates or {})

    def template(self, definition_id: str, name: str) -> bytes:
        if name not in self.templates:
            raise NotFound(f"Expected template {name!r} but there are: {', '.join(self.templates) or 'none'}.")
        return self.templates[name]


class InMemoryJobs:
    """A JobClient over a dictionary.

    Args:
        clock: decides what is due and which leases have run out.
        retries: attempts a job has when nobody has said otherwise.
    """

    def __init__(self, clock: Clock | None = None, *, retries: int = 3) -> None:
        self.clock = clock or SystemClock()
        self.rows: dict[str, JobRow] = {}
        self.incidents: list[str] = []
        self.notifier = InMemoryNotifier()
        self.resources = InMemoryResources()
        self._files: dict[str, InMemoryFiles] = {}
        self._retries = retries
        self._lock = threading.RLock()

    def add(
        self,
        topic: str,
        *,
        variables: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        business_key: str = "",
        instance_id: str = "",
        retries: int | None = None,
    ) -> JobRow:
        """Put a job into the table, as `advance` does when a token reaches a service task."""
        now = self.clock.now()
        job = Job(
            id=new_id(),
            topic=topic,
            instance_id=instance_id or new_id(),
            definition_id="repair:1:0199",
            definition_key="repair",
            version=1,
            business_key=business_key,
            element_id="Task_bot",
            element_name="办结通知书",
            variables=dict(variables or {}),
            headers=dict(headers or {}),
            lease_token="",
            lease_until=now,
            created_at=now,
        )
        with self._lock:
            self.rows[job.id] = JobRow(job=job, not_before=now, retries=retries)
        return self.rows[job.id]

    def context(self, job: Job, workdir: Path) -> JobContext:
        """What the composition root makes for a worker."""
        return JobContext(
            files=self.files(job),
            resources=self.resources,
            notifier=self.notifier,
            workdir=workdir,
            now=self.clock.now(),
        )

    def activate(self, *, worker: str, topics: Collection[str], limit: int, lease: timedelta) -> Sequence[Job]:
        with self._lock:
            self._sweep()
            now = self.clock.now()
            due = [
                row
                for row in self.rows.values()
                if row.state == "available" and row.job.topic in topics and row.not_before <= now
            ]
            return [self._lease(row, worker, now + lease) for row in due[:limit]]

    def complete(self, job_id: str, lease_token: str, result: JobResult) -> None:
        with self._lock:
            row = self._held(job_id, lease_token)
            row.state, row.result = "completed", dict(result.variables)

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
        with self._lock:
            row = self._held(job_id, lease_token)
            row.error_message, row.error_details = message, details
            self._count_down(row, retries)
            pause = BACKOFF * 2**row.attempts if retry_after is None else retry_after
            row.not_before = self.clock.now() + pause

    def throw_error(self, job_id: str, lease_token: str, *, code: str, message: str) -> None:
        with self._lock:
            row = self._held(job_id, lease_token)
            row.state, row.error_code, row.error_message = "error", code, message
            self.incidents.append(job_id)

    def extend(self, job_id: str, lease_token: str, lease: timedelta) -> datetime:
        with self._lock:
            row = self._held(job_id, lease_token)
            row.lease_until = self.clock.now() + lease
            row.extensions += 1
            return row.lease_until

    def files(self, job: Job) -> InMemoryFiles:
        with self._lock:
            return self._files.setdefault(job.instance_id, InMemoryFiles())

    def cancel(self, job_id: str) -> None:
        """The process instance was cancelled."""
        with self._lock:
            self.rows[job_id].state = "cancelled"

    def _lease(self, row: JobRow, worker: str, until: datetime) -> Job:
        row.state, row.lease_owner, row.lease_token, row.lease_until = "leased", worker, new_id(), until
        row.attempts += 1
        left = None if row.retries is None else row.retries - 1
        return dataclasses.replace(
            row.job,
            attempt=row.attempts,
            retries_left=left,
            lease_token=row.lease_token,
            lease_until=until,
        )

    def _held(self, job_id: str, lease_token: str) -> JobRow:
        """The row, if the token is that of its present lease and the lease has not run out."""
        self._sweep()
        row = self.rows[job_id]
        if row.state != "leased" or row.lease_token != lease_token:
            raise StaleLease
        return row

    def _sweep(self) -> None:
        """A lease that has run out counts as an attempt."""
        for row in self.rows.values():
            if row.state == "leased" and row.lease_until is not None and row.lease_until <= self.clock.now():
                row.error_message = "The lease ran out."
                self._count_down(row, None)

    def _count_down(self, row: JobRow, retries: int | None) -> None:
        left = (self._retries if row.retries is None else row.retries) - 1
        row.retries = left if retries is None else retries
        row.lease_token, row.lease_until = "", None
        row.state = "available" if row.retries > 0 else "failed"
        if row.state == "failed":
            self.incidents.append(row.job.id)

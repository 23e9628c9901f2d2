"""The engine's own implementations of what bots may use: jobs, files, templates, messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine import commands as c
from engine import document_commands as dc
from engine.contracts.documents import ArchivedCase, IssuedDocument
from engine.contracts.files import CaseFile, FileRef, FileStore
from engine.contracts.jobs import Job, JobResult
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import NotFound
from engine.reader import Reader


class Door(Protocol):
    """The engine, as its clients need it."""

    def execute(self, command: c.Command, *, by: Principal, key: str | None = None) -> object: ...
    def read(self, by: Principal) -> Reader: ...


class EngineJobs:
    """Implements `contracts.jobs.JobClient` in the engine's own process."""

    def __init__(self, engine: Door, by: Principal) -> None:
        self._engine = engine
        self._by = by

    def activate(self, *, worker: str, topics: Collection[str], limit: int, lease: timedelta) -> Sequence[Job]:
        """Lease up to `limit` due jobs of these topics."""
        command = c.ActivateJobs(worker=worker, topics=tuple(sorted(topics)), limit=limit, lease=lease)
        jobs: tuple[Job, ...] = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return jobs

    def complete(self, job_id: str, lease_token: str, result: JobResult) -> None:
        """Hand in the result."""
        command = c.CompleteJob(job_id=job_id, lease_token=lease_token, variables=result.variables)
        self._engine.execute(command, by=self._by)

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
        """Report a technical failure."""
        command = c.FailJob(
            job_id=job_id,
            lease_token=lease_token,
            message=message,
            details=details,
            retries=retries,
            retry_after=retry_after,
        )
        self._engine.execute(command, by=self._by)

    def throw_error(self, job_id: str, lease_token: str, *, code: str, message: str) -> None:
        """Report a business error."""
        command = c.ThrowJobError(job_id=job_id, lease_token=lease_token, code=code, message=message)
        self._engine.execute(command, by=self._by)

    def extend(self, job_id: str, lease_token: str, lease: timedelta) -> datetime:
        """Keep the lease for longer."""
        command = c.ExtendJob(job_id=job_id, lease_token=lease_token, lease=lease)
        until: datetime = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return until

    def files(self, job: Job) -> FileStore:
        """The files of the job's process instance."""
        return EngineFiles(self._engine, self._by, job.instance_id)


class EngineFiles:
    """Implements `contracts.files.FileStore` for one process instance."""

    def __init__(self, engine: Door, by: Principal, instance_id: str) -> None:
        self._engine = engine
        self._by = by
        self._instance_id = instance_id

    def read(self, attachment_id: str) -> bytes:
        """The content of an attachment of this instance."""
        attachment, content = self._engine.read(self._by).attachment(attachment_id)
        if attachment.instance_id != self._instance_id:
            raise NotFound(f"There is no file {attachment_id!r} in this case.")
        return content

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        """Store a document and attach it; its type is told from its content."""
        command = c.AddAttachment(name=name, content=content, instance_id=self._instance_id)
        ref: FileRef = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return ref

    def all(self) -> Sequence[CaseFile]:
        """The files of this instance, in order of arrival."""
        return self._engine.read(self._by).files_of(self._instance_id)


class EngineRegister:
    """Implements `contracts.documents.DocumentRegister` for one process instance."""

    def __init__(self, engine: Door, by: Principal, instance_id: str) -> None:
        self._engine = engine
        self._by = by
        self._instance_id = instance_id

    def next_number(self, *, series: str, key: str) -> int:
        """The next number of a series."""
        command = dc.TakeNumber(series=series, key=key, instance_id=self._instance_id)
        number: int = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return number

    def reserve(self, *, key: str) -> IssuedDocument:
        """A verification code for a document that is about to be written."""
        return self._entry(dc.ReserveDocument(instance_id=self._instance_id, key=key))

    def seal(
        self, *, key: str, file_id: str, title: str, number: str = "", issuer: str = "", issued_on: str
    ) -> IssuedDocument:
        """Enter the attached file as the document issued under the reserved code."""
        command = dc.SealDocument(
            instance_id=self._instance_id,
            key=key,
            file_id=file_id,
            title=title,
            number=number,
            issuer=issuer,
            issued_on=issued_on,
        )
        return self._entry(command)

    def revoke(self, *, file_id: str, reason: str) -> IssuedDocument:
        """Declare an issued document of this case void."""
        found = next((each for each in self.issued() if each.file is not None and each.file.id == file_id), None)
        if found is None:
            raise NotFound(f"There is no document issued with file {file_id!r} in this case.")
        return self._entry(dc.RevokeDocument(document_id=found.id, reason=reason))

    def issued(self) -> Sequence[IssuedDocument]:
        """The case's documents."""
        return self._engine.read(self._by).documents_of(self._instance_id)

    def archive(self, *, key: str, file_id: str, number: str, title: str, year: int, files: int) -> ArchivedCase:
        """Enter the case in the archive."""
        command = dc.ArchiveCase(
            instance_id=self._instance_id,
            key=key,
            file_id=file_id,
            number=number,
            title=title,
            year=year,
            files=files,
        )
        entry: ArchivedCase = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return entry

    def archived(self, *, key: str) -> ArchivedCase | None:
        """What was entered under the key, or None."""
        return self._engine.read(self._by).archived_case(self._instance_id, key)

    def _entry(self, command: c.Command) -> IssuedDocument:
        entry: IssuedDocument = self._engine.execute(command, by=self._by)  # type: ignore[assignment]
        return entry


class EngineResources:
    """Implements `contracts.jobs.Resources`."""

    def __init__(self, engine: Door) -> None:
        self._engine = engine

    def template(self, definition_id: str, name: str) -> bytes:
        """A file of the `templates/` folder that came with a definition."""
        return self._engine.read(SYSTEM).definition_resource(definition_id, f"templates/{name}")


class EngineNotifier:
    """Implements `contracts.jobs.Notifier`."""

    def __init__(self, engine: Door) -> None:
        self._engine = engine

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        """Put a message into a user's message box."""
        command = c.Notify(key=key, recipient=recipient, subject=subject, body=body, instance_id=instance_id)
        self._engine.execute(command, by=SYSTEM)

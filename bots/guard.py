"""A job's context that stops working when the job is no longer ours.

A thread cannot be killed. When a bot in a thread overruns its time, or its lease passes to another
worker, the thread may go on for a while; through this guard it can change nothing any more.
"""

from __future__ import annotations

import dataclasses
import threading
from dataclasses import dataclass

from engine.contracts.errors import StaleLease
from engine.contracts.files import FileRef
from engine.contracts.jobs import JobContext


def guarded(context: JobContext, revoked: threading.Event) -> JobContext:
    """The same context; once `revoked` is set, each of its calls raises StaleLease."""
    guard = _Guard(context=context, revoked=revoked)
    return dataclasses.replace(context, files=guard, resources=guard, notifier=guard)


@dataclass(frozen=True, kw_only=True)
class _Guard:
    """FileStore, Resources and Notifier, each call asking first whether the job is still ours."""

    context: JobContext
    revoked: threading.Event

    def read(self, attachment_id: str) -> bytes:
        self._check()
        return self.context.files.read(attachment_id)

    def attach(self, *, name: str, content: bytes, media_type: str) -> FileRef:
        self._check()
        return self.context.files.attach(name=name, content=content, media_type=media_type)

    def template(self, definition_id: str, name: str) -> bytes:
        self._check()
        return self.context.resources.template(definition_id, name)

    def notify(self, *, key: str, recipient: str, subject: str, body: str, instance_id: str) -> None:
        self._check()
        self.context.notifier.notify(key=key, recipient=recipient, subject=subject, body=body, instance_id=instance_id)

    def _check(self) -> None:
        if self.revoked.is_set():
            raise StaleLease("The job is no longer this bot's: it ran out of time, or its lease passed on.")

"""A job's context that stops working when the job is no longer ours.

A thread cannot be killed. When a bot in a thread overruns its time, or its lease passes to another
worker, the thread may go on for a while; through this guard it can change nothing any more.
"""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

from engine.contracts.errors import StaleLease
from engine.contracts.jobs import JobContext


def guarded(context: JobContext, revoked: threading.Event) -> JobContext:
    """The same context; once `revoked` is set, each call of its parts raises StaleLease."""
    parts = ("files", "resources", "notifier", "register")
    behind: dict[str, Any] = {part: _Guarded(getattr(context, part), revoked) for part in parts}
    return dataclasses.replace(context, **behind)


class _Guarded:
    """A part of a context whose methods ask first whether the job is still ours."""

    def __init__(self, part: object, revoked: threading.Event) -> None:
        self._part = part
        self._revoked = revoked

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._revoked.is_set():
                raise StaleLease("The job is no longer this bot's: it ran out of time, or its lease passed on.")
            return method(*args, **kwargs)

        return call

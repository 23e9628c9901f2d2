"""The root of the error tree, and the errors that bots and mining raise or catch.

The whole tree is drawn in `engine.errors`; this part stands apart so that bots and
mining can raise and catch it without importing the kernel.
"""

from __future__ import annotations

import inspect


class CiviflowError(Exception):
    """Something went wrong in Civiflow."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or type(self).__name__))

    @property
    def message(self) -> str:
        """What went wrong, in words a user can act on."""
        return str(self.args[0])


class BusinessError(CiviflowError):
    """The work cannot be done as asked; trying again would not help.

    Args:
        message: what is wrong, for the person who reads the incident.
        code: a BPMN error code; an error boundary event with this code catches it.
    """

    def __init__(self, message: str | None = None, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class TechnicalError(CiviflowError):
    """The work failed for a reason that may pass (a service down, a file locked); it is tried again."""


class LogFormatError(CiviflowError):
    """An event log cannot be read; the message names the file, the line or field, and the way out."""


class NotFound(CiviflowError):
    """There is no such thing, or it is not visible to you."""


class Conflict(CiviflowError):
    """This was true when you read it and is no longer."""


class StaleLease(Conflict):
    """The job's lease has passed to another worker; this result is not accepted."""

"""Every error Civiflow raises on purpose.

    CiviflowError
    ├── InvalidInput                what was sent cannot be meant; names the fields
    │   ├── InvalidModel            an uploaded model has findings of severity error
    │   ├── InvalidForm             a form's values break its rules
    │   └── ExpressionError         a FEEL expression cannot be parsed or evaluated
    ├── NotSignedIn                 no valid session or token
    │   └── TooManyAttempts         wait before the next try to sign in
    ├── Forbidden                   known, visible, but not allowed
    ├── NotFound                    does not exist, or is not visible to you
    ├── Conflict                    true when read, no longer true now
    │   ├── StaleTask               the task is done, or taken by somebody else
    │   ├── StaleLease              the job's lease has passed to another worker
    │   ├── WrongState              the thing is in a state that does not allow this
    │   ├── VersionMismatch         If-Match names an older revision
    │   └── IdempotencyMismatch     the key was used for a different command
    ├── BudgetExceeded              steps, time, size or depth ran out
    ├── ScriptFailed                a Python script task raised, or broke its limits
    ├── CorruptState                stored data cannot be read back
    ├── BusinessError               raised by bots: trying again would not help
    ├── TechnicalError              raised by bots: try again later
    │   └── DatabaseAway            the database does not answer: nothing wrong with what was asked
    └── LogFormatError              an event log cannot be read

A class's docstring is its default message. Status codes belong to `api.problems`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.contracts.errors import (
    BusinessError,
    CiviflowError,
    Conflict,
    LogFormatError,
    NotFound,
    StaleLease,
    TechnicalError,
)

__all__ = [
    "BudgetExceeded",
    "BusinessError",
    "CiviflowError",
    "Conflict",
    "CorruptState",
    "DatabaseAway",
    "ExpressionError",
    "FieldProblem",
    "Forbidden",
    "IdempotencyMismatch",
    "InvalidForm",
    "InvalidInput",
    "InvalidModel",
    "LogFormatError",
    "NotFound",
    "NotSignedIn",
    "ScriptFailed",
    "StaleLease",
    "StaleTask",
    "TechnicalError",
    "TooManyAttempts",
    "VersionMismatch",
    "WrongState",
]


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """One thing wrong with one field.

    Args:
        field: the field's key, or a path into a nested value such as `items[2].amount`.
        code: stable, for programs: 'required', 'too_long', 'not_a_number', …
        message: English, for people.
        message_zh: Chinese, for people.
    """

    field: str
    code: str
    message: str
    message_zh: str = ""


class InvalidInput(CiviflowError):
    """What was sent cannot be meant."""

    def __init__(self, message: str | None = None, *, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class InvalidModel(InvalidInput):
    """The model has errors and cannot be started; its findings name the elements."""

    def __init__(self, message: str | None = None, *, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class InvalidForm(InvalidInput):
    """Some fields of the form need another value."""


class ExpressionError(InvalidInput):
    """The expression cannot be parsed or evaluated."""

    def __init__(self, message: str | None = None, *, source: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.position = position


class NotSignedIn(CiviflowError):
    """Sign in first, or send a valid API token."""


class TooManyAttempts(NotSignedIn):
    """There were too many tries to sign in; wait before the next one."""

    def __init__(self, message: str | None = None, *, wait_seconds: int = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class Forbidden(CiviflowError):
    """You may see this but not do this."""


class StaleTask(Conflict):
    """The task is already done, or taken by somebody else."""


class WrongState(Conflict):
    """The thing is in a state that does not allow this."""


class VersionMismatch(Conflict):
    """The thing has changed since you read it; read it again and decide anew."""


class IdempotencyMismatch(Conflict):
    """This idempotency key was already used for a different command."""


class BudgetExceeded(CiviflowError):
    """The work took more steps, time or space than it may."""


class ScriptFailed(CiviflowError):
    """The script task failed."""


class DatabaseAway(TechnicalError):
    """The database does not answer just now; try again in a moment, a command under the same idempotency key."""


class CorruptState(CiviflowError):
    """Stored data cannot be read back."""

"""What running a process asks of the world: plain data that the kernel turns into rows and events.

A token's id names everything it opens: the activity instance, the user task, the job, the
timer and the subscription of one token all carry that id, so no second lookup is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from engine.decisions.library import Taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A token entered a flow node: an activity instance begins.

    Args:
        activity: its id, which is the token's.
        node: BPMN element id.
        scope: id of the scope it runs in (the instance's own id at process level).
        predecessors: activity ids whose completion led here.
        loop_index: position of a loop round or multi-instance child, from 0; None otherwise.
    """

    activity: str
    node: str
    scope: str
    predecessors: tuple[str, ...] = ()
    loop_index: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """The activity instance is over.

    Args:
        outcome: 'completed'; 'cancelled' when something interrupted it; 'failed' when it ended by an error.
        reason: who or what interrupted it: an element id, 'instance', 'completion condition'.
    """

    activity: str
    node: str
    outcome: Literal["completed", "cancelled", "failed"] = "completed"
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserTaskOpened:
    """A person has something to do. All expressions are evaluated."""

    activity: str
    node: str
    scope: str
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    excluded_users: tuple[str, ...] = ()
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    priority: int = 50
    form_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobOpened:
    """A worker has something to do. `variables` are the activity's input mappings, if it has any."""

    activity: str
    node: str
    scope: str
    topic: str
    retries: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TimerOpened:
    """A timer is due at an instant; opened anew with the same id for each round of a cycle.

    Args:
        due_at: None while a deadline that follows the data stands still: it does not go off then.
    """

    timer: str
    node: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionOpened:
    """The token waits for a message or signal; `correlation_key` None takes any message of that name."""

    subscription: str
    node: str
    kind: Literal["message", "signal"]
    name: str
    correlation_key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitClosed:
    """The user task, job, timer or subscription of this token is over without being done; so is its incident."""

    wait: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventThrown:
    """A message, signal or escalation leaves the instance."""

    kind: Literal["message", "signal", "escalation"]
    node: str
    name: str
    correlation_key: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionTaken:
    """A decision was evaluated, whether or not it gave a result."""

    activity: str
    node: str
    taken: Taken


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentOpened:
    """The token cannot go on until somebody mends the cause and retries it.

    Args:
        kind: 'expression', 'script', 'decision', 'condition', 'uncaught-error', 'model', 'runaway'.
        message: what happened, naming the element.
    """

    activity: str
    node: str
    kind: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessEnded:
    """No token is left, or a terminate end event was reached."""

    outcome: Literal["completed", "terminated"] = "completed"


Effect = (
    Entered
    | Left
    | UserTaskOpened
    | JobOpened
    | TimerOpened
    | SubscriptionOpened
    | WaitClosed
    | EventThrown
    | DecisionTaken
    | IncidentOpened
    | ProcessEnded
)


class Host(Protocol):
    """What the wall may ask of the kernel while tokens move: time, ids, variables, scripts, decisions."""

    def now(self) -> datetime:
        """The command's instant: one and the same during a whole command."""
        ...

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        ...

    def context(self, scope: str) -> Mapping[str, object]:
        """Variables visible in a scope; locals shadow. Plain data; must not be changed."""
        ...

    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Functions that FEEL expressions may call beside the built-ins (working time, for one)."""
        ...

    def write(self, scope: str, name: str, value: object) -> None:
        """Set a variable in the nearest enclosing scope that has it, or else in the instance.

        Raises:
            Stuck: while tokens move: the value cannot be kept; the token that made it is parked.
        """
        ...

    def write_local(self, scope: str, name: str, value: object) -> None:
        """Set a variable in this very scope.

        Raises:
            Stuck: as `write`.
        """
        ...

    def open_scope(self, scope: str, parent: str) -> None:
        """Begin a scope inside another."""
        ...

    def close_scope(self, scope: str) -> None:
        """Forget a scope and its variables."""
        ...

    def run_script(self, source: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a Python script in the sandbox; gives the variables it set.

        Raises:
            ScriptFailed: it raised, or broke its time or memory limit.
        """
        ...

    def decide(self, decision: str, variables: Mapping[str, object]) -> Taken:
        """Ask a decision that was deployed with the process, by its id.

        Raises:
            NotFound: there is none.
            BudgetExceeded: it takes too long.
        """
        ...

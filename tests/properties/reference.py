"""What one small process must do, written a second time without tokens, rows or transactions.

The process of `MODEL` has a user task with a loop and a timer that reminds, a job that may fail or be
refused, and an event-based gateway; the three run side by side and meet before the end:

    start ─ fork ┬ review ─ gate ┬─────────────────── join ─ end
                 │   │ PT30M     └ rework ─┐           │
                 │   └ urge ─ urged        └ review    │
                 ├ print ─┬─────────── printed ────────┤
                 │   │ REFUSED ─ byhand ─┘             │
                 └ either ┬ paid ─── settled ──────────┘
                          └ PT60M ──┘

`Case` says in plain terms where such a case stands and what each command does to it. It shares no
code with the engine; where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.builders import node, process, service, timer, user

KEY = "reference"
RETRIES = 2
REMINDER, PATIENCE = timedelta(minutes=30), timedelta(minutes=60)

_EXTENSION = '<bpmn:extensionElements><zeebe:subscription correlationKey="=number"/></bpmn:extensionElements>'
MODEL = process(
    KEY,
    "start -> fork; fork -> review -> gate; gate -> join [=approved]; gate -> rework []; rework -> review;"
    "late -> urge -> urged; fork -> print -> printed; refused -> byhand -> printed; printed -> join;"
    "fork -> either; either -> paid -> settled; either -> lapse -> settled; settled -> join; join -> end",
    node("parallelGateway", "fork"),
    node("parallelGateway", "join"),
    node("exclusiveGateway", "gate"),
    node("exclusiveGateway", "printed"),
    node("exclusiveGateway", "settled"),
    node("eventBasedGateway", "either"),
    user("review"),
    user("rework"),
    user("urge"),
    user("byhand"),
    service("print", "print", retries=RETRIES),
    node("boundaryEvent", "late", timer("PT30M"), attachedToRef="review", cancelActivity="false"),
    node(
        "boundaryEvent",
        "refused",
        '<bpmn:errorEventDefinition errorRef="refused_error"/>',
        attachedToRef="print",
    ),
    node("intermediateCatchEvent", "paid", '<bpmn:messageEventDefinition messageRef="paid_message"/>'),
    node("intermediateCatchEvent", "lapse", timer("PT60M")),
    node("endEvent", "urged"),
    top='<bpmn:error id="refused_error" errorCode="REFUSED"/>'
    f'<bpmn:message id="paid_message" name="paid">{_EXTENSION}</bpmn:message>',
)


@dataclass
class Task:
    """An open user task."""

    element: str
    assignee: str | None = None


@dataclass
class Job:
    """The print job, while it is not over."""

    retries: int = RETRIES
    state: str = "available"  # available leased failed; or uncaught: an error nobody caught
    not_before: datetime | None = None
    lease_until: datetime | None = None

    @property
    def has_incident(self) -> bool:
        return self.state in {"failed", "uncaught"}


@dataclass
class Case:
    """Where a case stands.

    `pending` holds what is known but may not move on because the case is suspended: elements to enter.
    """

    number: str
    now: datetime
    state: str = "running"
    variables: dict[str, object] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    job: Job | None = None
    reminder: datetime | None = None
    patience: datetime | None = None
    paid_meanwhile: dict[str, object] | None = None
    joined: set[str] = field(default_factory=set)
    pending: list[str] = field(default_factory=list)
    ended_as: str = ""

    def __post_init__(self) -> None:
        self.variables = {"number": self.number}
        self.patience = self.now + PATIENCE
        self._review()
        self.job = Job()

    # --- what moves it ----------------------------------------------------------------------------

    def complete(self, task: Task, values: dict[str, object]) -> None:
        """A person hands a task in; only while the case runs."""
        self.tasks.remove(task)
        self.variables |= values
        if task.element == "review":
            self.reminder = None
            self._enter("join:review") if self.variables["approved"] is True else self._open("rework")
        elif task.element == "rework":
            self._review()
        elif task.element == "byhand":
            self._enter("join:print")
        self._end_if_done()

    def job_done(self, values: dict[str, object]) -> None:
        """A worker's result is in; a suspended case takes it but does not move."""
        self.job = None
        self.variables |= values
        self._enter("join:print")

    def job_failed(self, left: int, again: datetime) -> None:
        """An attempt failed; without another left it is an incident."""
        assert self.job is not None
        self.job = Job(retries=left, state="available" if left else "failed", not_before=again if left else None)

    def job_refused(self, caught: bool) -> None:
        """A business error: to the boundary event, or an incident."""
        assert self.job is not None
        if caught:
            self.job = None
            self._enter("byhand")
        else:
            self.job = Job(state="uncaught")

    def paid(self, values: dict[str, object]) -> None:
        """The message came; a suspended case gets it when it is resumed."""
        if self.state == "suspended":
            self.paid_meanwhile = values
        else:
            self.variables |= values
            self._settled()

    def timers_due(self, now: datetime) -> None:
        """Both timers, if their time has come and the case is not stopped."""
        self.now = now
        if self.state != "running":
            return
        if self.reminder is not None and self.reminder <= now:
            self.reminder = None
            self._open("urge")
        if self.patience is not None and self.patience <= now:
            self._settled()

    def retried(self, retries: int, values: dict[str, object]) -> None:
        """An operator has mended the cause."""
        assert self.job is not None
        self.variables |= values
        if self.job.state == "failed":
            self.job = Job(retries=retries)
        elif self.state == "suspended":
            self.job = None
            self._enter("print")
        else:
            self.job = Job()

    def suspended(self) -> None:
        """Stopped where it stands."""
        self.state = "suspended"

    def resumed(self) -> None:
        """What had to wait goes on."""
        self.state = "running"
        waiting, self.pending = self.pending, []
        for what in waiting:
            self._enter(what)
        if self.paid_meanwhile is not None and self.patience is not None:
            self.variables |= self.paid_meanwhile
            self.paid_meanwhile = None
            self._settled()
        self._end_if_done()

    def cancelled(self) -> None:
        """Ended before its time."""
        self._close("cancelled")

    def standing(self) -> Iterator[str]:
        """Where it stands, in words that a run can count."""
        yield self.state
        yield from (task.element for task in self.tasks)
        if self.job is not None:
            yield f"job {self.job.state}"
        if self.state == "suspended":
            yield from (f"suspended before {what}" for what in self.pending)
            if self.paid_meanwhile is not None:
                yield "suspended and paid"

    # --- the way it goes --------------------------------------------------------------------------

    def _enter(self, what: str) -> None:
        if self.state == "suspended":
            self.pending.append(what)
        elif what == "byhand":
            self._open("byhand")
        elif what == "print":
            self.job = Job()
        else:
            self.joined.add(what)
        self._end_if_done()

    def _review(self) -> None:
        self._open("review")
        self.reminder = self.now + REMINDER

    def _open(self, element: str) -> None:
        self.tasks.append(Task(element))

    def _settled(self) -> None:
        self.patience = None
        self._enter("join:either")

    def _end_if_done(self) -> None:
        if self.state == "running" and len(self.joined) == 3 and not self.tasks:
            self._close("completed")

    def _close(self, how: str) -> None:
        self.state = how
        self.tasks, self.job, self.reminder, self.patience, self.pending = [], None, None, None, []

"""From what the token game asked for to rows and events: one collector for one command.

Everything is gathered first and written in one go at the end, so that a wait that opens and
closes within the same command leaves its trace in the log and no row to clean up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from engine.access import EVERYBODY
from engine.clock import to_micros
from engine.errors import InvalidInput
from engine.handlers.asked import check_fields
from engine.handlers.case import Case
from engine.handlers.decisions import evaluation_row
from engine.ids import new_id
from engine.spiff.effects import (
    DecisionTaken,
    Effect,
    Entered,
    EventThrown,
    IncidentOpened,
    JobOpened,
    Left,
    ProcessEnded,
    SubscriptionOpened,
    TimerOpened,
    UserTaskOpened,
    WaitClosed,
)
from engine.store import outbox, waits
from engine.store import tables as t
from engine.store.deadlines import due_sort as sort_of
from engine.store.decision_tables import decision_evaluation
from engine.store.history import Event


class Rows:
    """Collects effects of one case.

    Args:
        case: the instance they happen in.
        cause: the event this command is; completing an activity that was open before it merges into it.
    """

    def __init__(self, case: Case, cause: Event) -> None:
        self.case = case
        self.cause = cause
        self.entered: dict[str, Event] = {}
        self.waited: set[str] = set()
        self.tasks: dict[str, dict[str, Any]] = {}
        self.candidates: dict[str, list[dict[str, Any]]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.timers: dict[str, dict[str, Any]] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.incidents: list[dict[str, Any]] = []
        self.evaluations: list[dict[str, Any]] = []
        self.closed: list[str] = []
        self.listening: dict[str, dict[str, Any]] = {}
        """Message subscriptions opened in this command, for which a message may have been kept."""
        self._taken = 0

    def apply_all(self, effects: Sequence[Effect]) -> None:
        """Take in what has been added since the last time, and what that leads to."""
        while self._taken < len(effects):
            self._taken += 1
            self.apply(effects[self._taken - 1])

    def apply(self, effect: Effect) -> None:
        """Take one effect in; a wait that no row can hold stops its token instead."""
        try:
            if isinstance(effect, UserTaskOpened | JobOpened | SubscriptionOpened):
                check_fields(effect)
            _dispatch(type(effect))(self, effect)
        except InvalidInput as error:
            token = getattr(effect, "subscription", "") or getattr(effect, "activity", "")
            self.case.execution.park(token, "expression", f"{error.message} Correct the variables, then retry.")

    @singledispatchmethod
    def _apply(self, effect: Any) -> None:
        raise NotImplementedError(type(effect).__name__)

    @_apply.register
    def _(self, effect: Entered) -> None:
        root = effect.scope == self.case.record.id
        self.entered[effect.activity] = self.case.note(
            "activity-enabled",
            element=effect.node,
            activity=effect.activity,
            scope=None if root else effect.scope,
            loop=effect.loop_index,
            **{"from": list(effect.predecessors) or None},
        )

    @_apply.register
    def _(self, effect: Left) -> None:
        opened = self.entered.get(effect.activity)
        if effect.outcome != "completed":
            self.case.note(
                f"activity-{effect.outcome}",
                element=effect.node,
                activity=effect.activity,
                reason=effect.reason or None,
            )
        elif opened is not None and effect.activity not in self.waited:
            opened.kind = "activity-passed"
        elif self.cause.activity_id == effect.activity and opened is None:
            # The command itself is this activity's completion: one event says both.
            if self.cause.data is not None:
                self.cause.data.pop("stays", None)
        else:
            self.case.note("activity-completed", element=effect.node, activity=effect.activity)

    @_apply.register
    def _(self, effect: UserTaskOpened) -> None:
        case, record = self.case, self.case.record
        due_sort = sort_of(effect.due_at)
        node = case.bundle.program.node(effect.node)
        self._waits(
            effect.activity,
            group=effect.candidate_groups[0] if effect.candidate_groups else None,
            due=None if effect.due_at is None else due_sort,
            assignee=effect.assignee,
            waiting_for=node.properties.get("civiflow:waitingFor") or None,
        )
        self.tasks[effect.activity] = {
            "id": effect.activity,
            "instance_id": record.id,
            "definition_no": record.definition_no,
            "scope_id": effect.scope,
            "element_id": effect.node,
            "name": node.name or effect.node,
            "state": "open",
            "assignee": effect.assignee,
            "excluded_users": list(effect.excluded_users) or None,
            "form_key": effect.form_key,
            "priority": effect.priority,
            "created_at": case.now(),
            "claimed_at": case.now() if effect.assignee else None,
            "due_at": effect.due_at,
            "due_sort": due_sort,
            "follow_up_at": effect.follow_up_at,
            "suspended": record.state == "suspended",
            "revision": 1,
        }
        named = [("group", g) for g in effect.candidate_groups] + [("user", u) for u in effect.candidate_users]
        if not named and effect.assignee is None:
            named = [EVERYBODY]
        self.candidates[effect.activity] = [
            {
                "kind": kind,
                "name": name,
                "claimable": effect.assignee is None,
                "due_sort": due_sort,
                "task_id": effect.activity,
            }
            for kind, name in dict.fromkeys(named)
        ]

    @_apply.register
    def _(self, effect: JobOpened) -> None:
        self._waits(effect.activity, topic=effect.topic)
        self.jobs[effect.activity] = self.job_row(
            effect.activity,
            topic=effect.topic,
            element=effect.node,
            scope=effect.scope,
            retries=effect.retries,
            headers=dict(effect.headers) or None,
            priority=effect.priority,
        )

    @_apply.register
    def _(self, effect: TimerOpened) -> None:
        self._waits(effect.timer, waiting_for="timer")
        self.timers[effect.timer] = {
            "id": effect.timer,
            "instance_id": self.case.record.id,
            "definition_no": self.case.record.definition_no,
            "element_id": effect.node,
            "due_at": effect.due_at,
            "suspended": self.case.record.state == "suspended",
        }

    @_apply.register
    def _(self, effect: SubscriptionOpened) -> None:
        self._waits(effect.subscription, waiting_for=effect.kind)
        self.subscriptions[effect.subscription] = {
            "id": effect.subscription,
            "kind": effect.kind,
            "name": effect.name,
            "correlation_key": effect.correlation_key,
            "instance_id": self.case.record.id,
            "definition_no": self.case.record.definition_no,
            "element_id": effect.node,
        }
        if effect.kind == "message":
            self.listening[effect.subscription] = self.subscriptions[effect.subscription]

    @_apply.register
    def _(self, effect: WaitClosed) -> None:
        for pending in (
            self.tasks, self.candidates, self.jobs, self.timers, self.subscriptions, self.listening,
        ):  # fmt: skip
            pending.pop(effect.wait, None)
        self.closed.append(effect.wait)

    @_apply.register
    def _(self, effect: EventThrown) -> None:
        entry = None
        if effect.kind != "escalation":
            payload = {
                "name": effect.name,
                "correlation_key": effect.correlation_key,
                "variables": dict(effect.variables),
            }
            entry = outbox.put(self.case.context_.uow, effect.kind, self.case.record.id, payload)
        self.case.note(f"{effect.kind}-thrown", element=effect.node, name=effect.name, entry=entry)

    @_apply.register
    def _(self, effect: DecisionTaken) -> None:
        self.evaluations.append(evaluation_row(self.case, effect))

    @_apply.register
    def _(self, effect: IncidentOpened) -> None:
        self.open_incident(element=effect.node, activity=effect.activity, kind=effect.kind, message=effect.message)

    @_apply.register
    def _(self, effect: ProcessEnded) -> None:
        record = self.case.record
        record.state, record.ended_at = effect.outcome, self.case.now()
        self.case.note(f"instance-{effect.outcome}")

    def open_incident(
        self,
        *,
        element: str,
        activity: str | None,
        kind: str,
        message: str,
        details: str = "",
        job: str | None = None,
    ) -> str:
        """Something needs a person; gives the incident's id."""
        record, incident = self.case.record, new_id()
        record.incidents += 1
        self.incidents.append(
            {
                "id": incident,
                "instance_id": record.id,
                "definition_no": record.definition_no,
                "element_id": element,
                "element_name": self._name(element),
                "activity_id": activity,
                "job_id": job,
                "kind": kind,
                "message": message[:4000],
                "details": details[:64_000],
                "state": "open",
                "created_at": self.case.now(),
                "resolved_at": None,
                "resolved_by": None,
            }
        )
        self.case.note("incident-opened", element=element, incident=incident, kind=kind, activity_id=activity)
        return incident

    def settle_incidents(self) -> None:
        """Resolve the incidents of tokens that something else has ended; nobody can retry those."""
        record, uow = self.case.record, self.case.context_.uow
        over = record.ended_at is not None
        for row in self.incidents:
            if row["kind"] != "delivery" and (over or row["activity_id"] in self.closed):
                row |= {"state": "resolved", "resolved_at": uow.now, "resolved_by": uow.by.id}
                record.incidents -= 1
        if record.incidents and (over or self.closed):
            record.incidents -= waits.resolve_incidents(uow, record.id, only=None if over else self.closed)

    def redate(self, activity: str, due_at: datetime | None) -> None:
        """Let the event that opened an activity in this command tell another due date."""
        opened = self.entered.get(activity)
        if opened is not None:
            kept = {name: value for name, value in (opened.data or {}).items() if name != "due"}
            opened.data = {**kept, **({} if due_at is None else {"due": to_micros(due_at)})} or None

    def job_row(self, job_id: str, **values: Any) -> dict[str, Any]:
        """A job that can be taken at once."""
        record = self.case.record
        return {
            "id": job_id,
            "instance_id": record.id,
            "definition_no": record.definition_no,
            "scope_id": values.get("scope", record.id),
            "element_id": values.get("element", ""),
            "element_name": self._name(values.get("element", "")),
            "topic": values["topic"],
            "state": "available",
            "priority": values.get("priority", 0),
            "headers": values.get("headers"),
            "retries": values.get("retries"),
            "attempts": 0,
            "not_before": self.case.now(),
            "created_at": self.case.now(),
            "suspended": record.state == "suspended",
        }

    def write(self) -> None:
        """Write everything collected; the instance's row must exist."""
        uow = self.case.context_.uow
        if self.closed:
            waits.close(uow, self.closed)
        uow.insert(t.user_task, list(self.tasks.values()))
        uow.insert(t.task_candidate, [row for rows in self.candidates.values() for row in rows])
        if opened_again := self.jobs.keys() - self.entered.keys():
            waits.forget_jobs(uow, opened_again)  # until now they told a late worker that its lease is over
        uow.insert(t.job, list(self.jobs.values()))
        uow.insert(t.timer, list(self.timers.values()))
        uow.insert(t.message_subscription, list(self.subscriptions.values()))
        uow.insert(t.incident, self.incidents)
        uow.insert(decision_evaluation, self.evaluations)
        if self.case.record.state != "suspended":
            uow.due_jobs += self.jobs

    def _name(self, element: str) -> str:
        return self.case.bundle.program.node(element).name if element else ""

    def _waits(self, activity: str, **data: Any) -> None:
        self.waited.add(activity)
        opened = self.entered.get(activity)
        if opened is not None:
            opened.data = {**(opened.data or {}), **{k: v for k, v in data.items() if v is not None}} or None


_dispatch = Rows.__dict__["_apply"].dispatcher.dispatch
"""What `Rows._apply` would call; asking for it here spares a bound function an effect."""

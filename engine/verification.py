"""`civiflow verify`: state, rows, event log and hash chain must say the same.

Reads only, one case at a time. Each check names the case, the row and what is wrong; a clean
database gives no problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.clock import to_micros
from engine.contracts.errors import CiviflowError
from engine.handlers.bundle import Bundle
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.deadlines import CHANGED as DEADLINE_CHANGED
from engine.handlers.decisions import EVALUATED
from engine.spiff import Execution
from engine.store import audit
from engine.store.database import Database
from engine.store.decisions import evaluations
from engine.store.history import GENESIS, link, value_digest
from engine.store.outbox import SENT_IS_KNOWN
from engine.store.projection import project
from engine.views import Problem, Verification

_BATCH = 500
_ROWS = {
    "user-task": "user_task",
    "job": "job",
    "timer": "timer",
    "message": "message_subscription",
    "signal": "message_subscription",
}
"""Kind of wait → table of its row."""

_MOVABLE = {*_ROWS, "conditional", "incident"}
"""Kinds of tokens that something outside can move; joins and scopes only follow others."""


def verify(database: Database, make_context: Callable[[Any], Context], instance_id: str = "") -> Verification:
    """Check one case, or every case.

    Args:
        database: where to look.
        make_context: what a command's handler would work with.
        instance_id: '' for all.

    Returns:
        How much was looked at, and every problem found.
    """
    instances = events = 0
    problems: list[Problem] = []
    with database.read() as connection:
        context = make_context(connection)
        for row in audit.instances(connection, instance_id, _BATCH):
            instances += 1
            check = _Check(context, row)
            problems += check.run()
            events += check.events
        if not instance_id:
            problems += [
                Problem(check="orphan", instance_id="", subject=subject, message=message)
                for subject, message in audit.orphans(connection, context.now)
            ]
    return Verification(instances=instances, events=events, problems=tuple(problems))


class _Check:
    """All checks of one case."""

    def __init__(self, context: Context, row: Any) -> None:
        self.context = context
        self.uow = context.uow
        self.row = row
        self.events = 0

    def run(self) -> list[Problem]:
        """Every problem of this case."""
        found: list[Problem] = []
        for name, check in (
            ("chain", self._chain),
            ("projection", self._projection),
            ("variables", self._variables),
            ("counts", self._counts),
            ("flags", self._flags),
            ("deadlines", self._deadlines),
            ("tokens", self._tokens),
            ("outbox", self._outbox),
            ("decisions", self._decisions),
        ):
            found += [
                Problem(check=name, instance_id=self.row.id, subject=subject, message=message)
                for subject, message in check()
            ]
        return found

    def _chain(self) -> Iterator[tuple[str, str]]:
        """Each link follows from the one before, nothing is missing, and values are those that were written."""
        changes = audit.changes(self.uow.connection, self.row.id)
        by_event: dict[int, list[Any]] = {}
        for change in changes:
            by_event.setdefault(change.event_number, []).append(change)
            value = None if change.value is None else bytes(change.value)
            if value is not None and value_digest(bytes(change.salt), value) != bytes(change.digest):
                yield f"variable {change.name}", f"Its value at event {change.event_number} is not what was recorded."
        head = GENESIS
        at = self.row.started_at
        for expected, event in enumerate(self._log(), start=1):
            self.events += 1
            if event.at < at:
                yield f"event {event.number}", "It lies before the event before it."
            at = event.at
            if event.number != expected:
                yield f"event {expected}", f"Missing from the log; the next is {event.number}."
                return
            head = link(
                head,
                number=event.number,
                at=event.at,
                kind=event.kind,
                element_id=event.element_id,
                activity_id=event.activity_id,
                actor=event.actor,
                actor_kind=event.actor_kind,
                data=event.data,
                changes=[(c.scope_id, c.name, bytes(c.digest)) for c in by_event.pop(event.number, ())],
            )
            if head != bytes(event.link):
                yield f"event {event.number}", f"«{event.kind}» is not what was recorded: its link does not follow."
                return
        if self.events != self.row.event_count or head != bytes(self.row.chain_head):
            yield "chain head", f"The log ends at event {self.events} but the case has seen {self.row.event_count}."
        for number in by_event:
            yield f"event {number}", "Variable changes belong to an event that is not in the log."

    def _projection(self) -> Iterator[tuple[str, str]]:
        """The activity instances are those the log tells of."""
        rebuilt: dict[str, dict[str, Any]] = {}
        for event in self._log():
            for activity, patch, _ in project(event._mapping):
                rebuilt.setdefault(activity, {}).update(patch)
        stored = {row.id: row._mapping for row in audit.activities(self.uow.connection, self.row.id)}
        for activity in rebuilt.keys() | stored.keys():
            if activity not in stored:
                yield f"activity {activity}", "Told of in the log but missing from the table."
            elif activity not in rebuilt:
                yield f"activity {activity}", "Stands in the table but the log does not tell of it."
            else:
                for name, value in rebuilt[activity].items():
                    if stored[activity][name] != value:
                        yield f"activity {activity}", f"Its {name} is {stored[activity][name]!r}, not {value!r}."

    def _variables(self) -> Iterator[tuple[str, str]]:
        """The variables of the case, and of each open scope, are the last values in the log."""
        logged = audit.last_values(self.uow.connection, self.row.id)
        held = {self.row.id: self.row.variables, **audit.scopes(self.uow.connection, self.row.id)}
        for scope, variables in held.items():
            last = logged.get(scope, {})
            for name in last.keys() | variables.keys():
                if name not in last:
                    yield f"variable {name}", "Has a value that the log does not tell of."
                elif name not in variables:
                    yield f"variable {name}", "Has lost its value."
                elif last[name] is not audit.ERASED and last[name] != variables[name]:
                    yield f"variable {name}", "Its value is not the last one in the log."

    def _counts(self) -> Iterator[tuple[str, str]]:
        """What the case's row says about its other rows is so."""
        open_incidents = audit.open_incidents(self.uow.connection, self.row.id)
        if open_incidents != self.row.incidents:
            yield "incidents", f"The case counts {self.row.incidents} open incidents but there are {open_incidents}."
        if self.row.state in {"completed", "terminated", "cancelled"}:
            for table, count in audit.open_waits(self.uow.connection, self.row.id).items():
                if count:
                    yield table, f"The case is {self.row.state} but still has {count} open in {table}."

    def _flags(self) -> Iterator[tuple[str, str]]:
        """What stops or hides the case's rows is what the case says."""
        if self.row.state in {"running", "suspended"}:
            suspended = self.row.state == "suspended"
            for table, count in audit.wrongly_suspended(self.uow.connection, self.row.id, suspended).items():
                yield table, f"The case is {self.row.state} but {count} in {table} are marked otherwise."
        for task in audit.wrongly_queued(self.uow.connection, self.row.id):
            yield f"user_task {task}", "Its queues do not show it as its row says."

    def _deadlines(self) -> Iterator[tuple[str, str]]:
        """Deadlines that followed the data stand where the log last told; lists sort tasks by theirs."""
        told = {
            event.data.get("timer") or event.activity_id or self.row.id: event.data.get("new")
            for event in self._log()
            if event.kind == DEADLINE_CHANGED
        }
        for wait, due in {self.row.id: self.row.due_at, **audit.due_times(self.uow.connection, self.row.id)}.items():
            if wait in told and told[wait] != (None if due is None else to_micros(due)):
                yield f"deadline {wait}", f"It is {due}, which is not what the log told last."
        for task in audit.wrongly_sorted(self.uow.connection, self.row.id):
            yield f"user_task {task}", "Lists do not sort it by its due date."

    def _tokens(self) -> Iterator[tuple[str, str]]:
        """The tokens can be read, and each wait has its row and the other way round."""
        if self.row.state not in {"running", "suspended"}:
            return
        try:
            bundle, execution = self._load()
            waiting = list(execution.waiting())
        except CiviflowError as error:
            yield "tokens", error.message
            return
        rows = audit.wait_ids(self.uow.connection, self.row.id)
        expected: dict[str, set[str]] = {table: set() for table in _ROWS.values()}
        for token in waiting:
            if token.kind in _ROWS:
                expected[_ROWS[token.kind]].add(token.id)
        for table, ids in expected.items():
            for missing in ids - rows[table]:
                yield f"{table} {missing}", "A token waits for it but there is no such row."
            for extra in rows[table] - ids:
                yield f"{table} {extra}", "There is a row that no token waits for."
        open_incidents = audit.incident_subjects(self.uow.connection, self.row.id)
        failed = audit.failed_jobs(self.uow.connection, self.row.id)
        for stopped in ({token.id for token in waiting if token.kind == "incident"} | failed) - open_incidents:
            yield f"token {stopped}", "It has failed but no open incident tells of it."
        goes_on = bool(rows["continuation"]) or self.row.state == "suspended" or bool(self.row.incidents)
        if not any(token.kind in _MOVABLE or (token.kind == "ready" and goes_on) for token in waiting):
            yield "tokens", f"The case {bundle.key} is {self.row.state} but nothing can ever move it."

    def _outbox(self) -> Iterator[tuple[str, str]]:
        """What the case has thrown waits in the outbox or has been sent; known for a month."""
        since = self.context.now - SENT_IS_KNOWN
        thrown = {e.data["entry"]: e.number for e in self._log() if e.data and "entry" in e.data and e.at > since}
        for entry in audit.lost_entries(self.uow.connection, thrown):
            yield f"outbox {entry}", f"Event {thrown[entry]} put it there; it was not sent, and it is gone."

    def _decisions(self) -> Iterator[tuple[str, str]]:
        """Why decisions came out is kept as it was recorded; what was erased is told by its digest alone."""
        told = {e.data["evaluation"]: e.data["digest"] for e in self._log() if e.kind == EVALUATED and e.data}
        for row in evaluations(self.uow.connection, self.row.id):
            digest = told.pop(row.id, None)
            if digest is None:
                yield f"decision {row.id}", "Stands in the table but the log does not tell of it."
            elif bytes(row.digest).hex() != digest:
                yield f"decision {row.id}", f"«{row.decision_name}» is not the evaluation that was recorded."
            elif row.body is not None and value_digest(bytes(row.salt), bytes(row.body)).hex() != digest:
                yield f"decision {row.id}", f"What was decided by «{row.decision_name}» is not what was recorded."
        for missing in told:
            yield f"decision {missing}", "Told of in the log but missing from the table."

    def _load(self) -> tuple[Bundle, Execution]:
        bundle = self.context.bundles.get(self.uow, self.row.definition_no)
        return bundle, Case(self.context, audit.as_record(self.row), bundle).execution

    def _log(self) -> list[Any]:
        if not hasattr(self, "_held"):
            self._held = audit.events(self.uow.connection, self.row.id)
        return self._held

"""Where completed tasks, jobs, timers and messages meet: move the tokens, save, record.

One function to make right. State, work lists, event log and outbox are written here and nowhere
else, and commit together or not at all.
"""

from __future__ import annotations

from contextlib import suppress

from engine.errors import BudgetExceeded, ExpressionError
from engine.handlers.case import Case
from engine.handlers.deadlines import follow
from engine.handlers.rows import Rows
from engine.ids import new_id
from engine.store import cases, messages
from engine.store.history import Event

CONTINUE = "civiflow.continue"
"""Topic of the engine's own continuation jobs."""

RUNAWAY = 1_000_000
"""Steps without a single wait after which an instance is held to be running away."""


def advance(case: Case, cause: Event, *, is_new: bool = False, steps_before: int = 0) -> Rows:
    """Run what is ready, then write the outcome.

    Args:
        case: loaded and locked; a handler has already completed, fired or delivered something.
        cause: the event that stands for the command; variable changes are attached to it.
        is_new: the instance's row is to be inserted.
        steps_before: steps already made in this burst by commands before this one.

    Returns:
        What was written.
    """
    rows = Rows(case, cause)
    if case.moved and case.record.state == "suspended":
        rows.apply_all(case.execution.effects)  # results are taken in; the tokens go on when the case does
    elif case.moved:
        _run(case, rows, steps_before)
    follow(case, rows)
    save(case, rows, cause, is_new=is_new)
    return rows


def save(case: Case, rows: Rows, cause: Event, *, is_new: bool = False) -> None:
    """Write a case's row, scopes, events and waits."""
    record, uow = case.record, case.context_.uow
    rows.settle_incidents()
    if case.moved:
        record.token_state = None if case.execution.ended else case.execution.dump()
    _describe(case)
    cause.changes = tuple(case.changes)
    record.has_scopes = bool(case.scopes)
    cases.append_events(uow, record, case.events, case.bundle.element_types)
    if is_new:
        cases.insert_instance(uow, record)
    else:
        cases.update_instance(uow, record)
    cases.save_scopes(uow, record.id, case.scopes, case.closed_scopes)
    rows.write()


def _run(case: Case, rows: Rows, steps_before: int) -> None:
    steps = steps_before
    while True:
        finished = case.run(case.context_.step_budget)
        rows.apply_all(case.execution.effects)
        steps += case.execution.steps
        if not finished:
            _continue_later(case, rows, steps)
        if not finished or not _deliver_kept(case, rows):
            return


def _deliver_kept(case: Case, rows: Rows) -> bool:
    """Give one of the waits just opened a message that came before it; tells whether there was one."""
    while rows.listening:
        subscription, wait = rows.listening.popitem()
        kept = messages.take_kept(case.context_.uow, subscription, wait["kind"], wait["name"], wait["correlation_key"])
        if kept is not None:
            del rows.subscriptions[subscription]
            case.note("message-correlated", element=wait["element_id"], message=kept.id, name=kept.name)
            case.execution.deliver(subscription, kept.variables)
            return True
    return False


def _continue_later(case: Case, rows: Rows, steps: int) -> None:
    if steps >= RUNAWAY:
        rows.open_incident(
            element="",
            activity=None,
            kind="runaway",
            message=f"The process made {steps:,} steps without a wait; it seems to loop for ever. "
            "Mend the loop's condition, then retry, or cancel the case.",
        )
        return
    job_id = new_id()
    rows.jobs[job_id] = rows.job_row(job_id, topic=CONTINUE, headers={"steps": str(steps)}, priority=100)


def _describe(case: Case) -> None:
    """Bring the one-line subject up to date; one that cannot be computed stays as it is, and stops nobody."""
    record = case.record
    if case.bundle.subject is None or not (case.touched or not record.subject):
        return
    with suppress(ExpressionError, BudgetExceeded):
        value = case.bundle.subject.evaluate(case.context(record.id), now=case.local_now(), functions=case.functions())
        if isinstance(value, str):
            record.subject = value.replace("\0", "")[:200]

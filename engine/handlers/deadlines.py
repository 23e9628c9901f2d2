"""Deadlines that follow the data: evaluated again in the transaction that changes a variable they name.

A change is written to the row (case, task or timer) and told in the log by an event `deadline-changed`
with the old and the new instant, and the reason of the stop if the clock stands. One that cannot be
evaluated keeps its old value behind an incident: nobody's work is lost, and nothing goes off by chance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from engine.clock import to_micros
from engine.contracts.errors import CiviflowError
from engine.errors import InvalidInput
from engine.handlers.case import Case
from engine.handlers.rows import Rows
from engine.handlers.stopped import as_instant, open_reason, shown
from engine.spiff.deadlines import Due
from engine.store import deadlines as stored
from engine.store import waits

CHANGED = "deadline-changed"


def names_followed(case: Case) -> frozenset[str]:
    """Every variable that a deadline of the case follows: its own, and those of its tasks and timers."""
    return case.bundle.program.deadline_names | case.bundle.due_names


def follow(case: Case, rows: Rows) -> int:
    """Evaluate the deadlines again that name a variable which this command wrote; gives how many changed."""
    followed = names_followed(case)
    if not followed or case.record.ended_at is not None:
        return 0
    written = followed & case.touched
    if not written and not case.record.incidents:
        return 0
    changed = _case(case, rows) if case.bundle.due_names & written else 0
    found = case.execution.deadlines(written) if case.bundle.program.deadline_names & written else ()
    _mend(case, rows, found, written)
    before = stored.due_of(case.context_.uow, [due.wait for due in found]) if found else {}
    for due in found:
        if due.problem:
            _complain(case, rows, due.node, due.wait, due.problem)
        elif not _move_new(rows, due) and due.wait in before and before[due.wait] != due.due_at:
            _move(case, due, before[due.wait])
            changed += 1
    return changed


def case_deadline(case: Case) -> datetime | None:
    """When the case as a whole is due; None if it never is, or while the clock stands.

    Raises:
        InvalidInput: the expression cannot be evaluated with the variables there are, or gives no date.
    """
    expression = case.bundle.due
    assert expression is not None
    says = f"Expected variables from which the deadline of a {case.bundle.key} case (civiflow:dueDate) follows, but"
    try:
        due = expression.evaluate(case.context(case.record.id), now=case.local_now(), functions=case.functions())
    except CiviflowError as error:
        raise InvalidInput(f"{says}: {error}") from error
    instant = as_instant(due, case.context_.zone)
    if instant is None and due is not None:
        raise InvalidInput(f"{says} it gives {shown(due)}, which is no date and time.")
    return instant


def _case(case: Case, rows: Rows) -> int:
    record, old = case.record, case.record.due_at
    try:
        due_at = case_deadline(case)
    except InvalidInput as error:
        _complain(case, rows, "", None, error.message)
        return 0
    if due_at == old:
        return 0
    record.due_at = due_at
    context = case.context(record.id)
    _tell(case, "", None, old, due_at, (context.get(name) for name in sorted(case.bundle.due_names)))
    return 1


def _move_new(rows: Rows, due: Due) -> bool:
    """Correct what this very command opened: nobody has seen it yet, so its opening tells the right date."""
    timer, task = rows.timers.get(due.wait), rows.tasks.get(due.wait)
    if timer is not None:
        timer["due_at"] = due.due_at
    elif task is not None:
        sort = stored.due_sort(due.due_at)
        task |= {"due_at": due.due_at, "due_sort": sort}
        for candidate in rows.candidates[due.wait]:
            candidate["due_sort"] = sort
        rows.redate(due.wait, due.due_at)
    return timer is not None or task is not None


def _move(case: Case, due: Due, old: datetime | None) -> None:
    uow = case.context_.uow
    if due.kind == "timer":
        stored.move_timer(uow, due.wait, due.due_at)
        _tell(case, due.node, None, old, due.due_at, due.follows, timer=due.wait)
    else:
        stored.move_task(uow, due.wait, due.due_at)
        _tell(case, due.node, due.wait, old, due.due_at, due.follows)


def _tell(
    case: Case,
    element: str,
    activity: str | None,
    old: datetime | None,
    new: datetime | None,
    follows: Iterable[object],
    **data: Any,
) -> None:
    case.note(
        CHANGED,
        element=element,
        activity=activity,
        old=None if old is None else to_micros(old),
        new=None if new is None else to_micros(new),
        reason=open_reason(follows),
        **data,
    )


def _complain(case: Case, rows: Rows, element: str, wait: str | None, problem: str) -> None:
    """Open an incident, unless there is one."""
    if case.record.incidents and stored.problems(case.context_.uow, case.record.id).get(wait):
        return
    message = f"{problem} The deadline stays as it was. Correct the variables, then retry."
    rows.open_incident(element=element, activity=wait, kind=stored.KIND, message=message)


def _mend(case: Case, rows: Rows, found: Collection[Due], written: frozenset[str]) -> None:
    """Resolve the incidents of deadlines that can be evaluated again, or whose task or timer is over."""
    if not case.record.incidents:
        return
    open_ = stored.problems(case.context_.uow, case.record.id)
    if not open_:
        return
    waiting = {each.id for each in case.execution.waiting()}
    good = {due.wait for due in found if not due.problem}
    for wait, incidents in open_.items():
        over = wait is not None and (wait not in waiting or wait in good)
        if over or (wait is None and case.bundle.due_names & written and _is_good(case)):
            for incident in incidents:
                waits.resolve_incident(case.context_.uow, incident)
                case.record.incidents -= 1


def _is_good(case: Case) -> bool:
    try:
        case_deadline(case)
    except InvalidInput:
        return False
    return True

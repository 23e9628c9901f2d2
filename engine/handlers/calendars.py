"""The site's calendar: publish a version, move the deadlines that follow it."""

from __future__ import annotations

from collections.abc import Collection

from engine.access import require
from engine.calendar import read_calendar
from engine.calendar_commands import PublishCalendar, RecalculateDeadlines
from engine.calendar_views import CalendarVersion
from engine.errors import InvalidInput, VersionMismatch
from engine.handlers.advance import save
from engine.handlers.case import Case
from engine.handlers.context import Context
from engine.handlers.deadlines import follow, names_followed
from engine.handlers.rows import Rows
from engine.store import calendars as stored
from engine.store.history import Event

_MOST_NOTE = 500


def publish(command: PublishCalendar, context: Context) -> CalendarVersion:
    """Check a calendar and put it in force; the versions before stay in the history."""
    require(context.by, "administrator", to="publish the calendar")
    document = read_calendar(command.content)
    note = command.note.strip()
    if len(note) > _MOST_NOTE:
        raise InvalidInput(f"Expected a note of at most {_MOST_NOTE} characters but got {len(note)}.")
    context.uow.lock("calendar")
    newest = stored.newest(context.uow.connection)
    if command.base is not None and command.base != newest:
        raise VersionMismatch(
            f"Expected changes to version {newest} of the calendar but these are to version {command.base}: "
            "somebody published another in between. Look at it and make your changes again."
        )
    held = stored.version(context.uow.connection, newest)
    if held is not None and read_calendar(held.content) == document:
        return held
    return stored.append(context.uow, command.content, note)


def recalculate(command: RecalculateDeadlines, context: Context) -> int:
    """Evaluate every deadline of a case that follows its data anew; gives how many changed."""
    require(context.by, "administrator", to="recalculate deadlines")
    case = Case.load(context, command.instance_id)
    if case.record.state not in {"running", "suspended"} or case.record.error is not None:
        return 0
    case.touched |= names_followed(case)
    rows = Rows(case, Event("deadlines-recalculated"))
    changed = follow(case, rows)
    if case.events:
        save(case, rows, case.events[0])
    return changed


def follows_deadlines(context: Context, definitions: Collection[int]) -> list[int]:
    """Those of these definitions whose cases have deadlines that follow their data."""
    bundles = [context.bundles.get(context.uow, number) for number in definitions]
    return [bundle.no for bundle in bundles if bundle.program.deadline_names or bundle.due_names]


HANDLERS = {PublishCalendar: publish, RecalculateDeadlines: recalculate}

"""When the site works: the calendar in force, its history, publishing another."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request

from api.rest.common import AuthenticatedRoute, Door, listed, note
from api.rest.openapi import refusals
from api.schemas.calendar import CalendarIn, CalendarOut, CalendarVersionOut, CalendarVersionsOut, DayOut, PublishedOut
from api.security import Person
from engine.calendar import Document, as_data, read_calendar, year_of
from engine.calendar_commands import PublishCalendar
from engine.errors import FieldProblem, InvalidInput

router = APIRouter(tags=["calendar"], route_class=AuthenticatedRoute)


@router.get("/calendar")
def read(
    principal: Person,
    engine: Door,
    year: Annotated[int | None, Query(ge=1900, le=2200, description="This one if left out.")] = None,
) -> CalendarOut:
    """The calendar in force, and the days of a year that are not like any other."""
    newest = engine.read(principal).calendar_versions(limit=1)
    document = read_calendar(newest[0].content) if newest else Document()
    shown = year_of(document.rules, year or engine.now().astimezone(engine.zone).year)
    days = [
        DayOut(day=day.day, kind=day.kind, hours=list(map(str, day.spans)), name=day.name, name_zh=day.name_zh)
        for day in shown.days
        if day.kind not in ("work", "rest")
    ]
    return CalendarOut(
        version=newest[0].version if newest else 0,
        zone=engine.zone.key,
        calendar=as_data(document),
        year=shown.number,
        provisional=shown.provisional,
        workdays=shown.workdays,
        days=days,
    )


@router.get("/calendar/versions")
def list_versions(
    principal: Person, engine: Door, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> CalendarVersionsOut:
    """The published versions, the newest first."""
    versions = engine.read(principal).calendar_versions(limit)
    return CalendarVersionsOut(items=listed(versions, CalendarVersionOut.model_validate))


@router.put("/calendar", responses=refusals(412))
def publish(body: CalendarIn, request: Request, principal: Person, engine: Door) -> PublishedOut:
    """Put a calendar in force; for administrators. The versions before stay in the history.

    Every part of the site computes with it from now on. Deadlines that were computed before stay as they are,
    unless `recalculate` is true.
    """
    note(request, command="PublishCalendar")
    command = PublishCalendar(content=_content(body), note=body.note, base=body.base)
    version = engine.execute(command, by=principal)
    if not body.recalculate:
        return PublishedOut(version=version.version)
    done = engine.recalculate_deadlines(by=principal)
    return PublishedOut(version=version.version, cases=done.cases, changed=done.changed, failed=list(done.failed))


def _content(body: CalendarIn) -> str:
    if (body.calendar is None) == (body.yaml is None):
        message = "Expected the calendar either as data under 'calendar' or as text under 'yaml'."
        message_zh = "请在 calendar（数据）与 yaml（文本）中恰好填写一项。"
        problem = FieldProblem(field="calendar", code="required", message=message, message_zh=message_zh)
        raise InvalidInput(message, problems=[problem])
    return body.yaml if body.yaml is not None else orjson.dumps(body.calendar, option=orjson.OPT_INDENT_2).decode()

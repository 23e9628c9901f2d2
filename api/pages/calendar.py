"""When the site works: a year on the wall, days that differ, a preview before anything is in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Literal

from babel.dates import get_day_names, get_month_names
from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api.pages.visit import SignedInVisit, Visit
from engine.access import require
from engine.calendar import Day, Document, Override, Span, Year, read_calendar, write_calendar, year_of
from engine.calendar_commands import PublishCalendar
from engine.calendar_views import CalendarVersion, Recalculation
from engine.errors import InvalidInput, NotFound, VersionMismatch

router = APIRouter(prefix="/admin/calendar")

FIRST, LAST = 1900, 2200
_MOST_IN_A_ROW = 62
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN = re.compile(r"[,，、;；\s]+")

Kind = Literal["off", "work", "hours"]
Text = Annotated[str, Form(max_length=1_000_000)]
Short = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What would be published.

    Args:
        content: YAML; '' where nothing was changed yet.
        document: the same, read.
        base: the version it began from.
    """

    content: str
    document: Document
    base: int


@router.get("")
def calendar(
    visit: SignedInVisit,
    year: Annotated[int | None, Query(ge=FIRST, le=LAST)] = None,
    day: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
) -> Response:
    """The calendar in force."""
    require(visit.by, "administrator", to="look after the calendar")
    return _page(visit, _in_force(visit), year or _this_year(visit), typed={"day": day})


@router.post("/preview")
def preview(
    visit: SignedInVisit,
    action: Annotated[Literal["pick", "set", "remove", "text"], Form()],
    year: Annotated[int, Form(ge=FIRST, le=LAST)],
    base: Annotated[int, Form(ge=0)],
    content: Text = "",
    text: Text = "",
    day: Short = "",
    until: Short = "",
    kind: Annotated[Kind, Form()] = "off",
    hours: Short = "",
    name: Short = "",
) -> Response:
    """What the calendar would be with one change more; nothing is published yet."""
    require(visit.by, "administrator", to="look after the calendar")
    typed = {"day": day, "until": until, "kind": kind, "hours": hours, "name": name}
    draft = Draft(content=content, document=_in_force(visit).document, base=base)
    try:
        if content:
            draft = replace(draft, document=read_calendar(content))
        if action == "text":
            draft = replace(draft, document=read_calendar(text), content=text)
        elif action == "remove":
            draft = _changed(draft, {_day(visit, day, "day"): None})
            typed = {}
        elif action == "set":
            draft = _changed(draft, _overrides(visit, day, until, kind, hours, name))
            year = _day(visit, day, "day").year
            typed = {}
    except InvalidInput as error:
        field = error.problems[0].field if error.problems else "text"
        return _page(visit, draft, year, typed=typed, text=text, problems=[(field, error.message)], status=422)
    return _page(visit, draft, year, typed=typed)


@router.post("")
def publish(
    visit: SignedInVisit,
    year: Annotated[int, Form(ge=FIRST, le=LAST)],
    base: Annotated[int, Form(ge=0)],
    content: Text,
    note: Annotated[str, Form(max_length=500)] = "",
    recalculate: Annotated[bool, Form()] = False,
) -> Response:
    """Put it in force."""
    try:
        version: CalendarVersion = visit.execute(PublishCalendar(content=content, note=note, base=base))
    except VersionMismatch:
        said = visit.gettext(
            "Somebody published another version in between. This is the calendar as it is now; make your changes again."
        )
        return _page(visit, _in_force(visit), year, problems=[("", said)], status=409)
    except InvalidInput as error:
        draft = Draft(content="", document=_in_force(visit).document, base=base)
        return _page(visit, draft, year, text=content, problems=[("text", error.message)], status=422)
    back = f"/admin/calendar?year={year}"
    if not recalculate:
        return visit.go(back, notice="calendar-published", name=str(version.version))
    done: Recalculation = visit.engine.recalculate_deadlines(by=visit.by)
    name = f"{done.changed} / {done.cases}"
    return visit.go(back, notice="calendar-recalculation-failed" if done.failed else "calendar-recalculated", name=name)


@router.get("/versions/{number}")
def export(visit: SignedInVisit, number: int) -> Response:
    """A version as it was published; 0 for the one built in."""
    require(visit.by, "administrator", to="look after the calendar")
    versions = {each.version: each.content for each in visit.reader.calendar_versions(limit=10_000)}
    content = versions.get(number) or (write_calendar(Document()) if number == 0 else None)
    if content is None:
        raise NotFound(f"There is no version {number} of the calendar.")
    headers = {"Content-Disposition": f'attachment; filename="calendar-{number}.yaml"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/yaml", headers=headers)


def _in_force(visit: Visit) -> Draft:
    newest = visit.reader.calendar_versions(limit=1)
    if not newest:
        return Draft(content="", document=Document(), base=0)
    return Draft(content="", document=read_calendar(newest[0].content), base=newest[0].version)


def _changed(draft: Draft, changes: Mapping[date, Override | None]) -> Draft:
    """The draft with some days set, or as they would be without the site."""
    days = {**draft.document.rules.days, **changes}
    kept = {day: override for day, override in days.items() if override is not None}
    document = replace(draft.document, rules=replace(draft.document.rules, days=kept))
    return replace(draft, document=document, content=write_calendar(document))


def _overrides(visit: Visit, day: str, until: str, kind: Kind, hours: str, name: str) -> dict[date, Override | None]:
    first = _day(visit, day, "day")
    last = _day(visit, until, "until") if until else first
    if not first <= last <= first + timedelta(days=_MOST_IN_A_ROW):
        raise _wrong(visit, "until", visit.gettext("The last day has to follow the first, by two months at most."))
    override = Override(kind=kind, spans=_spans(visit, hours) if kind == "hours" else (), name=name.strip())
    return {first + timedelta(days=number): override for number in range((last - first).days + 1)}


def _day(visit: Visit, text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not FIRST <= day.year <= LAST:
        raise _wrong(visit, field, visit.gettext("Enter a date such as 2026-11-23."))
    return day


def _spans(visit: Visit, text: str) -> tuple[Span, ...]:
    wrong = _wrong(visit, "hours", visit.gettext("Enter hours such as 08:30-12:00, 13:30-18:00, in order."))
    matches = [_SPAN.fullmatch(part) for part in _BETWEEN.split(re.sub(r"\s*([-–—~至到])\s*", r"\1", text.strip()))]
    spans: list[Span] = []
    for match in matches:
        if match is None:
            raise wrong
        first, first_minute, last, last_minute = map(int, match.groups())
        span = Span(first * 60 + first_minute, last * 60 + last_minute)
        before = spans[-1].end if spans else 0
        if max(first_minute, last_minute) > 59 or not before <= span.begin < span.end <= 24 * 60:
            raise wrong
        spans.append(span)
    return tuple(spans)


def _wrong(visit: Visit, field: str, said: str) -> InvalidInput:
    from engine.errors import FieldProblem

    return InvalidInput(said, problems=[FieldProblem(field=field, code="wrong", message=said)])


def _this_year(visit: Visit) -> int:
    return visit.now.astimezone(visit.zone).year


def _page(
    visit: Visit,
    draft: Draft,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    text: str = "",
    problems: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    in_force = _in_force(visit)
    year = year_of(draft.document.rules, number)
    locale = "zh_Hans" if visit.language == "zh" else "en"
    names = get_day_names("narrow" if visit.language == "zh" else "short", locale=locale)
    return visit.render(
        "admin/calendar.html",
        status=status,
        year=year,
        months=_months(year, get_month_names("wide", "stand-alone", locale)),
        weekdays=[names[index] for index in range(7)],
        today=visit.now.astimezone(visit.zone).date(),
        draft=draft,
        in_force=in_force.base,
        own=sorted(draft.document.rules.days.items()),
        changed=_differences(in_force.document, draft.document, number) if draft.content else {},
        content=text or draft.content or write_calendar(draft.document),
        versions=visit.reader.calendar_versions(limit=20),
        typed={"day": "", "until": "", "kind": "off", "hours": "", "name": "", **(typed or {})},
        problems=problems or [],
    )


def _months(year: Year, names: Mapping[int, str]) -> list[tuple[str, list[list[Day | None]]]]:
    """Each month's name and weeks from Monday on, with None where a day belongs to another month."""
    months: list[tuple[str, list[list[Day | None]]]] = []
    for number in range(1, 13):
        days: list[Day | None] = [day for day in year.days if day.day.month == number]
        first = days[0]
        assert first is not None
        days = [*[None] * first.day.weekday(), *days]
        days += [None] * (-len(days) % 7)
        months.append((names[number], [days[at : at + 7] for at in range(0, len(days), 7)]))
    return months


def _differences(before: Document, after: Document, number: int) -> dict[date, tuple[Day, Day]]:
    """Days whose hours change: of the year that is shown, this year's neighbours, and wherever the site has its own."""
    years = {number, number + 1} | {day.year for day in {**before.rules.days, **after.rules.days}}
    pairs = [
        pair
        for each in sorted(years)
        for pair in zip(year_of(before.rules, each).days, year_of(after.rules, each).days, strict=True)
    ]
    return {new.day: (old, new) for old, new in pairs if old.spans != new.spans or old.kind != new.kind}

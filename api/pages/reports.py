"""Bottleneck reports: of a deployed process on its diagram, or of an imported log on a map of its activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import Response
from markupsafe import Markup

from api.i18n import mark
from api.pages import diagrams
from api.pages.visit import SignedInVisit, Visit
from api.reports import own_report, uploaded_report
from engine.access import OVERSEERS, require
from engine.clock import to_micros
from engine.contracts.eventlog import LogFilter
from engine.errors import InvalidInput, LogFormatError, NotFound
from engine.views import DefinitionRow
from mining.results import ActivityStat, BottleneckReport

router = APIRouter(prefix="/reports")

Day = Annotated[date | None, Query()]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure that colours the diagram. `figure` is worse when larger; `words` makes a badge of it."""

    key: str
    label: str
    figure: Callable[[ActivityStat], float]
    words: Callable[[Visit, float], str]


METRICS = (
    Metric(
        key="hours",
        label=mark("Hours in all"),
        figure=lambda a: a.sojourn.everything,
        words=lambda visit, value: visit.span(value),
    ),
    Metric(
        key="queue",
        label=mark("Waiting (median)"),
        figure=lambda a: a.queue.median or 0.0,
        words=lambda visit, value: visit.span(value),
    ),
    Metric(
        key="service",
        label=mark("Work (median)"),
        figure=lambda a: a.service.median or 0.0,
        words=lambda visit, value: visit.span(value),
    ),
    Metric(
        key="slow",
        label=mark("The slowest tenth (p90)"),
        figure=lambda a: a.sojourn.p90 or 0.0,
        words=lambda visit, value: visit.span(value),
    ),
    Metric(
        key="count",
        label=mark("How often"),
        figure=lambda a: float(a.count + a.offers.taken),
        words=lambda visit, value: visit.number(value),
    ),
    Metric(
        key="rework",
        label=mark("Done again"),
        figure=lambda a: float(a.rework.executions),
        words=lambda visit, value: visit.number(value),
    ),
    Metric(
        key="misses",
        label=mark("Deadlines missed"),
        figure=lambda a: float(a.deadline.missed),
        words=lambda visit, value: visit.number(value),
    ),
)

_PERIODS = (7, 30, 90)


@router.get("")
def reports(visit: SignedInVisit) -> Response:
    """Which report: one a process, and the import."""
    require(visit.by, *OVERSEERS, to="read reports")
    return visit.render("reports/index.html", rows=visit.reader.definitions(latest_only=True))


@router.get("/import")
def import_page(visit: SignedInVisit) -> Response:
    """The upload form for a log of another system."""
    require(visit.by, *OVERSEERS, to="read reports")
    return visit.render("reports/import.html", problem="", typed={})


@router.post("/import")
def import_log(
    visit: SignedInVisit,
    file: Annotated[UploadFile, File()],
    case: Annotated[str, Form(max_length=200)] = "",
    activity: Annotated[str, Form(max_length=200)] = "",
    timestamp: Annotated[str, Form(max_length=200)] = "",
    start: Annotated[str, Form(max_length=200)] = "",
    resource: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Read the log and show its report; nothing of it is kept."""
    require(visit.by, *OVERSEERS, to="read reports")
    from mining.readers import CsvColumns
    from mining.svg import render_map

    typed = {"case": case, "activity": activity, "timestamp": timestamp, "start": start, "resource": resource}
    name = file.filename or ""
    try:
        report = uploaded_report(
            file.file, name, columns=CsvColumns(**typed), zone=str(visit.zone), language=visit.language
        )
    except (LogFormatError, InvalidInput) as error:
        return visit.render("reports/import.html", status=422, problem=error.message, typed=typed)
    return visit.render(
        "reports/imported.html",
        report=report,
        name=name,
        # made by our own code from escaped text
        map=Markup(render_map(report, visit.language)),  # noqa: S704
        name_of=lambda activity: activity.name,
        texts_of=lambda finding: finding.text(visit.language),
    )


@router.get("/{key}")
def report_page(
    visit: SignedInVisit, key: str, since: Day = None, until: Day = None, metric: str = "hours"
) -> Response:
    """Where the time of a process goes."""
    require(visit.by, *OVERSEERS, to="read reports")
    definition = _latest(visit, key)
    where = LogFilter(
        definition_key=key,
        since=_micros(visit, since),
        until=_micros(visit, until + timedelta(days=1)) if until else None,
        human_and_bot_only=True,
    )
    report = own_report(visit.engine, visit.by, where, language=visit.language)
    chosen = metric if metric in {m.key for m in METRICS} else "hours"

    def name_of(activity: Any) -> str:
        return visit.element_name(definition.id, activity.element_id, activity.name)

    def texts_of(finding: Any) -> str:
        words: str = finding.text(visit.language)
        return words.replace(finding.name, name_of(finding)) if finding.name else words

    today = visit.now.astimezone(visit.zone).date()
    return visit.render(
        "reports/bottlenecks.html",
        definition=definition,
        report=report,
        since=since,
        until=until,
        periods=[(days, today - timedelta(days=days)) for days in _PERIODS],
        metrics=METRICS,
        metric=chosen,
        marks=_marks(visit, report),
        name_of=name_of,
        texts_of=texts_of,
    )


def _marks(visit: Visit, report: BottleneckReport) -> Mapping[str, list[dict[str, Any]]]:
    views: dict[str, list[dict[str, Any]]] = {}
    for metric in METRICS:
        figures = {a.element_id: metric.figure(a) for a in report.activities if not a.contains_others}
        shown = {element: metric.words(visit, figure) for element, figure in figures.items()}
        views[metric.key] = diagrams.heat(figures, shown)
    return views


def _latest(visit: Visit, key: str) -> DefinitionRow:
    for row in visit.reader.definitions(counted=False):
        if row.key == key:
            return row
    raise NotFound(f"Expected a process visible to you but found none named {key!r}.")


def _micros(visit: Visit, day: date | None) -> int | None:
    return to_micros(datetime.combine(day, time.min, tzinfo=visit.zone)) if day else None

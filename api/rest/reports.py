"""Where the time goes: bottleneck reports of deployed processes and of uploaded logs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.reports import own_report, uploaded_report
from api.rest.common import AuthenticatedRoute, Door
from api.rest.openapi import answer, refusals
from api.security import Person
from engine.access import require
from engine.clock import to_micros
from engine.contracts.eventlog import LogFilter
from engine.errors import InvalidInput

router = APIRouter(tags=["reports"], route_class=AuthenticatedRoute)
uploads = APIRouter(tags=["reports"], route_class=AuthenticatedRoute)

Language = Annotated[Literal["zh", "en"], Query(description="What the texts default to; both are there.")]

_EXAMPLE: dict[str, Any] = {
    "meta": {"cases": {"total": 214, "completed": 188, "running": 26}, "activities": 12},
    "activities": [
        {
            "element_id": "Task_handle",
            "name": "处置",
            "count": 191,
            "offers": {"offered": 0, "taken": 0, "open": 0},
            "groups": [{"group": "unit_lighting", "count": 52, "open": 17, "queue": {"n": 52, "median": 302400.0}}],
        }
    ],
    "edges": [],
    "variants": [],
    "findings": [
        {
            "rank": 1,
            "kind": "queue",
            "element_id": "Task_handle",
            "hours": 1180.5,
            "share": 0.41,
            "text_en": "41% of all hours are spent waiting before 'Handle'.",
            "text_zh": "全部耗时的 41% 花在“处置”之前的等待上。",
        }
    ],
    "map": {"nodes": [], "edges": []},
}
_REPORT = answer(_EXAMPLE)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "XES or CSV, also gzipped."}
                    }
                    | {name: {"type": "string"} for name in ("case", "activity", "timestamp", "start", "resource")},
                },
                "example": {"file": "receipt.xes.gz"},
            }
        },
    }
}


@router.get("/reports/bottlenecks", responses=_REPORT | refusals(422))
def report_bottlenecks(
    principal: Person,
    engine: Door,
    definition: Annotated[str, Query(description="A definition's key; empty for all processes.")] = "",
    version: int | None = None,
    since: Annotated[datetime | None, Query(description="With a time zone: 2026-11-01T00:00:00+08:00.")] = None,
    until: datetime | None = None,
    language: Language = "en",
) -> dict[str, Any]:
    """Per activity counts, queue and service times, rework, missed deadlines, the same by group; findings by hours."""
    where = LogFilter(
        definition_key=definition,
        version=version,
        since=_micros("since", since),
        until=_micros("until", until),
        human_and_bot_only=True,
    )
    return dict(own_report(engine, principal, where, language=language).to_dict())


@uploads.post("/reports/bottlenecks", openapi_extra=_BODY, responses=_REPORT | refusals(413, 422))
async def report_uploaded_log(
    request: Request, principal: Person, engine: Door, language: Language = "en"
) -> dict[str, Any]:
    """The same report of an uploaded event log. Columns of a CSV are recognised, or named in the form."""
    from mining.readers import CsvColumns

    require(principal, "manager", "supervisor", "designer", "administrator", to="read reports")
    form = await request.form(max_files=1, max_fields=20)
    request.state.form = form
    part = form.get("file")
    if not isinstance(part, UploadFile):
        raise InvalidInput("Expected a log in the form field 'file' but found none.")
    known = CsvColumns.__dataclass_fields__
    columns = CsvColumns(**{k: v for k, v in form.items() if k in known and isinstance(v, str)})
    report = await run_in_threadpool(
        uploaded_report,
        part.file,
        part.filename or "",
        columns=columns,
        zone=str(engine.zone),
        language=language,
    )
    return dict(report.to_dict())


def _micros(name: str, instant: datetime | None) -> int | None:
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise InvalidInput(f"Expected {name} with a time zone, such as 2026-11-01T00:00:00+08:00.")
    return to_micros(instant)

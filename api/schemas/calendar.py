"""The site's calendar on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import Body, Out, example

_CALENDAR: dict[str, Any] = {
    "name": "临墩市政务服务中心",
    "holidays": "chinese",
    "hours": [{"spans": [["08:30", "12:00"], ["13:30", "18:00"]]}],
    "days": {"2026-11-23": {"hours": "off", "name": "大雪"}},
}
_YAML = "days:\n  2026-11-23: {hours: off, name: 大雪}\n"
_VERSION = {
    "version": 3,
    "note": "大雪停工",
    "published_at": "2026-11-20T02:00:00Z",
    "published_by": "root",
    "content": _YAML,
}
_DAY = {"day": "2026-11-23", "kind": "site-off", "hours": [], "name": "大雪", "name_zh": "大雪"}


class DayOut(Out):
    """A day that is not a working day or weekend day like any other."""

    day: date
    kind: str = Field(description="holiday, shifted (worked for a holiday), site-off, site-work or site-hours.")
    hours: list[str]
    name: str
    name_zh: str


class CalendarOut(Out):
    """The calendar in force, and a year by it."""

    model_config = ConfigDict(
        json_schema_extra=example(
            version=3,
            zone="Asia/Shanghai",
            calendar=_CALENDAR,
            year=2026,
            provisional=False,
            workdays=248,
            days=[_DAY],
        )
    )

    version: int = Field(description="0: none was published, the one built in is in force.")
    zone: str
    calendar: dict[str, Any] = Field(description="As PUT takes it.")
    year: int
    provisional: bool = Field(description="No notice is known yet that says how the year's days are shifted.")
    workdays: int
    days: list[DayOut]


class CalendarVersionOut(Out):
    """A published version; `content` is YAML."""

    version: int
    note: str
    published_at: datetime
    published_by: str
    content: str


class CalendarVersionsOut(Out):
    """The history, the newest first: which version was in force when."""

    model_config = ConfigDict(json_schema_extra=example(items=[_VERSION]))

    items: list[CalendarVersionOut]


class CalendarIn(Body):
    """A calendar to be put in force: as data under `calendar`, or as text under `yaml`."""

    model_config = ConfigDict(json_schema_extra=example(calendar=_CALENDAR, note="大雪停工", base=2, recalculate=True))

    calendar: dict[str, Any] | None = None
    yaml: str | None = Field(default=None, max_length=1_000_000)
    note: str = Field(default="", max_length=500)
    base: int | None = Field(default=None, ge=0, description="The version that was changed; a newer one is refused.")
    recalculate: bool = Field(default=False, description="Move the open deadlines that follow their data, too.")


class PublishedOut(Out):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra=example(version=3, cases=120, changed=87, failed=[]))

    version: int
    cases: int = Field(default=0, description="Running cases that were recalculated.")
    changed: int = Field(default=0, description="Deadlines that moved.")
    failed: list[str] = Field(default=[], description="Cases that could not be recalculated.")

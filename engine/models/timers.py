"""Times in timer events: ISO 8601 in every spelling authors use, FEEL, or cron (recognised).

Source: BPMN 2.0, 10.5.5 (timeDate, timeDuration, timeCycle are ISO 8601).
"""

from __future__ import annotations

import re
from typing import Final, Literal

from engine.models.bpmn_xml import Element, children, local, text_of
from engine.models.dialects.extensions import Source
from engine.models.labels import Words
from engine.models.model import Value

TimerKind = Literal["date", "duration", "cycle"]

_KINDS: Final[dict[str, TimerKind]] = {
    "timeDate": "date",
    "timeDuration": "duration",
    "timeCycle": "cycle",
}
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_DURATION_TEXT: Final = (
    rf"P(?=[\dT])(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_DURATION: Final = re.compile(_DURATION_TEXT, re.ASCII)
_DATE: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2}|@[\w/+-]+|\[[\w/+-]+\])?)?"
)
_CYCLE: Final = re.compile(r"R(\d*|-1)/(?:(?P<start>[^/P][^/]*)/)?(?P<duration>[^/]+)(?:/(?P<end>[^/]+))?")
_CRON_FIELD: Final = r"[\d*/,\-?LW#A-Za-z]+"
_CRON: Final = re.compile(rf"@(?:yearly|annually|monthly|weekly|daily|hourly)|{_CRON_FIELD}(?:\s+{_CRON_FIELD}){{4,6}}")

_FEEL_LITERAL: Final = re.compile(
    r'(?:(?:duration|date and time|date)\s*\(\s*)?@?"(?P<text>[^"\\]+)"\s*\)?|@"(?P<at>[^"\\]+)"'
)
_FEEL_CYCLE: Final = re.compile(
    r'cycle\s*\(\s*(?:(?P<times>\d+)\s*,\s*)?(?:duration\s*\(\s*)?@?"(?P<text>[^"\\]+)"\s*\)?\s*\)'
)


def read_timer(element: Element, source: Source) -> tuple[TimerKind | None, Value | None]:
    """The time of a timer event definition.

    Args:
        element: the timerEventDefinition.
        source: whom findings are about.

    Returns:
        Kind and time: an ISO 8601 literal where the time is constant, else FEEL; (None, None) without one.
    """
    times = [(child, text_of(child)) for child in children(element, *_KINDS)]
    given = [(child, text) for child, text in times if text]
    if len(given) > 1:
        names = ", ".join(local(child) for child, _ in given)
        source.report.error(
            "timer-with-several-times",
            source.subject,
            Words(f"has several times ({names}); expected exactly one", f"有多个时间({names})，只能有一个"),
            Words("Keep one of them.", "请只保留其中一个。"),
        )
    if not given:
        return (_KINDS[local(times[0][0])] if times else None), None
    child, text = given[0]
    return _KINDS[local(child)], constant(source.value(text, "time", "时间"))


def constant(value: Value | None) -> Value | None:
    """The same time as an ISO 8601 literal if it is one in disguise: quoted, or FEEL around a literal."""
    if value is None:
        return None
    text = value.text
    if value.is_feel:
        literal = _FEEL_LITERAL.fullmatch(text)
        cycle = _FEEL_CYCLE.fullmatch(text)
        if cycle:
            text = f"R{cycle['times'] or ''}/{cycle['text']}"
        elif literal:
            text = literal["text"] or literal["at"]
        else:
            return value
    elif len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return Value(text=text, source=value.source or value.text)


def is_duration(text: str) -> bool:
    """Whether this is an ISO 8601 duration; negative ones are not."""
    return _DURATION.fullmatch(text) is not None and text[-1] not in "PT"


def is_date(text: str) -> bool:
    """Whether this is an ISO 8601 date, or date and time with an optional zone."""
    return _DATE.fullmatch(text) is not None


def is_cycle(text: str) -> bool:
    """Whether this is an ISO 8601 repeating interval: 'R3/PT10M', 'R/2026-01-01T08:00/P1D'."""
    found = _CYCLE.fullmatch(text)
    if found is None or not is_duration(found["duration"]):
        return False
    return all(part is None or is_date(part) for part in (found["start"], found["end"]))


def is_cron(text: str) -> bool:
    """Whether this looks like a cron expression (five to seven fields, or '@daily')."""
    return _CRON.fullmatch(text) is not None and not is_cycle(text)


def valid(kind: TimerKind, text: str) -> bool:
    """Whether a literal is a time of its kind."""
    if kind == "date":
        return is_date(text)
    return is_duration(text) if kind == "duration" else is_cycle(text)

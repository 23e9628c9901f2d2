"""Times, spans and sizes in words, in the reader's language and the site's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

from api.i18n import Texts

Tone = Literal["calm", "good", "warn", "bad"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SOON = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """How much time is left, said in words, by a colour and by an icon, so that none is needed alone."""

    tone: Tone
    icon: str
    text: str


def deadline(due: datetime | None, *, now: datetime, texts: Texts, ended: datetime | None = None) -> Deadline | None:
    """What a due date means now, or None if there is none.

    Args:
        due, now, ended: aware instants; `ended` is when the work was done, None while it is open.
        texts: the reader's language.
    """
    if due is None:
        return None
    if ended is not None:
        if ended <= due:
            return Deadline(tone="good", icon="done", text=texts.gettext("Done in time"))
        late = _left((ended - due).total_seconds(), texts)
        return Deadline(tone="bad", icon="late", text=texts.gettext("Done %(span)s late") % {"span": late})
    left = due - now
    words = _left(abs(left.total_seconds()), texts)
    if left < timedelta(0):
        return Deadline(tone="bad", icon="late", text=texts.gettext("%(span)s overdue") % {"span": words})
    text = texts.gettext("%(span)s left") % {"span": words}
    return Deadline(tone="warn" if left < _SOON else "calm", icon="clock", text=text)


def span(seconds: float | None, texts: Texts) -> str:
    """A length of time in its largest sensible unit: '42 s', '12 min', '3.5 hours', '2 days'."""
    if seconds is None:
        return "–"
    if seconds < _MINUTE:
        return texts.gettext("%(count)s s") % {"count": _number(seconds, texts, digits=0)}
    if round(seconds / _MINUTE) < 60:
        return texts.gettext("%(count)s min") % {"count": _number(seconds / _MINUTE, texts, digits=0)}
    hours, days = _rounded(seconds / _HOUR), _rounded(seconds / _DAY)
    if hours < 24:
        words = texts.ngettext("%(count)s hour", "%(count)s hours", 1 if hours == 1 else 2)
        return words % {"count": _number(hours, texts, digits=1)}
    words = texts.ngettext("%(count)s day", "%(count)s days", 1 if days == 1 else 2)
    return words % {"count": _number(days, texts, digits=1)}


def _left(seconds: float, texts: Texts) -> str:
    """A span as people count towards a deadline: hours up to two days, then whole days."""
    if seconds < 2 * _HOUR:
        return span(seconds, texts)
    if seconds < 2 * _DAY:
        hours = int(seconds // _HOUR)
        return texts.ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = int(seconds // _DAY)
    return texts.ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def when(instant: datetime | None, *, now: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """An instant as people say it: 'today 14:05', 'yesterday 09:12', '21 Nov 14:05', '21 Nov 2025 14:05'."""
    if instant is None:
        return "–"
    local, today = instant.astimezone(zone), now.astimezone(zone)
    clock = format_time(local, "HH:mm", tzinfo=zone, locale=texts.locale)
    if local.date() == today.date():
        return texts.gettext("today %(clock)s") % {"clock": clock}
    if local.date() == today.date() - timedelta(days=1):
        return texts.gettext("yesterday %(clock)s") % {"clock": clock}
    if local.date() == today.date() + timedelta(days=1):
        return texts.gettext("tomorrow %(clock)s") % {"clock": clock}
    if texts.language == "zh":
        pattern = "M月d日 HH:mm" if local.year == today.year else "y年M月d日 HH:mm"
    else:
        pattern = "d MMM HH:mm" if local.year == today.year else "d MMM y HH:mm"
    return str(format_datetime(local, pattern, tzinfo=zone, locale=texts.locale))


def in_full(instant: datetime, *, zone: ZoneInfo) -> str:
    """An instant to the second with its offset, the same in every language, for the title of a shortened one."""
    text = instant.astimezone(zone).isoformat(" ", "seconds")
    return f"{text[:19]} {text[19:]}"


def day(iso: str, *, texts: Texts) -> str:
    """A date that stands in ISO 8601: '1 June 2026'; what is no date stays as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso or "–"
    return str(format_date(found, "y年M月d日" if texts.language == "zh" else "d MMMM y", locale=texts.locale))


def size(count: int, texts: Texts) -> str:
    """A number of bytes: '840 B', '12 KB', '3.4 MB'."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{_number(count / 1000, texts, digits=0)} KB"
    return f"{_number(count / 1_000_000, texts, digits=1)} MB"


def share(part: float | None, texts: Texts) -> str:
    """A fraction of one as a percentage."""
    return (
        "–" if part is None else str(format_percent(part, "#,##0.#%" if part < 0.1 else "#,##0%", locale=texts.locale))
    )


def number(value: float | None, texts: Texts, digits: int = 1) -> str:
    """A number with thousands set apart."""
    return "–" if value is None else _number(value, texts, digits=digits)


def _rounded(amount: float) -> float:
    # whole numbers from ten on: nobody plans by a tenth of eleven days
    return round(amount, 1) if amount < 9.95 else float(round(amount))


def _number(value: float, texts: Texts, *, digits: int) -> str:
    return str(
        format_decimal(round(value, digits), "#,##0." + "#" * digits if digits else "#,##0", locale=texts.locale)
    )

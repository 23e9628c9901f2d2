"""Working time: the hours offices are open, holidays and shifted workdays, clocks that stop.

Everything here is a pure function of a calendar and its arguments: the same deadline from any replay.
"""

from engine.calendar.document import Document, as_data, read_calendar, write_calendar
from engine.calendar.holidays import Holiday, chinese_holiday, is_provisional
from engine.calendar.hours import Hours, Span, YearDay
from engine.calendar.rules import Override, Rules
from engine.calendar.stops import Stop
from engine.calendar.working import WorkCalendar
from engine.calendar.year import Day, Year, day_of, year_of

__all__ = [
    "Day",
    "Document",
    "Holiday",
    "Hours",
    "Override",
    "Rules",
    "Span",
    "Stop",
    "WorkCalendar",
    "Year",
    "YearDay",
    "as_data",
    "chinese_holiday",
    "day_of",
    "is_provisional",
    "read_calendar",
    "write_calendar",
    "year_of",
]

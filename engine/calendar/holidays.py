"""Chinese statutory holidays and shifted workdays.

They come from the `chinese-calendar` package, whose data follow the State Council's yearly notice.
For years it does not know yet, Monday to Friday are working days but for the holidays of fixed date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import chinese_calendar


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A day that is off by law, or a weekend day that is worked for one that is.

    Args:
        off: False for a shifted workday.
        name: of the holiday it belongs to, as `chinese-calendar` has it.
        provisional: the State Council has not yet said how the year's days are shifted.
    """

    off: bool
    name: str
    provisional: bool = False


_FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Statutory holidays whose date needs neither a lunar calendar nor the yearly notice."""


@lru_cache(maxsize=4096)
def chinese_holiday(day: date) -> Holiday | None:
    """What the law makes of a day; None for a weekend or working day like any other."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        fixed = (day.month, day.day) in _FIXED
        return Holiday(off=True, name="", provisional=True) if fixed else None
    return Holiday(off=bool(off), name=str(name)) if name else None

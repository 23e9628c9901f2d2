"""Chinese statutory holidays and shifted workdays.

Years for which the State Council has given its notice come from the `chinese-calendar` package, with
the days that are off or worked for one another. For other years only the law's own list is known
(Regulation on Public Holidays, as amended from 2025); the `holidays` package computes it, the days of
the lunar calendar included, up to 2100. Such a year is provisional: its notice will shift some days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import chinese_calendar

_FIRST_NOTICE: Final = min(chinese_calendar.constants.holidays).year
_LAST_NOTICE: Final = max(chinese_calendar.constants.holidays).year
_CHINESE: Final = {each.value: each.chinese for each in chinese_calendar.Holiday}

_FIXED: Final[Mapping[tuple[int, int], tuple[str, str]]] = {
    (1, 1): ("New Year's Day", "元旦"),
    **{(5, day): ("Labour Day", "劳动节") for day in (1, 2)},
    **{(10, day): ("National Day", "国庆节") for day in (1, 2, 3)},
}
"""Holidays whose date needs no lunar calendar: all there is beyond the years that can be computed."""


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A day that is off by law, or a weekend day that is worked for one that is.

    Args:
        off: False for a shifted workday.
        name, name_zh: of the holiday it belongs to.
    """

    off: bool
    name: str
    name_zh: str


def is_provisional(year: int) -> bool:
    """Whether no notice is known that says how a year's days are shifted."""
    return not _FIRST_NOTICE <= year <= _LAST_NOTICE


@lru_cache(maxsize=8192)
def chinese_holiday(day: date) -> Holiday | None:
    """What the law makes of a day; None for a weekend or working day like any other."""
    if is_provisional(day.year):
        names = _by_law(day.year).get(day)
        return None if names is None else Holiday(off=True, name=names[0], name_zh=names[1])
    off, name = chinese_calendar.get_holiday_detail(day)
    return Holiday(off=bool(off), name=str(name), name_zh=_CHINESE[name]) if name else None


@lru_cache(maxsize=64)
def _by_law(year: int) -> Mapping[date, tuple[str, str]]:
    """The statutory holidays of a year without a notice: date → name in English and Chinese."""
    from holidays.countries.china import China  # over half a second: only who asks about such a year waits

    english = China(years=year, observed=False, language="en_US")  # type: ignore[no-untyped-call]
    chinese = China(years=year, observed=False, language="zh_CN")  # type: ignore[no-untyped-call]
    if not english:
        return {date(year, *of_year): names for of_year, names in _FIXED.items()}
    return {day: (name, chinese.get(day, name)) for day, name in english.items() if day.year == year}

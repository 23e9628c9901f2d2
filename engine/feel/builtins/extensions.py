"""Functions of Camunda's FEEL beyond the standard that models in the wild use; all are pure."""

from __future__ import annotations

from engine.feel.builtins.lists import Seen
from engine.feel.builtins.registry import builtin
from engine.feel.numbers import Number, whole
from engine.feel.runtime import Run
from engine.feel.temporal import FeelDate, FeelDateTime, days_in_month


@builtin("get or else", "value: any", "default: any")
def _get_or_else(run: Run, value: object, default: object) -> object:
    return default if value is None else value


@builtin("is defined", "value: any")
def _is_defined(run: Run, value: object) -> bool:
    return value is not None


@builtin("is blank", "string: string")
def _is_blank(run: Run, text: str) -> bool:
    return not text.strip()


@builtin("trim", "string: string")
def _trim(run: Run, text: str) -> str:
    return text.strip()


@builtin("is empty", "list: list")
def _is_empty(run: Run, items: list[object]) -> bool:
    return not items


@builtin("duplicate values", "list: list")
def _duplicate_values(run: Run, items: list[object]) -> list[object]:
    seen, told = Seen(run), Seen(run)
    return [item for item in items if not seen.add(item) and told.add(item)]


@builtin("partition", "list: list", "size: number")
def _partition(run: Run, items: list[object], size: Number) -> list[list[object]] | None:
    length = whole(size)
    if length is None or length < 1:
        return None
    run.grow(2 * len(items))
    return [items[at : at + length] for at in range(0, len(items), length)]


@builtin("last day of month", "date: day")
def _last_day_of_month(run: Run, value: FeelDate | FeelDateTime) -> FeelDate:
    day = value.date if isinstance(value, FeelDateTime) else value
    return FeelDate(day.year, day.month, days_in_month(day.year, day.month))

"""A CSV column of times -> UTC microseconds, and what had to be assumed about it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from engine.contracts.errors import LogFormatError
from mining.readers.times import TimeParser, day_order, is_null_date
from mining.words import Sentence, counted

_EMPTY = frozenset(("", "null", "none", "nan", "nat", "n/a", "-", "\\n"))


@dataclass(frozen=True, kw_only=True)
class TimeColumn:
    """Where the values stand, for messages: the file, the field they mean, the column, the lines."""

    source: str
    field: str
    name: str
    lines: array[int]


def read_times(values: Sequence[str], column: TimeColumn, zone: tzinfo, notes: list[Sentence]) -> list[int | None]:
    """The times; None where the cell is empty or holds a null date.

    In: the cells; where they stand; the zone of times without one; notes to add to.

    Raises:
        LogFormatError: a cell is not a time; the message names the line and the column.
    """
    order = day_order(values)
    parser = TimeParser(zone, day_first=order is not False)
    found: list[int | None] = []
    null_dates = 0
    for position, value in enumerate(values):
        at = None
        if value.lower() not in _EMPTY:
            at = parser.parse(value)
            if at is None:
                raise LogFormatError(
                    f"{column.source}, line {column.lines[position]}: expected a time such as "
                    f"2024-05-31 09:30:00 in the column {column.name!r}, but got {value!r}. "
                    f"Correct it, or name another column with --{column.field} COLUMN."
                )
            if is_null_date(at):
                null_dates += 1
                at = None
        found.append(at)
    notes.extend(_assumptions(parser, column.name, known_order=order is not None, null_dates=null_dates))
    return found


def _assumptions(parser: TimeParser, column: str, *, known_order: bool, null_dates: int) -> list[Sentence]:
    notes = []
    if parser.naive:
        notes.append(
            Sentence(
                en=f"No time zone in {counted(parser.naive, 'time')} of {column!r}: read as {parser.zone_name}.",
                zh=f"“{column}”列有 {parser.naive:,} 个时间没有时区，按 {parser.zone_name} 解释。",
            )
        )
    if parser.ambiguous and not known_order:
        notes.append(
            Sentence(
                en=f"Read day first: {counted(parser.ambiguous, 'date')} of {column!r}, "
                "as nothing tells the day from the month.",
                zh=f"“{column}”列有 {parser.ambiguous:,} 个日期无法区分日/月顺序，按“日在前”解释。",
            )
        )
    shapes = {"year last" if shape == "ambiguous day/month" else shape for shape in parser.shapes}
    if len(shapes) > 1:
        notes.append(
            Sentence(
                en=f"Times in {column!r} are written in several ways ({', '.join(sorted(shapes))}); "
                "check a few of them.",
                zh=f"“{column}”列混用了 {len(shapes)} 种时间写法，请抽查核对。",
            )
        )
    if null_dates:
        notes.append(
            Sentence(
                en=f"Read as empty: {counted(null_dates, 'date')} such as 1970-01-01 in {column!r}.",
                zh=f"“{column}”列有 {null_dates:,} 个日期（如 1970-01-01）表示“无”，按空值处理。",
            )
        )
    return notes

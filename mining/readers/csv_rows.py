"""CSV files -> events: rows are read once, times are understood column by column."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from engine.contracts.errors import LogFormatError
from mining.readers.charset import charset_of, delimiter_of
from mining.readers.columns import CsvColumns, recognise_columns
from mining.readers.csv_times import TimeColumn, read_times
from mining.readers.events import EventTable
from mining.readers.sources import open_bytes
from mining.words import Sentence, counted

_TIMES = ("timestamp", "start", "enabled", "due")
_FIELD_LIMIT = 1_000_000


class _Rows:
    """The rows of one file: only the fields that mean something, and what is constant within cases."""

    def __init__(self, name: str, header: list[str], chosen: dict[str, int]) -> None:
        self.name, self.header, self.chosen = name, header, chosen
        self.values: dict[str, list[str]] = {field: [] for field in chosen}
        self.lines = array("q")
        self.left_out = array("q")
        taken = set(chosen.values())
        self.constant: dict[int, dict[str, str]] = {
            i: {} for i, column in enumerate(header) if i not in taken and column.strip()
        }

    def add(self, row: list[str], line: int) -> None:
        if len(row) > len(self.header):
            raise LogFormatError(
                f"{self.name}, line {line}: expected {len(self.header)} fields as in the header, but found "
                f"{len(row)}. A value that contains the separator must stand in double quotes."
            )
        row += [""] * (len(self.header) - len(row))
        case = row[self.chosen["case"]].strip()
        if not case or not row[self.chosen["activity"]].strip():
            self.left_out.append(line)
            return
        for field, index in self.chosen.items():
            self.values[field].append(row[index].strip())
        self.lines.append(line)
        for index in tuple(self.constant):
            value = row[index].strip()
            if value and self.constant[index].setdefault(case, value) != value:
                del self.constant[index]


def read_csv(path: Path, columns: CsvColumns, zone: tzinfo) -> EventTable:
    """The events of a CSV file.

    In: the file (gzipped or not; comma, semicolon, tab or bar; UTF-8, UTF-16, GB18030 or Windows-1252);
    columns named by the user; the zone of times without one.

    Raises:
        LogFormatError: a column is missing, or a row cannot be read; the message names it and the way out.
    """
    notes: list[Sentence] = []
    rows = _read_rows(path, columns, notes)
    events = EventTable(notes=notes)
    times = {field: _read_times(rows, field, zone, notes) for field in _TIMES if field in rows.chosen}
    _fill(events, rows, times)
    return events


def _read_rows(path: Path, columns: CsvColumns, notes: list[Sentence]) -> _Rows:
    codec = charset_of(path)
    if codec not in ("utf-8", "utf-8-sig"):
        notes.append(
            Sentence(
                en=f"The text is not UTF-8; it is read as {codec.upper()}.",
                zh=f"文本不是 UTF-8 编码，按 {codec.upper()} 读取。",
            )
        )
    with open_bytes(path) as stream:
        lines = io.TextIOWrapper(stream, encoding=codec, newline="")
        try:
            sample = list(islice(_short_lines(lines, path.name), 50))
        except UnicodeError as exc:
            raise LogFormatError(f"{path.name}: expected text, but it is not valid {codec.upper()} ({exc}).") from exc
    delimiter = delimiter_of(sample)
    with open_bytes(path) as stream:
        lines = io.TextIOWrapper(stream, encoding=codec, newline="")
        return _collect(
            csv.reader(_short_lines(lines, path.name), delimiter=delimiter, strict=True),
            path.name,
            columns,
            notes,
        )


def _short_lines(lines: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines, refusing one so long that it is no row (a binary file, or a file without line ends)."""
    number = 0
    while line := lines.readline(_FIELD_LIMIT):
        number += 1
        if len(line) == _FIELD_LIMIT:
            raise LogFormatError(
                f"{name}, line {number}: expected a row of a table, but the line is longer than "
                f"{_FIELD_LIMIT:,} characters."
            )
        yield line


def _collect(reader: Any, name: str, columns: CsvColumns, notes: list[Sentence]) -> _Rows:
    csv.field_size_limit(_FIELD_LIMIT)
    rows: _Rows | None = None
    try:
        for row in reader:
            if not any(value.strip() for value in row):
                continue
            if rows is not None:
                rows.add(row, reader.line_num)
            elif not (reader.line_num == 1 and ",".join(row).lower().startswith("sep=")):
                header = [column.strip() for column in row]
                chosen = recognise_columns(header, columns, source=name, required=("case", "activity", "timestamp"))
                rows = _Rows(name, header, chosen)
    except csv.Error as exc:
        raise LogFormatError(
            f"{name}, line {reader.line_num}: expected a row of a table, but {exc}. "
            "Look for a double quote that is never closed."
        ) from exc
    if rows is None or not (rows.lines or rows.left_out):
        raise LogFormatError(f"{name}: expected rows below the header, but there are none.")
    _check_left_out(rows, notes)
    doubled = sorted({c for c in rows.header if rows.header.count(c) > 1})
    if doubled:
        names = ", ".join(map(repr, doubled))
        notes.append(
            Sentence(
                en=f"Columns that occur twice: {names}; the first is used.",
                zh=f"重复的列：{names}，取第一列。",
            )
        )
    return rows


def _check_left_out(rows: _Rows, notes: list[Sentence]) -> None:
    """A stray row without case or activity is left out and told; many mean that the column is wrong."""
    count, first = len(rows.left_out), rows.left_out[0] if rows.left_out else 0
    if count > 0.05 * (count + len(rows.lines)):
        case, activity = (rows.header[rows.chosen[field]] for field in ("case", "activity"))
        raise LogFormatError(
            f"{rows.name}, line {first}: expected values in the columns {case!r} (case) and {activity!r} "
            f"(activity), but one is empty, as in {count:,} rows. "
            "Fill them in, or name other columns with --case COLUMN and --activity COLUMN."
        )
    if count:
        notes.append(
            Sentence(
                en=f"Left out: {counted(count, 'row')} without case or activity; the first is line {first}.",
                zh=f"{count:,} 行缺少案件号或活动名称，未计入；第一处在第 {first} 行。",
            )
        )


def _read_times(rows: _Rows, field: str, zone: tzinfo, notes: list[Sentence]) -> list[int | None]:
    column = TimeColumn(source=rows.name, field=field, name=rows.header[rows.chosen[field]], lines=rows.lines)
    return read_times(rows.values.pop(field), column, zone, notes)


def _fill(events: EventTable, rows: _Rows, times: dict[str, list[int | None]]) -> None:
    cases, values = events.cases, rows.values
    blank: list[Any] = [None] * len(rows.lines)
    due = times.get("due", blank)
    case_index = [cases.index_of(case) for case in values["case"]]
    own_due = _keep_case_due(events, case_index, due)
    timeless = 0
    for position, case in enumerate(case_index):
        at, started = times["timestamp"][position], times.get("start", blank)[position]
        transition = values.get("lifecycle", blank)[position]
        if at is None and started is not None and not transition:
            # A row with a start and no end is an activity that was never completed.
            at, started, transition = started, None, "start"
        if at is None:
            timeless += 1
            continue
        events.add(
            case,
            values["activity"][position],
            at,
            transition=(transition or "").lower(),
            started=started,
            enabled=times.get("enabled", blank)[position],
            instance=values.get("instance", blank)[position],
            performer=values.get("resource", blank)[position],
            group=values.get("group", blank)[position],
            department=values.get("department", blank)[position],
            due=due[position] if own_due else None,
        )
    if timeless:
        events.note(f"Left out: {counted(timeless, 'row')} without a time.", f"{timeless:,} 行没有时间，未计入。")
    for index, by_case in rows.constant.items():
        _keep_attribute(events, rows.header[index], by_case)


def _keep_case_due(events: EventTable, case_index: list[int], due: list[int | None]) -> bool:
    """A deadline that never changes within a case is the case's own; True if the activities own it."""
    found: dict[int, int] = {}
    for case, at in zip(case_index, due, strict=True):
        if at is not None and found.setdefault(case, at) != at:
            return True
    events.cases.due.update(found)
    return False


def _keep_attribute(events: EventTable, column: str, by_case: dict[str, str]) -> None:
    """A column that never changes within a case is a case attribute; typed if all its values agree."""
    convert = _type_of(by_case.values())
    name = column.removeprefix("case:")
    for case, value in by_case.items():
        events.cases.set_attribute(name, events.cases.index_of(case), convert(value))


def _type_of(values: Any) -> Any:
    distinct = set(values)
    if distinct and {value.lower() for value in distinct} <= {"true", "false"}:
        return lambda text: text.lower() == "true"
    for kind in (int, float):
        try:
            # '007' is a code, not a number: a number that does not print the same way stays text.
            if all(str(kind(value)) == value for value in distinct):
                return kind
        except ValueError:
            continue
    return str

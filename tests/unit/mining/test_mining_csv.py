"""Reading CSV: dialects, character sets, columns by many names, times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.contracts.eventlog import LogFilter
from mining.readers import CsvColumns, ImportedLog, LogFormatError, read_log


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_bytes(text: str | bytes, *, name: str = "log.csv", **options: Any) -> ImportedLog:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_log(path, **options)

    return read_bytes


def names(log: ImportedLog) -> list[str]:
    return list(log.activities(LogFilter())["name"])


def first_time(log: ImportedLog, column: str = "completed_at") -> datetime:
    return datetime.fromtimestamp(log.activities(LogFilter())[column][0] / 1e6, UTC)


CHINESE = (
    "案件号,活动,时间,处理人,部门\n苏-001,受理,2024/1/5 9:03,陈静,城管科\n苏-001,核查,2024/1/6 下午2:10,吴磊,城管科\n"
)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_are_recognised_in_every_usual_character_set(read: Any, charset: str) -> None:
    log = read(CHINESE.encode(charset), timezone="Asia/Shanghai")

    rows = log.activities(LogFilter())

    assert rows["name"] == ["受理", "核查"]
    assert rows["performer"] == ["陈静", "吴磊"]
    assert rows["department"] == ["城管科", "城管科"]
    assert first_time(log) == datetime(2024, 1, 5, 1, 3, tzinfo=UTC)


def test_western_text_that_is_not_utf_8_is_not_taken_for_chinese(read: Any) -> None:
    text = "case_id,activity,timestamp\n1,Vérifier à Liège,2024-01-05\n1,Café Zürich,2024-01-06\n"

    log = read(text.encode("cp1252"))

    assert names(log) == ["Vérifier à Liège", "Café Zürich"]
    assert any("CP1252" in warning for warning in log.warnings)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(read: Any, separator: str) -> None:
    text = "case_id,activity,timestamp\n1,file,2024-01-05\n1,check,2024-01-06\n".replace(",", separator)

    assert names(read(text)) == ["file", "check"]


def test_commas_in_quoted_names_do_not_mislead(read: Any) -> None:
    text = 'case_id;activity;timestamp\n1;"file, scan, index";2024-01-05\n1;"say ""no""";2024-01-06\n'

    assert names(read(text)) == ["file, scan, index", 'say "no"']


def test_the_line_by_which_excel_names_its_separator_is_no_header(read: Any) -> None:
    assert names(read("sep=;\ncase_id;activity;timestamp\n1;file;2024-01-05\n")) == ["file"]


def test_rows_with_a_start_and_an_end_are_activity_instances(read: Any) -> None:
    text = "case_id,activity,resource,start_time,end_time\n1,file,Chen,2024-01-05T09:00Z,2024-01-05T10:00Z\n"

    log = read(text)

    assert first_time(log, "started_at") == datetime(2024, 1, 5, 9, tzinfo=UTC)
    assert first_time(log) == datetime(2024, 1, 5, 10, tzinfo=UTC)


def test_a_row_with_a_start_only_is_open(read: Any) -> None:
    log = read("case_id,activity,start_time,end_time\n1,file,2024-01-05T09:00Z,\n")

    assert log.activities(LogFilter())["state"] == ["open"]


def test_rows_of_a_lifecycle_are_paired_across_interleaved_cases(read: Any) -> None:
    text = (
        "case_id,activity,lifecycle,timestamp\n"
        "1,file,start,2024-01-05T09:00Z\n2,file,start,2024-01-05T09:01Z\n"
        "2,file,complete,2024-01-05T09:02Z\n1,file,complete,2024-01-05T09:03Z\n"
    )

    rows = read(text).activities(LogFilter())

    minutes = [(e - s) // 60_000_000 for s, e in zip(rows["started_at"], rows["completed_at"], strict=True)]
    assert (rows["case_id"], minutes) == (["1", "2"], [3, 1])


def test_columns_that_never_change_within_a_case_are_its_attributes(read: Any) -> None:
    text = (
        "case_id,activity,timestamp,channel,urgent,visits,code,amount\n"
        "1,file,2024-01-05,网上,True,3,007,10\n1,check,2024-01-06,网上,True,3,007,20\n2,file,2024-01-07,窗口,FALSE,,008,30\n"
    )

    cases = read(text).cases(LogFilter())

    assert cases["attr:channel"] == ["网上", "窗口"]
    assert cases["attr:urgent"] == [True, False]
    assert cases["attr:visits"] == [3, None]
    assert cases["attr:code"] == ["007", "008"]
    assert "attr:amount" not in cases


def test_a_deadline_that_differs_within_a_case_belongs_to_the_activities(read: Any) -> None:
    whole = read("case_id,activity,timestamp,deadline\n1,a,2024-01-05,2024-02-01\n1,b,2024-01-06,2024-02-01\n")
    each = read("case_id,activity,timestamp,deadline\n1,a,2024-01-05,2024-02-01\n1,b,2024-01-06,2024-02-02\n")

    assert whole.cases(LogFilter())["due_at"] == [1_706_745_600_000_000]
    assert whole.activities(LogFilter())["due_at"] == [None, None]
    assert each.cases(LogFilter())["due_at"] == [None]
    assert each.activities(LogFilter())["due_at"] == [1_706_745_600_000_000, 1_706_832_000_000_000]


def test_columns_can_be_named(read: Any) -> None:
    text = "Dossier,Wat,Wanneer\n7,keuren,2024-01-05\n"

    log = read(text, columns=CsvColumns(case="Dossier", activity="wat", timestamp="Wanneer"))

    assert (names(log), log.cases(LogFilter())["case_id"]) == (["keuren"], ["7"])


def test_a_stray_row_without_a_case_is_left_out_and_told(read: Any) -> None:
    rows = "".join(f"{n},file,2024-01-05T09:{n:02}Z\n" for n in range(40))

    log = read("case_id,activity,timestamp\n" + rows + ",file,2024-01-05\n")

    assert log.event_count == 40
    assert "Left out: 1 row without case or activity; the first is line 42." in log.warnings


def test_mixed_ways_of_writing_times_are_read_and_told(read: Any) -> None:
    text = "case_id,activity,timestamp\n1,a,05/01/2024 10:00\n1,b,13/01/2024 11:00\n1,c,2024-01-14T10:00:00Z\n"

    log = read(text)

    assert first_time(log) == datetime(2024, 1, 5, 10, tzinfo=UTC)
    assert any("several ways (year first, year last)" in warning for warning in log.warnings)


def test_one_day_above_twelve_tells_that_the_month_comes_first(read: Any) -> None:
    log = read("case_id,activity,timestamp\n1,a,02/03/2024\n1,b,02/25/2024\n")

    assert first_time(log) == datetime(2024, 2, 3, tzinfo=UTC)
    assert not any("day first" in warning for warning in log.warnings)


def test_when_nothing_tells_the_day_comes_first_and_it_is_said(read: Any) -> None:
    log = read("case_id,activity,timestamp\n1,a,02/03/2024\n")

    assert first_time(log) == datetime(2024, 3, 2, tzinfo=UTC)
    assert any("Read day first: 1 date" in warning for warning in log.warnings)


def test_excel_serial_numbers_are_dates(read: Any) -> None:
    log = read("case_id,activity,timestamp\n1,a,45292.375\n")

    assert first_time(log) == datetime(2024, 1, 1, 9, tzinfo=UTC)


def test_dates_without_times_are_told(read: Any) -> None:
    rows = "".join(f"1,step {n},2024-01-{n:02}\n" for n in range(1, 20))

    log = read("case_id,activity,timestamp\n" + rows)

    assert any("whole days" in warning for warning in log.warnings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("case_id,activity,who\n1,a,b\n", "found only: 'case_id', 'activity', 'who'. Name it with --timestamp COLUMN"),
        ("活动,时间\n受理,2024-01-05\n", "a column for the case id (such as 'case_id', '案件号')"),
        ("case_id,activity,timestamp\n1,a,yesterday\n", "line 2: expected a time such as 2024-05-31"),
        ("case_id,activity,timestamp\n1,a,2024-02-31\n", "but got '2024-02-31'"),
        ("case_id,activity,timestamp\n1,a,2024-01-05,x\n", "line 2: expected 3 fields as in the header, but found 4"),
        ('case_id,activity,timestamp\n1,"a,2024-01-05\n', "double quote that is never closed"),
        ("case_id,activity,timestamp\n", "rows below the header, but there are none"),
        ("case_id,activity,timestamp\n,a,2024-01-05\n", "but one is empty, as in 1 row"),
        ("case_id,activity,timestamp\n1,a,\n", "at least one event"),
        (b"\x00\x01\x02\x03" * 100, "the file is binary"),
        (b"PK\x03\x04 not really a workbook", "Excel workbook"),
        ("case_id,activity,timestamp\n1,a," + "9" * 1_000_001 + "\n", "longer than 1,000,000"),
    ],
    ids=["no time column", "no case column", "no time", "no such day", "wide row", "open quote", "header only",
         "no case", "no times", "binary", "workbook", "endless"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(read: Any, text: str | bytes, told: str) -> None:
    with pytest.raises(LogFormatError) as refusal:
        read(text, name="odd.csv")

    assert told in refusal.value.message
    assert "odd.csv" in refusal.value.message


def test_a_named_column_that_does_not_exist_is_told_with_those_that_do(read: Any) -> None:
    with pytest.raises(LogFormatError, match=r"column 'Zaak' \(--case\), but the columns are: 'case_id', 'activity'"):
        read("case_id,activity,timestamp\n1,a,2024-01-05\n", columns=CsvColumns(case="Zaak"))


def test_an_unknown_time_zone_is_told(read: Any) -> None:
    with pytest.raises(LogFormatError, match="'Mars/Olympus'"):
        read("case_id,activity,timestamp\n1,a,2024-01-05\n", timezone="Mars/Olympus")

"""Reading XES: pairing by lifecycle, order, types, and files that are not what they should be."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.contracts.eventlog import ACTIVITY_COLUMNS, CASE_COLUMNS, LogFilter
from mining.readers import CsvColumns, ImportedLog, LogFormatError, read_log
from mining.readers.sources import open_bytes


def event(name: str, at: str, transition: str = "complete", **attributes: str) -> str:
    extra = "".join(f'<string key="{k.replace("__", ":")}" value="{v}"/>' for k, v in attributes.items())
    return (
        f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{at}"/>'
        f'<string key="lifecycle:transition" value="{transition}"/>{extra}</event>'
    )


def trace(name: str, *events: str, attributes: str = "") -> str:
    return f'<trace><string key="concept:name" value="{name}"/>{attributes}{"".join(events)}</trace>'


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_text(text: str, *, name: str = "log.xes", **options: Any) -> ImportedLog:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_log(path, **options)

    return read_text


def xes(*traces: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<log xes.version="1.0" xmlns="http://www.xes-standard.org/">{"".join(traces)}</log>'
    )


def rows(log: ImportedLog) -> list[dict[str, Any]]:
    columns = log.activities(LogFilter())
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def clock(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1e6, UTC).strftime("%H:%M")


def test_gives_the_columns_of_the_contract(read: Any) -> None:
    log = read(xes(trace("1", event("file", "2024-05-06T09:00:00Z"))))

    assert (
        list(log.cases(LogFilter()))[: len(CASE_COLUMNS)] == [*CASE_COLUMNS, "attr:concept:name"][: len(CASE_COLUMNS)]
    )
    assert list(log.activities(LogFilter())) == list(ACTIVITY_COLUMNS)
    assert (log.name, log.case_count, log.activity_count, log.event_count) == ("log.xes", 1, 1, 1)


def test_a_start_and_its_completion_are_one_activity_instance(read: Any) -> None:
    log = read(
        xes(
            trace(
                "1",
                event("check", "2024-05-06T08:00:00Z", "schedule"),
                event("check", "2024-05-06T08:30:00Z", "assign", org__resource="Chen"),
                event("check", "2024-05-06T09:00:00Z", "start", org__resource="Chen"),
                event("check", "2024-05-06T10:00:00Z", "complete", org__resource="Chen"),
            )
        )
    )

    (row,) = rows(log)

    times = [clock(row[name]) for name in ("enabled_at", "claimed_at", "started_at", "completed_at")]
    assert times == ["08:00", "08:30", "09:00", "10:00"]
    assert (row["state"], row["performer"]) == ("completed", "Chen")


def test_of_two_started_at_once_each_performer_completes_their_own(read: Any) -> None:
    log = read(
        xes(
            trace(
                "1",
                event("check", "2024-05-06T09:00:00Z", "start", org__resource="Chen"),
                event("check", "2024-05-06T09:10:00Z", "start", org__resource="Wu"),
                event("check", "2024-05-06T09:20:00Z", "complete", org__resource="Wu"),
                event("check", "2024-05-06T09:30:00Z", "complete", org__resource="Chen"),
            )
        )
    )

    pairs = [(r["performer"], clock(r["started_at"]), clock(r["completed_at"])) for r in rows(log)]

    assert pairs == [("Wu", "09:10", "09:20"), ("Chen", "09:00", "09:30")]


def test_an_instance_id_decides_which_start_a_completion_ends(read: Any) -> None:
    log = read(
        xes(
            trace(
                "1",
                event("check", "2024-05-06T09:00:00Z", "start", concept__instance="i1"),
                event("check", "2024-05-06T09:10:00Z", "start", concept__instance="i2"),
                event("check", "2024-05-06T09:20:00Z", "complete", concept__instance="i2"),
                event("check", "2024-05-06T09:30:00Z", "complete", concept__instance="i1"),
            )
        )
    )

    pairs = [(clock(r["started_at"]), clock(r["completed_at"])) for r in rows(log)]

    assert pairs == [("09:10", "09:20"), ("09:00", "09:30")]


def test_instance_ids_that_differ_at_every_event_do_not_keep_pairs_apart(read: Any) -> None:
    log = read(
        xes(
            trace(
                "1",
                event("check", "2024-05-06T09:00:00Z", "start", concept__instance="e1"),
                event("check", "2024-05-06T09:20:00Z", "complete", concept__instance="e2"),
            )
        )
    )

    assert log.instance_count == 1


def test_what_never_ends_stays_open_and_what_is_withdrawn_is_cancelled(read: Any) -> None:
    log = read(
        xes(
            trace(
                "1",
                event("visit", "2024-05-06T09:00:00Z", "start"),
                event("check", "2024-05-06T09:10:00Z", "start"),
                event("check", "2024-05-06T09:20:00Z", "withdraw"),
            )
        )
    )

    assert [(r["name"], r["state"]) for r in rows(log)] == [("check", "cancelled"), ("visit", "open")]
    assert any("never end" in warning for warning in log.warnings)


def test_a_completion_without_a_start_is_an_instance_of_its_own(read: Any) -> None:
    log = read(xes(trace("1", event("a", "2024-05-06T09:00:00Z"), event("a", "2024-05-06T09:00:00Z"))))

    assert [(r["started_at"], clock(r["completed_at"])) for r in rows(log)] == [(None, "09:00")] * 2


def test_transitions_outside_the_standard_are_read_as_completions_and_told(read: Any) -> None:
    log = read(xes(trace("1", event("case", "2024-05-06T09:00:00Z", "In Progress"))))

    assert rows(log)[0]["state"] == "completed"
    assert any("'in progress'" in warning for warning in log.warnings)


def test_events_at_the_same_moment_keep_the_order_of_the_file(read: Any) -> None:
    names = ["e", "b", "d", "a", "c"]

    log = read(xes(trace("1", *(event(name, "2024-05-06T00:00:00Z") for name in names))))

    assert [r["name"] for r in rows(log)] == names
    assert [r["seq"] for r in rows(log)] == sorted(r["seq"] for r in rows(log))


def test_events_out_of_order_are_put_in_order(read: Any) -> None:
    log = read(xes(trace("1", event("b", "2024-05-06T10:00:00Z"), event("a", "2024-05-06T09:00:00Z"))))

    assert [r["name"] for r in rows(log)] == ["a", "b"]


def test_case_attributes_keep_their_types(read: Any) -> None:
    attributes = (
        '<boolean key="urgent" value="True"/><boolean key="paid" value="false"/><int key="visits" value="3"/>'
        '<float key="fee" value="12.5"/><string key="channel" value="网上"/>'
        '<date key="received" value="2024-05-06T08:00:00+08:00"/>'
    )

    log = read(xes(trace("1", event("a", "2024-05-06T09:00:00Z"), attributes=attributes)))
    cases = log.cases(LogFilter())

    assert cases["attr:urgent"] == [True]
    assert cases["attr:paid"] == [False]
    assert (cases["attr:visits"], cases["attr:fee"], cases["attr:channel"]) == ([3], [12.5], ["网上"])
    assert cases["attr:received"] == [datetime(2024, 5, 6, 0, tzinfo=UTC)]


def test_attributes_after_the_events_count_too(read: Any) -> None:
    text = xes(f'<trace>{event("a", "2024-05-06T09:00:00Z")}<string key="concept:name" value="late"/></trace>')

    assert read(text).cases(LogFilter())["case_id"] == ["late"]


def test_nested_attributes_do_not_replace_the_event_s_own(read: Any) -> None:
    nested = (
        '<event><string key="concept:name" value="outer"><string key="concept:name" value="inner"/></string>'
        '<date key="time:timestamp" value="2024-05-06T09:00:00Z"/></event>'
    )

    assert rows(read(xes(trace("1", nested))))[0]["name"] == "outer"


def test_a_deadline_of_the_case_is_recognised_and_null_dates_are_none(read: Any) -> None:
    log = read(
        xes(
            trace("1", event("a", "2024-05-06T09:00:00Z"), attributes='<date key="deadline" value="2024-06-01"/>'),
            trace(
                "2",
                event("a", "2024-05-06T09:00:00Z"),
                attributes='<date key="deadline" value="1970-01-01T00:00:00+01:00"/>',
            ),
        )
    )

    assert log.cases(LogFilter())["due_at"] == [1_717_200_000_000_000, None]
    assert any("1970-01-01" in warning for warning in log.warnings)


def test_times_without_a_zone_get_the_one_asked_for_and_a_warning(read: Any) -> None:
    text = xes(trace("1", event("a", "2024-05-06T09:00:00")))

    log = read(text, timezone="Asia/Shanghai")

    assert clock(rows(log)[0]["completed_at"]) == "01:00"
    assert "Asia/Shanghai" in log.warnings[0]
    assert "时区" in log.notes[0].zh


def test_two_traces_of_one_name_are_one_case(read: Any) -> None:
    text = xes(trace("1", event("a", "2024-05-06T09:00:00Z")), trace("1", event("b", "2024-05-06T10:00:00Z")))

    log = read(text)

    assert log.case_count == 1
    assert any("same name" in warning for warning in log.warnings)


def test_gzip_is_recognised_by_content_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "log.data"
    path.write_bytes(gzip.compress(xes(trace("1", event("a", "2024-05-06T09:00:00Z"))).encode()))

    assert read_log(path).event_count == 1


def test_another_key_can_name_the_activity(read: Any) -> None:
    text = xes(trace("1", event("a", "2024-05-06T09:00:00Z", Action="签收")))

    log = read(text, columns=CsvColumns(activity="Action"))

    assert rows(log)[0]["name"] == "签收"


def test_an_imported_log_knows_no_named_definition(read: Any) -> None:
    log = read(xes(trace("1", event("a", "2024-05-06T09:00:00Z"))))

    assert log.activities(LogFilter(definition_key="permit"))["case_id"] == []
    assert log.cases(LogFilter(version=2))["case_id"] == []


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;">]>
<log><trace><string key="concept:name" value="&f;"/></trace></log>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>'
NO_ACTIVITY = (
    '<trace><event><date key="time:timestamp" value="2024-05-06T09:00:00Z"/>'
    '<string key="Act" value="x"/></event></trace>'
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        (" \n\t ", "the file is empty"),
        ("<log><trace></log>", "line 1: expected well-formed XML"),
        ("<html><body/></html>", "the root is <html>"),
        (LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        ("<!-- " + "x" * 40_000 + " -->" + OUTSIDE[21:], "document type"),
        ("<log></log>", "at least one event"),
        ("<log>" + NO_ACTIVITY + "</log>", "its keys are: 'Act', 'time:timestamp'. Name the right one with --activity"),
        (xes(trace("1", event("a", "next Tuesday"))), "expected a date such as"),
        (xes(trace("1", attributes='<int key="n" value="many"/>')), "value of type int in 'n', but got 'many'"),
        ('{"events": []}', "looks like JSON"),
    ],
    ids=["empty", "blank", "torn", "html", "laughs", "dtd", "late dtd", "no events", "no activity",
         "date", "int", "json"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(read: Any, text: str, told: str) -> None:
    with pytest.raises(LogFormatError) as refusal:
        read(text, name="odd.xes")

    assert told in refusal.value.message
    assert "odd.xes" in refusal.value.message


def test_utf_16_does_not_hide_a_document_type(tmp_path: Path) -> None:
    path = tmp_path / "odd.xes"
    path.write_bytes(LAUGHS.replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16"))

    with pytest.raises(LogFormatError, match="document type"):
        read_log(path)


def test_a_torn_gzip_file_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(xes(*(trace(str(n), event("a", "2024-05-06T09:00:00Z")) for n in range(999))).encode())
    path = tmp_path / "torn.xes.gz"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(LogFormatError, match=r"torn\.xes\.gz: expected a whole gzip file"):
        read_log(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogFormatError, match="No such file"):
        read_log(tmp_path / "nowhere.xes")


def test_a_file_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0" * 1_000_000))

    with open_bytes(path, limit=100_000) as stream, pytest.raises(LogFormatError, match="at most 100,000 bytes"):
        stream.read()

"""What people see of a report: words, the table for the terminal, the picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from engine.contracts.eventlog import LogFilter
from mining.reports import bottleneck_report
from mining.results import BottleneckReport
from mining.svg import render_map
from mining.text import render_text
from mining.words import (
    clip_to_width,
    display_width,
    hours_text,
    long_duration,
    share_text,
    short_duration,
    wrap_to_width,
)
from tests.table_log import HOUR, TableLog

SVG = "{http://www.w3.org/2000/svg}"
CHINESE_NAME = "市政设施损坏报修现场核查与责任单位权属认定及派遣"


@pytest.fixture
def report() -> BottleneckReport:
    log = TableLog()
    for n in range(12):
        log.case(f"c{n}", ended_at=30, due_at=20)
        log.activity(f"c{n}", "register", name="Register", enabled_at=0, claimed_at=1, completed_at=2)
        log.activity(f"c{n}", "check", name=CHINESE_NAME, enabled_at=2, claimed_at=20, completed_at=22, due_at=10)
        log.activity(f"c{n}", "close", name='<script>alert("x")</script> & close', enabled_at=22, completed_at=30)
    return bottleneck_report(log, LogFilter(), now=100 * HOUR)


@pytest.mark.parametrize(
    ("seconds", "short", "english", "chinese"),
    [
        (0, "0 s", "0 seconds", "0 秒"),
        (1, "1 s", "1 second", "1 秒"),
        (59.6, "1 min", "1 minute", "1 分钟"),
        (90, "1.5 min", "1.5 minutes", "1.5 分钟"),
        (3_599, "1 h", "1 hour", "1 小时"),
        (47 * 3_600, "47 h", "47 hours", "47 小时"),
        (48 * 3_600, "2 d", "2 days", "2 天"),
        (100 * 86_400, "100 d", "100 days", "100 天"),
        (-7_200, "-2 h", "-2 hours", "-2 小时"),
    ],
)
def test_durations_in_words(seconds: float, short: str, english: str, chinese: str) -> None:
    assert short_duration(seconds) == short
    assert long_duration(seconds) == english
    assert long_duration(seconds, "zh-CN") == chinese


def test_numbers_in_words() -> None:
    assert [hours_text(h) for h in (0, 0.44, 9.96, 12_345.6)] == ["0", "0.4", "10", "12,346"]
    assert [share_text(s) for s in (0, 0.004, 0.05, 0.38, 1)] == ["0%", "0.4%", "5%", "38%", "100%"]
    assert short_duration(None) == "–"


def test_wide_characters_take_two_columns() -> None:
    assert display_width("受理 ok") == 7
    assert clip_to_width("市政设施", 5) == "市政…"
    assert display_width(clip_to_width("市政a设施", 6)) <= 6


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("Check confirmation of receipt", 18, ["Check confirmation", "of receipt"]),
        ("现场核查与责任认定", 8, ["现场核查", "与责任认", "定"]),
        ("现场核查（复核）", 10, ["现场核查", "（复核）"]),
        ("Donaudampfschifffahrt", 10, ["Donaudampf", "schifffahr", "t"]),
        ("one two three four five six", 7, ["one two", "three", "four…"]),
        ("", 10, [""]),
    ],
)
def test_names_are_wrapped_where_a_reader_would(text: str, width: int, lines: list[str]) -> None:
    wrapped = wrap_to_width(text, width, 3)

    assert wrapped == lines
    assert all(display_width(line) <= width for line in wrapped)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_is_aligned_by_display_width(report: BottleneckReport, language: str) -> None:
    lines = render_text(report, language).splitlines()

    rule = next(i for i, line in enumerate(lines) if "──" in line)
    table = lines[rule - 1 : rule + 4]
    name_width = display_width(lines[rule].split("  ")[1])
    for line in table:
        name = next(line[:i] for i in range(len(line)) if display_width(line[:i]) == 2 + name_width)
        assert line[len(name) : len(name) + 2] == "  "
    assert len({display_width(line) for line in table if line.endswith((")", "─"))}) == 1
    assert any("\u4e00" <= char <= "\u9fff" for line in table for char in line)


def test_the_text_is_in_the_language_asked_for(report: BottleneckReport) -> None:
    english, chinese = render_text(report, "en"), render_text(report, "zh")

    assert "Where the time goes" in english
    assert "时间花在哪里" not in english
    assert "时间花在哪里" in chinese
    assert "超期" in chinese
    assert "of all activity hours" not in chinese


def test_a_long_table_is_cut_and_says_so(report: BottleneckReport) -> None:
    assert "… and 2 more" in render_text(report, "en", most=1)


def test_the_text_of_an_empty_report_still_says_what_it_is() -> None:
    empty = bottleneck_report(TableLog(), LogFilter(), now=0)

    assert render_text(empty).startswith("0 cases")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_map_is_well_formed_and_told_to_screen_readers(report: BottleneckReport, language: str) -> None:
    root = ElementTree.fromstring(render_map(report, language, id_prefix="m1"))

    assert root.get("role") == "img"
    told = {element.get("id") for element in root if element.tag in (SVG + "title", SVG + "desc")}
    assert told == set((root.get("aria-labelledby") or "").split())
    description = root.findtext(SVG + "desc") or ""
    assert CHINESE_NAME in description
    assert ("小时" if language == "zh" else "hours") in description


def test_names_in_the_map_are_text_and_nothing_else(report: BottleneckReport) -> None:
    svg = render_map(report)

    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_long_chinese_names_are_wrapped_within_their_box(report: BottleneckReport) -> None:
    root = ElementTree.fromstring(render_map(report, "zh"))

    box = next(g for g in root.iter(SVG + "g") if g.get("data-element-id") == "check")
    lines = [t.text or "" for t in box.findall(SVG + "text")][:-1]

    assert len(lines) == 3
    assert "".join(lines) == CHINESE_NAME
    assert max(map(display_width, lines)) <= 23


def test_what_waits_most_is_darkest_with_light_text(report: BottleneckReport) -> None:
    root = ElementTree.fromstring(render_map(report))

    shades = {}
    for group in root.iter(SVG + "g"):
        rect = group.find(SVG + "rect")
        if group.get("data-element-id") and rect is not None:
            text = group.find(SVG + "text")
            shades[group.get("data-element-id")] = (rect.get("fill"), text.get("fill") if text is not None else "")

    assert shades["check"] == ("#c92a1d", "#ffffff")
    assert shades["register"][0] != "#c92a1d"


def test_an_empty_map_says_so() -> None:
    empty = bottleneck_report(TableLog(), LogFilter(), now=0)

    assert "There is nothing to draw." in render_map(empty)
    assert "没有可绘制的内容" in render_map(empty, "zh")

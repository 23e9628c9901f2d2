"""Times, spans and sizes in words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.i18n import choose_language, texts
from api.pages import notices, words

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("left", "tone", "english", "chinese"),
    [
        (timedelta(days=3, hours=5), "calm", "3 days left", "剩 3 天"),
        (timedelta(hours=30), "calm", "30 hours left", "剩 30 小时"),
        (timedelta(hours=1), "warn", "1 hour left", "剩 1 小时"),
        (timedelta(minutes=20), "warn", "20 min left", "剩 20 分钟"),
        (timedelta(hours=-2), "bad", "2 hours overdue", "逾期 2 小时"),
        (timedelta(days=-9), "bad", "9 days overdue", "逾期 9 天"),
    ],
)
def test_a_deadline_is_said_in_words_and_by_a_tone(left: timedelta, tone: str, english: str, chinese: str) -> None:
    in_english = words.deadline(NOW + left, now=NOW, texts=texts("en"))
    in_chinese = words.deadline(NOW + left, now=NOW, texts=texts("zh"))

    assert in_english is not None
    assert in_chinese is not None
    assert (in_english.tone, in_english.text, in_chinese.text) == (tone, english, chinese)


def test_work_that_is_done_is_in_time_or_late_for_good() -> None:
    due = NOW - timedelta(days=1)

    in_time = words.deadline(due, now=NOW, texts=texts("en"), ended=due - timedelta(hours=1))
    late = words.deadline(due, now=NOW, texts=texts("zh"), ended=due + timedelta(hours=5))

    assert in_time is not None
    assert late is not None
    assert (in_time.tone, in_time.text) == ("good", "Done in time")
    assert (late.tone, late.text) == ("bad", "超期 5 小时 完成")


def test_without_a_due_date_nothing_is_said() -> None:
    assert words.deadline(None, now=NOW, texts=texts("en")) is None


@pytest.mark.parametrize(
    ("instant", "english", "chinese"),
    [
        (NOW - timedelta(hours=2), "today 10:00", "今天 10:00"),
        (NOW - timedelta(hours=13), "yesterday 23:00", "昨天 23:00"),
        (NOW + timedelta(days=1), "tomorrow 12:00", "明天 12:00"),
        (NOW - timedelta(days=30), "22 Oct 12:00", "10月22日 12:00"),
        (NOW - timedelta(days=400), "17 Oct 2025 12:00", "2025年10月17日 12:00"),
        (None, "–", "–"),
    ],
)
def test_an_instant_is_said_by_the_sites_calendar(instant: datetime | None, english: str, chinese: str) -> None:
    said = [words.when(instant, now=NOW, zone=ZONE, texts=texts(language)) for language in ("en", "zh")]

    assert said == [english, chinese]


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (150, "2 min", "2 分钟"),
        (3600, "1 hour", "1 小时"),
        (3600 * 23.99, "1 day", "1 天"),
        (86_400 * 2.34, "2.3 days", "2.3 天"),
        (86_400 * 1234, "1,234 days", "1,234 天"),
        (None, "–", "–"),
    ],
)
def test_a_span_is_said_in_its_largest_unit(seconds: float | None, english: str, chinese: str) -> None:
    assert [words.span(seconds, texts("en")), words.span(seconds, texts("zh"))] == [english, chinese]


@pytest.mark.parametrize(
    ("wishes", "accept", "language"),
    [
        (("en", None), "zh-CN,zh;q=0.9", "en"),
        ((None, "zh"), "en", "zh"),
        ((None, None), "en-GB,en;q=0.9,zh;q=0.1", "en"),
        ((None, None), "fr, en;q=0.2, zh-Hans;q=0.8", "zh"),
        ((None, None), "fr;q=1, *;q=0", "zh"),
        (("klingon", "<b>"), "", "zh"),
        ((None, None), "zh;q=x, en;q=0.5", "en"),
    ],
)
def test_a_choice_wins_over_the_browser_and_the_browser_over_the_site(
    wishes: tuple[str | None, ...], accept: str, language: str
) -> None:
    assert choose_language(*wishes, accept=accept) == language


def test_a_notice_says_only_what_we_wrote_and_keeps_the_name_apart() -> None:
    cookie = notices.encode("task-claimed", "签收：<b>“路灯”</b>; a=b")

    found = notices.decode(cookie, texts("zh"))

    assert found is not None
    assert found.text == "“签收：<b>“路灯”</b>; a=b”已由您领取。"
    assert cookie.isascii()
    assert ";" not in cookie


@pytest.mark.parametrize("cookie", ["", "task-claimed-not:x", "<script>:x", ":"])
def test_a_notice_that_is_not_ours_is_no_notice(cookie: str) -> None:
    assert notices.decode(cookie, texts("en")) is None

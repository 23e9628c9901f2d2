"""Words shared by reports, tables and maps: sentences in two languages, durations, shares."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0
HOUR = 3_600.0
DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """The same statement in English and in Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The Chinese text for 'zh', 'zh-CN', 'zh_Hans', …; the English text for anything else."""
        return self.zh if is_chinese(language) else self.en


Naming = Callable[[str], Sentence | None]
"""Gives the names of a key (a group, what is waited for), or None where nobody named it."""


def nameless(_key: str) -> None:
    """The naming of a log that comes without names."""


def is_chinese(language: str) -> bool:
    """Whether a language tag such as 'zh', 'zh-CN' or 'zh_Hans' means Chinese."""
    return language.lower().replace("_", "-").split("-")[0] == "zh"


_SHORT = {False: ("s", "min", "h", "d"), True: ("秒", "分", "小时", "天")}
_LONG = {False: ("second", "minute", "hour", "day"), True: ("秒", "分钟", "小时", "天")}


def short_duration(seconds: float | None, language: str = "en") -> str:
    """A duration for a table cell: '42 s', '12 min', '5.3 h', '12 d'; '–' for None."""
    if seconds is None:
        return "–"
    amount, unit = _scaled(seconds)
    chinese = is_chinese(language)
    return f"{amount} {_SHORT[chinese][unit]}"


def long_duration(seconds: float, language: str = "en") -> str:
    """A duration for a sentence: '1 hour', '2.3 days', '2.3 天'."""
    amount, unit = _scaled(seconds)
    word = _LONG[is_chinese(language)][unit]
    plural = "" if is_chinese(language) or amount == "1" else "s"
    return f"{amount} {word}{plural}"


def _scaled(seconds: float) -> tuple[str, int]:
    """The amount as text and the index of its unit; rounding up to a whole unit moves on to the next."""
    sign = "-" if seconds < 0 else ""
    size = abs(seconds)
    if round(size) < MINUTE:
        return f"{sign}{size:.0f}", 0
    if round(size / MINUTE) < 60:
        return f"{sign}{_short_number(size / MINUTE)}", 1
    if round(size / HOUR) < 48:
        return f"{sign}{_short_number(size / HOUR)}", 2
    return f"{sign}{_short_number(size / DAY)}", 3


def _short_number(value: float) -> str:
    """One decimal below ten, none above: '2.3', '12', '1,234'."""
    return f"{value:,.1f}".removesuffix(".0") if value < 9.95 else f"{value:,.0f}"


def counted(count: int, noun: str) -> str:
    """A count with its English noun: '1 row', '1,234 rows', '2 cases'."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def hours_text(hours: float) -> str:
    """Hours for a sentence: '0.4', '12', '12,345'."""
    return _short_number(hours)


def share_text(share: float) -> str:
    """A share between 0 and 1 as per cent: '0.4%', '38%'."""
    percent = share * 100
    return f"{percent:.1f}%".replace(".0%", "%") if percent < 9.95 else f"{percent:.0f}%"


def display_width(text: str) -> int:
    """Columns a text takes in a terminal: East Asian wide characters take two, combining marks none.

    Source: Unicode Standard Annex 11.
    """
    width = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
            continue
        width += 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
    return width


def clip_to_width(text: str, width: int) -> str:
    """The text cut to a display width, with '…' where something was left out."""
    if display_width(text) <= width:
        return text
    kept = ""
    for char in text:
        if display_width(kept + char) > width - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def pad_to_width(text: str, width: int, *, right: bool = False) -> str:
    """The text padded with spaces to a display width, on its left if `right` aligned."""
    gap = " " * max(0, width - display_width(text))
    return gap + text if right else text + gap


def wrap_to_width(text: str, width: int, lines: int) -> list[str]:
    """The text in at most that many lines of a display width; what does not fit ends in '…'.

    Breaks at spaces and beside East Asian characters; a longer word is broken where it must.
    """
    done: list[str] = []
    line = ""
    for piece in _pieces(text):
        if display_width((line + piece).rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            done.append(line.strip())
        line = piece.lstrip()
        while display_width(line.rstrip()) > width:
            cut = next(i for i in range(len(line), 0, -1) if display_width(line[:i]) <= width)
            done.append(line[:cut])
            line = line[cut:]
    if line.strip():
        done.append(line.strip())
    if len(done) > lines:
        done[lines - 1 :] = [clip_to_width(" ".join(done[lines - 1 :]), width - 1).rstrip("…") + "…"]
    return done or [""]


def _pieces(text: str) -> list[str]:
    """The text in pieces that may stand on different lines."""
    pieces: list[str] = []
    for char in text:
        wide = _is_wide(char)
        last = pieces[-1][-1] if pieces else " "
        in_word = not wide and not last.isspace() and not _is_wide(last)
        # A closing mark never begins a line, an opening one never ends it.
        closing = char.isspace() or unicodedata.category(char) in ("Pe", "Pf", "Po")
        if pieces and (in_word or closing or unicodedata.category(last) in ("Ps", "Pi")):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")

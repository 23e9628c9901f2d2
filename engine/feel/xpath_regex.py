"""Regular expressions as XPath has them, run with a time limit.

FEEL takes patterns, replacements and flags from XQuery 1.0 and XPath 2.0 Functions and
Operators, clause 7.6 (XML Schema patterns plus `^ $`, back-references and reluctant quantifiers).
A pattern is checked and rewritten for the `regex` package, and stopped when its time is up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import regex

from engine.errors import BudgetExceeded
from engine.feel.runtime import Run

__all__ = ["MAX_TEXT", "compile_pattern", "expand_replacement", "timed"]

MAX_TEXT = 1_000_000
"""Longest text that is searched; a search may keep a hundred bytes a character."""

_MAX_PATTERN = 2_000
# `regex` writes counted repetitions out: nested ones multiply, in time and memory before any search.
_MAX_REPEATED = 10_000
_SECONDS = 1.0
_SAME_ESCAPES = frozenset("nrt\\|.?*+(){}-[]^$dD")
# XML Schema's classes: white space is four characters; words hold symbols, and no punctuation such as `_`.
_CLASSES = {
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
}
_NAME_START = r"\p{L}_:"
_NAME_PART = r"\p{L}\p{N}_:.\-\p{M}"
_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}

_Result = TypeVar("_Result")


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str = "") -> regex.Pattern[str] | None:
    """A compiled pattern; None where XPath has an error: a syntax it does not know, or an unknown flag."""
    if set(flags) - set("smixq") or len(pattern) > _MAX_PATTERN:
        return None
    options = regex.VERSION1
    for flag in flags:
        options |= _FLAGS.get(flag, 0)
    if "q" in flags:
        rewritten: str | None = regex.escape(pattern)
    else:
        rewritten = _Rewriter(_without_space(pattern) if "x" in flags else pattern, flags=flags).rewrite()
    if rewritten is None:
        return None
    try:
        return regex.compile(rewritten, options & ~regex.MULTILINE)
    except (regex.error, RecursionError, OverflowError):
        return None


def timed(run: Run, text: str, work: Callable[[float], _Result]) -> _Result:
    """Search a text with a pattern, for as long as it may take.

    Args:
        work: takes the seconds left and raises `TimeoutError` when they are over.

    Raises:
        BudgetExceeded: the time is up, or the text is longer than `MAX_TEXT`.
    """
    if len(text) > MAX_TEXT:
        raise BudgetExceeded(
            f"Expected a text of at most {MAX_TEXT:,} characters to search with a pattern, "
            f"but it has {len(text):,}; search a part of it"
        )
    seconds = min(_SECONDS, run.seconds_left())
    try:
        return work(seconds)
    except TimeoutError:
        raise BudgetExceeded(
            f"Expected the pattern to be searched within {seconds:.2g} seconds, but it takes longer; "
            "write one that cannot match the same text in so many ways"
        ) from None


def expand_replacement(replacement: str, groups: int) -> list[str | int] | None:
    r"""Parts of a replacement: text, and numbers of groups for `$1`; None where XPath has an error.

    `\$` and `\\` stand for themselves. A number takes as many digits as there are groups for.
    """
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        at += 1
        if character == "\\":
            if replacement[at : at + 1] not in ("\\", "$"):
                return None
            parts.append(replacement[at])
            at += 1
        elif character == "$":
            end = at
            while replacement[end : end + 1].isdigit() and (end == at or int(replacement[at : end + 1]) <= groups):
                end += 1
            if end == at:
                return None
            parts.append(int(replacement[at:end]))
            at = end
        else:
            parts.append(character)
    return parts


def _without_space(pattern: str) -> str:
    """Flag x: white space outside brackets does not count."""
    kept, depth, escaped = [], 0, False
    for character in pattern:
        if not escaped and character in "[]":
            depth += 1 if character == "[" else -1
        if depth or not character.isspace():
            kept.append(character)
        escaped = character == "\\" and not escaped
    return "".join(kept)


class _Rewriter:
    """One pass over a pattern. `rewrite` gives None for what XPath does not allow."""

    def __init__(self, pattern: str, *, flags: str) -> None:
        self._pattern = pattern
        self._multiline = "m" in flags
        self._dot_all = "s" in flags
        self._at = 0
        self._open: list[int] = []
        self._closed: set[int] = set()
        self._groups = 0
        # Atoms written out so far in each open group, and in the last atom alone.
        self._weights = [0]
        self._last = 0

    def rewrite(self) -> str | None:
        out: list[str] = []
        while self._at < len(self._pattern):
            part = self._next()
            if part is None:
                return None
            out.append(part)
        return None if self._open else "".join(out)

    def _next(self) -> str | None:
        character = self._take()
        if character == "{":
            return self._count()
        if character in "?*+":
            # `regex` reads `a++` as possessive; XPath has no such quantifier.
            return None if self._pattern.startswith("+", self._at) else character
        if character == ")":
            return self._close()
        if character == "(":
            return self._group()
        self._weigh(1)
        if character == "\\":
            return self._escape(in_class=False)
        if character == "[":
            return self._class()
        if character == "^":
            return r"(?:^|(?<=\n)(?!\Z))" if self._multiline else "^"
        if character == "$":
            return r"(?:\Z|(?=\n))" if self._multiline else r"\Z"
        if character == "." and not self._dot_all:
            return r"[^\n\r]"
        if character in "]}":
            return None
        return regex.escape(character) if character in "#&~ " else character

    def _weigh(self, weight: int) -> None:
        self._last = weight
        self._weights[-1] += weight

    def _take(self) -> str:
        character = self._pattern[self._at]
        self._at += 1
        return character

    def _group(self) -> str | None:
        self._weights.append(0)
        if self._pattern.startswith("?:", self._at):
            self._at += 2
            self._open.append(0)
            return "(?:"
        if self._pattern.startswith(("?", "*"), self._at):
            return None
        self._groups += 1
        self._open.append(self._groups)
        return "("

    def _close(self) -> str | None:
        if not self._open:
            return None
        self._closed.add(self._open.pop())
        self._weigh(self._weights.pop() + 1)
        return ")"

    def _count(self) -> str | None:
        end = self._pattern.find("}", self._at)
        text = self._pattern[self._at : end] if end > 0 else ""
        low, comma, high = text.partition(",")
        if not (low.isdigit() and (not high or high.isdigit())) or len(text) > 12:
            return None
        more = self._last * max(int(low), int(high or 0))
        self._last += more
        self._weights[-1] += more
        if sum(self._weights) > _MAX_REPEATED:
            return None
        self._at = end + 1
        if self._pattern.startswith("+", self._at):
            return None
        return "{" + low + comma + high + "}"

    def _escape(self, *, in_class: bool) -> str | None:
        if self._at >= len(self._pattern):
            return None
        character = self._take()
        if character in "pP":
            end = self._pattern.find("}", self._at)
            if self._pattern[self._at : self._at + 1] != "{" or end < 0:
                return None
            # Blocks: XML Schema writes IsGreek, `regex` InGreek.
            name = regex.sub("^Is", "In", self._pattern[self._at + 1 : end])
            self._at = end + 1
            # Flag i leaves categories alone (7.6.1.1); inside brackets `regex` cannot say so.
            category = f"\\{character}{{{name}}}"
            return category if in_class else f"(?-i:{category})"
        if character in "iIcC":
            inside = _NAME_START if character in "iI" else _NAME_PART
            return f"[{'^' if character.isupper() else ''}{inside}]"
        if character in _CLASSES:
            return _CLASSES[character]
        if character.isdigit() and not in_class:
            return self._back_reference(character)
        return f"\\{character}" if character in _SAME_ESCAPES else None

    def _back_reference(self, digit: str) -> str | None:
        number = int(digit)
        while self._pattern[self._at : self._at + 1].isdigit() and number * 10 <= self._groups:
            number = number * 10 + int(self._take())
        return f"(?:\\{number})" if number in self._closed else None

    def _class(self) -> str | None:
        out = ["["]
        if self._pattern.startswith("^", self._at):
            self._at += 1
            out.append("^")
        first = True
        while self._at < len(self._pattern):
            character = self._take()
            if character == "]":
                return None if first else "".join([*out, "]"])
            if character == "-" and self._pattern.startswith("[", self._at) and not first:
                self._at += 1
                inner = self._class()
                if inner is None or self._pattern[self._at : self._at + 1] != "]":
                    return None
                self._at += 1
                return "".join([*out, "--", inner, "]"])
            if character == "[":
                return None
            part = self._escape(in_class=True) if character == "\\" else self._in_class(character)
            if part is None:
                return None
            out.append(part)
            first = False
        return None

    @staticmethod
    def _in_class(character: str) -> str:
        """Single set operators of `regex` are doubled characters, so these are escaped."""
        return f"\\{character}" if character in "&|~#^" else character

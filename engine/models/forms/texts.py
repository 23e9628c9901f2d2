"""Rules for texts: Unicode form, forbidden characters, length, pattern, e-mail, telephone."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any, Final

import regex

from engine.models.forms.component import Component
from engine.models.forms.problems import Refused

MAX_TEXT_BYTES: Final = 64 * 1024
MAX_PATTERN: Final = 1_000
PATTERN_SECONDS: Final = 0.2

_EMAIL: Final = regex.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_PHONE: Final = regex.compile(r"\+?[\d(][\d \-().]{3,28}\d(?: ?(?:ext\.?|x|转|-) ?\d{1,6})?", regex.ASCII)
_LINE_ENDS: Final = regex.compile(r"\r\n?")


def check_text(component: Component, value: object) -> str:
    """The text, NFC and with plain line ends.

    Raises:
        Refused: with the first rule it breaks.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("not_text")
    text = clean(value)
    if not text:
        return ""
    length = len(text)
    if component.min_length is not None and length < component.min_length:
        raise Refused("too_short", limit=component.min_length, actual=length)
    if component.max_length is not None and length > component.max_length:
        raise Refused("too_long", limit=component.max_length, actual=length)
    _check_kind(component, text)
    return text


def clean(value: str) -> str:
    """A text as it is stored.

    Raises:
        Refused: NUL and other control characters, lone surrogates, more than 64 KB.
    """
    if len(value) > MAX_TEXT_BYTES:
        raise Refused("too_large", limit=MAX_TEXT_BYTES // 1024)
    text: str = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", value))
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text if c < " " or c > "~"):
        raise Refused("control_character")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise Refused("too_large", limit=MAX_TEXT_BYTES // 1024)
    return text


def _check_kind(component: Component, text: str) -> None:
    if component.validation_type == "email" and not _EMAIL.fullmatch(text):
        raise Refused("not_an_email")
    if component.validation_type == "phone" and not _PHONE.fullmatch(text):
        raise Refused("not_a_phone")
    if component.pattern:
        try:
            found = compile_pattern(component.pattern).search(text, timeout=PATTERN_SECONDS)
        except TimeoutError:
            raise Refused("pattern_timeout") from None
        if not found:
            raise Refused("pattern")


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Any:
    """A JavaScript pattern, compiled; like there it may match anywhere, and '$' is the very end.

    Raises:
        regex.error: it is not a regular expression.
    """
    return regex.compile(_with_javascript_end(pattern), regex.ASCII | regex.V0)


def _with_javascript_end(pattern: str) -> str:
    # Python's '$' also matches before a final line end, which would let one through.
    out: list[str] = []
    in_class = escaped = False
    for char in pattern:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "$":
            char = r"\Z"
        out.append(char)
    return "".join(out)

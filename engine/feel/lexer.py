"""Characters to tokens (DMN 1.5, 10.3.1.2, rules 25 to 37 and 61 to 65).

Words are single name parts; putting words together to names is the parser's work, because
only the scope tells where a name such as `申请 金额` or `profit and loss` ends.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.feel.budget import MAX_SOURCE
from engine.feel.errors import FeelError

__all__ = ["NAME_SYMBOLS", "Token", "is_word", "tokenize"]

NAME_SYMBOLS = frozenset(["+", "-", "*", "/", "'", "’", ".", "**"])
"""Symbols that may stand inside a name (rule 30); `**` is how `a**b` comes out of the lexer."""

_SPACE = r"\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
# Rule 28 with the white space of rule 61 cut out of its ranges.
_START = (
    r"?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff"
    r"\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
    r"\U00010000-\U000effff"
)
_PART = _START + r"0-9\u00b7\u0300-\u036f\u203f\u2040"
_TOKEN = re.compile(
    rf"""(?P<space>[{_SPACE}]+|//[^\n\r]*|/\*.*?\*/)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    |(?P<word>[{_START}][{_PART}]*)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<quoted>`[^`]+`)
    |(?P<op>\*\*|\.\.|<=|>=|!=|->|/(?!\*)|[-+*=<>()\[\]{{}},:.@'’])""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(rf"[{_START}][{_PART}]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Args:
        kind: 'number', 'word', 'string', 'quoted' (a name in backticks), 'op' or 'end'.
        text: as written, NFC for words; for strings and quoted names the value.
        pos: 0-based index of the first character in the source.
    """

    kind: str
    text: str
    pos: int


def tokenize(source: str) -> list[Token]:
    """Split an expression into tokens, ending with one of kind 'end'.

    Raises:
        FeelError: a character or an escape that FEEL does not know, a string without its end,
            or more than `MAX_SOURCE` characters.
    """
    if len(source) > MAX_SOURCE:
        raise FeelError(f"Expected at most {MAX_SOURCE} characters, but the expression has {len(source)}")
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise FeelError(_unreadable(source, at), source=source, position=at)
        kind, text = str(match.lastgroup), match.group()
        if kind == "string":
            tokens.append(Token(kind, _unescape(text[1:-1], source, at), at))
        elif kind == "quoted":
            tokens.append(Token(kind, unicodedata.normalize("NFC", text[1:-1]), at))
        elif kind == "word":
            tokens.append(Token(kind, unicodedata.normalize("NFC", text), at))
        elif kind != "space":
            tokens.append(Token(kind, text, at))
        at = match.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


def is_word(text: str) -> bool:
    """Whether the text is a single name part that may start a name."""
    return _WORD.fullmatch(text) is not None


def _unescape(text: str, source: str, at: int) -> str:
    """The value of a string literal; an escape FEEL does not know keeps its backslash, as in `"\\d+"`."""
    if "\\" in text:
        text = _SURROGATES.sub(_join_surrogates, _ESCAPE.sub(_replace_escape, text))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise FeelError("Expected whole characters, but half a surrogate pair stands alone", source=source, position=at)
    return text


def _replace_escape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code is None:
        return _SIMPLE_ESCAPES.get(match.group(3), match.group())
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else match.group()


def _join_surrogates(match: re.Match[str]) -> str:
    return match.group().encode("utf-16", "surrogatepass").decode("utf-16")


def _unreadable(source: str, at: int) -> str:
    character = source[at]
    if character == '"':
        return 'Expected a closing " but the text ends'
    if source.startswith("/*", at):
        return "Expected */ but the text ends"
    if character in "!&|%":
        return f"Expected FEEL, but {character!r} is not part of it; write not(…), and, or, modulo(…)"
    return f"Expected FEEL, but {character!r} is not part of it"

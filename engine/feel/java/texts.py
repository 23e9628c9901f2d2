"""`java.lang.String`, `Character` and `Boolean`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from engine.feel.java.formatting import format_text, object_text
from engine.feel.java.methods import declare
from engine.feel.java.numbers import double_text
from engine.feel.java.types import JavaError
from engine.feel.runtime import Run

_SPACES: Final = frozenset("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f")
_NO_BREAK: Final = frozenset("\u00a0\u2007\u202f")


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _object(run: Run, value: object) -> str:
    return object_text(value, run.grow)


def _join(run: Run, delimiter: str | None, items: list[object]) -> str:
    if delimiter is None:
        raise JavaError("Expected a text between the parts, but it is null")
    texts = [_object(run, item) for item in items]
    run.grow(sum(map(len, texts)) + len(delimiter) * len(texts))
    return delimiter.join(texts)


def _join_list(run: Run, delimiter: str | None, items: list[object]) -> str:
    if not all(item is None or isinstance(item, str) for item in items):
        raise JavaError("Expected a list of texts")
    return _join(run, delimiter, items)


declare(
    "java.lang.String",
    {
        "String valueOf(boolean)": _truth,
        "String valueOf(char)": lambda value: value,
        "String valueOf(int)": str,
        "String valueOf(long)": str,
        "String valueOf(float)": lambda value: double_text(value, single=True),
        "String valueOf(double)": double_text,
        "String valueOf(char[])": "".join,
        "String copyValueOf(char[])": "".join,
    },
)
declare(
    "java.lang.String",
    {
        "String valueOf(Object)": _object,
        "String format(String, Object[])": format_text,
        "String join(CharSequence, CharSequence[])": _join,
        "String join(CharSequence, Iterable)": _join_list,
    },
    charged=True,
)


def _parse(text: str | None) -> bool:
    return text is not None and text.lower() == "true"


declare(
    "java.lang.Boolean",
    {
        "boolean parseBoolean(String)": _parse,
        "Boolean valueOf(String)": _parse,
        "Boolean valueOf(boolean)": lambda value: value,
        "String toString(boolean)": _truth,
        "boolean logicalAnd(boolean, boolean)": lambda left, right: left and right,
        "boolean logicalOr(boolean, boolean)": lambda left, right: left or right,
        "boolean logicalXor(boolean, boolean)": lambda left, right: left is not right,
        "int compare(boolean, boolean)": lambda left, right: left - right,
        "int hashCode(boolean)": lambda value: 1231 if value else 1237,
    },
)


def _is_whitespace(character: str) -> bool:
    return character in _SPACES or (unicodedata.category(character)[0] == "Z" and character not in _NO_BREAK)


def _in_categories(*categories: str) -> Callable[[str], bool]:
    return lambda character: unicodedata.category(character) in categories


def _one(changed: str, character: str) -> str:
    """Java changes a character to one character or not at all."""
    return changed if len(changed) == 1 else character


def _digit(character: str, radix: int) -> int:
    value = _numeric(character)
    return value if 2 <= radix <= 36 and 0 <= value < radix else -1


def _numeric(character: str) -> int:
    """0 to 9 of any script, 10 to 35 for letters of half or full width; -1 for others, -2 for fractions."""
    plain = unicodedata.normalize("NFKC", character).lower()
    if len(plain) == 1 and "a" <= plain <= "z" and character.lower() in (plain, chr(ord(plain) + 0xFEE0)):
        return ord(plain) - ord("a") + 10
    if unicodedata.category(character) == "Lo":
        return -1
    value = unicodedata.numeric(character, -1)
    return int(value) if value == int(value) else -2


def _for_digit(digit: int, radix: int) -> str:
    if 2 <= radix <= 36 and 0 <= digit < radix:
        return "0123456789abcdefghijklmnopqrstuvwxyz"[digit]
    return "\0"


def _code_point(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise JavaError(f"Expected a code point of Unicode, but found {code}")
    return chr(code)


_LETTERS: Final = ("Lu", "Ll", "Lt", "Lm", "Lo")
_TESTS: Final[dict[str, Callable[[str], bool]]] = {
    "isDigit": _in_categories("Nd"),
    "isLetter": _in_categories(*_LETTERS),
    "isLetterOrDigit": _in_categories(*_LETTERS, "Nd"),
    "isUpperCase": str.isupper,
    "isLowerCase": str.islower,
    "isTitleCase": _in_categories("Lt"),
    "isWhitespace": _is_whitespace,
    "isSpaceChar": _in_categories("Zs", "Zl", "Zp"),
    "isISOControl": lambda character: character < " " or "\x7f" <= character <= "\x9f",
}
declare(
    "java.lang.Character",
    {
        **{f"boolean {name}(char)": test for name, test in _TESTS.items()},
        **{f"boolean {name}(int)": lambda code, test=test: test(_code_point(code)) for name, test in _TESTS.items()},
        "boolean isAlphabetic(int)": lambda code: unicodedata.category(_code_point(code)) in (*_LETTERS, "Nl"),
        "boolean isValidCodePoint(int)": lambda code: 0 <= code <= 0x10FFFF,
        "int charCount(int)": lambda code: 2 if code >= 0x10000 else 1,
        "char toUpperCase(char)": lambda character: _one(character.upper(), character),
        "char toLowerCase(char)": lambda character: _one(character.lower(), character),
        "int toUpperCase(int)": lambda code: ord(_one(chr(code).upper(), _code_point(code))),
        "int toLowerCase(int)": lambda code: ord(_one(chr(code).lower(), _code_point(code))),
        "int getNumericValue(char)": _numeric,
        "int getNumericValue(int)": lambda code: _numeric(_code_point(code)),
        "int digit(char, int)": _digit,
        "int digit(int, int)": lambda code, radix: _digit(_code_point(code), radix),
        "char forDigit(int, int)": _for_digit,
        "Character valueOf(char)": lambda character: character,
        "String toString(char)": lambda character: character,
        "String toString(int)": _code_point,
        "String getName(int)": lambda code: unicodedata.name(_code_point(code)),
        "int compare(char, char)": lambda left, right: ord(left) - ord(right),
        "int hashCode(char)": ord,
    },
)

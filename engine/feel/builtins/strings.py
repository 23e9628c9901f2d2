"""String functions without patterns (DMN 1.5, 10.3.4.3). Positions count characters (code points) from 1."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.numbers import Number
from engine.feel.runtime import Run

_CHARACTERS_A_STEP = 1000


@builtin("substring", "string: string", "start position: number", "length?: number")
def _substring(run: Run, text: str, start: Number, length: Number | None) -> str | None:
    first = int(start)
    if not first or abs(first) > len(text):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    run.grow(len(text) - begin)
    if length is None:
        return text[begin:]
    wanted = int(length)
    return text[begin : begin + wanted] if wanted >= 1 else None


@builtin("string length", "string: string")
def _string_length(run: Run, text: str) -> int:
    return len(text)


@builtin("upper case", "string: string")
def _upper_case(run: Run, text: str) -> str:
    run.grow(len(text))
    return text.upper()


@builtin("lower case", "string: string")
def _lower_case(run: Run, text: str) -> str:
    run.grow(len(text))
    return text.lower()


@builtin("substring before", "string: string", "match: string")
def _substring_before(run: Run, text: str, match: str) -> str:
    run.grow(len(text))
    return text[: text.index(match)] if match in text else ""


@builtin("substring after", "string: string", "match: string")
def _substring_after(run: Run, text: str, match: str) -> str:
    run.grow(len(text))
    return text[text.index(match) + len(match) :] if match in text else ""


@builtin("contains", "string: string", "match: string")
def _contains(run: Run, text: str, match: str) -> bool:
    run.step(len(text) // _CHARACTERS_A_STEP)
    return match in text


@builtin("starts with", "string: string", "match: string")
def _starts_with(run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string", "match: string")
def _ends_with(run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("string join", "list: list", "delimiter?: string")
def _string_join(run: Run, items: list[object], delimiter: str | None) -> str | None:
    run.step(len(items))
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        return None
    separator = delimiter or ""
    run.grow(sum(len(item) + len(separator) for item in texts))  # type: ignore[arg-type,misc]
    return separator.join(texts)  # type: ignore[arg-type]

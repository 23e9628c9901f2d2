"""String functions with regular expressions: matches, replace, split (DMN 1.5, 10.3.4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.runtime import Run
from engine.feel.xpath_regex import compile_pattern, expand_replacement, timed


@builtin("matches", "input: string", "pattern: string", "flags?: string")
def _matches(run: Run, text: str, pattern: str, flags: str | None) -> bool | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        return None
    return timed(run, text, lambda seconds: compiled.search(text, timeout=seconds) is not None)


@builtin("replace", "input: string", "pattern: string", "replacement: string", "flags?: string")
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None) -> str | None:
    compiled = compile_pattern(pattern, flags or "")
    # XPath: a pattern that matches the empty string is an error.
    if compiled is None or compiled.search("") is not None:
        return None
    parts = [replacement] if "q" in (flags or "") else expand_replacement(replacement, compiled.groups)
    if parts is None:
        return None

    def substitute(match: Any) -> str:
        groups = [match.group(), *match.groups()]
        piece = "".join(
            part if isinstance(part, str) else (groups[part] or "") if part < len(groups) else "" for part in parts
        )
        run.grow(len(piece))
        return piece

    run.grow(len(text))
    return timed(run, text, lambda seconds: str(compiled.sub(substitute, text, timeout=seconds)))


@builtin("split", "string: string", "delimiter: string")
def _split(run: Run, text: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter)
    if compiled is None or compiled.search("") is not None:
        return None
    run.grow(len(text))
    return timed(run, text, lambda seconds: _pieces(compiled.finditer(text, timeout=seconds), text))


def _pieces(matches: Iterable[Any], text: str) -> list[str]:
    pieces, end = [], 0
    for match in matches:
        pieces.append(text[end : match.start()])
        end = match.end()
    return [*pieces, text[end:]]


@builtin("extract", "string: string", "pattern: string")
def _extract(run: Run, text: str, pattern: str) -> list[str] | None:
    """Camunda's extension: every part of the text that matches."""
    compiled = compile_pattern(pattern)
    if compiled is None:
        return None
    run.grow(len(text))
    return timed(run, text, lambda seconds: [match.group() for match in compiled.finditer(text, timeout=seconds)])

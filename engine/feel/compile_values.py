"""Compiling what makes values: literals, names, lists, contexts, ranges."""

from __future__ import annotations

import unicodedata

from engine.feel import ast
from engine.feel.builtins import BUILTINS
from engine.feel.comparison import less_or_equal
from engine.feel.compiler import Compiler, Handler
from engine.feel.numbers import INT_LIMIT
from engine.feel.runtime import Code, Frame
from engine.feel.temporal_text import parse_temporal
from engine.feel.values import Range, kind_of

__all__ = ["HANDLERS", "make_range", "read_name"]

_MISSING = object()


def _literal(node: ast.Literal, compiler: Compiler) -> Code:
    value = node.value
    return lambda frame: value


def _at_literal(node: ast.AtLiteral, compiler: Compiler) -> Code:
    value = parse_temporal(node.text)
    if value is not None:
        return lambda frame: value
    reason = f'Expected a date, time, date and time or duration, but found @"{node.text}"'

    def unreadable(frame: Frame) -> None:
        frame.run.null(reason)

    return unreadable


def _name(node: ast.Name, compiler: Compiler) -> Code:
    name = node.name

    def read(frame: Frame) -> object:
        inner = frame
        while True:
            parent = inner.parent
            value = inner.names.get(name, _MISSING)
            if value is not _MISSING:
                break
            if parent is None:
                return _unknown(frame, name)
            inner = parent
        kind = type(value)
        if parent is not None or kind is str or kind is bool or value is None:
            return value
        if kind is int and -INT_LIMIT < value < INT_LIMIT:  # type: ignore[operator]
            return value
        return frame.run.to_feel(value)

    return read


def read_name(frame: Frame, name: str) -> object:
    """The value of a variable as the caller gave it, not yet converted."""
    inner: Frame | None = frame
    while inner is not None:
        value = inner.names.get(name, _MISSING)
        if value is not _MISSING:
            return value
        inner = inner.parent
    return _unknown(frame, name)


def _unknown(frame: Frame, name: str) -> object:
    """A function by its name, else null."""
    given = frame.run.host_function(name)
    if given is not None:
        return given
    if name in BUILTINS:
        return BUILTINS[name].value()
    frame.run.null(f"There is no variable {name!r} in scope{_hint(name)}")
    return None


def _hint(name: str) -> str:
    """Full-width punctuation, typed with a Chinese keyboard, is part of a name by the standard."""
    wide = [character for character in name if unicodedata.east_asian_width(character) == "F"]
    plain = unicodedata.normalize("NFKC", "".join(wide))
    return f"; it holds the full-width {''.join(wide)!r}, did you mean {plain!r}?" if wide else ""


def _list(node: ast.ListLiteral, compiler: Compiler) -> Code:
    items = compiler.codes(node.items)

    def build(frame: Frame) -> list[object]:
        frame.run.grow(len(items))
        return [item(frame) for item in items]

    return build


def _context(node: ast.ContextLiteral, compiler: Compiler) -> Code:
    entries = [(key, compiler.code(value)) for key, value in node.entries]
    if len(dict(entries)) < len(entries):
        return _repeated([key for key, _ in entries])

    def build(frame: Frame) -> dict[str, object]:
        frame.run.grow(len(entries))
        made: dict[str, object] = {}
        # Each entry sees those before it; functions see all, so that they can call themselves.
        inner = Frame(made, frame, frame.run)
        for key, value in entries:
            made[key] = value(inner)
        return made

    return build


def _repeated(keys: list[str]) -> Code:
    """A context whose keys are not all different has no value (10.3.2.6)."""
    twice = next(key for at, key in enumerate(keys) if key in keys[:at])

    def refuse(frame: Frame) -> None:
        frame.run.null(f"Expected each key of the context once, but {twice!r} comes twice")

    return refuse


def _interval(node: ast.Interval, compiler: Compiler) -> Code:
    start, end = compiler.code(node.start), compiler.code(node.end)

    def build(frame: Frame) -> Range | None:
        low, high = start(frame), end(frame)
        made = make_range(low, high, node.start_included, node.end_included)
        if made is None:
            frame.run.null(f"Expected ends in order and of one kind, but found {kind_of(low)} .. {kind_of(high)}")
        return made

    return build


def make_range(start: object, end: object, start_included: bool, end_included: bool) -> Range | None:
    """A range; None unless both ends are of one ordered kind and `start <= end` (10.3.2.7), or one is null."""
    if (start is None) != (end is None):
        known = end if start is None else start
        if less_or_equal(known, known) is None:
            return None
        return Range(
            start=start,
            end=end,
            start_included=start_included and start is not None,
            end_included=end_included and end is not None,
            form="null",
        )
    if less_or_equal(start, end) is not True:
        return None
    return Range(start=start, end=end, start_included=start_included, end_included=end_included)


def _unary_comparison(node: ast.UnaryComparison, compiler: Compiler) -> Code:
    operand, op = compiler.code(node.operand), node.op

    def build(frame: Frame) -> Range | None:
        value = operand(frame)
        if value is None:
            frame.run.null(f"Expected a value after {op}, but it is null")
            return None
        lower, upper = op in (">", ">="), op in ("<", "<=")
        return Range(
            start=None if upper else value,
            end=None if lower else value,
            start_included=op in (">=", "="),
            end_included=op in ("<=", "="),
            form=op if op in ("=", "!=") else "",
        )

    return build


HANDLERS: dict[type[ast.Node], Handler] = {
    ast.Literal: _literal,
    ast.AtLiteral: _at_literal,
    ast.Name: _name,
    ast.ListLiteral: _list,
    ast.ContextLiteral: _context,
    ast.Interval: _interval,
    ast.UnaryComparison: _unary_comparison,
}

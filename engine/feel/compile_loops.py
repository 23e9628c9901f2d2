"""Compiling iteration: for, some, every (DMN 1.5, 10.3.2.14 and Table 49)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.feel import ast
from engine.feel.compiler import Compiler, Handler
from engine.feel.free_names import escapes, mentions
from engine.feel.numbers import whole
from engine.feel.runtime import Code, Frame
from engine.feel.temporal import FeelDate
from engine.feel.values import Range, kind_of

__all__ = ["HANDLERS"]

PARTIAL = "partial"

_Loop = tuple[str, Code, Code | None]


class _NoDomain(Exception):
    """An iteration context is null, or a range that cannot be counted through."""


def _for(node: ast.For, compiler: Compiler) -> Code:
    loops, body = _loops(node.iterators, compiler), compiler.code(node.body)
    uses_partial = mentions(node.body, PARTIAL)
    # A body that only looks into `partial` may see the list itself; one that keeps it needs a copy each time.
    keeps_partial = escapes(node.body, PARTIAL)

    def iterate(frame: Frame) -> list[object] | None:
        run, results = frame.run, list[object]()
        try:
            for scope in _scopes(loops, frame):
                if keeps_partial:
                    run.grow(len(results))
                if uses_partial:
                    scope = Frame({PARTIAL: results[:] if keeps_partial else results}, scope, run)
                results.append(body(scope))
                run.grow(1)
        except _NoDomain:
            return None
        return results

    return iterate


def _quantified(node: ast.Quantified, compiler: Compiler) -> Code:
    loops, condition = _loops(node.iterators, compiler), compiler.code(node.condition)
    # `some` ends with the first true, `every` with the first false.
    decisive = node.kind == "some"

    def decide(frame: Frame) -> bool | None:
        result: bool | None = not decisive
        try:
            for scope in _scopes(loops, frame):
                value = condition(scope)
                if value is decisive:
                    return decisive
                if value is not True and value is not False:
                    result = None
        except _NoDomain:
            return None
        return result

    return decide


def _loops(iterators: tuple[ast.Iterator, ...], compiler: Compiler) -> tuple[_Loop, ...]:
    return tuple(
        (one.name, compiler.code(one.source), None if one.end is None else compiler.code(one.end)) for one in iterators
    )


def _scopes(loops: Sequence[_Loop], frame: Frame) -> Iterator[Frame]:
    """One scope for each combination, the last iterator fastest; later iterators see earlier variables."""
    (name, source, end), rest = loops[0], loops[1:]
    for value in _domain(frame, source, end):
        frame.run.step()
        scope = Frame({name: value}, frame, frame.run)
        if rest:
            yield from _scopes(rest, scope)
        else:
            yield scope


def _domain(frame: Frame, source: Code, end: Code | None) -> Iterable[object]:
    """What an iterator runs over: a list, or whole numbers or days from one end to the other."""
    first = source(frame)
    if isinstance(first, list):
        return first
    found: Iterable[object] | None = None
    kinds = kind_of(first)
    if end is not None:
        last = end(frame)
        kinds = f"{kinds} .. {kind_of(last)}"
        found = _count(first, last)
    elif isinstance(first, Range):
        kinds = f"a range from {kind_of(first.start)} to {kind_of(first.end)}"
        found = _count(first.start, first.end, int(not first.start_included), int(not first.end_included))
    elif first is not None:
        found = [first]
    if found is None:
        frame.run.null(f"Expected a list, or a range of whole numbers or dates, to iterate over, but found {kinds}")
        raise _NoDomain
    return found


def _count(first: object, last: object, skip_first: int = 0, skip_last: int = 0) -> Iterable[object] | None:
    if isinstance(first, FeelDate) and isinstance(last, FeelDate):
        return map(FeelDate.from_days, _steps(first.days + skip_first, last.days - skip_last))
    start, stop = whole(first), whole(last)
    if start is None or stop is None:
        return None
    if skip_first or skip_last:
        return range(start + skip_first, stop - skip_last + 1)
    return _steps(start, stop)


def _steps(start: int, stop: int) -> range:
    return range(start, stop + 1) if start <= stop else range(start, stop - 1, -1)


HANDLERS: dict[type[ast.Node], Handler] = {ast.For: _for, ast.Quantified: _quantified}

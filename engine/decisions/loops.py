"""Boxed filters and iterations (DMN 1.4 and later). Conditions are true, false or null; anything else is an error."""

from __future__ import annotations

from engine.decisions.kinds import Kind, coerce
from engine.feel.compiler import Compiler
from engine.feel.parser import parse_expression
from engine.feel.runtime import Code, Frame
from engine.feel.values import kind_of

__all__ = ["collecting", "deciding", "filtering"]

_items = Compiler().code(parse_expression("for item in source return item"))


def _domain(frame: Frame, source: Code) -> list[object] | None:
    """What an iteration runs over: a list, or whole numbers or days of a range; None where FEEL has null."""
    value = source(frame)
    if isinstance(value, list):
        return value
    found = _items(Frame({"source": value}, frame, frame.run))
    return found if isinstance(found, list) else None


def collecting(name: str, kind: Kind, source: Code, body: Code, *, uses_partial: bool) -> Code:
    """`for name in source return body`; `partial` is the list so far, copied only where it is read."""

    def iterate(frame: Frame) -> object:
        items = _domain(frame, source)
        if items is None:
            return None
        run = frame.run
        results: list[object] = []
        for item in items:
            run.step()
            value = coerce(item, kind, run, f"{name!r}")
            scope: dict[str, object] = {name: value}
            if uses_partial:
                run.grow(len(results))
                scope["partial"] = results[:]
            results.append(body(Frame(scope, frame, run)))
            run.grow(1)
        return results

    return iterate


def deciding(quantifier: str, name: str, kind: Kind, source: Code, body: Code) -> Code:
    """`some` or `every`: the first value that decides ends it."""
    decisive = quantifier == "some"

    def decide(frame: Frame) -> object:
        items = _domain(frame, source)
        if items is None:
            return None
        result: bool | None = not decisive
        for item in items:
            frame.run.step()
            value = body(Frame({name: coerce(item, kind, frame.run, f"{name!r}")}, frame, frame.run))
            if value is decisive:
                return decisive
            if value is None:
                result = None
            elif not isinstance(value, bool):
                frame.run.null(f"Expected true or false after satisfies, but found {kind_of(value)}")
                return None
        return result

    return decide


def filtering(source: Code, match: Code) -> Code:
    """The items that match; inside, `item` and the entries of an item that is a context are in scope."""

    def select(frame: Frame) -> object:
        value = source(frame)
        run = frame.run
        if value is None:
            run.null("Expected a list to filter, but it is null")
            return None
        kept: list[object] = []
        for item in value if isinstance(value, list) else [value]:
            run.step()
            scope = Frame({"item": item}, frame, run)
            matched = match(Frame(item, scope, run) if isinstance(item, dict) else scope)
            if matched is not None and not isinstance(matched, bool):
                run.null(f"Expected a match that is true or false, but found {kind_of(matched)}")
                return None
            if matched is True:
                kept.append(item)
        run.grow(len(kept))
        return kept

    return select

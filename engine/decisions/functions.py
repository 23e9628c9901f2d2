"""Functions that a model defines: boxed, business knowledge models and decision services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.decisions.kinds import Kind, bind, coerce
from engine.feel.runtime import Run
from engine.feel.values import FeelFunction

__all__ = ["Parameter", "make_function"]

Parameter = tuple[str, Kind]


def make_function(
    name: str,
    parameters: Sequence[Parameter],
    body: Callable[[Run, dict[str, object]], object],
    result: Kind,
    *,
    all_needed: bool = False,
) -> FeelFunction:
    """A function as a FEEL value.

    Arguments are converted to the parameters' types; where one does not conform the function is not called and
    the call is null (10.3.2.13.2). The result is coerced to `result`.

    Args:
        body: takes the evaluation and the arguments by name.
        all_needed: whether a call by names must give every argument; else those left out are null.
    """
    names = tuple(parameter for parameter, _ in parameters)
    shown = f"{name}({', '.join(names)})"

    def invoke(run: Run, given: Mapping[str, object]) -> object:
        bound = bind(given, parameters, run, shown)
        if bound is None:
            return None
        run.enter()
        try:
            value = body(run, bound)
        finally:
            run.leave()
        return coerce(value, result, run, f"the value of {shown}")

    def call(run: Run, arguments: Sequence[object]) -> object:
        if len(arguments) != len(names):
            run.null(f"Expected {len(names)} arguments for {shown}, but found {len(arguments)}")
            return None
        return invoke(run, dict(zip(names, arguments, strict=True)))

    def call_named(run: Run, arguments: Mapping[str, object]) -> object:
        unknown = [given for given in arguments if given not in names]
        missing = [needed for needed in names if needed not in arguments] if all_needed else []
        if unknown or missing:
            run.null(f"Expected arguments named as in {shown}, but found {', '.join(arguments) or 'none'}")
            return None
        return invoke(run, arguments)

    return FeelFunction(name=name, parameters=names, call=call, call_named=call_named)

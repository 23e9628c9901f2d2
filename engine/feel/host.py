"""Functions of the host, as FEEL values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.contracts.errors import CiviflowError
from engine.feel.errors import FeelError
from engine.feel.values import FeelFunction

if TYPE_CHECKING:
    from engine.feel.runtime import Run

__all__ = ["host_function"]


def host_function(name: str, function: Callable[..., object]) -> FeelFunction:
    """A function of the host as a FEEL value; it is given FEEL values and may return plain data.

    Arguments that its signature does not take give null, as for any function. An exception other
    than Civiflow's own becomes a `FeelError` that names the function.
    """
    signature = _signature(function)

    def invoke(run: Run, positional: Sequence[object], named: Mapping[str, object]) -> object:
        run.step()
        try:
            if signature is not None:
                signature.bind(*positional, **named)
        except TypeError as problem:
            run.null(f"Expected arguments that fit {name}{signature}, but found: {problem}")
            return None
        try:
            return run.to_feel(function(*positional, **named))
        except CiviflowError:
            raise
        except Exception as problem:
            raise FeelError(f"Expected {name}(…) to give a value, but it failed: {problem}") from problem

    return FeelFunction(
        name=name,
        parameters=tuple(signature.parameters) if signature else (),
        call=lambda run, arguments: invoke(run, arguments, {}),
        call_named=lambda run, arguments: invoke(run, (), arguments),
    )


def _signature(function: Callable[..., object]) -> inspect.Signature | None:
    """What the function takes; None for functions written in C that do not tell."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None

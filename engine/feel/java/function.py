"""A Java method as a FEEL function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import DecimalException

from engine.feel.java.methods import METHODS, Method, find_method
from engine.feel.java.types import JavaError, from_java, to_java
from engine.feel.runtime import Run
from engine.feel.values import FeelFunction

__all__ = ["external_function", "refusal"]

_SHAPE = "a Java function as {java: {class: …, method signature: …}}"
_WAY_OUT = "write the function in FEEL, or use a static method of java.lang that is in the list of docs/feel.md"


def external_function(name: str, parameters: Sequence[str], mapping: object) -> FeelFunction:
    """The function that an external definition stands for.

    Args:
        name: for messages; '' for none.
        parameters: names of the formal parameters.
        mapping: the value after `external`: `{java: {class: …, method signature: …}}`, or what is in the place
            of it.

    Returns:
        A function; where the mapping leads nowhere, every call of it gives null and is refused by name.
    """
    names = tuple(parameters)
    method = _method(mapping)

    def call(run: Run, arguments: Sequence[object]) -> object:
        if isinstance(method, str):
            run.refuse(method if not name else f"Function {name}: {method}")
            return None
        if len(arguments) != len(names):
            run.null(f"Expected {len(names)} arguments ({', '.join(names)}), but found {len(arguments)}")
            return None
        return _call(run, method, arguments)

    def call_named(run: Run, arguments: Mapping[str, object]) -> object:
        unknown = arguments.keys() - set(names)
        if unknown and not isinstance(method, str):
            run.null(f"Expected arguments named {', '.join(names)}, but found {', '.join(sorted(unknown))}")
            return None
        return call(run, [arguments.get(one) for one in names])

    return FeelFunction(name=name, parameters=names, call=call, call_named=call_named)


def refusal(mapping: object) -> str:
    """Why the function that an external definition stands for is not run, without the way out; '' if it is."""
    method = _method(mapping)
    return method.removesuffix(f"; {_WAY_OUT}") if isinstance(method, str) else ""


def _method(mapping: object) -> Method | str:
    """The method meant, or why there is none."""
    if not isinstance(mapping, dict):
        return f"Expected {_SHAPE}; {_WAY_OUT}"
    if "pmml" in mapping:
        return "Expected a function in FEEL, but it is a PMML model, which is not run; write the model's logic in FEEL"
    java = mapping.get("java")
    class_name = java.get("class") if isinstance(java, dict) else None
    signature = java.get("method signature") if isinstance(java, dict) else None
    if not isinstance(class_name, str) or not isinstance(signature, str):
        return f"Expected {_SHAPE}, both as texts; {_WAY_OUT}"
    method = find_method(class_name, signature)
    if method is not None:
        return method
    near = sorted(str(one) for one in METHODS.values() if one.class_name == class_name and f"{one.name}(" in signature)
    hint = f"; there is {' and '.join(near[:4])}" if near else ""
    return f"Expected a known Java method, but {class_name}.{signature} is not run here{hint}; {_WAY_OUT}"


def _call(run: Run, method: Method, arguments: Sequence[object]) -> object:
    run.step()
    try:
        given = _given(method, arguments)
        value = method.implementation(run, *given) if method.charged else method.implementation(*given)
    except JavaError as error:
        run.null(f"{method}: {error}")
        return None
    except (ArithmeticError, DecimalException, ValueError) as error:
        run.null(f"{method} has no value for these arguments: {error}")
        return None
    result = from_java(value, method.result)
    if isinstance(result, str):
        run.grow(len(result))
    elif result is None:
        run.null(f"{method} gave no finite value")
    return result


def _given(method: Method, arguments: Sequence[object]) -> list[object]:
    """Arguments as the method takes them; those beyond its plain parameters gather in a list."""
    wanted = method.parameters[:-1] if method.takes_more else method.parameters
    if len(arguments) < len(wanted) or (len(arguments) > len(wanted) and not method.takes_more):
        raise JavaError(f"Expected {len(method.parameters)} arguments, but the function has {len(arguments)}")
    given = [to_java(one, type_) for one, type_ in zip(arguments, wanted, strict=False)]
    if method.takes_more:
        more = list(arguments[len(wanted) :])
        if len(more) == 1 and isinstance(more[0], list):
            more = more[0]
        element = method.parameters[-1].removesuffix("[]")
        given.append([to_java(one, element) for one in more])
    return given

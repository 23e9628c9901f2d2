"""The table of Java methods, and how a class and a signature find theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["METHODS", "Method", "declare", "find_method"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One public static method.

    Args:
        class_name: with its package.
        name: of the method.
        parameters: simple names of their types; the last ends in `[]` where Java takes any number there.
        result: simple name of what it gives.
        implementation: takes what `types.to_java` gives; one that takes `run` first is told by `charged`.
    """

    class_name: str
    name: str
    parameters: tuple[str, ...]
    result: str
    implementation: Callable[..., object] = field(repr=False)
    charged: bool = False

    @property
    def takes_more(self) -> bool:
        """Whether further arguments gather in its last parameter."""
        return bool(self.parameters) and self.parameters[-1] in ("Object[]", "CharSequence[]")

    def __str__(self) -> str:
        return f"{self.class_name}.{self.name}({', '.join(self.parameters)})"


METHODS: Final[dict[tuple[str, str], Method]] = {}
"""By class and signature without white space: `("java.lang.Math", "max(int,int)")`."""

_DECLARED: Final = re.compile(r"(\S+) (\w+)\((.*)\)")
_SIGNATURE: Final = re.compile(r"\s*([A-Za-z_$][\w$]*)\s*\(\s*(.*?)\s*\)\s*", re.DOTALL)
_DESCRIPTORS: Final = {
    "[C": "char[]",
    "[Ljava.lang.Object;": "Object[]",
    "[Ljava.lang.CharSequence;": "CharSequence[]",
}
_PACKAGES: Final = ("java.lang.", "java.math.")


def declare(class_name: str, methods: Mapping[str, Callable[..., object]], *, charged: bool = False) -> None:
    """Add methods of a class, each as Java declares it: `int max(int, int)`.

    Args:
        charged: whether the implementations take the run first, to charge it for what they make.
    """
    for text, implementation in methods.items():
        match = _DECLARED.fullmatch(text)
        assert match is not None, text
        result, name, inside = match.groups()
        parameters = tuple(part.strip() for part in inside.split(",")) if inside else ()
        method = Method(
            class_name=class_name,
            name=name,
            parameters=parameters,
            result=result,
            implementation=implementation,
            charged=charged,
        )
        METHODS[class_name, f"{name}({','.join(parameters)})"] = method


def find_method(class_name: str, signature: str) -> Method | None:
    """The method of a class with a signature such as `max(int, int)`; None if it is not in the table.

    Types may stand with their package or without, arrays as `Object[]`, `Object...` or `[Ljava.lang.Object;`.
    """
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        return None
    name, inside = match.groups()
    types = [_simple(part) for part in inside.split(",")] if inside else []
    return METHODS.get((class_name.strip(), f"{name}({','.join(types)})"))


def _simple(text: str) -> str:
    """The type's name without its package, arrays with `[]`."""
    text = re.sub(r"<.*>|\s", "", text)
    text = _DESCRIPTORS.get(text, text)
    if text.endswith("..."):
        text = text[:-3] + "[]"
    for package in _PACKAGES:
        text = text.removeprefix(package)
    return text

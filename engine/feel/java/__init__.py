"""External functions of Java that FEEL may call (DMN 1.5, 10.3.2.13.3).

    function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}

No Java runs. A table of pure static methods of `java.lang` and `java.math`, by class and signature, leads to
functions written here with Java's semantics (`mathematics`, `numbers`, `texts`, `formatting`); `types` turns
FEEL values into what a parameter takes and results back. Everything else is refused by name.
"""

from __future__ import annotations

from engine.feel.java import mathematics, numbers, texts
from engine.feel.java.function import external_function, refusal
from engine.feel.java.methods import METHODS, Method, find_method

__all__ = ["METHODS", "Method", "external_function", "find_method", "modules", "refusal"]

modules = (mathematics, numbers, texts)

"""DMN: decision tables, requirement graphs, boxed expressions, and why an answer came out.

    model = load_decisions(Path("fees.dmn"))
    result = model.evaluate("Fee", {"Area": 120})
    result.value, result.trace, result.warnings

Files are read by `engine.models.dmn` into plain data; here they are linked (`space`), compiled to the
same closures as FEEL (`boxed`, `table`) and evaluated within one budget (`evaluation`). `library` holds
the files that came with a process.
"""

from __future__ import annotations

from engine.decisions.library import DecisionLibrary, Taken, is_decision_file
from engine.decisions.model import DecisionModel, load_decisions
from engine.decisions.result import DecisionResult

__all__ = ["DecisionLibrary", "DecisionModel", "DecisionResult", "Taken", "is_decision_file", "load_decisions"]

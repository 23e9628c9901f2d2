"""References between the elements of a model, and elements ready to run."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from engine.decisions.kinds import Kind
from engine.feel.runtime import Code, Frame
from engine.feel.values import FeelFunction
from engine.models.dmn.model import BusinessKnowledge, Decision, DecisionService, DecisionTable, Element

__all__ = ["CompiledDecision", "CompiledKnowledge", "CompiledService", "Reference", "clean", "hrefs_of"]


def clean(name: str) -> str:
    """A name as names are compared: white space folded, Unicode composed."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Where a reference leads.

    Args:
        path: the names of the imports on the way; () for the model's own elements.
    """

    path: tuple[str, ...]
    element: Element

    @property
    def name(self) -> str:
        """The element's name in expressions, without the path."""
        return self.element.variable.name

    @property
    def output_names(self) -> tuple[str, ...]:
        """For a decision table: the names of its columns, by which Camunda 7 hands its result on."""
        logic = self.element.logic if isinstance(self.element, Decision) else None
        return tuple(one.name for one in logic.outputs if one.name) if isinstance(logic, DecisionTable) else ()


@dataclass(frozen=True, kw_only=True)
class CompiledDecision:
    """A decision ready to run; `kind` is the type of its value."""

    element: Decision
    requires: tuple[Reference, ...]
    code: Code
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class CompiledKnowledge:
    """A business knowledge model ready to run: `define` makes its function over the names it requires."""

    element: BusinessKnowledge
    requires: tuple[Reference, ...]
    define: Callable[[Frame], FeelFunction]


@dataclass(frozen=True, kw_only=True)
class CompiledService:
    """A decision service ready to run.

    Args:
        inputs: its parameters: input data, then input decisions (10.4), each with its type.
        kind: the type of its value.
    """

    element: DecisionService
    inputs: tuple[tuple[Reference, Kind], ...]
    outputs: tuple[Reference, ...]
    kind: Kind


def hrefs_of(element: Element) -> tuple[str, ...]:
    """All references that an element holds."""
    if isinstance(element, Decision):
        return (*element.requires, *element.knows)
    if isinstance(element, BusinessKnowledge):
        return element.knows
    if isinstance(element, DecisionService):
        return (*element.outputs, *element.encapsulated, *element.input_decisions, *element.input_data)
    return ()

"""Walking the requirements graph: every decision once, what it requires first (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.decisions.functions import make_function
from engine.decisions.kinds import ANY, Kind, coerce
from engine.decisions.references import CompiledService, Reference, clean
from engine.decisions.run import DecisionRun, Step
from engine.decisions.space import Space
from engine.feel.expression import check_size
from engine.feel.runtime import Frame, Run
from engine.feel.values import FeelFunction
from engine.models.dmn.model import BusinessKnowledge, Decision, DecisionService, Element, InputData

__all__ = ["Scope"]


class Scope:
    """The values of one model in one evaluation; every import has a scope of its own below.

    Args:
        space: the model.
        inputs: what was given for it, by name; for an import a mapping under its name.
        run: the evaluation.
        path: names of the imports that lead here.
        root: the scope the evaluation began in; None for itself.
        open_inputs: whether expressions may read given values that the model does not declare.
        reads_texts: whether text counts as a date where a date is declared, as JSON has none.
    """

    def __init__(
        self,
        space: Space,
        inputs: Mapping[str, object],
        run: DecisionRun,
        *,
        path: tuple[str, ...] = (),
        root: Scope | None = None,
        open_inputs: bool = True,
        reads_texts: bool = True,
    ) -> None:
        self.space = space
        self.inputs = inputs
        self.run = run
        self.path = path
        self.root = root or self
        self.reads_texts = reads_texts
        self._open_inputs = open_inputs
        self._values: dict[str, object] = {}
        self._active: set[str] = set()
        self._children: dict[str, Scope] = {}
        self._base = Frame(self._undeclared() if open_inputs else {}, None, run)

    def _undeclared(self) -> dict[str, object]:
        """Given values that no element of the model stands for; in models of Camunda, all that is given."""
        declared = frozenset[str]() if self.space.is_camunda else self.space.declared
        return {name: value for name, value in self.inputs.items() if name not in declared}

    def child(self, name: str) -> Scope | None:
        """The scope of the model imported under a name."""
        known = self._children.get(name)
        if known is not None:
            return known
        space = self.space.imported(name)
        if space is None:
            return None
        given = self.inputs.get(name)
        inputs = {clean(key): value for key, value in given.items()} if isinstance(given, Mapping) else {}
        made = self._children[name] = Scope(
            space,
            inputs,
            self.run,
            path=(*self.path, name),
            root=self.root,
            open_inputs=self._open_inputs,
            reads_texts=self.reads_texts,
        )
        return made

    def at(self, path: tuple[str, ...]) -> Scope:
        """The scope that a path of imports leads to; links were checked when the model was compiled."""
        scope = self
        for name in path:
            deeper = scope.child(name)
            assert deeper is not None
            scope = deeper
        return scope

    def preset(self, reference: Reference, value: object) -> None:
        """Give an element a value, so that it is not evaluated."""
        self.at(reference.path)._values[reference.element.id] = value

    def value(self, element: Element) -> object:
        """An element's value in this scope: of functions, the function."""
        if element.id in self._values:
            return self._values[element.id]
        if isinstance(element, Decision):
            return self._decide(element)
        if isinstance(element, InputData):
            value = self._input(element)
        elif isinstance(element, BusinessKnowledge):
            value = self._knowledge(element)
        elif isinstance(element, DecisionService):
            value = self._service_function(element)
        else:
            value = None
        self._values[element.id] = value
        return value

    def _input(self, element: InputData) -> object:
        name = element.variable.name
        found, value = self._given(name)
        if not found:
            # Camunda 7 draws input data for people only; its expressions read the process's variables.
            if not self.space.is_camunda:
                self.run.null(f"No value was given for input {'.'.join((*self.path, name))!r}")
            return None
        value = self.run.to_feel(value)
        kind = self.space.input_kind(element)
        if self.reads_texts and value is not None:
            value = kind.adapt(value, self.run)
        return coerce(value, kind, self.run, f"input {name!r}")

    def _given(self, name: str) -> tuple[bool, object]:
        """A value by name; for imports also as `{namespace}name`, or under the plain name where that is free."""
        if name in self.inputs:
            return True, self.inputs[name]
        for namespace in self.space.namespaces:
            qualified = f"{{{namespace}}}{name}"
            if qualified in self.root.inputs:
                return True, self.root.inputs[qualified]
        if self is not self.root and name in self.root.inputs and name not in self.root.space.declared:
            return True, self.root.inputs[name]
        return False, None

    def _decide(self, element: Decision) -> object:
        name = element.variable.name
        if element.logic is None:
            found, value = self._given(name)
            self._values[element.id] = self.run.to_feel(value) if found else None
            if not found:
                self.run.null(f"Decision {name!r} has no logic, and no value was given for it")
            return self._values[element.id]
        if element.id in self._active:
            self.run.null(f"Decision {name!r} requires itself")
            return None
        self._active.add(element.id)
        try:
            value = self._run(element, name)
        finally:
            self._active.discard(element.id)
        self._values[element.id] = value
        return value

    def _run(self, element: Decision, name: str) -> object:
        compiled = self.space.decision(element)
        record, began = self.run.record, len(self.run.warnings)
        names = self._names(compiled.requires)
        outside, record.tables = record.tables, []
        try:
            value = compiled.code(Frame(names, self._base, self.run))
            value = coerce(value, compiled.kind, self.run, f"decision {name!r}")
            check_size(value, self.run)
            step = Step(
                kind="decision",
                id=element.id,
                name=element.name,
                path=self.path,
                inputs=_data(names),
                value=value,
                tables=tuple(record.tables),
                warnings=tuple(self.run.warnings[began:]),
            )
        finally:
            record.tables = outside
        record.add_step(step)
        return value

    def _names(self, references: tuple[Reference, ...]) -> dict[str, object]:
        """What is required, by name; of imports as contexts under the import's name.

        Camunda hands results on under the names of a table's columns (7) or the decision's id (8), too.
        """
        names: dict[str, object] = {}
        for one in references:
            value = self.at(one.path).value(one.element)
            inside = names
            for part in one.path:
                deeper = inside.setdefault(part, {})
                assert isinstance(deeper, dict)
                inside = deeper
            inside[one.name] = value
            if self.space.is_camunda:
                names.setdefault(one.element.id, value)
                names.update(_by_column(one.output_names, value))
        return names

    def _knowledge(self, element: BusinessKnowledge) -> FeelFunction:
        compiled = self.space.knowledge(element)
        names: dict[str, object] = {}
        function = compiled.define(Frame(names, self._base, self.run))
        # Before its requirements: models may require each other, and a function itself.
        self._values[element.id] = function
        names[element.variable.name] = function
        names.update(self._names(compiled.requires))
        return function

    def _service_function(self, element: DecisionService) -> FeelFunction:
        compiled = self.space.service(element)

        def body(run: Run, bound: dict[str, object]) -> object:
            assert isinstance(run, DecisionRun)
            inner = Scope(self.space, {}, run, path=self.path, open_inputs=False)
            for reference, _ in compiled.inputs:
                inner.preset(reference, bound[reference.name])
            return inner.outputs(compiled)

        parameters: list[tuple[str, Kind]] = [(reference.name, kind) for reference, kind in compiled.inputs]
        name = element.variable.name
        return make_function(name, parameters, body, compiled.kind, all_needed=True)

    def outputs(self, service: CompiledService) -> object:
        """The service's value in this scope: of its one decision, or a context of several."""
        record, began = self.run.record, len(self.run.warnings)
        values = {one.name: self.at(one.path).value(one.element) for one in service.outputs}
        value: object = next(iter(values.values())) if len(values) == 1 else values
        record.add_step(
            Step(
                kind="service",
                id=service.element.id,
                name=service.element.name,
                path=self.path,
                inputs={one.name: self.at(one.path)._values.get(one.element.id) for one, _ in service.inputs},
                value=value,
                tables=(),
                warnings=tuple(self.run.warnings[began:]),
            )
        )
        return value

    def serve(self, element: DecisionService) -> object:
        """A service asked for directly: its inputs are what was given by name."""
        compiled = self.space.service(element)
        for reference, kind in compiled.inputs:
            scope = self.at(reference.path)
            if isinstance(reference.element, InputData) and kind is ANY:
                scope.value(reference.element)
                continue
            found, value = scope._given(reference.name)
            if not found:
                self.run.null(f"No value was given for {reference.name!r} of decision service {element.name!r}")
            value = self.run.to_feel(value) if found else None
            if value is not None and self.reads_texts:
                value = kind.adapt(value, self.run)
            self.preset(reference, coerce(value, kind, self.run, f"input {reference.name!r}"))
        return coerce(self.outputs(compiled), compiled.kind, self.run, f"decision service {element.name!r}")

    def apply(self, element: BusinessKnowledge) -> object:
        """A business knowledge model called with what was given by its parameters' names."""
        function = self.value(element)
        assert isinstance(function, FeelFunction)
        given = {name: self.run.to_feel(self.inputs[name]) for name in function.parameters if name in self.inputs}
        return function.call_named(self.run, given)


def _by_column(columns: tuple[str, ...], value: object) -> dict[str, object]:
    """A table's result as Camunda 7 hands it on: each column under its name, a list where rows are many."""
    if len(columns) == 1:
        return {columns[0]: value}
    rows = value if isinstance(value, list) else [value]
    found = {name: [row.get(name) for row in rows if isinstance(row, dict)] for name in columns}
    return dict(found) if isinstance(value, list) else {name: (given or [None])[0] for name, given in found.items()}


def _data(names: dict[str, object]) -> dict[str, object]:
    """What was required, without functions: nobody asks what a function was."""
    return {
        name: _data(value) if isinstance(value, dict) else value
        for name, value in names.items()
        if not isinstance(value, FeelFunction)
    }

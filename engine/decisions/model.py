"""The public face: load files once, evaluate many times."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from engine.decisions.checks import errors_of, findings_of
from engine.decisions.evaluation import Scope
from engine.decisions.inputs import InputField, described, fields_of, needed_by
from engine.decisions.references import Reference, clean, hrefs_of
from engine.decisions.result import DecisionResult
from engine.decisions.run import DecisionRun
from engine.decisions.space import Library, Space
from engine.errors import BudgetExceeded, InvalidModel, NotFound
from engine.feel.budget import DEFAULT_BUDGET, Budget
from engine.feel.runtime import HostFunctions
from engine.findings import Finding, Severity
from engine.models.dmn import read_decision_file
from engine.models.dmn.model import (
    BusinessKnowledge,
    Decision,
    DecisionFile,
    DecisionService,
    DecisionTable,
    Element,
    InputData,
)

__all__ = ["DecisionModel", "Sources", "load_decisions"]

Sources = bytes | str | Path | Mapping[str, bytes] | Iterable[str | Path | bytes]


class DecisionModel:
    """Decisions of one file and those it imports, compiled. Safe to keep and to share between threads.

    Attributes:
        name, namespace: as the file says.
        digest: SHA-256 over the files, for caches: the same content gives the same.
    """

    def __init__(self, files: tuple[DecisionFile, ...], *, digest: str, functions: frozenset[str]) -> None:
        main = files[0]
        self.digest = digest
        self.name = main.name
        self.namespace = main.namespace
        self._space: Space = Library(files, functions).space(main)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What its author should know, errors first; tables are searched for gaps and overlaps here."""
        return findings_of(self._space)

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """Those of severity error: what keeps the model from being used."""
        return tuple(one for one in errors_of(self._space) if one.severity is Severity.ERROR)

    @property
    def decisions(self) -> tuple[str, ...]:
        """Names of the decisions, in document order."""
        return self._names(Decision)

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the decision services."""
        return self._names(DecisionService)

    def _names(self, kind: type[Element]) -> tuple[str, ...]:
        return tuple(one.name for one in self._space.members.values() if isinstance(one, kind))

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Id → name of the decisions and services that stand in the model's own file, in document order."""
        own = self._space.file.elements.values()
        return {one.id: one.name for one in own if isinstance(one, Decision | DecisionService)}

    def columns(self, name: str) -> tuple[str, ...]:
        """What the parts of a row of its result are called: a table's columns; else the element's own name.

        Raises:
            NotFound: there is nothing of that name.
        """
        reference = Reference(path=(), element=self._find(name))
        return reference.output_names or (reference.name,)

    def gives_rows(self, name: str) -> bool:
        """Whether a decision is a table whose result is a list, one item for each rule that matches.

        Raises:
            NotFound: there is nothing of that name.
        """
        element = self._find(name)
        table = element.logic if isinstance(element, Decision) else None
        return isinstance(table, DecisionTable) and table.gives_list

    def is_service(self, name: str) -> bool:
        """Whether a decision service has that name or id."""
        return any(isinstance(one, DecisionService) for one in self._space.named(name))

    def inputs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Names and declared types of the input data that a decision rests on, at any distance.

        Those of imported models have the import's name in front: `lib.Age`.

        Raises:
            NotFound: there is nothing of that name.
        """
        element = self._find(name)
        found: dict[str, str] = {}
        seen: set[tuple[tuple[str, ...], str]] = set()
        waiting = [Reference(path=(), element=element)]
        while waiting:
            one = waiting.pop(0)
            if (one.path, one.element.id) in seen:
                continue
            seen.add((one.path, one.element.id))
            if isinstance(one.element, InputData):
                found[".".join((*one.path, one.name))] = one.element.variable.type_ref
                continue
            space = self._space.at(one.path)
            for further in space.references(hrefs_of(one.element)):
                waiting.append(Reference(path=(*one.path, *further.path), element=further.element))
        return tuple(found.items())

    def element(self, name: str) -> Element:
        """A decision, service or knowledge model by its name or id, as its author wrote it.

        Raises:
            NotFound: there is nothing of that name.
        """
        return self._find(name)

    def fields(self, name: str) -> tuple[InputField, ...]:
        """What a decision or service has to be given, with types and allowed values, at any distance.

        Raises:
            NotFound: there is nothing of that name.
        """
        return fields_of(self._space, self._find(name))

    def requirements(self, name: str) -> tuple[Reference, ...]:
        """What a decision or service requires directly; references that lead nowhere are left out.

        Raises:
            NotFound: there is nothing of that name.
        """
        return self._space.references(hrefs_of(self._find(name)))

    def needs(self, name: str) -> tuple[Reference, ...]:
        """All that a decision or service requires, at any distance, the nearest first.

        Raises:
            NotFound: there is nothing of that name.
        """
        found = tuple(needed_by(self._space, self._find(name)))
        return found[1:]

    def own(self, id_: str) -> Element | None:
        """An element of the model's own file, or one merged into it, by its id."""
        return self._space.members.get(id_)

    def type(self, ref: str) -> tuple[str, str]:
        """What a type reference means: the type of FEEL behind it, and its allowed values as FEEL."""
        return described(self._space.types.get(ref))

    def evaluate(
        self,
        name: str,
        inputs: Mapping[str, object],
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
        reads_texts: bool = True,
        explains: bool = False,
    ) -> DecisionResult:
        """Evaluate a decision, a decision service or a business knowledge model.

        Args:
            name: its name or id; a decision is meant before a service, a service before a knowledge model.
            inputs: input data by name, as plain data or FEEL values; of an imported model as a mapping
                under the import's name. Input decisions of a service and parameters of a knowledge
                model go by their names, too. Values the model does not declare can be read all the same.
            budget: limits of the whole evaluation; None for the defaults of `Budget`.
            now: an aware datetime, what `now()` and `today()` tell.
            functions: functions of the host that expressions may call.
            reads_texts: whether text is read as a date, time or duration where one is declared.
            explains: whether tables record, in the result's steps, why rules did not match.

        Returns:
            The value with its trace and warnings. Errors inside are null with a warning, as in DMN.

        Raises:
            NotFound: there is nothing of that name.
            BudgetExceeded: it takes too long.
            FeelError: inputs hold something that is not data, or a host function failed.
        """
        element = self._find(name)
        run = DecisionRun(budget or DEFAULT_BUDGET, now, functions, explains=explains)
        scope = Scope(self._space, {clean(key): value for key, value in inputs.items()}, run, reads_texts=reads_texts)
        try:
            if isinstance(element, DecisionService):
                value = scope.serve(element)
            elif isinstance(element, BusinessKnowledge):
                value = scope.apply(element)
            else:
                value = scope.value(element)
            return DecisionResult.of(value, run)
        except RecursionError:
            raise BudgetExceeded("Expected decisions that nest less deeply; check that recursion ends") from None
        finally:
            run.end()

    def _find(self, name: str) -> Element:
        found = [one for one in self._space.named(name) if isinstance(one, _RUNNABLE)]
        if not found:
            there = ", ".join(f"«{one}»" for one in (*self.decisions, *self.services)[:20]) or "none"
            raise NotFound(f"Expected a decision named «{name}», but the model has {there}.")
        return min(found, key=lambda one: _RUNNABLE.index(type(one)))


_RUNNABLE = (Decision, DecisionService, BusinessKnowledge)


def load_decisions(sources: Sources, *, strict: bool = False, functions: Collection[str] = ()) -> DecisionModel:
    """Read and compile DMN files (1.1 to 1.5).

    Args:
        sources: one file as bytes or path; or several, the first being the model and the others what it
            imports: paths or bytes, or a mapping of file names to bytes.
        strict: whether errors among the findings refuse the model, as at upload. Without, they stand in the way of
            nothing but themselves: what cannot be run is null, and `refusals` of the result name it.
        functions: names of host functions that hold operators or keywords.

    Raises:
        InvalidModel: no file can be read, or (strict) there are errors; it carries the findings.
        NotFound: a path does not exist.
    """
    named = _bytes_of(sources)
    files = tuple(read_decision_file(data, filename=name) for name, data in named)
    unreadable = [finding for file in files if not file.readable for finding in file.findings]
    if unreadable or not files:
        raise InvalidModel(unreadable[0].message if unreadable else None, findings=tuple(unreadable))
    digest = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _, data in named)).hexdigest()
    model = DecisionModel(files, digest=digest, functions=frozenset(functions))
    if strict and model.errors:
        raise InvalidModel(model.errors[0].message, findings=model.errors)
    return model


def _bytes_of(sources: Sources) -> list[tuple[str, bytes]]:
    if isinstance(sources, bytes):
        return [("", sources)]
    if isinstance(sources, Mapping):
        return list(sources.items())
    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    return [("", one) if isinstance(one, bytes) else (str(one), _read(Path(one))) for one in paths]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise NotFound(f"Expected a DMN file at {path}, but it cannot be read: {problem.strerror}.") from None

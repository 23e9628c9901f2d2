"""One model and what it imports, linked; every element compiled once, when first needed.

Imports without a name merge: their elements are looked up as if they stood in the importing file, whose
own come first (DMN 1.5, 6.3.3). Named imports stay models of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from posixpath import normpath

from engine.decisions.boxed import BoxedCompiler
from engine.decisions.feel_text import Texts
from engine.decisions.kinds import FunctionKind, Kind, settled
from engine.decisions.references import CompiledDecision, CompiledKnowledge, CompiledService, Reference, clean
from engine.decisions.types import Types
from engine.errors import ExpressionError
from engine.feel import ast
from engine.models.dmn.model import (
    BusinessKnowledge,
    Decision,
    DecisionFile,
    DecisionService,
    Element,
    FunctionDefinition,
    Import,
    InputData,
    ItemDefinition,
    Text,
)

__all__ = ["Library", "Space"]


class Library:
    """The files given together."""

    def __init__(self, files: Sequence[DecisionFile], functions: frozenset[str] = frozenset()) -> None:
        self.files = tuple(files)
        self.functions = functions
        self._spaces: dict[int, Space] = {}

    def find(self, wanted: Import, importing: DecisionFile) -> DecisionFile | None:
        """The imported file: of that namespace; where several share it, the one at that location.

        Args:
            importing: the file whose folder a location counts from.
        """
        matching = [file for file in self.files if file.readable and file.namespace == wanted.namespace]
        location, folder = wanted.location.replace("\\", "/"), _path(importing).rpartition("/")[0]
        if len(matching) < 2 or not location:
            return next(iter(matching), None)
        beside = normpath(f"{folder}/{location}" if folder else location)
        exact = (file for file in matching if normpath(_path(file)) == beside)
        ending = (file for file in matching if _ends_with(_path(file), location))
        return next(chain(exact, ending, matching))

    def space(self, file: DecisionFile) -> Space:
        """The model that a file is with its imports; the same for the same file."""
        known = self._spaces.get(id(file))
        if known is None:
            known = self._spaces[id(file)] = Space(file, self)
        return known


def _path(file: DecisionFile) -> str:
    return file.filename.replace("\\", "/")


def _ends_with(path: str, location: str) -> bool:
    found = path.split("/")
    wanted = [part for part in location.split("/") if part not in (".", "..")]
    return found[-len(wanted) :] == wanted


class Space:
    """One model: a file with those it imports without a name, and the named imports beside it.

    Args:
        file: the model's own file.
        library: where imports are looked up.
    """

    def __init__(self, file: DecisionFile, library: Library) -> None:
        self.file = file
        self.library = library
        self.is_camunda = file.is_camunda
        self.members: dict[str, Element] = {}
        self.namespaces: set[str] = set()
        self.imports: dict[str, DecisionFile] = {}
        self.missing: list[Import] = []
        definitions: dict[str, ItemDefinition] = {}
        self._merge(file, definitions)
        self.texts = Texts(functions=library.functions)
        self.types = Types(definitions, self.texts, self._imported_types, is_camunda=file.is_camunda)
        self.texts.types = self._feel_types()
        self._boxed = BoxedCompiler(texts=self.texts, types=self.types, is_camunda=file.is_camunda)
        self._compiled: dict[str, CompiledDecision | CompiledKnowledge | CompiledService] = {}

    def _merge(self, file: DecisionFile, definitions: dict[str, ItemDefinition]) -> None:
        """Add a file and what it imports without a name; what is there already stays."""
        merged: set[int] = set()
        waiting = [file]
        while waiting:
            one = waiting.pop(0)
            if id(one) in merged:
                continue
            merged.add(id(one))
            self.namespaces.add(one.namespace)
            for id_, element in one.elements.items():
                self.members.setdefault(id_, element)
            for item in one.types:
                definitions.setdefault(clean(item.name), item)
            deeper = []
            for wanted in one.imports:
                found = self.library.find(wanted, one)
                if found is None:
                    self.missing.append(wanted)
                elif wanted.name:
                    self.imports.setdefault(clean(wanted.name), found)
                else:
                    deeper.append(found)
            waiting[:0] = deeper

    def imported(self, name: str) -> Space | None:
        """The model imported under a name."""
        found = self.imports.get(name)
        return None if found is None else self.library.space(found)

    def _imported_types(self, source: str) -> Types | None:
        if not source.startswith("{"):
            space = self.imported(source)
            return None if space is None else space.types
        if source[1:-1] in self.namespaces:
            return self.types
        name = next((name for name, one in self.imports.items() if one.namespace == source[1:-1]), "")
        return self._imported_types(name) if name else None

    def _feel_types(self) -> dict[str, ast.Type]:
        found = {name: self.types.feel_type(name) for name in self.types.definitions}
        for prefix, file in self.imports.items():
            for item in file.types:
                name = f"{prefix}.{clean(item.name)}"
                found[name] = self.types.feel_type(name)
        return found

    def at(self, path: tuple[str, ...]) -> Space:
        """The model that a path of imports leads to; this one where the path breaks off."""
        space = self
        for name in path:
            space = space.imported(name) or space
        return space

    def resolve(self, href: str) -> Reference | None:
        """Where a reference leads: `#id`, `namespace#id` of this model, or of an import, however deep."""
        namespace, _, id_ = href.rpartition("#")
        if not namespace or namespace in self.namespaces:
            element = self.members.get(id_)
            return None if element is None else Reference(path=(), element=element)
        waiting: list[tuple[tuple[str, ...], Space]] = [((), self)]
        seen: set[int] = set()
        while waiting:
            path, space = waiting.pop(0)
            if id(space) in seen:
                continue
            seen.add(id(space))
            if path and namespace in space.namespaces and id_ in space.members:
                return Reference(path=path, element=space.members[id_])
            for name in space.imports:
                deeper = space.imported(name)
                if deeper is not None:
                    waiting.append(((*path, name), deeper))
        return None

    def references(self, hrefs: Sequence[str]) -> tuple[Reference, ...]:
        """Where references lead; those that lead nowhere are left out (the checks name them)."""
        found = (self.resolve(href) for href in hrefs)
        return tuple(one for one in found if one is not None)

    def named(self, name: str) -> list[Element]:
        """Elements of that name or id, those of the name first."""
        by_id = self.members.get(name)
        return [*self._by_name.get(clean(name), ()), *([] if by_id is None else [by_id])]

    @cached_property
    def _by_name(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for element in self.members.values():
            for name in dict.fromkeys((element.name, element.variable.name)):
                found.setdefault(name, []).append(element)
        return found

    @cached_property
    def input_data(self) -> dict[str, InputData]:
        """The model's own inputs, by the names that expressions read."""
        return {one.variable.name: one for one in self.members.values() if isinstance(one, InputData)}

    @property
    def problems(self) -> list[tuple[Text, ExpressionError]]:
        """Texts that could not be read so far."""
        return self.texts.problems

    def names(self, references: Sequence[Reference]) -> frozenset[str]:
        """The names by which expressions read what is required."""
        direct = {one.path[0] if one.path else one.name for one in references}
        if self.is_camunda:
            direct.update(name for one in references for name in (one.element.id, *one.output_names))
        # Parts of imports and of structures whose names hold operators are known after a dot.
        inner = {one.name for one in references if one.path} | self._odd_parts
        return frozenset(direct | {name for name in inner if name.split()[0] not in direct})

    @cached_property
    def _odd_parts(self) -> frozenset[str]:
        """Names of structure components that could not be read without being known."""
        found: set[str] = set()
        waiting = list(self.types.definitions.values())
        while waiting:
            item = waiting.pop()
            waiting.extend(item.components)
            if any(not (character.isalnum() or character in " _") for character in item.name):
                found.add(clean(item.name))
        return frozenset(name for name in found if name)

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names that elements of the model, or its imports, stand for."""
        own = {one.variable.name for one in self.members.values()}
        return frozenset(own | self.imports.keys())

    def input_kind(self, element: Element) -> Kind:
        return self.types.get(element.variable.type_ref)

    def decision(self, element: Decision) -> CompiledDecision:
        known = self._compiled.get(element.id)
        if not isinstance(known, CompiledDecision):
            requires = self.references((*element.requires, *element.knows))
            known = self._compiled[element.id] = CompiledDecision(
                element=element,
                requires=requires,
                code=self._boxed.code(element.logic, self.names(requires)),
                kind=self.types.get(element.variable.type_ref),
            )
        return known

    def knowledge(self, element: BusinessKnowledge) -> CompiledKnowledge:
        known = self._compiled.get(element.id)
        if not isinstance(known, CompiledKnowledge):
            requires = self.references(element.knows)
            logic = element.logic or FunctionDefinition(kind="FEEL", parameters=(), body=None)
            name, type_ref = element.variable.name, element.variable.type_ref
            known = self._compiled[element.id] = CompiledKnowledge(
                element=element,
                requires=requires,
                define=self._boxed.function(logic, self.names(requires) | {name}, type_ref, name),
            )
        return known

    def service(self, element: DecisionService) -> CompiledService:
        known = self._compiled.get(element.id)
        if not isinstance(known, CompiledService):
            type_ = settled(self.types.get(element.variable.type_ref))
            declared = dict(type_.parameters) if isinstance(type_, FunctionKind) else {}
            inputs = self.references((*element.input_data, *element.input_decisions))
            known = self._compiled[element.id] = CompiledService(
                element=element,
                inputs=tuple((one, declared.get(one.name) or self._kind_at(one)) for one in inputs),
                outputs=self.references(element.outputs),
                kind=type_.result if isinstance(type_, FunctionKind) else type_,
            )
        return known

    def _kind_at(self, reference: Reference) -> Kind:
        return self.at(reference.path).types.get(reference.element.variable.type_ref)

"""A deployed definition ready to run: compiled once per version and shared by all its instances."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import yaml

from engine.decisions import DecisionLibrary
from engine.decisions.library import ENDINGS
from engine.errors import CorruptState, InvalidInput, NotFound
from engine.feel import Expression, allowance, compile_expression
from engine.feel.runtime import HostFunctions
from engine.models import read_model
from engine.models.forms import Form, read_form
from engine.models.forms.form import EXPRESSION_SECONDS
from engine.models.model import Node, recalculates
from engine.settings import fill_choices, read_settings
from engine.spiff import Program, compile_process
from engine.store import definitions as stored
from engine.store.unit_of_work import UnitOfWork

_HELD = (".json", ".form", ".yaml", ".yml", *ENDINGS)
_LIBRARIES = 128
EMBEDDED_FORM = "civiflow:form"
_FORM_PREFIXES = ("camunda-forms:deployment:", "camunda-forms:bpmn:", "embedded:deployment:")


@dataclass(kw_only=True)
class Bundle:
    """One process definition with what came with it.

    Args:
        no, id, key, version, name: its row.
        program: the compiled process.
        resources: path → content of forms, decisions, settings and texts; templates and images stay in the store.
        functions: names of the host functions that expressions may call.
    """

    no: int
    id: str
    key: str
    version: int
    name: str
    program: Program
    resources: Mapping[str, bytes] = field(default_factory=dict)
    functions: tuple[str, ...] = ()

    @cached_property
    def settings(self) -> Mapping[str, object]:
        """The application's settings, which FEEL sees under the name `settings`."""
        return read_settings(self.resources)

    @cached_property
    def decisions(self) -> DecisionLibrary:
        """The DMN files, compiled when a decision is first asked."""
        return DecisionLibrary(self.resources, functions=self.functions)

    @cached_property
    def element_types(self) -> dict[str, str]:
        """Element id → BPMN type."""
        return {node.id: node.type for node in self.program.process.nodes.values()}

    @cached_property
    def element_names(self) -> dict[str, str]:
        """Element id → name, '' where it has none."""
        return {node.id: node.name for node in self.program.process.nodes.values()}

    @cached_property
    def standard_loops(self) -> frozenset[str]:
        """Elements that run in rounds until a condition holds, each round the same work again."""
        nodes = self.program.process.nodes.values()
        return frozenset(node.id for node in nodes if node.loop is not None and node.loop.kind == "standard")

    @cached_property
    def subject(self) -> Expression | None:
        """FEEL that gives a case's one-line subject."""
        return self._property("civiflow:subject")

    @cached_property
    def due(self) -> Expression | None:
        """FEEL that gives a case's own deadline."""
        return self._property("civiflow:dueDate")

    @cached_property
    def due_names(self) -> frozenset[str]:
        """The variables that the case's own deadline follows; empty unless it is marked to."""
        return self.due.names if self.due is not None and recalculates(self.program.process) else frozenset()

    @cached_property
    def milestones(self) -> Expression | None:
        """FEEL that gives the stages of a case by which it is measured."""
        return self._property("civiflow:milestones")

    def texts(self, language: str) -> Mapping[str, str]:
        """Translations of names and labels: `texts/<language>.yaml`, text → text."""
        content = self.resources.get(f"texts/{language}.yaml")
        document = yaml.safe_load(content) if content else {}
        if not isinstance(document, dict):
            return {}
        return {str(k): v for k, v in document.items() if isinstance(v, str)}

    def form(self, node: Node) -> Form | None:
        """The checked form of a user task or start event, or None if it has none."""
        if node.id not in self._forms:
            schema = form_schema(self.resources, node)
            self._forms[node.id] = None if schema is None else read_form(schema)
        return self._forms[node.id]

    @cached_property
    def _forms(self) -> dict[str, Form | None]:
        return {}

    def _property(self, name: str) -> Expression | None:
        source = self.program.process.properties.get(name, "")
        return compile_expression(source.removeprefix("="), functions=self.functions) if source else None


def form_paths(files: Mapping[str, bytes]) -> dict[str, str]:
    """Form key → path: the file's stem, its whole path and its form-js id all name it."""
    found: dict[str, str] = {}
    for path, content in files.items():
        if PurePosixPath(path).suffix not in {".json", ".form"}:
            continue
        found.setdefault(path, path)
        found.setdefault(PurePosixPath(path).stem, path)
        try:
            schema = orjson.loads(content)
        except orjson.JSONDecodeError:
            continue
        if isinstance(schema, dict) and isinstance(schema.get("id"), str):
            found.setdefault(schema["id"], path)
    return found


def form_schema(
    files: Mapping[str, bytes],
    node: Node,
    user: Mapping[str, object] | None = None,
    functions: HostFunctions | None = None,
) -> Mapping[str, Any] | None:
    """The form-js schema of a user task or start event, with the choices of `user`; None if it has no form.

    Args:
        files: of the definition.
        node: the task or event.
        user: who fills it in, as forms see them.
        functions: those that choices may call.
    """
    embedded = node.properties.get(EMBEDDED_FORM)
    if embedded:
        schema: dict[str, Any] = orjson.loads(embedded)
        return schema
    key = node.user_task.form_key if node.user_task else ""
    for prefix in _FORM_PREFIXES:
        key = key.removeprefix(prefix)
    path = form_paths(files).get(key)
    if path is None:
        return None
    try:
        with allowance(EXPRESSION_SECONDS):
            return fill_choices(orjson.loads(files[path]), read_settings(files), user, functions)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Expected JSON in form {path} but: {error}.") from error


class Bundles:
    """The definitions this process of the application has at hand, the least recently used dropped.

    Args:
        functions: names of the host functions that expressions may call.
        zone: the site's time zone, for local dates in timers.
        limit: how many are held.
    """

    def __init__(self, *, functions: tuple[str, ...], zone: ZoneInfo, limit: int = 256) -> None:
        self.functions = functions
        self._zone = zone
        self._limit = limit
        self._held: OrderedDict[int, Bundle] = OrderedDict()
        self._libraries: OrderedDict[str, DecisionLibrary] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, uow: UnitOfWork, no: int) -> Bundle:
        """The definition with this number.

        Raises:
            CorruptState: its stored file no longer compiles.
        """
        with self._lock:
            held = self._held.get(no)
            if held is not None:
                self._held.move_to_end(no)
                return held
        bundle = load_bundle(uow, no, self.functions, self._zone)
        with self._lock:
            self._held[no] = bundle
            if len(self._held) > self._limit:
                self._held.popitem(last=False)
        return bundle

    def decisions(self, connection: Any, deployment_id: str) -> DecisionLibrary:
        """The decisions of a deployment; a few are held, as asking one compiles its file."""
        with self._lock:
            held = self._libraries.get(deployment_id)
            if held is not None:
                self._libraries.move_to_end(deployment_id)
                return held
        files = stored.resources(connection, deployment_id, ENDINGS)
        library = DecisionLibrary(files, functions=self.functions)
        with self._lock:
            self._libraries[deployment_id] = library
            if len(self._libraries) > _LIBRARIES:
                self._libraries.popitem(last=False)
        return library

    def has_decisions(self, deployment_id: str) -> bool:
        """Whether the decisions of a deployment are at hand."""
        with self._lock:
            return deployment_id in self._libraries

    def recheck(self, uow: UnitOfWork) -> None:
        """Drop what the database, which went back to an earlier moment, no longer knows by its number."""
        with self._lock:
            known = {no: stored.by_number(uow.connection, no) for no in self._held}
            for no, row in known.items():
                if row is None or row.id != self._held[no].id:
                    del self._held[no]


def load_bundle(uow: UnitOfWork, no: int, functions: tuple[str, ...], zone: ZoneInfo) -> Bundle:
    """Read and compile a stored definition."""
    row = stored.by_number(uow.connection, no)
    if row is None:
        raise NotFound(f"There is no process definition number {no}.")
    xml = stored.resource(uow.connection, row.deployment_id, row.path)
    model = read_model(xml or b"", filename=row.path)
    process = next((p for p in model.processes if p.key == row.key), None)
    if process is None:
        raise CorruptState(f"The file {row.path} of {row.id} no longer holds process {row.key!r}.")
    return Bundle(
        no=row.no,
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        program=compile_process(process, functions=functions, zone=zone.key),
        functions=functions,
        resources=stored.resources(uow.connection, row.deployment_id, _HELD),
    )

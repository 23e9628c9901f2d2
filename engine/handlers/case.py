"""A process instance in memory for the length of one command: what the token game calls its host."""

from __future__ import annotations

import unicodedata
from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.errors import InvalidInput
from engine.handlers.bundle import Bundle
from engine.handlers.context import Context
from engine.ids import new_id
from engine.scripts import run_python
from engine.spiff import Execution
from engine.store import cases
from engine.store.cases import InstanceRecord, ScopeRecord
from engine.store.history import Change, Event

MAX_NAME = 255
MAX_VALUE = 1_000_000


class Case:
    """Loads lazily, remembers what changed, and is saved once, by `advance`.

    Implements `engine.spiff.effects.Host`.
    """

    def __init__(self, context: Context, record: InstanceRecord, bundle: Bundle) -> None:
        self.context_ = context
        self.record = record
        self.bundle = bundle
        self.events: list[Event] = []
        self.changes: list[Change] = []
        self.closed_scopes: list[str] = []
        self.touched: set[str] = set()
        self._scopes: dict[str, ScopeRecord] | None = None if record.has_scopes else {}
        self._execution: Execution | None = None

    @classmethod
    def load(cls, context: Context, instance_id: str) -> Case:
        """Lock an instance and read it; its tokens are only decoded when somebody moves them."""
        record = cases.load_instance(context.uow, instance_id)
        return cls(context, record, context.bundles.get(context.uow, record.definition_no))

    @property
    def execution(self) -> Execution:
        """The instance's tokens.

        Raises:
            CorruptState: they cannot be read back.
        """
        if self._execution is None:
            self._execution = Execution.load(self.bundle.program, self.record.token_state or b"", self)
        return self._execution

    def begin(self, start_node: str | None) -> None:
        """Put the first token on a start event."""
        self._execution = Execution.start(
            self.bundle.program, self, instance=self.record.id, start_node=start_node
        )

    @property
    def moved(self) -> bool:
        """Whether any command touched the tokens."""
        return self._execution is not None

    @property
    def scopes(self) -> dict[str, ScopeRecord]:
        """The inner variable scopes."""
        if self._scopes is None:
            self._scopes = cases.load_scopes(self.context_.uow, self.record.id)
        return self._scopes

    def note(self, kind: str, /, *, element: str = "", activity: str | None = None, **data: Any) -> Event:
        """Write down that something happened; gives the event, to hang changes on."""
        kept = {k: v for k, v in data.items() if v is not None and v != ()}
        event = Event(kind, element, activity, kept or None)
        self.events.append(event)
        return event

    # --- Host -----------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The command's instant."""
        return self.context_.now

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        return new_id()

    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Functions that FEEL may call beside its own."""
        return self.context_.functions()

    def context(self, scope: str) -> Mapping[str, object]:
        """Variables visible in a scope, innermost first, then what every case knows of itself."""
        layers: list[Any] = []
        while scope != self.record.id:
            inner = self.scopes.get(scope)
            if inner is None:
                break
            layers.append(inner.variables)
            scope = inner.parent_id
        return ChainMap(*layers, self.record.variables, self._built_in())

    def write(self, scope: str, name: str, value: object) -> None:
        """Set a variable in the nearest enclosing scope that has it, or else in the instance."""
        while scope != self.record.id:
            inner = self.scopes.get(scope)
            if inner is None:
                break
            if name in inner.variables:
                self.write_local(scope, name, value)
                return
            scope = inner.parent_id
        self.write_local(self.record.id, name, value)

    def write_local(self, scope: str, name: str, value: object) -> None:
        """Set a variable in this very scope; writing the value it has already changes nothing."""
        name = check_name(name)
        body = to_json(name, value)
        if scope == self.record.id:
            held = self.record.variables
        else:
            record = self.scopes[scope]
            held = record.variables
            record.dirty = True
        if name in held and orjson.dumps(held[name]) == body:
            return
        held[name] = orjson.loads(body)
        self.changes.append(Change(scope, name, body))
        self.touched.add(name)

    def open_scope(self, scope: str, parent: str) -> None:
        """Begin a scope inside another."""
        self.scopes[scope] = ScopeRecord(parent, {})

    def close_scope(self, scope: str) -> None:
        """Forget a scope and its variables; the log keeps their history."""
        record = self.scopes.pop(scope, None)
        if record is not None and record.stored:
            self.closed_scopes.append(scope)

    def run_script(self, source: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a Python script in the sandbox."""
        return run_python(source, variables)

    def _built_in(self) -> dict[str, object]:
        record = self.record
        return {
            "instance": {
                "id": record.id,
                "key": self.bundle.key,
                "version": self.bundle.version,
                "businessKey": record.business_key,
                "startedBy": record.started_by,
                "startedAt": record.started_at,
            },
            "performers": record.performers or {},
            "settings": self.bundle.settings,
        }


def check_name(name: str) -> str:
    """A variable's name in NFC.

    Raises:
        InvalidInput: it is empty, too long, or holds a control character.
    """
    name = unicodedata.normalize("NFC", name)
    if not name or len(name) > MAX_NAME or any(unicodedata.category(c) == "Cc" for c in name):
        raise InvalidInput(
            f"Expected a variable name of 1 to {MAX_NAME} characters, none a control character, "
            f"but got {name[:40]!r}."
        )
    return name


def to_json(name: str, value: object) -> bytes:
    """A variable's value as JSON bytes.

    Raises:
        InvalidInput: it is not JSON data, or over a megabyte.
    """
    try:
        body = orjson.dumps(value)
    except TypeError as error:
        raise InvalidInput(f"Expected JSON data for variable {name!r} but: {error}.") from error
    if len(body) > MAX_VALUE:
        raise InvalidInput(
            f"Expected at most {MAX_VALUE:,} bytes for variable {name!r} but got {len(body):,}; "
            "attach it as a file instead."
        )
    return body

"""A process instance in memory for the length of one command: what the token game calls its host."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from engine.decisions import Taken
from engine.errors import InvalidInput
from engine.feel.runtime import HostFunctions
from engine.handlers.asking import with_decisions
from engine.handlers.bundle import Bundle
from engine.handlers.context import Context
from engine.handlers.values import check_name, to_json
from engine.ids import new_id
from engine.scripts import run_python
from engine.spiff import Execution
from engine.spiff.expressions import Stuck
from engine.store import cases, waits
from engine.store.cases import InstanceRecord, ScopeRecord
from engine.store.history import Change, Event


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
        self._running = False

    @classmethod
    def load(cls, context: Context, instance_id: str) -> Case:
        """Lock an instance and read it; its tokens are only decoded when somebody moves them.

        Whoever waited for the lock asked for the time before the holder wrote its events: the
        command's instant moves on to theirs, so that no event lies before its cause.
        """
        return cls.of(context, cases.load_instance(context.uow, instance_id))

    @classmethod
    def of(cls, context: Context, record: InstanceRecord) -> Case:
        """The case of a record that was read and locked by now."""
        context.uow.now = record.changed_at = max(context.now, record.changed_at)
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

    def run(self, budget: int) -> bool:
        """Move the tokens until none can move; False if the budget ran out first."""
        self._running = True
        try:
            return self.execution.run(budget)
        except Stuck as stuck:
            raise InvalidInput(stuck.message) from stuck
        finally:
            self._running = False

    def begin(self, start_node: str | None) -> None:
        """Put the first token on a start event."""
        self._execution = Execution.start(self.bundle.program, self, instance=self.record.id, start_node=start_node)

    def wake(self) -> None:
        """Let `advance` move the tokens though nothing was completed, fired or delivered."""
        self._execution = self.execution

    def abandon(self, reason: str) -> None:
        """End what is open though the tokens cannot be read, by the rows alone."""
        for activity in cases.open_activities(self.context_.uow, self.record.id):
            self.note("activity-cancelled", element=activity.element_id, activity=activity.id, reason=reason)
        waits.close(self.context_.uow, waits.open_ids(self.context_.uow, self.record.id))
        self.record.token_state, self._execution = None, None

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
        return self._functions

    @cached_property
    def _functions(self) -> HostFunctions:
        return with_decisions(self.context_.functions(), self.bundle.decisions, self.local_now)

    def local_now(self) -> datetime:
        """The command's instant as the site's clock shows it: what expressions see."""
        return self.context_.local_now

    def context(self, scope: str) -> Mapping[str, object]:
        """Variables visible in a scope, innermost first, then what every case knows of itself."""
        layers: list[Any] = []
        while scope != self.record.id:
            inner = self.scopes.get(scope)
            if inner is None:
                break
            layers.append(inner.variables)
            scope = inner.parent_id
        return ChainMap(*layers, self.record.variables, facts(self.record, self.bundle))

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
        """Set a variable in this very scope; writing the value it has already changes nothing.

        Raises:
            InvalidInput: somebody sent what is no JSON.
            Stuck: the process made it, which stops that one token.
        """
        try:
            name = check_name(name)
            body = to_json(name, value)
        except InvalidInput as error:
            raise (Stuck("expression", error.message) if self._running else error) from error
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
        """Run a Python script in the sandbox; its clock stands at the command's instant."""
        return run_python(source, variables, now=self.now())

    def decide(self, decision: str, variables: Mapping[str, object]) -> Taken:
        """Ask a decision of the definition's own files."""
        functions = self.context_.functions()
        return self.bundle.decisions.decide(decision, variables, now=self.local_now(), functions=functions)


def facts(record: Any, bundle: Bundle) -> dict[str, object]:
    """What every case knows of itself beside its variables, under names a variable would hide.

    Args:
        record: the instance's row, or the record of it.
        bundle: its definition.
    """
    return {
        "instance": {
            "id": record.id,
            "key": bundle.key,
            "version": bundle.version,
            "businessKey": record.business_key,
            "startedBy": record.started_by,
            "startedAt": record.started_at,
        },
        "performers": record.performers or {},
        "settings": bundle.settings,
    }

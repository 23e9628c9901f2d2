"""A reference host: variables by scope in memory, ids in order, a fake clock; and a driver for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from engine.clock import FakeClock
from engine.decisions import DecisionLibrary, Taken
from engine.models.model import Process
from engine.scripts import run_python
from engine.spiff import Execution, Program, Waiting, compile_process
from engine.spiff.effects import Effect, Entered, Left, SubscriptionOpened, TimerOpened

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
E = TypeVar("E")


class MemoryHost:
    """Keeps variables in dictionaries, one a scope.

    Args:
        instance: id of the root scope.
        variables: what is in it.
    """

    def __init__(self, instance: str = "instance", variables: Mapping[str, object] | None = None) -> None:
        self.clock = FakeClock(NOON)
        self.instance = instance
        self.scopes: dict[str, dict[str, object]] = {instance: dict(variables or {})}
        self.parents: dict[str, str] = {}
        self.ids = 0
        self.files: Mapping[str, bytes] = {}

    def now(self) -> datetime:
        return self.clock.now()

    def new_id(self) -> str:
        self.ids += 1
        return f"00000000-0000-7000-8000-{self.ids:012d}"

    def context(self, scope: str) -> Mapping[str, object]:
        chain = []
        at: str | None = scope
        while at is not None:
            chain.append(self.scopes[at])
            at = self.parents.get(at)
        if len(chain) == 1:
            return chain[0]
        merged: dict[str, object] = {}
        for values in reversed(chain):
            merged.update(values)
        return merged

    def functions(self) -> Mapping[str, Callable[..., object]]:
        return {}

    def write(self, scope: str, name: str, value: object) -> None:
        at: str | None = scope
        while at is not None:
            if name in self.scopes[at]:
                self.scopes[at][name] = value
                return
            at = self.parents.get(at)
        self.scopes[self.instance][name] = value

    def write_local(self, scope: str, name: str, value: object) -> None:
        self.scopes[scope][name] = value

    def open_scope(self, scope: str, parent: str) -> None:
        assert scope not in self.scopes, f"scope {scope} opened twice"
        assert parent in self.scopes, f"scope {scope} opened in {parent}, which is closed"
        self.scopes[scope] = {}
        self.parents[scope] = parent

    def close_scope(self, scope: str) -> None:
        del self.scopes[scope]
        del self.parents[scope]

    def run_script(self, source: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        return run_python(source, variables, now=self.now())

    def decide(self, decision: str, variables: Mapping[str, object]) -> Taken:
        return DecisionLibrary(self.files).decide(decision, variables, now=self.now())


class Running:
    """A running instance in a test, spoken of by element ids; stores and loads its state between any two calls.

    Args:
        model: the process, or its program.
        start_node: see `Execution.start`.
        forget: dump, forget and load after each call.
        variables: of the instance.
    """

    def __init__(
        self, model: Process | Program, *, start_node: str | None = None, forget: bool = True, **variables: object
    ) -> None:
        self.program = model if isinstance(model, Program) else compile_process(model)
        self.host = MemoryHost("instance", variables)
        self.forget = forget
        self.all: list[Effect] = []
        self.execution = Execution.start(self.program, self.host, instance="instance", start_node=start_node)
        self.steps = 0
        self.run()

    @property
    def variables(self) -> dict[str, object]:
        """Of the instance."""
        return self.host.scopes["instance"]

    def run(self, budget: int = 100_000) -> list[Effect]:
        """Move, store, forget, load; gives what happened."""
        quiescent = self.execution.run(budget)
        assert quiescent
        return self.reload()

    def reload(self) -> list[Effect]:
        """Store, forget and load; gives what happened since."""
        happened = list(self.execution.effects)
        self.all += happened
        if self.forget:
            self.execution = Execution.load(self.program, self.execution.dump(), self.host)
        else:
            self.execution.effects.clear()
        return happened

    def waits(self, node: str, kind: str | None = None) -> list[Waiting]:
        """Live tokens in a node, oldest first."""
        return [w for w in self.execution.waiting() if w.node == node and kind in (None, w.kind)]

    def one(self, node: str, kind: str | None = None) -> str:
        """Id of the oldest token in a node."""
        found = self.waits(node, kind)
        assert found, f"no token in {node}, only in {[(w.node, w.kind) for w in self.execution.waiting()]}"
        return found[0].id

    def complete(self, node: str, index: int = 0, /, **variables: object) -> list[Effect]:
        """Complete a user task or job."""
        work = [w for w in self.waits(node) if w.kind in ("user-task", "job", "message")]
        self.execution.complete(work[index].id, variables)
        return self.run()

    def fail(self, node: str, code: str, /, **variables: object) -> bool:
        """End a job by a BPMN error."""
        caught = self.execution.throw_error(self.one(node), code, "went wrong", variables)
        self.run()
        return caught

    def fire(self, node: str) -> list[Effect]:
        """Fire the timer of a node, at the clock's time."""
        self.execution.fire(self.one(node, "timer"))
        return self.run()

    def deliver(self, node: str, /, **variables: object) -> list[Effect]:
        """Deliver the message or signal a node waits for."""
        self.execution.deliver(self.one(node), variables)
        return self.run()

    def advance(self, **by: float) -> None:
        """Move the clock."""
        self.host.clock.advance(timedelta(**by))
        self.execution = Execution.load(self.program, self.execution.dump(), self.host)

    def at(self, *kinds: str) -> list[str]:
        """Nodes with live tokens, sorted; of these kinds, or else of all."""
        return sorted(w.node for w in self.execution.waiting() if not kinds or w.kind in kinds)

    def effects(self, kind: type[E]) -> list[E]:
        """All effects of a kind so far."""
        return [effect for effect in self.all if isinstance(effect, kind)]

    def entered(self) -> list[str]:
        """Nodes entered so far, in order."""
        return [e.node for e in self.effects(Entered)]

    def left(self, outcome: str = "completed") -> list[str]:
        """Nodes left with an outcome so far, in order."""
        return [e.node for e in self.effects(Left) if e.outcome == outcome]

    def due(self, node: str) -> datetime:
        """When the timer of a node is due, as last opened."""
        return [e.due_at for e in self.effects(TimerOpened) if e.node == node][-1]

    def subscription(self, node: str) -> SubscriptionOpened:
        """The last subscription of a node."""
        return [e for e in self.effects(SubscriptionOpened) if e.node == node][-1]

    @property
    def ended(self) -> bool:
        return self.execution.ended

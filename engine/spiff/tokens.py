"""Tokens and scopes: all there is to know about a running instance, beside its variables.

A token is a SpiffWorkflow task in one of these states: READY (in the queue), WAITING (kept at a
join, or listening on behalf of another token), STARTED (waits for something outside, or for the
scope it opened), ERROR (parked with an incident), COMPLETED or CANCELLED (forgotten at once).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.spiff.program import Contents
    from engine.spiff.runtime import Runtime
    from engine.spiff.specs.base import FlowNodeSpec, OutFlow

ENTER: Final = 0
"""Phase: the node's own work is still to be done."""
DONE: Final = 1
"""Phase: the work is done, its results are to be mapped."""
LEAVE: Final = 2
"""Phase: the results are written, the ways out are to be chosen."""

ENTERED: Final = 1
"""Flag: `Entered` was reported, so `Left` must follow."""
LOCAL: Final = 2
"""Flag: a scope for variables is open under the token's id."""
ARMED: Final = 4
"""Flag: its boundary events listen."""
SCOPE: Final = 8
"""Flag: it holds a scope with tokens of its own."""
FIRST: Final = 16
"""Flag: the first token of its scope, which lets the scope's event sub-processes listen; a loop's child yet to be
given its variables."""
LISTENER: Final = 32
"""Flag: it only listens, and keeps no scope alive."""
WAS_TRUE: Final = 64
"""Flag: the condition it listens to was true when last seen."""
MAPPED: Final = 128
"""Flag: its input mappings were written."""

_GONE = TaskState.COMPLETED | TaskState.CANCELLED


class Token(Task):  # type: ignore[misc]
    """One token.

    `Task.__init__` is not called: it draws a random id and reads the machine's clock. What most
    tokens never need stays a class attribute.

    Args:
        id: UUIDv7, also the id of the activity instance and of the wait it opens.
        workflow: the running instance.
        spec: the flow node it is in.
        scope: the scope it is in.
    """

    _parent = None
    _children = ()
    data: Mapping[str, object] = MappingProxyType({})
    internal_data: Mapping[str, object] = MappingProxyType({})
    triggered = False
    thread_id = 0
    last_state_change = 0.0

    phase: int = ENTER
    flags: int = 0
    flow: str = ""
    """Join: the sequence flow it came by."""
    predecessors: tuple[str, ...] = ()
    """Activity ids that led here."""
    loop_index: int | None = None
    """Loop rounds and multi-instance children: position, from 0."""
    host: Token | None = None
    """Listeners at an activity or an event-based gateway: that token."""
    cycle: Cycle | None = None
    """Repeating timers: what is left of the cycle."""
    rounds: Rounds | None = None
    """Loops: how far it has come."""
    verdict: object = None
    """Chosen ways out, between choosing and going."""

    def __init__(self, id: str, workflow: Runtime, spec: FlowNodeSpec, scope: Scope) -> None:
        self.id = id
        self.workflow = workflow
        self.task_spec = spec
        self.scope = scope
        self._state: int = TaskState.FUTURE

    def _set_state(self, value: int) -> None:
        """Change state without SpiffWorkflow's clock and log; a token that is gone stays gone."""
        if not self._state & _GONE:
            self._state = value

    @property
    def gone(self) -> bool:
        """Completed or cancelled."""
        return bool(self._state & _GONE)

    @property
    def at(self) -> int:
        """Its `TaskState`."""
        return self._state

    def ways(self) -> tuple[OutFlow, ...]:
        """The ways out chosen for it."""
        chosen: Any = self.verdict
        return chosen or ()


class Scope:
    """The process, an activation of a sub-process, or a loop: tokens that live and end together.

    Args:
        id: the instance's id at process level, else the id of the token that holds it.
        owner: that token; None at process level.
        contents: what the model says is in it.
    """

    __slots__ = ("contents", "id", "listeners", "occupied", "owner", "tokens")

    def __init__(self, id: str, owner: Token | None, contents: Contents) -> None:
        self.id = id
        self.owner = owner
        self.contents = contents
        self.tokens: dict[str, Token] = {}
        """Tokens that keep it alive, by id, oldest first."""
        self.listeners: dict[str, Token] = {}
        """Starts of its event sub-processes, listening."""
        self.occupied: Counter[str] = Counter()
        """Node id -> number of tokens there; kept only where an inclusive join asks for it."""


class Rounds:
    """How far a loop has come.

    Args:
        total: instances there will be; -1 for a standard loop.
        started: children started so far.
        completed: children completed so far.
        finished: index -> activity id of the children whose completion leads on or whose results are kept.
    """

    __slots__ = ("completed", "finished", "started", "total")

    def __init__(
        self, total: int, started: int = 0, completed: int = 0, finished: dict[int, str] | None = None
    ) -> None:
        self.total = total
        self.started = started
        self.completed = completed
        self.finished: dict[int, str] = finished if finished is not None else {}


class Cycle:
    """What is left of a repeating timer.

    Args:
        left: firings left after the pending one; None without end.
        due: the pending firing, UTC microseconds.
        interval: ISO 8601 duration between firings.
    """

    __slots__ = ("due", "interval", "left")

    def __init__(self, left: int | None, due: int, interval: str) -> None:
        self.left = left
        self.due = due
        self.interval = interval

"""One running instance, as the kernel drives it: say what happened, let it run, take its effects, store its state."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInput, NotFound, WrongState
from engine.feel.budget import allowed
from engine.models.model import EventKind, Node
from engine.spiff import state as stored
from engine.spiff.cancelling import cancel_scope
from engine.spiff.deadlines import Due, deadlines
from engine.spiff.effects import Effect, Host
from engine.spiff.expressions import Stuck
from engine.spiff.program import Program
from engine.spiff.runtime import Runtime
from engine.spiff.throwing import throw
from engine.spiff.tokens import DONE, ENTERED, FIRST, LISTENER, Token
from engine.spiff.waiting import Waiting, kind_of, report_deadlock, view


class Execution:
    """A running instance. Made by `start` or `load`; not for several threads at a time."""

    def __init__(self, run: Runtime) -> None:
        self._run = run

    @classmethod
    def start(cls, program: Program, host: Host, *, instance: str, start_node: str | None = None) -> Execution:
        """Put a token on a start event; `run` moves it.

        Args:
            program: the compiled process.
            host: time, ids, variables (the root scope is open and filled), scripts.
            instance: the instance's id, which is also the root scope's.
            start_node: one of `program.start_events`; None means the none start event.

        Raises:
            InvalidInput: there is no such start event, or there are several none start events.
        """
        node = _start_node(program, start_node)
        run = Runtime(program, instance, host)
        token = run.spawn(program.workflow_spec.task_specs[node.id], run.root, (), FIRST)
        if node.type == "receiveTask":  # its message has come: that is why the instance starts
            token.phase = DONE
        token._ready()
        return cls(run)

    @classmethod
    def load(cls, program: Program, state: bytes, host: Host) -> Execution:
        """Go on from what `dump` gave.

        Raises:
            CorruptState: the state cannot be read, or belongs to another process version.
        """
        return cls(stored.load(program, state, host))

    def dump(self) -> bytes:
        """The state, to be stored; variables are the host's."""
        return stored.dump(self._run)

    # what happened ------------------------------------------------------------------------------------------

    def complete(self, token: str, variables: Mapping[str, object]) -> None:
        """A user task, job or receive task is done.

        Raises:
            NotFound: no such token lives.
            WrongState: it does not wait for this (it was completed already, or is parked).
        """
        found = self._waiting(token, "a user task, job or receive task")
        if not found.task_spec.completable:
            raise _wrong(found, "a user task, job or receive task")
        self._run.write_results(found, variables)
        self._run.finish(found)

    def throw_error(self, token: str, code: str, message: str, variables: Mapping[str, object]) -> bool:
        """A job or user task ends by a BPMN error.

        Args:
            token: its id.
            code: error code.
            message: for the incident, if nothing catches it.
            variables: results of the event that catches it.

        Returns:
            Whether something caught it; if not, the token is parked.

        Raises:
            NotFound, WrongState: as `complete`.
        """
        found = self._waiting(token, "a user task or job")
        if not found.task_spec.completable:
            raise _wrong(found, "a user task or job")
        if throw(self._run, found, EventKind.ERROR, code, variables):
            return True
        says = f": {message}" if message else ""
        text = f"Expected something to catch error '{code}' of {found.task_spec.label}, but nothing does{says}"
        self._run.park(found, "uncaught-error", text)
        return False

    def fire(self, timer: str) -> None:
        """A timer is due. A repeating one is opened anew by an effect.

        Raises:
            NotFound, WrongState: as `complete`.
        """
        self._trigger(timer, ("timer",), {})

    def deliver(self, subscription: str, variables: Mapping[str, object]) -> None:
        """A message or signal came. A subscription that stays (non-interrupting) is opened anew by an effect.

        Raises:
            NotFound, WrongState: as `complete`.
        """
        self._trigger(subscription, ("message", "signal"), variables)

    def park(self, token: str, kind: str, message: str) -> None:
        """Make an incident of a token: it keeps what it was doing until `retry`.

        Raises:
            NotFound: no such token lives.
            WrongState: it holds a scope, waits at a join or is parked already.
        """
        found = self._find(token)
        doing = found.has_state(TaskState.STARTED) and found.task_spec.opens_wait
        if not (doing or found.has_state(TaskState.READY) or found.flags & LISTENER):
            raise _wrong(found, "something that can fail")
        self._run.park(found, kind, message)

    def retry(self, token: str) -> None:
        """Run a parked token again from the point where it stopped; a parked job is opened anew.

        Raises:
            NotFound: no such token lives.
            WrongState: it is not parked.
        """
        found = self._find(token)
        if not found.has_state(TaskState.ERROR):
            raise _wrong(found, "an incident")
        if found.flags & LISTENER:
            self._listen_again(found)
        elif found.flow and not found.flags & ENTERED:
            found.task_spec._update(found)  # it comes to its node again: a join keeps it
        else:
            found._ready()

    def _listen_again(self, listener: Token) -> None:
        run = self._run
        try:
            open_wait = listener.task_spec.trigger.plan(run, run.context(listener.host or listener))
        except Stuck as stuck:
            run.park(listener, stuck.kind, stuck.message)
        else:
            listener._set_state(TaskState.WAITING)
            open_wait(listener)

    def cancel(self, reason: str) -> None:
        """Cancel everything that lives; the instance has ended."""
        cancel_scope(self._run, self._run.root, reason)
        self._run.ready.clear()
        self._run.ended = True

    # moving on ----------------------------------------------------------------------------------------------

    def run(self, budget: int = 10_000) -> bool:
        """Move tokens until none can move.

        Args:
            budget: at most this many steps (a step takes one token through one node; a decision counts as several).

        Returns:
            False if the budget, or half the time that expressions may take, ran out first: the state then holds
            READY tokens, and `run` goes on with them.
        """
        run, ready = self._run, self._run.ready
        run.changed = True
        run.steps = 0
        while True:
            while ready:
                if run.steps >= budget or (run.steps and _tired()):
                    return False
                token = ready.popleft()
                if token.at == TaskState.READY:
                    run.steps += 1
                    token.run()
            if not (self._fire_inclusive_join() or self._look_at_conditions()):
                report_deadlock(run)
                return True

    @property
    def steps(self) -> int:
        """How many steps the last `run` took."""
        return self._run.steps

    def _fire_inclusive_join(self) -> bool:
        run = self._run
        while run.unsettled:
            scope = next(iter(run.unsettled.values()))
            if any(join.fire_if_enabled(run, scope) for join in scope.contents.inclusive_joins):
                return True
            del run.unsettled[scope.id]
        return False

    def _look_at_conditions(self) -> bool:
        run = self._run
        if not run.changed or not run.conditionals:
            return False
        run.changed = False
        for token in [t for t in run.conditionals.values() if t.at & (TaskState.STARTED | TaskState.WAITING)]:
            if token.gone:
                continue
            try:
                if token.task_spec.trigger.turned_true(run, token):
                    token.task_spec.triggered(run, token, {})
            except Stuck as stuck:
                run.park(token, stuck.kind, stuck.message)
        return bool(run.ready) or run.changed

    # what there is ------------------------------------------------------------------------------------------

    @property
    def effects(self) -> list[Effect]:
        """What happened since start or load, in order."""
        return self._run.effects

    @property
    def ended(self) -> bool:
        """Whether no token is left."""
        return self._run.ended

    def waiting(self) -> tuple[Waiting, ...]:
        """Every live token, oldest first."""
        return tuple(view(token) for token in self._run.tasks.values())

    def deadlines(self, names: Collection[str]) -> tuple[Due, ...]:
        """The open tasks and timers whose deadlines follow any of these variables, evaluated again."""
        return deadlines(self._run, names)

    def _trigger(self, wait: str, kinds: tuple[str, ...], variables: Mapping[str, object]) -> None:
        found = self._find(wait)
        listens = found.has_state(TaskState.WAITING) and bool(found.flags & LISTENER)
        if not (listens or found.has_state(TaskState.STARTED)) or found.task_spec.waits_as not in kinds:
            raise _wrong(found, " or ".join(kinds))
        found.task_spec.triggered(self._run, found, variables)

    def _waiting(self, token: str, what: str) -> Token:
        found = self._find(token)
        if not found.has_state(TaskState.STARTED):
            raise _wrong(found, what)
        return found

    def _find(self, id: str) -> Token:
        token: Token | None = self._run.tasks.get(id)
        if token is None:
            raise NotFound(f"Expected a live token of instance {self._run.root.id} but there is no '{id}'.")
        return token


def _start_node(program: Program, start_node: str | None) -> Node:
    key, starts = program.process.key, program.start_events
    if start_node is not None:
        found = [node for node in starts if node.id == start_node]
        if not found:
            raise InvalidInput(f"Expected a start event of process {key} but '{start_node}' is none.")
        return found[0]
    plain = [n for n in starts if n.type == "startEvent" and (n.event is None or n.event.kind is EventKind.NONE)]
    if len(plain) != 1:
        names = ", ".join(node.id for node in starts)
        raise InvalidInput(
            f"Expected one none start event in process {key} but there are {len(plain)}. Name the start event: {names}."
        )
    return plain[0]


def _wrong(token: Token, expected: str) -> WrongState:
    return WrongState(f"Expected {token.id} at {token.task_spec.label} to be {expected} but it is {kind_of(token)}.")


def _tired() -> bool:
    """Whether half of what all expressions of the command may take is gone: the rest is for the token at hand."""
    granted = allowed()
    return granted is not None and granted.left < granted.seconds / 2

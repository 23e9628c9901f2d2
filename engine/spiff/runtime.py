"""A running instance: tokens, the variables' host, and what has happened so far.

The flow node specs in `engine.spiff.specs` hold the semantics; this class holds the moves they share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.clock import on_site
from engine.spiff.effects import Effect, Entered, Host, IncidentOpened, Left, ProcessEnded, WaitClosed
from engine.spiff.expressions import Context
from engine.spiff.marking import Marking
from engine.spiff.tokens import ARMED, DONE, ENTERED, LISTENER, LOCAL, Scope, Token

if TYPE_CHECKING:
    from engine.spiff.program import Program
    from engine.spiff.specs.base import FlowNodeSpec
    from engine.spiff.specs.listeners import ListenerSpec


class Runtime(Marking):
    """One instance while a command works on it.

    Args:
        program: the compiled process.
        instance: the instance's id.
        host: time, ids, variables, scripts.
    """

    def __init__(self, program: Program, instance: str, host: Host) -> None:
        super().__init__(program, instance)
        self.host = host
        self.effects: list[Effect] = []
        self.now = host.now()
        self.zone = program.zone
        self.changed = True
        """A variable may have changed since conditions were last looked at."""
        self.terminated = False
        self.steps = 0
        """What `run` counts against its budget."""

    @cached_property
    def local_now(self) -> datetime:
        """The instant as the site's clock shows it: what expressions see."""
        return on_site(self.now, self.zone)

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Functions of the host that expressions may call."""
        return self.host.functions()

    # tokens ---------------------------------------------------------------------------------------------

    def spawn(self, spec: FlowNodeSpec, scope: Scope, predecessors: tuple[str, ...], flags: int = 0) -> Token:
        """A new token in a flow node; it does nothing yet."""
        token = Token(self.host.new_id(), self, spec, scope)
        token.predecessors = predecessors
        if flags:
            token.flags = flags
        self.place(token)
        return token

    def arrive(self, spec: FlowNodeSpec, scope: Scope, flow: str, predecessors: tuple[str, ...]) -> None:
        """A token comes to a flow node by a sequence flow: it goes into the queue, or is kept at a join."""
        token = self.spawn(spec, scope, predecessors)
        token.flow = flow
        spec._update(token)

    def enter(self, token: Token) -> None:
        """Report that an activity instance begins; once for a token."""
        token.flags |= ENTERED
        spec = token.task_spec
        if spec.shows:
            entered = Entered(
                activity=token.id,
                node=spec.node.id,
                scope=token.scope.id,
                predecessors=token.predecessors,
                loop_index=token.loop_index,
            )
            self.effects.append(entered)

    def leave(self, token: Token) -> None:
        """Report that the activity instance completed, and forget the token."""
        if token.task_spec.shows:
            self.effects.append(Left(activity=token.id, node=token.task_spec.node.id))
        if not token.task_spec.keeps_results:  # else its loop still needs them
            self.close_local(token)
        self.discard(token)

    def finish(self, token: Token) -> None:
        """What the token waited for is over: nothing may interrupt it any more, it goes on in the queue."""
        self.disarm(token)
        token.phase = DONE
        token._ready()

    def settle_scope(self, scope: Scope) -> None:
        """End a scope in which no token is left."""
        if scope.tokens or scope.id not in self.scopes:
            return
        self.silence(scope)
        del self.scopes[scope.id]
        self.unsettled.pop(scope.id, None)
        if scope.owner is not None:
            self.finish(scope.owner)
        else:
            self.ended = True
            self.effects.append(ProcessEnded(outcome="terminated" if self.terminated else "completed"))

    # incidents ------------------------------------------------------------------------------------------

    def park(self, token: Token, kind: str, message: str) -> None:
        """Stop a token until somebody mends the cause and retries it."""
        token._set_state(TaskState.ERROR)
        node = token.task_spec.node.id
        self.effects.append(IncidentOpened(activity=token.id, node=node, kind=kind, message=message))

    # listeners ------------------------------------------------------------------------------------------

    def arm(self, specs: Sequence[ListenerSpec], scope: Scope, host: Token | None, context: Context) -> None:
        """Let boundary events (of `host`) or event sub-process starts (of `scope`) listen.

        Everything is evaluated before anything listens.

        Raises:
            Stuck: an expression failed; nothing listens.
        """
        plans = [(spec, spec.trigger.plan(self, context)) for spec in specs if spec.trigger]
        for spec, open_wait in plans:
            listener = Token(self.host.new_id(), self, spec, scope)
            listener.flags = LISTENER
            listener.host = host
            self.place(listener)
            listener._set_state(TaskState.WAITING)
            open_wait(listener)

    def disarm(self, token: Token, reason: str = "") -> None:
        """Stop what listens on behalf of a token."""
        for listener in self.listening.pop(token.id, {}).values():
            self.drop_listener(listener, reason)
        token.flags &= ~ARMED

    def silence(self, scope: Scope, reason: str = "") -> None:
        """Stop the starts of a scope's event sub-processes."""
        for listener in list(scope.listeners.values()):
            self.drop_listener(listener, reason)

    def drop_listener(self, listener: Token, reason: str = "", *, fired: bool = False) -> None:
        """Forget one listener; unless it just fired, its wait is closed."""
        if not fired and (listener.task_spec.opens_wait or listener.has_state(TaskState.ERROR)):
            self.effects.append(WaitClosed(wait=listener.id, reason=reason))
        listener._set_state(TaskState.CANCELLED)
        self.discard(listener)

    # variables ------------------------------------------------------------------------------------------

    def context(self, token: Token) -> Context:
        """Variables that a token sees."""
        return self.host.context(token.id if token.flags & LOCAL else token.scope.id)

    def variable_scope(self, token: Token) -> str:
        """The scope in which a token's expressions are evaluated and to which its results go."""
        return token.id if token.flags & LOCAL else token.scope.id

    def open_local(self, token: Token) -> None:
        """Give a token a scope of its own for variables, if it has none."""
        if not token.flags & LOCAL:
            token.flags |= LOCAL
            self.host.open_scope(token.id, token.scope.id)

    def close_local(self, token: Token) -> None:
        """Forget the variables of a token that is over, and the results a loop gathered."""
        if token.rounds is not None and token.task_spec.output_collection:
            for child in token.rounds.finished.values():
                self.host.close_scope(child)
        if token.flags & LOCAL:
            self.host.close_scope(token.id)

    def write_results(self, token: Token, variables: Mapping[str, object]) -> None:
        """Write what came out of a token's work: to its own scope if it maps or keeps results, else outwards."""
        if not variables:
            return
        self.changed = True
        spec = token.task_spec
        if spec.output_mappings or spec.keeps_results:
            self.open_local(token)
            for name, value in variables.items():
                self.host.write_local(token.id, name, value)
        else:
            self.write(self.variable_scope(token), variables)

    def write(self, scope: str, variables: Mapping[str, object]) -> None:
        """Set variables where they live, seen from a scope, or else in the instance."""
        self.changed = True
        for name, value in variables.items():
            self.host.write(scope, name, value)

    def write_local(self, scope: str, variables: Mapping[str, object]) -> None:
        """Set variables in this very scope."""
        self.changed = True
        for name, value in variables.items():
            self.host.write_local(scope, name, value)

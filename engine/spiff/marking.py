"""The marking: which tokens a running instance has, and where. Every index changes in constant time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.spiff.tokens import LISTENER, Scope, Token

if TYPE_CHECKING:
    from engine.spiff.program import Program


class Tree(Token):
    """The root SpiffWorkflow expects over all tasks: every live token is its child, none is deeper."""

    def __init__(self, workflow: Marking) -> None:
        self.id = ""
        self.workflow = workflow
        self.task_spec = workflow.spec.start
        self._state = TaskState.STARTED

    @property
    def _children(self) -> list[str]:  # type: ignore[override]
        return list(self.workflow.tasks)


class Marking(Workflow):  # type: ignore[misc]
    """Live tokens, by id, by scope, at joins, as listeners, and in the queue.

    `Workflow` keeps `tasks`, the live tokens by id; a finished token is removed at once, nothing is predicted.

    Args:
        program: the compiled process.
        instance: the instance's id, which is also the root scope's.
    """

    def __init__(self, program: Program, instance: str) -> None:
        super().__init__(program.workflow_spec, deserializing=True)
        self.program = program
        self.tasks: dict[str, Token] = {}
        self.root = Scope(instance, None, program.contents)
        self.scopes: dict[str, Scope] = {instance: self.root}
        self.ready: deque[Token] = deque()
        self.arrived: dict[tuple[str, str], dict[str, deque[Token]]] = {}
        """(join, scope) -> sequence flow -> tokens that came by it, oldest first."""
        self.listening: dict[str, dict[str, Token]] = {}
        """Id of an activity's or event-based gateway's token -> those that listen on its behalf."""
        self.conditionals: dict[str, Token] = {}
        """Tokens that wait for a condition."""
        self.unsettled: dict[str, Scope] = {}
        """Scopes with inclusive joins where something moved."""
        self.ended = False

    @property
    def task_tree(self) -> Tree:
        """All live tokens under one root, as SpiffWorkflow's own tools expect them."""
        return Tree(self)

    def place(self, token: Token) -> None:
        """Take a new token into the books."""
        self.tasks[token.id] = token
        scope = token.scope
        if not token.flags & LISTENER:
            scope.tokens[token.id] = token
            if scope.contents.inclusive_joins:
                scope.occupied[token.task_spec.name] += 1
                self.unsettled[scope.id] = scope
        elif token.host is not None:
            self.listening.setdefault(token.host.id, {})[token.id] = token
        else:
            scope.listeners[token.id] = token

    def discard(self, token: Token) -> None:
        """Forget a token that is gone."""
        del self.tasks[token.id]
        self.conditionals.pop(token.id, None)
        scope = token.scope
        if not token.flags & LISTENER:
            del scope.tokens[token.id]
            if scope.contents.inclusive_joins:
                scope.occupied[token.task_spec.name] -= 1
                self.unsettled[scope.id] = scope
        elif token.host is not None:
            self._unlisten(token, token.host)
        else:
            del scope.listeners[token.id]

    def _unlisten(self, token: Token, host: Token) -> None:
        group = self.listening.get(host.id)
        if group is not None:
            group.pop(token.id, None)
            if not group:
                del self.listening[host.id]

    def open_scope(self, owner: Token) -> Scope:
        """The scope for the tokens that `owner` holds."""
        scope = self.scopes[owner.id] = Scope(owner.id, owner, owner.task_spec.contents)
        return scope

    def keep_at_join(self, token: Token) -> dict[str, deque[Token]]:
        """Keep a token that arrived at a join; gives all that are kept there, by sequence flow."""
        token._set_state(TaskState.WAITING)
        kept = self.arrived.setdefault((token.task_spec.name, token.scope.id), {})
        kept.setdefault(token.flow, deque()).append(token)
        return kept

    def take_from_join(self, token: Token) -> None:
        """Take back a token that was kept at a join."""
        key = (token.task_spec.name, token.scope.id)
        kept = self.arrived[key]
        kept[token.flow].remove(token)
        if not kept[token.flow]:
            del kept[token.flow]
        if not kept:
            del self.arrived[key]

    def merge_at_join(self, name: str, scope: Scope) -> Token:
        """Merge the oldest token of each sequence flow into one, which is given; the rest stay."""
        kept = self.arrived[name, scope.id]
        first, *others = [queue.popleft() for queue in kept.values()]
        for flow in [flow for flow, queue in kept.items() if not queue]:
            del kept[flow]
        if not kept:
            del self.arrived[name, scope.id]
        for other in others:
            other._set_state(TaskState.COMPLETED)
            self.discard(other)
        first.predecessors = tuple(dict.fromkeys(p for token in (first, *others) for p in token.predecessors))
        first.flow = ""
        return first

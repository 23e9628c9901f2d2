"""The stored form of a running instance: its live tokens and nothing else, as compact JSON.

    {"state_version": 1, "instance": id, "nodes": [spec names], "tokens": [row, …], "ready": [row indexes]}

A row: token id, node index, state, phase, flags, then as far as needed: index of the row that holds its scope
(-1: the process), index of the row it listens for (-1: none), sequence flow, loop index, predecessors, rounds,
cycle. Everything else (scopes, joins, listeners) follows from the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from SpiffWorkflow.util.task import TaskState

from engine.errors import CorruptState
from engine.spiff.effects import Host
from engine.spiff.program import Program
from engine.spiff.runtime import Runtime
from engine.spiff.tokens import ENTERED, LISTENER, SCOPE, Cycle, Rounds, Token

STATE_VERSION: Final = 1

UPGRADERS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""Old version -> function that gives the state of the next version."""

_BLANK: Final = (0, 0, -1, -1, "", None, (), None, None)
"""Columns from phase on, as they are when left out."""


def dump(run: Runtime) -> bytes:
    """The state of an instance, to be stored beside its variables."""
    names: dict[str, int] = {}
    rows: dict[str, int] = {id_: index for index, id_ in enumerate(run.tasks)}
    tokens = [_row(token, names, rows) for token in run.tasks.values()]
    state: dict[str, Any] = {
        "state_version": STATE_VERSION,
        "instance": run.root.id,
        "nodes": list(names),
        "tokens": tokens,
    }
    if queued := dict.fromkeys(rows[t.id] for t in run.ready if t.at == TaskState.READY and t.id in rows):
        state["ready"] = list(queued)
    if run.ended:
        state["ended"] = True
    if run.terminated:
        state["terminated"] = True
    return orjson.dumps(state)


def _row(token: Token, names: dict[str, int], rows: dict[str, int]) -> list[Any]:
    owner = token.scope.owner
    keeps_trail = not token.flags & ENTERED or not token.task_spec.shows or token.at != TaskState.STARTED
    rounds, cycle = token.rounds, token.cycle
    columns = (
        token.phase,
        token.flags,
        rows[owner.id] if owner else -1,
        rows[token.host.id] if token.host else -1,
        token.flow if token.at in (TaskState.WAITING, TaskState.ERROR) else "",
        token.loop_index,
        token.predecessors if keeps_trail else (),
        (rounds.total, rounds.started, rounds.completed, list(rounds.finished), list(rounds.finished.values()))
        if rounds
        else None,
        (cycle.left, cycle.due, cycle.interval) if cycle else None,
    )
    last = len(columns)
    while last and columns[last - 1] == _BLANK[last - 1]:
        last -= 1
    name = names.setdefault(token.task_spec.name, len(names))
    return [token.id, name, token.at, *columns[:last]]


def load(program: Program, state: bytes, host: Host) -> Runtime:
    """The instance as it was when `dump` wrote it.

    Args:
        program: the compiled process it belongs to.
        state: what `dump` gave, of this or an earlier state version.
        host: time, ids, variables, scripts.

    Raises:
        CorruptState: it cannot be read, or names a node the program does not have.
    """
    try:
        read = _upgraded(orjson.loads(state))
        run = Runtime(program, read["instance"], host)
        specs = [_spec(program, name) for name in read["nodes"]]
        tokens: list[Token] = []
        for row in read["tokens"]:
            tokens.append(_token(run, row, specs, tokens))
        for index in read.get("ready", ()):
            run.ready.append(tokens[index])
        run.ended = read.get("ended", False)
        run.terminated = read.get("terminated", False)
        return run
    except CorruptState:
        raise
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptState(
            f"Expected the stored state of an instance of {program.process.key} but cannot read it: "
            f"{type(error).__name__}: {error}. Restore it from a backup."
        ) from error


def _upgraded(state: dict[str, Any]) -> dict[str, Any]:
    version = state["state_version"]
    while version in UPGRADERS:
        state = UPGRADERS[version](state)
        version = state["state_version"]
    if version != STATE_VERSION:
        raise CorruptState(
            f"Expected state_version {STATE_VERSION} or older but the stored state says {version}. "
            "It was written by a newer Civiflow: run that version."
        )
    return state


def _spec(program: Program, name: str) -> Any:
    spec = program.workflow_spec.task_specs.get(name)
    if spec is None:
        raise CorruptState(
            f"Expected only nodes of process {program.process.key} but the stored state has a token in '{name}'. "
            "The instance belongs to another version of the process."
        )
    return spec


def _token(run: Runtime, row: list[Any], specs: list[Any], earlier: list[Token]) -> Token:
    id_, name, state, *given = row
    given += _BLANK[len(given) :]
    phase, flags, owner, host, flow, loop_index, predecessors, rounds, cycle = given
    scope = run.root if owner < 0 else run.scopes[earlier[owner].id]
    token = Token(id_, run, specs[name], scope)
    token.phase, token.flags, token.flow, token.loop_index = phase, flags, flow, loop_index
    token.predecessors = tuple(predecessors)
    if host >= 0:
        token.host = earlier[host]
    if rounds is not None:
        total, started, completed, indexes, finished = rounds
        token.rounds = Rounds(total, started, completed, dict(zip(indexes, finished, strict=True)))
    if cycle is not None:
        token.cycle = Cycle(*cycle)
    run.place(token)
    _restore_place(run, token, state)
    return token


def _restore_place(run: Runtime, token: Token, state: int) -> None:
    token._set_state(state)
    spec = token.task_spec
    if token.flags & SCOPE and state == TaskState.STARTED:
        run.open_scope(token)
    waits_for_condition = spec.waits_as == "conditional" and state & (
        TaskState.WAITING | TaskState.STARTED | TaskState.ERROR
    )
    if waits_for_condition:
        run.conditionals[token.id] = token
    elif state == TaskState.WAITING and not token.flags & LISTENER:
        run.keep_at_join(token)

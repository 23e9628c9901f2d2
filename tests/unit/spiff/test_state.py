"""The stored state: small, versioned, and refused by name when it cannot be read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from engine.errors import CorruptState
from engine.ids import new_id
from engine.spiff import Execution, compile_process
from engine.spiff import state as stored
from tests.builders_model import (
    boundary,
    catch,
    conditional,
    each,
    event_gateway,
    exclusive,
    feel,
    flow,
    inclusive,
    message,
    on_event,
    parallel,
    process,
    script,
    start,
    sub,
    timer,
    user,
)
from tests.host import MemoryHost, Running

SIX_NODES = process(
    flow("start -> calc -> gate"),
    flow("gate -> approve", when="twice > 100"),
    flow("gate -> note", default=True),
    flow("approve -> note -> end"),
    exclusive("gate"),
    script("calc", "amount * 2", "twice"),
    script("note", "true", "noted"),
    user("approve"),
)


def test_the_state_of_a_process_that_waits_at_one_user_task_is_under_200_bytes() -> None:
    host = MemoryHost(new_id(), {"amount": 60})
    execution = Execution.start(compile_process(SIX_NODES), host, instance=host.instance)
    execution.run()

    state = execution.dump()

    assert len(state) < 200
    assert orjson.loads(state)["state_version"] == stored.STATE_VERSION


def test_no_variable_and_no_finished_token_is_in_the_state() -> None:
    running = Running(SIX_NODES, amount=60, secret="Q7-secret")

    state = orjson.loads(running.execution.dump())

    assert b"secret" not in running.execution.dump()
    assert len(state["tokens"]) == 1


EVERYTHING = process(
    flow("start -> fork"),
    flow("fork -> work -> join"),
    flow("fork -> ask -> join"),
    flow("fork -> gate -> paid -> either"),
    flow("gate -> late -> either -> join"),
    flow("fork -> s -> join"),
    flow("fork -> watch -> or"),
    flow("fork -> or"),
    flow("or -> join -> end"),
    flow("remind -> endRemind"),
    parallel("fork", "join"),
    inclusive("or"),
    exclusive("either"),
    event_gateway("gate"),
    user("work"),
    user("ask", loop=each("people", sequential=True, output_collection="votes", output_element="vote")),
    catch("paid", message("paid")),
    catch("late", timer("PT1H")),
    catch("watch", conditional("level > 3")),
    boundary("remind", "work", timer("R3/PT10M", "cycle"), interrupting=False),
    sub(
        "s",
        flow("startS -> parked -> endS"),
        user("parked", priority=feel("urgency"), inputs={"y": "1"}),
        on_event(
            "handler", start("begin", message("alarm"), interrupting=False), flow("begin -> handle"), user("handle")
        ),
    ),
)


def _everything() -> Running:
    running = Running(EVERYTHING, people=["a", "b"], level=0)
    running.fire("remind")
    return running


def test_dumping_what_was_loaded_gives_the_same_bytes() -> None:
    running = _everything()

    state = running.execution.dump()

    assert Execution.load(running.program, state, running.host).dump() == state


def test_a_stored_state_of_this_version_stays_readable() -> None:
    """The fixture was written when state_version 1 was released; it must go on for ever."""
    program = compile_process(EVERYTHING)
    fixture = Path(__file__).parent / "state_v1.json"
    running = _everything()
    running.host.ids = 500

    running.execution = Execution.load(program, fixture.read_bytes(), running.host)
    kinds = sorted((w.node, w.kind) for w in running.execution.waiting())
    running.variables["urgency"] = 70
    running.execution.retry(running.one("parked"))
    running.run()
    running.fire("remind")
    running.deliver("begin")
    running.deliver("paid")
    running.complete("ask", vote=1)
    running.complete("ask", vote=2)
    running.complete("parked")
    running.complete("handle")
    running.complete("work", level=9)

    assert kinds == [
        ("ask", "loop"),
        ("ask", "user-task"),
        ("begin", "message"),
        ("gate", "event-gateway"),
        ("late", "timer"),
        ("or", "join"),
        ("paid", "message"),
        ("parked", "incident"),
        ("remind", "timer"),
        ("s", "sub-process"),
        ("watch", "conditional"),
        ("work", "user-task"),
    ]
    assert running.ended
    assert running.variables["votes"] == [1, 2]
    assert set(running.host.scopes) == {"instance"}


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (b"", "cannot read it"),
        (b"not json", "cannot read it"),
        (b"[]", "cannot read it"),
        (b"{}", "state_version"),
        (b'{"state_version":99,"instance":"i","nodes":[],"tokens":[]}', "state_version 1 or older"),
        (b'{"state_version":1,"instance":"i","nodes":["gone"],"tokens":[["t",0,32]]}', "'gone'"),
        (b'{"state_version":1,"instance":"i","nodes":["approve"],"tokens":[["t",5,32]]}', "cannot read it"),
        (b'{"state_version":1,"instance":"i","nodes":["approve"],"tokens":[["t",0,32,0,1,7]]}', "cannot read it"),
        (b'{"state_version":1,"instance":"i","nodes":["approve"],"tokens":[["t",0]]}', "cannot read it"),
        (b'{"state_version":1,"instance":"i","nodes":[],"tokens":[],"ready":[3]}', "cannot read it"),
    ],
)
def test_a_state_that_cannot_be_read_is_refused_and_says_what_is_wrong(state: bytes, says: str) -> None:
    with pytest.raises(CorruptState, match=says):
        Execution.load(compile_process(SIX_NODES), state, MemoryHost())


def test_an_older_state_goes_through_the_upgraders(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_version_0(state: dict[str, object]) -> dict[str, object]:
        return {**state, "state_version": 1, "tokens": state["rows"]}

    monkeypatch.setitem(stored.UPGRADERS, 0, from_version_0)
    old = b'{"state_version":0,"instance":"instance","nodes":["approve"],"rows":[["t",0,32,0,1]]}'

    execution = Execution.load(compile_process(SIX_NODES), old, MemoryHost("instance"))

    assert [(w.id, w.node, w.kind) for w in execution.waiting()] == [("t", "approve", "user-task")]


def test_a_budget_that_runs_out_leaves_ready_tokens_that_a_later_run_takes_up() -> None:
    running = Running(EVERYTHING, people=["a"], level=0, forget=True)
    program = running.program
    host = MemoryHost("instance", {"people": ["a"], "level": 0})
    execution = Execution.start(program, host, instance="instance")
    pauses = 0

    while not execution.run(budget=1):
        execution = Execution.load(program, execution.dump(), host)
        pauses += 1

    assert pauses == 9
    assert sorted((w.node, w.kind) for w in execution.waiting()) == sorted(
        (w.node, w.kind) for w in running.execution.waiting()
    )


def test_an_endless_loop_stops_at_the_budget_and_nothing_grows() -> None:
    model = process(flow("start -> again -> work -> again"), exclusive("again"), script("work", "1", "x"))
    host = MemoryHost()
    execution = Execution.start(compile_process(model), host, instance="instance")

    assert not execution.run(budget=5_000)
    size = len(execution.dump())
    assert not execution.run(budget=5_000)

    assert len(execution.dump()) == size
    assert len(execution.waiting()) == 1


def test_threads_share_one_program() -> None:
    program = compile_process(EVERYTHING)

    def play(seed: int) -> list[str]:
        running = Running(program, people=["a", "b"], level=seed)
        running.deliver("paid")
        running.complete("ask", vote=seed)
        running.complete("ask", vote=seed)
        running.complete("work", level=9)
        return running.at()

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(play, range(40)))

    assert outcomes == [["begin", "join", "join", "join", "join", "parked", "s"]] * 40

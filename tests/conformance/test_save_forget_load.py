"""Storing, forgetting and loading between any two steps changes nothing: the same trace, the same variables."""

from __future__ import annotations

import random

import pytest

from engine.models.model import Process
from engine.spiff import Execution, Program, compile_process
from engine.spiff.effects import Effect
from tests.builders_model import (
    boundary,
    catch,
    conditional,
    each,
    end,
    error,
    escalation,
    event_gateway,
    exclusive,
    flow,
    inclusive,
    link,
    message,
    on_event,
    parallel,
    process,
    script,
    service,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
    while_,
)
from tests.host import MemoryHost

MODELS: dict[str, Process] = {
    "gateways": process(
        flow("start -> again -> split"),
        flow("split -> a", when="modulo(n, 2) = 0"),
        flow("split -> b", when="n > 0"),
        flow("split -> c", default=True),
        flow("a -> or"),
        flow("b -> or"),
        flow("c -> or"),
        flow("or -> fork -> x -> join -> count -> gate"),
        flow("fork -> y -> join"),
        flow("gate -> again", when="n < 4"),
        flow("gate -> end", default=True),
        exclusive("again"),
        exclusive("gate"),
        inclusive("split", "or"),
        parallel("fork", "join"),
        script("count", "n + 1", "n"),
        *(user(id_) for id_ in "abcxy"),
    ),
    "loops": process(
        flow("start -> many -> one -> repeat -> s -> end"),
        service("many", loop=each("people", output_collection="votes", output_element="vote")),
        user("one", loop=each("people", sequential=True, output_collection="more", output_element="item + vote")),
        script("repeat", "n + 1", "n", loop=while_("n < 5")),
        sub(
            "s",
            flow("startS -> ask -> gate"),
            flow("gate -> endS", default=True),
            flow("gate -> early", when='vote = "early"'),
            exclusive("gate"),
            end("early", terminate()),
            user("ask"),
            loop=each("people", completion_condition="numberOfCompletedInstances > 1"),
        ),
    ),
    "events": process(
        flow("start -> fork -> work -> end"),
        flow("late -> remind -> end"),
        flow("stop -> jump"),
        flow("land -> end"),
        flow("fork -> gate -> paid -> end"),
        flow("gate -> wait -> end"),
        flow("fork -> s -> end"),
        flow("up -> told -> end"),
        flow("wrong -> end"),
        flow("fork -> watch -> end"),
        parallel("fork"),
        event_gateway("gate"),
        service("work", inputs={"x": "n + 1"}, outputs={"m": "x + 1"}),
        boundary("late", "work", timer("R2/PT10M", "cycle"), interrupting=False),
        boundary("stop", "work", signal("stop")),
        catch("paid", message("paid", "n")),
        catch("wait", timer("PT1H")),
        catch("watch", conditional("m > 1")),
        throw("jump", link("L")),
        catch("land", link("L")),
        user("remind"),
        user("told"),
        sub(
            "s",
            flow("startS -> ask -> tell -> fail"),
            user("ask"),
            throw("tell", escalation("U")),
            end("fail", error("E")),
            on_event("h", start("hs", message("alarm"), interrupting=False), flow("hs -> handle"), user("handle")),
        ),
        boundary("up", "s", escalation("U"), interrupting=False),
        boundary("wrong", "s", error()),
    ),
}


class Player:
    """Plays an instance to its end by choices drawn from a seed; the choice depends on what waits, not on ids."""

    def __init__(self, program: Program, seed: int, budget: int, *, forget: bool) -> None:
        self.program = program
        self.random = random.Random(seed)
        self.budget = budget
        self.forget = forget
        self.host = MemoryHost("instance", {"n": 0, "people": ["a", "b", "c"], "m": 0})
        self.effects: list[Effect] = []
        self.execution = Execution.start(program, self.host, instance="instance")

    def play(self) -> list[Effect]:
        self._settle()
        for _ in range(300):
            if self.execution.ended or not self._one_thing():
                break
            self._settle()
        return self.effects

    def _settle(self) -> None:
        while not self.execution.run(self.budget):
            self._store()
        self._store()

    def _store(self) -> None:
        self.effects += self.execution.effects
        if self.forget:
            state = self.execution.dump()
            self.execution = Execution.load(self.program, state, self.host)
            assert self.execution.dump() == state
        else:
            self.execution.effects.clear()

    def _one_thing(self) -> bool:
        kinds = ("user-task", "job", "timer", "message", "signal")
        waiting = [w for w in self.execution.waiting() if w.kind in kinds]
        if not waiting:
            return False  # only a condition is left, which nothing will make true
        chosen = self.random.choice(waiting)
        variables = {"vote": self.random.choice(["yes", "no", "early"])}
        if chosen.kind == "timer":
            self.execution.fire(chosen.id)
        elif chosen.kind in ("message", "signal"):
            self.execution.deliver(chosen.id, variables)
        elif chosen.kind == "job" and chosen.node == "work" and self.random.random() < 0.2:
            self.execution.throw_error(chosen.id, "E", "", variables)
        else:
            self.execution.complete(chosen.id, variables)
        self._store()
        return True


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", MODELS)
def test_the_trace_is_the_same_whether_the_state_is_stored_after_every_step_or_never(name: str, seed: int) -> None:
    program = compile_process(MODELS[name])

    kept = Player(program, seed, 1_000_000, forget=False)
    stored = Player(compile_process(MODELS[name]), seed, 1, forget=True)

    assert stored.play() == kept.play()
    assert stored.host.scopes == kept.host.scopes
    assert stored.execution.dump() == kept.execution.dump()


@pytest.mark.parametrize("name", ["gateways", "loops"])
def test_these_models_end_whatever_is_chosen(name: str) -> None:
    program = compile_process(MODELS[name])

    players = [Player(program, seed, 1000, forget=False) for seed in range(20)]
    for player in players:
        player.play()

    assert all(player.execution.ended for player in players)
    assert all(set(player.host.scopes) == {"instance"} for player in players)

"""Embedded sub-processes: variables of their own, counted tokens, any depth."""

from __future__ import annotations

from engine.spiff.effects import Entered
from tests.builders_model import (
    flow,
    parallel,
    process,
    script,
    sub,
    user,
)
from tests.host import Running


def test_a_sub_process_has_its_own_variables_and_gives_back_what_it_maps() -> None:
    model = process(
        flow("start -> s -> after"),
        sub(
            "s",
            flow("startS -> a -> b -> endS"),
            user("a"),
            script("b", "count + 1", "count"),
            inputs={"count": "10"},
            outputs={"result": "count"},
        ),
        user("after"),
    )
    running = Running(model, count=1)

    running.complete("a", free="yes")

    assert running.variables == {"count": 1, "free": "yes", "result": 11}
    assert running.at() == ["after"]


def test_a_sub_process_ends_when_its_last_token_does_and_says_what_led_on() -> None:
    model = process(
        flow("start -> s -> after"),
        sub("s", flow("startS -> fork -> a"), flow("fork -> b"), parallel("fork"), user("a"), user("b")),
        user("after"),
    )
    running = Running(model)
    s = running.one("s")

    running.complete("a")
    between = running.at()
    running.complete("b")

    after = next(e for e in running.effects(Entered) if e.node == "after")
    assert between == ["b", "s"]
    assert after.predecessors == (s,)
    assert next(e for e in running.effects(Entered) if e.node == "a").scope == s


def test_two_tokens_in_one_sub_process_are_two_activations() -> None:
    model = process(
        flow("start -> fork -> x -> s -> after"),
        flow("fork -> y -> s"),
        parallel("fork"),
        sub("s", flow("startS -> a -> endS"), user("a")),
        user("after"),
    )
    running = Running(model)

    scopes = {w.scope for w in running.waits("a")}
    running.complete("a")

    assert len(scopes) == 2
    assert running.at() == ["a", "after", "s"]


def test_sub_processes_in_sub_processes_may_be_deep() -> None:
    inner = (flow("startX -> work -> endX"), user("work"))
    for depth in range(200):
        inner = (flow(f"start{depth} -> s{depth} -> end{depth}"), sub(f"s{depth}", *inner))
    running = Running(process(*inner))

    running.complete("work")

    assert running.ended
    assert running.left().count("s150") == 1


def test_cancelling_deep_sub_processes_goes_from_the_inside_out() -> None:
    inner = (flow("startX -> work -> endX"), user("work"))
    for depth in range(200):
        inner = (flow(f"start{depth} -> s{depth} -> end{depth}"), sub(f"s{depth}", *inner))
    running = Running(process(*inner))

    running.execution.cancel("instance")
    running.reload()

    assert running.left("cancelled") == ["work", *(f"s{depth}" for depth in range(200))]

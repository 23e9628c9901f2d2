"""Joins count tokens: loops and every order of finishing come out right (BPMN 2.0, 13.4.1 and 13.4.3)."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from tests.builders_model import (
    boundary,
    catch,
    error,
    exclusive,
    flow,
    inclusive,
    parallel,
    process,
    script,
    service,
    signal,
    start,
    sub,
    times,
    user,
)
from tests.host import Running

LOOPED_BLOCK = process(
    flow("start -> again"),
    flow("again -> fork"),
    flow("fork -> a -> join"),
    flow("fork -> b -> join"),
    flow("fork -> c -> join"),
    flow("join -> count -> enough"),
    flow("enough -> again", when="rounds < wanted"),
    flow("enough -> end", default=True),
    exclusive("again"),
    exclusive("enough"),
    parallel("fork", "join"),
    script("count", "rounds + 1", "rounds"),
    user("a"),
    user("b"),
    user("c"),
)


def test_a_parallel_join_in_a_loop_waits_for_every_branch_on_every_pass_in_every_order() -> None:
    orders = list(permutations("abc"))
    running = Running(LOOPED_BLOCK, rounds=0, wanted=len(orders))

    for done, order in enumerate(orders):
        for count, node in enumerate(order):
            assert running.variables["rounds"] == done, "the join fired too early"
            assert len(running.at("user-task")) == 3 - count
            running.complete(node)

    assert running.ended
    assert running.variables["rounds"] == len(orders)
    assert running.left().count("join") == len(orders)


def test_a_parallel_block_repeated_200_times_in_random_order_keeps_its_state_flat() -> None:
    order = random.Random(20260302)
    running = Running(LOOPED_BLOCK, rounds=0, wanted=200)
    sizes, tokens = set(), set()

    while not running.ended:
        todo = running.at("user-task")
        sizes.add((len(todo), len(running.execution.dump())))
        tokens.add(len(running.execution.waiting()))
        running.complete(order.choice(todo))

    assert running.variables["rounds"] == 200
    assert running.left().count("a") == running.left().count("b") == running.left().count("c") == 200
    assert tokens == {3}
    assert max(size for _, size in sizes) < 700


def test_a_join_consumes_one_token_a_flow_and_keeps_the_rest_for_the_next_round() -> None:
    model = process(
        flow("start -> fork"),
        flow("fork -> a -> merge"),
        flow("fork -> b -> merge"),
        flow("merge -> join"),
        flow("fork -> c -> join -> after"),
        exclusive("merge"),
        parallel("fork", "join"),
        user("a"),
        user("b"),
        user("c"),
        user("after"),
    )
    running = Running(model)

    running.complete("a")
    running.complete("b")
    both_wait = running.waits("join")
    running.complete("c")

    assert [w.kind for w in both_wait] == ["join", "join"]
    assert running.at() == ["after", "join"]
    assert [w.id for w in running.waits("join")] == [both_wait[1].id], "the oldest token is consumed first"


def test_a_join_counts_the_tokens_of_each_scope_apart() -> None:
    inner = (
        flow("begin -> fork -> a -> join -> done"),
        flow("fork -> b -> join"),
        parallel("fork", "join"),
        user("a"),
        user("b"),
    )
    model = process(flow("start -> s -> end"), sub("s", start("begin"), *inner, loop=times("2")))
    running = Running(model)
    first, second = (w.scope for w in running.waits("a"))

    running.complete("a", 0)
    running.complete("b", 1)

    assert len(running.waits("join")) == 2
    assert {w.scope for w in running.waits("join")} == {first, second}
    assert not running.ended


OR_BLOCK = process(
    flow("start -> split"),
    flow("split -> a", when="wants_a"),
    flow("split -> b", when="wants_b"),
    flow("split -> c", when="wants_c"),
    flow("split -> join", default=True),
    flow("a -> join"),
    flow("b -> join"),
    flow("c -> join"),
    flow("join -> after"),
    inclusive("split", "join"),
    user("a"),
    user("b"),
    user("c"),
    user("after"),
)


@pytest.mark.parametrize("wanted", ["", "a", "ab", "bc", "abc"])
@pytest.mark.parametrize("backwards", [False, True])
def test_an_inclusive_join_waits_for_the_branches_that_were_taken_and_no_others(wanted: str, backwards: bool) -> None:
    running = Running(OR_BLOCK, **{f"wants_{x}": x in wanted for x in "abc"})

    for node in sorted(wanted, reverse=backwards):
        assert running.at("user-task") != ["after"], "the join fired too early"
        running.complete(node)

    assert running.at() == ["after"]
    assert running.left().count("join") == 1


def test_an_inclusive_join_in_a_loop_is_right_on_every_pass() -> None:
    model = process(
        flow("start -> again -> split"),
        flow("split -> a", when="odd(rounds) or rounds > 2"),
        flow("split -> b", when="rounds > 0"),
        flow("split -> c", default=True),
        flow("a -> join"),
        flow("b -> join"),
        flow("c -> join"),
        flow("join -> count -> enough"),
        flow("enough -> again", when="rounds < 6"),
        flow("enough -> end", default=True),
        exclusive("again"),
        exclusive("enough"),
        inclusive("split", "join"),
        script("count", "rounds + 1", "rounds"),
        user("a"),
        user("b"),
        user("c"),
    )
    running = Running(model, rounds=0)
    seen = []

    while not running.ended:
        todo = running.at("user-task")
        seen.append("".join(todo))
        for node in reversed(todo):
            running.complete(node)

    assert seen == ["c", "ab", "b", "ab", "ab", "ab"]
    assert running.left().count("join") == 6


def test_an_inclusive_join_waits_for_a_token_that_a_boundary_event_may_still_bring() -> None:
    model = process(
        flow("start -> fork"),
        flow("fork -> work -> join"),
        flow("fork -> quick -> join"),
        flow("broken -> repair -> join"),
        flow("join -> after"),
        parallel("fork"),
        inclusive("join"),
        service("work"),
        boundary("broken", "work", error()),
        user("quick"),
        user("repair"),
        user("after"),
    )
    running = Running(model)

    running.complete("quick")
    running.fail("work", "E1")
    before = running.at("user-task", "job")
    running.complete("repair")

    assert before == ["repair"]
    assert running.at() == ["after"]


def test_an_inclusive_join_waits_for_an_activity_that_reaches_it_by_a_boundary_event_alone() -> None:
    model = process(
        flow("start -> fork"),
        flow("fork -> work -> end"),
        flow("fork -> quick -> join"),
        flow("broken -> join -> after"),
        parallel("fork"),
        inclusive("join"),
        service("work"),
        boundary("broken", "work", error()),
        user("quick"),
        user("after"),
    )
    well, badly = Running(model), Running(model)

    for running in (well, badly):
        running.complete("quick")
        assert "after" not in running.at()
    well.complete("work")
    badly.fail("work", "E")

    assert well.at() == badly.at() == ["after"]


def test_an_inclusive_join_ignores_tokens_that_can_only_come_through_itself() -> None:
    model = process(
        flow("start -> fork"),
        flow("fork -> a -> join"),
        flow("fork -> b -> join"),
        flow("join -> review -> gate"),
        flow("gate -> join", when="again"),
        flow("gate -> end", default=True),
        parallel("fork"),
        inclusive("join"),
        exclusive("gate"),
        user("a"),
        user("b"),
        user("review"),
    )
    running = Running(model)

    running.complete("a")
    running.complete("b")
    first = running.at()
    running.complete("review", again=True)
    second = running.at()
    running.complete("review", again=False)

    assert first == second == ["review"]
    assert running.ended


def test_an_inclusive_join_does_not_wait_for_a_token_that_may_come_by_a_way_that_has_one_already() -> None:
    """Table 13.4.3: a token that can reach a filled way in too is not waited for."""
    model = process(
        flow("start -> fork"),
        flow("fork -> a -> join"),
        flow("fork -> c -> gate"),
        flow("gate -> a", when="again"),
        flow("gate -> b", default=True),
        flow("b -> join"),
        flow("join -> after"),
        parallel("fork"),
        exclusive("gate"),
        inclusive("join"),
        user("a"),
        user("b"),
        user("c"),
        user("after"),
    )
    running = Running(model)

    running.complete("a")

    assert running.at("user-task") == ["after", "c"]


def test_a_token_that_cannot_come_to_an_inclusive_join_does_not_keep_it_waiting() -> None:
    model = process(
        flow("start -> fork"),
        flow("fork -> a -> join -> after"),
        flow("fork -> away -> elsewhere"),
        flow("start2 -> lone -> join"),
        parallel("fork"),
        inclusive("join"),
        user("a"),
        user("after"),
        catch("away", signal("go")),
    )
    running = Running(model, start_node="start")

    running.complete("a")

    assert running.at("user-task") == ["after"]


def test_forty_fork_and_join_blocks_in_a_row_start_with_as_many_tokens_as_are_live() -> None:
    parts = [flow("start -> f0")]
    for i in range(40):
        parts += [flow(f"f{i} -> a{i} -> j{i} -> f{i + 1}"), flow(f"f{i} -> b{i} -> j{i}")]
        parts += [parallel(f"f{i}", f"j{i}"), user(f"a{i}"), user(f"b{i}")]
    running = Running(process(*parts, user("f40")))

    for i in range(40):
        assert len(running.execution.waiting()) == 2
        running.complete(f"b{i}")
        running.complete(f"a{i}")

    assert running.at() == ["f40"]

"""Drawings of process maps: nothing overlaps, everything is connected."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.layout import LABEL_HEIGHT, Box, Drawing, Link, draw
from mining.process_map import END, START, process_map
from mining.results import ActivityStat, Deadlines, Durations, EdgeStat, ProcessMap, Rework


def boxes(count: int) -> dict[str, Box]:
    return {f"n{i}": Box(w=100, h=40, time=float(i)) for i in range(count)}


def link(source: int, target: int) -> Link:
    return Link(source=f"n{source}", target=f"n{target}", label_w=60)


def overlapping(drawing: Drawing, shapes: dict[str, Box]) -> list[tuple[str, str]]:
    found = []
    for a, b in combinations(shapes, 2):
        (ax, ay), (bx, by) = drawing.corners[a], drawing.corners[b]
        beside = ax + shapes[a].w <= bx + 0.1 or bx + shapes[b].w <= ax + 0.1
        apart = ay + shapes[a].h <= by + 0.1 or by + shapes[b].h <= ay + 0.1
        if not (beside or apart):
            found.append((a, b))
    return found


def test_a_sequence_runs_straight_down() -> None:
    drawing = draw(boxes(4), [link(0, 1), link(1, 2), link(2, 3)])

    assert len({round(corner.x) for corner in drawing.corners.values()}) == 1
    heights = [drawing.corners[f"n{i}"].y for i in range(4)]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


def test_a_choice_stands_side_by_side() -> None:
    drawing = draw(boxes(4), [link(0, 1), link(0, 2), link(1, 3), link(2, 3)])

    assert drawing.corners["n1"].y == drawing.corners["n2"].y
    assert abs(drawing.corners["n1"].x - drawing.corners["n2"].x) >= 100


def test_a_loop_is_drawn_back_upward() -> None:
    drawing = draw(boxes(3), [link(0, 1), link(1, 2), link(2, 1)])

    back = drawing.routes[2]

    assert back[0].y > back[-1].y
    assert back[0].y == pytest.approx(drawing.corners["n2"].y)
    assert back[-1].y == pytest.approx(drawing.corners["n1"].y + 40)


GRAPHS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=18, unique=True),
    )
)


@given(GRAPHS)
@settings(max_examples=60, deadline=None)
def test_boxes_and_labels_never_overlap(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = graph
    shapes = boxes(count)
    loops = {a for a, b in pairs if a == b}
    shapes = {
        name: Box(w=b.w, h=b.h, time=b.time, room_right=90.0 * (int(name[1:]) in loops)) for name, b in shapes.items()
    }

    drawing = draw(shapes, [link(a, b) for a, b in pairs])

    assert overlapping(drawing, shapes) == []
    ordinary = [p for p, (a, b) in zip(drawing.labels, pairs, strict=True) if a != b]
    for one, other in combinations(ordinary, 2):
        assert abs(one.x - other.x) >= 60 or abs(one.y - other.y) >= LABEL_HEIGHT - 0.1
    inside = [p for route in drawing.routes for p in route] + drawing.labels
    assert all(-0.1 <= p.x <= drawing.width + 0.1 and -0.1 <= p.y <= drawing.height + 0.1 for p in inside)


@given(GRAPHS)
@settings(max_examples=60, deadline=None)
def test_every_route_begins_and_ends_at_the_border_of_its_boxes(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = graph

    drawing = draw(boxes(count), [link(a, b) for a, b in pairs])

    for route, (a, b) in zip(drawing.routes, pairs, strict=True):
        for point, name in ((route[0], f"n{a}"), (route[-1], f"n{b}")):
            x, y = drawing.corners[name]
            on_side = min(abs(point.y - y), abs(point.y - y - 40)) < 0.1 and x - 0.1 <= point.x <= x + 100.1
            on_right = abs(point.x - x - 100) < 0.1 and y <= point.y <= y + 40
            assert on_side or (a == b and on_right)


def activity(name: str, *, starts: int = 0, ends: int = 0) -> ActivityStat:
    some = Durations(n=1, median=60.0, p90=60.0, total=60.0)
    return ActivityStat(
        element_id=name, name=name, element_type="task", count=10, open=0, cancelled=0, failed=0, cases=10,
        starts=starts, ends=ends, queue=some, service=some, sojourn=some, oldest_open=None, rework=Rework(),
        deadline=Deadlines(), waiting_for=(), contains_others=False,
    )  # fmt: skip


def step(source: str, target: str, count: int) -> EdgeStat:
    return EdgeStat(from_id=source, to_id=target, count=count, median_wait=60.0, total_wait=60.0 * count)


def chain_with_rare_branches(branches: int) -> ProcessMap:
    """A main line a-b-c of 1,000 cases, and as many branches off b as asked for, of one case each."""
    names = ["a", "b", "c", *(f"x{i:02}" for i in range(branches))]
    edges = [step("a", "b", 1000), step("b", "c", 1000)]
    edges += [step("b", f"x{i:02}", 1) for i in range(branches)] + [step(f"x{i:02}", "c", 1) for i in range(branches)]
    stats = [activity(n, starts=1000 * (n == "a"), ends=1000 * (n == "c")) for n in names]
    return process_map(stats, edges)


def test_a_small_map_is_shown_whole_and_a_large_one_by_its_frequent_paths() -> None:
    small, large = chain_with_rare_branches(5), chain_with_rare_branches(40)

    assert (len(small.edges), small.shown) == (small.edges_total, 1.0)
    assert {n.element_id for n in large.nodes} == {START, "a", "b", "c", END}
    assert large.activities_total == 43
    assert large.shown == pytest.approx(4000 / 4080)


def test_every_activity_shown_can_be_reached_and_left() -> None:
    stats = [activity("a", starts=100), activity("rare"), activity("b", ends=100)]
    edges = [step("a", "b", 95), step("a", "rare", 5), step("rare", "b", 1), step("rare", "rare", 90)]

    drawn = process_map(stats, edges, paths=0.85)

    pairs = {(e.from_id, e.to_id) for e in drawn.edges}
    assert {("a", "rare"), ("rare", "b"), ("rare", "rare")} <= pairs


def test_activities_that_lead_only_to_each_other_are_joined_to_the_start_and_the_end() -> None:
    stats = [activity("a", starts=100), activity("x"), activity("y"), activity("b", ends=100)]
    edges = [step("x", "y", 900), step("y", "x", 890), step("a", "b", 99), step("a", "x", 2), step("y", "b", 1)]

    drawn = process_map(stats, edges, paths=0.8)

    assert {(e.from_id, e.to_id) for e in drawn.edges} >= {(START, "a"), ("a", "x"), ("y", "b"), ("b", END)}


def test_a_step_back_stands_below_what_leads_to_it() -> None:
    stats = [activity("register", starts=6), activity("reopen"), activity("check"), activity("decide", ends=6)]
    edges = [
        step("register", "check", 6),
        step("check", "decide", 9),
        step("decide", "reopen", 3),
        step("reopen", "check", 3),
    ]

    drawn = process_map(stats, edges)

    top = {node.element_id: node.y for node in drawn.nodes}
    assert top["register"] < top["check"] < top["decide"] < top["reopen"]


def test_nothing_to_draw_is_an_empty_map() -> None:
    drawn = process_map([], [])

    assert (drawn.nodes, drawn.edges, drawn.shown) == ((), (), 0.0)

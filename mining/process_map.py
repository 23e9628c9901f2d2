"""Which activities and steps a process map shows, and where it draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mining.element_types import NO_TIME_TYPES
from mining.layout import Box, Link, draw
from mining.results import ActivityStat, EdgeStat, MapEdge, MapNode, ProcessMap
from mining.words import display_width, short_duration, wrap_to_width

START: Final = "(start)"
END: Final = "(end)"
NODE_WIDTH: Final = 182.0
LINE_HEIGHT: Final = 15.0
NAME_COLUMNS: Final = 23
NAME_LINES: Final = 3

_CIRCLE = 30.0
_PIXELS_PER_COLUMN = 6.2
_FEW_EDGES = 24
_USUAL_PATHS = 0.95
_USUAL_EDGES = 40
_MOST_EDGES = 120


def edge_label(edge: EdgeStat | MapEdge, language: str) -> str:
    """What stands on a line: how often, and the median wait if one is known."""
    if edge.median_wait is None:
        return f"{edge.count:,}"
    return f"{edge.count:,} · {short_duration(edge.median_wait, language)}"


def node_label(name: str) -> list[str]:
    """An activity's name as the lines of its box."""
    return wrap_to_width(name, NAME_COLUMNS, NAME_LINES)


def process_map(
    activities: Sequence[ActivityStat], edges: Sequence[EdgeStat], *, paths: float | None = None
) -> ProcessMap:
    """Lay out the map of a process.

    Args:
        activities: those of a report; elements that take no time are left out.
        edges: those of the report.
        paths: how much to show: the most frequent steps that make up this share of all, from 0 to 1
            (at most 120 lines). None picks: everything if that is at most 24 lines, else 0.95 of the
            steps in at most 40 lines.

    Returns:
        The map. From the start every activity shown can be reached, and from it the end, by the most
        frequent steps that do so; these come on top of the share.
    """
    shown = {a.element_id: a for a in activities if a.element_type not in NO_TIME_TYPES and a.times > 0}
    steps = [e for e in edges if e.from_id in shown and e.to_id in shown]
    steps += [_border(START, a.element_id, a.starts) for a in shown.values() if a.starts]
    steps += [_border(a.element_id, END, a.ends) for a in shown.values() if a.ends]
    steps.sort(key=lambda e: (-e.count, e.from_id, e.to_id))
    if paths is None:
        share, most = (1.0, _FEW_EDGES) if len(steps) <= _FEW_EDGES else (_USUAL_PATHS, _USUAL_EDGES)
    else:
        share, most = min(max(paths, 0.0), 1.0), _MOST_EDGES
    chosen = _connect(_most_frequent(steps, share, most), steps)
    return _drawn(shown, chosen, steps)


def _border(source: str, target: str, count: int) -> EdgeStat:
    return EdgeStat(from_id=source, to_id=target, count=count, median_wait=None, total_wait=0.0)


def _most_frequent(steps: Sequence[EdgeStat], share: float, most: int) -> list[EdgeStat]:
    enough = share * sum(step.count for step in steps)
    chosen: list[EdgeStat] = []
    covered = 0
    for step in steps[:most]:
        if chosen and covered >= enough:
            break
        chosen.append(step)
        covered += step.count
    return chosen


def _connect(chosen: list[EdgeStat], steps: Sequence[EdgeStat]) -> list[EdgeStat]:
    """Add the most frequent steps by which each activity can be reached from the start and reach the end."""
    found = {(e.from_id, e.to_id): e for e in chosen}
    _grow(found, [(e.from_id, e.to_id, e) for e in steps], START)
    _grow(found, [(e.to_id, e.from_id, e) for e in steps], END)
    return sorted(found.values(), key=lambda e: (-e.count, e.from_id, e.to_id))


def _grow(found: dict[tuple[str, str], EdgeStat], steps: Sequence[tuple[str, str, EdgeStat]], root: str) -> None:
    """Add steps to `found` until all its names hang together with the root.

    In: steps as (nearer to the root, farther from it, step), the most frequent first. Names that are on the
    map already are preferred on the way; where there is none, one is added.
    """
    while True:
        shown = {name for pair in found for name in pair} | {root}
        reached = _reached(root, [(a, b) for a, b, e in steps if (e.from_id, e.to_id) in found])
        lost = shown - reached - {START, END}
        links = [e for a, b, e in steps if a in reached and b in lost] or [
            e for a, b, e in steps if a not in shown and b in lost
        ]
        if not links:
            return
        found[links[0].from_id, links[0].to_id] = links[0]


def _reached(root: str, pairs: Sequence[tuple[str, str]]) -> set[str]:
    onward: dict[str, list[str]] = {}
    for a, b in pairs:
        onward.setdefault(a, []).append(b)
    reached, waiting = {root}, [root]
    while waiting:
        for name in onward.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


@dataclass(frozen=True, kw_only=True)
class _Size:
    w: float
    h: float


def _drawn(shown: dict[str, ActivityStat], chosen: Sequence[EdgeStat], steps: Sequence[EdgeStat]) -> ProcessMap:
    times = _times(list(shown), chosen)
    names = sorted({name for e in chosen for name in (e.from_id, e.to_id)}, key=lambda n: times[n])
    sizes = {name: _size(shown.get(name)) for name in names}
    widths = [_label_width(e) for e in chosen]
    loops = {e.from_id: 30.0 + w for e, w in zip(chosen, widths, strict=True) if e.from_id == e.to_id}
    boxes = {
        name: Box(w=sizes[name].w, h=sizes[name].h, time=times[name], room_right=loops.get(name, 0.0)) for name in names
    }
    loose = _parallel(chosen, times)
    links = [
        Link(source=e.from_id, target=e.to_id, label_w=w, loose=(e.from_id, e.to_id) in loose)
        for e, w in zip(chosen, widths, strict=True)
    ]
    drawing = draw(boxes, links)
    nodes = tuple(
        _node(name, shown.get(name), sizes[name], drawing.corners[name], _border_count(name, steps)) for name in names
    )
    return ProcessMap(
        width=round(drawing.width, 1),
        height=round(drawing.height, 1),
        nodes=nodes,
        edges=tuple(
            MapEdge(
                from_id=edge.from_id,
                to_id=edge.to_id,
                count=edge.count,
                median_wait=edge.median_wait,
                total_wait=edge.total_wait,
                points=tuple((round(x, 1), round(y, 1)) for x, y in route),
                label_x=round(label.x, 1),
                label_y=round(label.y, 1),
            )
            for edge, route, label in zip(chosen, drawing.routes, drawing.labels, strict=True)
        ),
        activities_total=len(shown),
        edges_total=len(steps),
        shown=sum(e.count for e in chosen) / max(1, sum(e.count for e in steps)),
    )


def _times(names: Sequence[str], chosen: Sequence[EdgeStat]) -> dict[str, float]:
    """Each name's place in time: an order in which as few steps as possible go back.

    From the order of the report, single names are moved while that makes the steps against the order
    fewer. Then a name to which no line would come from earlier (a step back that starts a second round)
    is put right after the one that most often leads to it, so that it stands below its cause.
    """
    drawn = {name for e in chosen for name in (e.from_id, e.to_id)}
    order = [name for name in names if name in drawn]
    weight = {(e.from_id, e.to_id): e.count for e in chosen}
    while (moved := _one_better_place(order, weight)) is not None:
        order = moved
    order = [START, *order, END]
    for _ in order:  # moving one name may strand another; as many rounds as names are always enough or no use
        stranded = next((n for n in order[1:-1] if _stranded(n, order, chosen)), None)
        if stranded is None:
            break
        cause = next(e.from_id for e in chosen if e.to_id == stranded and e.from_id != stranded)
        order.remove(stranded)
        order.insert(order.index(cause) + 1, stranded)
    return {name: float(i) for i, name in enumerate(order)}


def _stranded(name: str, order: Sequence[str], chosen: Sequence[EdgeStat]) -> bool:
    """Whether lines lead to the name, but none from earlier in the order."""
    before = [e.from_id for e in chosen if e.to_id == name and e.from_id != name]
    return bool(before) and all(order.index(other) > order.index(name) for other in before)


def _one_better_place(order: list[str], weight: dict[tuple[str, str], int]) -> list[str] | None:
    """The order with one name moved to where the most steps turn forward; None if no move gains any."""
    best, gained = None, 0
    for i, name in enumerate(order):
        for step in (-1, 1):
            gain = 0
            j = i + step
            while 0 <= j < len(order):
                other = order[j]
                out, back = weight.get((name, other), 0), weight.get((other, name), 0)
                gain += (out - back) if step < 0 else (back - out)
                if gain > gained:
                    gained = gain
                    best = [*order[:i], *order[i + 1 :]]
                    best.insert(j, name)
                j += step
    return best


def _size(activity: ActivityStat | None) -> _Size:
    if activity is None:
        return _Size(w=_CIRCLE, h=_CIRCLE)
    return _Size(w=NODE_WIDTH, h=(len(node_label(activity.name)) + 1) * LINE_HEIGHT + 14.0)


def _label_width(edge: EdgeStat) -> float:
    return max(display_width(edge_label(edge, language)) for language in ("en", "zh")) * _PIXELS_PER_COLUMN + 8


def _parallel(chosen: Iterable[EdgeStat], times: dict[str, float]) -> set[tuple[str, str]]:
    """Steps whose two directions are about as frequent: such activities run side by side, or loop.

    They should not push each other onto different layers, unless nothing else holds the later one.
    Source: the dependency measure of Weijters and van der Aalst, "Rediscovering workflow models from
    event-based data" (2003), below one half.
    """
    counts = {(e.from_id, e.to_id): e.count for e in chosen}
    forward = [(a, b) for a, b in counts if times[a] < times[b]]
    loose: set[tuple[str, str]] = set()
    for a, b in forward:
        there, back = counts[a, b], counts.get((b, a), 0)
        if back and abs(there - back) / (there + back + 1) < 0.5:
            others = [pair for pair in forward if pair[1] == b and pair != (a, b) and pair not in loose]
            if others:
                loose.add((a, b))
    return loose


def _border_count(name: str, steps: Iterable[EdgeStat]) -> int:
    return sum(e.count for e in steps if name in (START, END) and name in (e.from_id, e.to_id))


def _node(
    name: str, activity: ActivityStat | None, size: _Size, corner: tuple[float, float], border_count: int
) -> MapNode:
    return MapNode(
        element_id=name,
        name=activity.name if activity else name,
        kind="activity" if activity else "start" if name == START else "end",
        x=round(corner[0], 1),
        y=round(corner[1], 1),
        w=size.w,
        h=size.h,
        count=activity.times if activity else border_count,
        median=activity.sojourn.median if activity else None,
        waiting_seconds=activity.waiting_seconds if activity else 0.0,
    )

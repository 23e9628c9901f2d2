"""Layered drawing of a directed graph, top to bottom, with room kept for every edge's label.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures"
(1981), in the usual steps: turn edges that go against the order of time, layer by longest path, break
long edges into chains of dummy vertices (one of them as wide as the label), order each layer by
barycentres, then place each layer as near to its neighbours as separation allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

GAP_X = 26.0
GAP_Y = 19.0
LABEL_HEIGHT = 18.0
MARGIN = 16.0
_MORE_Y = 36.0
_SWEEPS = 24
_SETTLE = 60


class Point(NamedTuple):
    """A place on the drawing, in pixels."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Box:
    """A vertex to draw: its size, its place in time (only the order matters), room to its right."""

    w: float
    h: float
    time: float
    room_right: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Link:
    """An edge to draw, with its label's width. A `loose` one (of a parallel pair) makes no layer."""

    source: str
    target: str
    label_w: float
    loose: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Upper left corners of the boxes; per link its points from border to border and its label's centre."""

    width: float
    height: float
    corners: dict[str, Point]
    routes: list[list[Point]]
    labels: list[Point]


@dataclass(kw_only=True)
class _Vertex:
    """A box (name set) or a dummy of a chain, in its layer."""

    layer: int
    left: float
    right: float
    h: float
    name: str = ""
    x: float = 0.0
    y: float = 0.0
    up: list[_Vertex] = field(default_factory=list)
    down: list[_Vertex] = field(default_factory=list)


def draw(boxes: Mapping[str, Box], links: Sequence[Link]) -> Drawing:
    """Place boxes and route links. Links from a box to itself are drawn at its right side."""
    layers_of = _layers(boxes, links)
    vertices = {
        name: _Vertex(layer=2 * layers_of[name], left=box.w / 2, right=box.w / 2 + box.room_right, h=box.h, name=name)
        for name, box in boxes.items()
    }
    chains = [_chain(link, vertices) for link in links]
    layers = _by_layer([*vertices.values(), *(v for chain in chains for v in chain[1:-1])])
    _order(layers)
    _place(layers)
    bottom = _stack(layers)
    left = min((v.x - v.left for layer in layers for v in layer), default=0.0) - MARGIN
    for layer in layers:
        for vertex in layer:
            vertex.x -= left
    routes, labels = _routes(links, chains, boxes)
    return Drawing(
        width=max((v.x + v.right for layer in layers for v in layer), default=0.0) + MARGIN,
        height=bottom + MARGIN,
        corners={n: Point(v.x - v.left, v.y - v.h / 2) for n, v in vertices.items()},
        routes=routes,
        labels=labels,
    )


def _layers(boxes: Mapping[str, Box], links: Sequence[Link]) -> dict[str, int]:
    """Longest path over the edges that go with time."""
    later: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if not link.loose and boxes[link.source].time < boxes[link.target].time:
            later[link.source].append(link.target)
    layer = dict.fromkeys(boxes, 0)
    for name in sorted(boxes, key=lambda n: boxes[n].time):
        for target in later[name]:
            layer[target] = max(layer[target], layer[name] + 1)
    return layer


def _chain(link: Link, vertices: Mapping[str, _Vertex]) -> list[_Vertex]:
    """The link's vertices from its upper end to its lower one, dummies made and joined up."""
    ends = sorted((vertices[link.source], vertices[link.target]), key=lambda v: v.layer)
    top, bottom = ends
    if link.source == link.target:
        return [top, top]
    between = range(top.layer + 1, max(bottom.layer, top.layer + 2))
    middle = between[len(between) // 2]
    chain = [top]
    for layer in between:
        half = link.label_w / 2 if layer == middle else 4.0
        dummy = _Vertex(layer=layer, left=half, right=half, h=LABEL_HEIGHT if layer == middle else 0.0)
        dummy.up.append(chain[-1])
        chain[-1].down.append(dummy)
        chain.append(dummy)
    if bottom.layer > chain[-1].layer:
        chain[-1].down.append(bottom)
        bottom.up.append(chain[-1])
    else:  # both ends on one layer: the label hangs below them
        chain[-1].up.append(bottom)
        bottom.down.append(chain[-1])
    chain.append(bottom)
    return chain


def _by_layer(vertices: Sequence[_Vertex]) -> list[list[_Vertex]]:
    layers: list[list[_Vertex]] = [[] for _ in range(max((v.layer for v in vertices), default=-1) + 1)]
    for vertex in vertices:
        layers[vertex.layer].append(vertex)
    return layers


def _order(layers: list[list[_Vertex]]) -> None:
    """Order each layer by barycentres, down and up in turn; the order with the fewest crossings stays."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        downward = sweep % 2 == 0
        for layer in layers if downward else reversed(layers):
            position = {id(v): i for other in layers for i, v in enumerate(other)}
            keys = {}
            for i, vertex in enumerate(layer):
                near = vertex.up if downward else vertex.down
                keys[id(vertex)] = sum(position[id(n)] for n in near) / len(near) if near else float(i)
            layer.sort(key=lambda v: keys[id(v)])
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _crossings(layers: list[list[_Vertex]]) -> int:
    """How many pairs of segments between neighbouring layers cross."""
    total = 0
    for above, below in pairwise(layers):
        position = {id(v): i for i, v in enumerate(below)}
        ends = [sorted(position[id(d)] for d in v.down if id(d) in position) for v in above]
        seen: list[int] = []
        for targets in ends:
            total += sum(1 for target in targets for earlier in seen if earlier > target)
            seen += targets
    return total


def _place(layers: list[list[_Vertex]]) -> None:
    for layer in layers:
        x = 0.0
        for vertex in layer:
            vertex.x = x + vertex.left
            x = vertex.x + vertex.right + GAP_X
    for round_ in range(_SETTLE):
        for layer in layers if round_ % 2 == 0 else reversed(layers):
            _settle(layer)


def _settle(layer: list[_Vertex]) -> None:
    """Move a layer's vertices to the weighted mean of their neighbours, keeping order and separation.

    Least squares under x[i+1] − x[i] ≥ separation: isotonic regression by pooling adjacent violators.
    """
    offset = 0.0
    pools: list[list[float]] = []  # weight, weighted sum, how many
    offsets = []
    for i, vertex in enumerate(layer):
        if i:
            gap = GAP_X if vertex.name or layer[i - 1].name else GAP_X / 2
            offset += layer[i - 1].right + gap + vertex.left
        offsets.append(offset)
        near = [(n, _stiffness(vertex, n)) for n in (*vertex.up, *vertex.down)]
        weight = sum(w for _, w in near) or 0.1
        wanted = sum(n.x * w for n, w in near) / weight if near else vertex.x
        pools.append([weight, weight * (wanted - offset), 1])
        while len(pools) > 1 and pools[-2][1] / pools[-2][0] > pools[-1][1] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    i = 0
    for weight, moment, count in pools:
        for _ in range(int(count)):
            layer[i].x = moment / weight + offsets[i]
            i += 1


def _stiffness(one: _Vertex, other: _Vertex) -> float:
    """Long edges are straightened first: dummies hold on to each other."""
    return (1.0, 2.0, 6.0)[(not one.name) + (not other.name)]


def _stack(layers: list[list[_Vertex]]) -> float:
    """Give each layer its height and return the lower border; lines that run far sideways get more room."""
    y = MARGIN
    for layer in layers:
        height = max((v.h for v in layer), default=0.0)
        for vertex in layer:
            vertex.y = y + height / 2
        far = max((abs(v.x - below.x) for v in layer for below in v.down), default=0.0)
        y += height + GAP_Y + min(_MORE_Y, far / 14)
    return y - GAP_Y


def _routes(
    links: Sequence[Link], chains: list[list[_Vertex]], boxes: Mapping[str, Box]
) -> tuple[list[list[Point]], list[Point]]:
    ports = _ports(chains)
    routes, labels = [], []
    for index, (link, chain) in enumerate(zip(links, chains, strict=True)):
        if link.source == link.target:
            route, label = _self_loop(chain[0], boxes[link.source])
        else:
            route = [_port(chain, end, ports[index, end]) for end in (0, -1)]
            route[1:1] = [Point(v.x, v.y) for v in chain[1:-1]]
            label = next(p for p, v in zip(route[1:-1], chain[1:-1], strict=True) if v.h)
            if chain[0].name != link.source:
                route.reverse()
        routes.append(route)
        labels.append(label)
    return routes, labels


def _self_loop(vertex: _Vertex, box: Box) -> tuple[list[Point], Point]:
    right, y = vertex.x + box.w / 2, vertex.y
    reach, spread = 26.0, min(14.0, box.h / 4)
    route = [Point(right, y - spread), Point(right + reach, y), Point(right, y + spread)]
    return route, Point(right + reach + (box.room_right - reach) / 2, y)


def _ports(chains: list[list[_Vertex]]) -> dict[tuple[int, int], float]:
    """Where along a box's lower or upper border each chain ends, so that no two ends coincide."""
    sides: dict[tuple[int, bool], list[tuple[float, int, int]]] = defaultdict(list)
    for index, chain in enumerate(chains):
        if len(chain) > 2:
            for end, beside in ((0, chain[1]), (-1, chain[-2])):
                sides[id(chain[end]), beside.layer > chain[end].layer].append((beside.x, index, end))
    ports = {}
    for ends in sides.values():
        ends.sort()
        for i, (_, index, end) in enumerate(ends):
            width = 2 * chains[index][end].left
            step = min(24.0, 0.8 * width / len(ends))
            ports[index, end] = (i - (len(ends) - 1) / 2) * step
    return ports


def _port(chain: list[_Vertex], end: int, shift: float) -> Point:
    vertex, beside = (chain[0], chain[1]) if end == 0 else (chain[-1], chain[-2])
    half = vertex.h / 2 if beside.layer > vertex.layer else -vertex.h / 2
    return Point(vertex.x + shift, vertex.y + half)

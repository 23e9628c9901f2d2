"""The packaged models can be read: nothing overlaps, every element is drawn, lines end at shapes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

_ROOT = Path(__file__).parents[3] / "processes"
_MODELS = sorted(_ROOT.glob("*/*.bpmn"))
_NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
}
_AREAS = {"participant", "lane"}
_LETTER = 11.0
"""Width of a Chinese letter at bpmn-js's 11 px label size."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the diagram, with whom it belongs to."""

    owner: str
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def on_edge(self, x: float, y: float, tolerance: float = 1.5) -> bool:
        """Whether a point lies on the border; a gateway's border is its diamond, hit at the corners."""
        inside = self.x - tolerance <= x <= self.x + self.width + tolerance
        inside &= self.y - tolerance <= y <= self.y + self.height + tolerance
        sides = (abs(x - self.x), abs(x - self.x - self.width), abs(y - self.y), abs(y - self.y - self.height))
        return inside and min(sides) <= tolerance


@dataclass(frozen=True)
class Drawing:
    """A model's diagram."""

    types: dict[str, str]
    names: dict[str, str]
    hosts: dict[str, str]
    lanes: dict[str, str]
    around: dict[str, tuple[str, ...]]
    """The sub-processes that a node or flow stands in; a node on one's border counts its host's."""
    flows: dict[str, tuple[str, str]]
    shapes: dict[str, Box]
    labels: dict[str, Box]
    lines: dict[str, list[tuple[float, float]]]

    def solid(self) -> dict[str, Box]:
        """Shapes that nothing may cover: all but pools and lanes."""
        return {id_: box for id_, box in self.shapes.items() if self.types[id_] not in _AREAS}

    def strange(self, owner: str, box: Box) -> bool:
        """Whether a shape has no business under or over what belongs to this owner."""
        return box.owner not in self.around[owner] and owner not in self.around.get(box.owner, ())


def _read(path: Path) -> Drawing:
    root = etree.fromstring(path.read_bytes())
    elements = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id") and "MODEL" in e.tag}
    labels = {
        s.get("bpmnElement"): s.find("bpmndi:BPMNLabel/dc:Bounds", _NS)
        for s in root.iter(_di("BPMNShape"), _di("BPMNEdge"))
    }
    return Drawing(
        types={id_: etree.QName(e).localname for id_, e in elements.items()},
        names={id_: e.get("name", "") for id_, e in elements.items()},
        hosts={id_: e.get("attachedToRef", "") for id_, e in elements.items()},
        lanes={
            ref.text: lane.get("id")
            for lane in root.iter(_bpmn("lane"))
            for ref in lane.findall("bpmn:flowNodeRef", _NS)
        },
        around={
            id_: tuple(a.get("id") for a in e.iterancestors() if etree.QName(a).localname == "subProcess")
            for id_, e in elements.items()
        },
        flows={f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in root.iter(_bpmn("sequenceFlow"))},
        shapes={
            s.get("bpmnElement"): _box(s.get("bpmnElement"), s.find("dc:Bounds", _NS))
            for s in root.iter(_di("BPMNShape"))
        },
        labels={id_: _box(id_, bounds) for id_, bounds in labels.items() if bounds is not None},
        lines={
            e.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in e.findall("di:waypoint", _NS)]
            for e in root.iter(_di("BPMNEdge"))
        },
    )


def _di(name: str) -> str:
    return f"{{{_NS['bpmndi']}}}{name}"


def _bpmn(name: str) -> str:
    return f"{{{_NS['bpmn']}}}{name}"


def _box(owner: str, bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(side)) for side in ("x", "y", "width", "height"))
    return Box(owner, x, y, width, height)


def _segments(line: list[tuple[float, float]]) -> list[Box]:
    """A line's pieces as rectangles without width."""
    return [Box("", min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in pairwise(line)]


@pytest.fixture(params=_MODELS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return _read(request.param)


def test_there_is_a_packaged_model() -> None:
    assert _MODELS


def test_every_node_and_flow_is_drawn(drawing: Drawing) -> None:
    nodes = {
        id_
        for id_, type_ in drawing.types.items()
        if type_.endswith(("Task", "Event", "Gateway")) or type_ == "subProcess"
    }

    drawn = set(drawing.shapes)

    assert nodes - drawn == set()
    assert set(drawing.flows) == set(drawing.lines)


def test_no_two_shapes_overlap(drawing: Drawing) -> None:
    pairs = combinations(drawing.solid().values(), 2)

    overlapping = [
        (a.owner, b.owner)
        for a, b in pairs
        if a.overlaps(b)
        and drawing.strange(a.owner, b)
        and drawing.hosts[a.owner] != b.owner
        and drawing.hosts[b.owner] != a.owner
    ]

    assert overlapping == []


def test_every_node_stands_inside_its_sub_process(drawing: Drawing) -> None:
    outside = [
        (node, around[0])
        for node, around in drawing.around.items()
        if around and node in drawing.shapes and not drawing.shapes[around[0]].holds(drawing.shapes[node])
    ]

    assert outside == []


def test_no_label_covers_a_shape_or_another_label(drawing: Drawing) -> None:
    labels = list(drawing.labels.values())

    on_shapes = [
        (label.owner, box.owner)
        for label in labels
        for box in drawing.solid().values()
        if label.overlaps(box) and drawing.strange(label.owner, box)
    ]
    on_labels = [(a.owner, b.owner) for a, b in combinations(labels, 2) if a.overlaps(b)]

    assert on_shapes == []
    assert on_labels == []


def test_no_line_runs_through_a_label_or_a_strange_shape(drawing: Drawing) -> None:
    pieces = [(flow, piece) for flow, line in drawing.lines.items() for piece in _segments(line)]

    through_labels = [
        (flow, label.owner) for flow, piece in pieces for label in drawing.labels.values() if piece.overlaps(label)
    ]
    through_shapes = [
        (flow, box.owner)
        for flow, piece in pieces
        for box in drawing.solid().values()
        if piece.overlaps(box)
        and drawing.strange(flow, box)
        and box.owner not in (*drawing.flows[flow], *(drawing.hosts[end] for end in drawing.flows[flow]))
    ]

    assert through_labels == []
    assert through_shapes == []


def test_lines_are_orthogonal_and_end_at_the_shapes_they_join(drawing: Drawing) -> None:
    slanted, loose = [], []

    for flow, line in drawing.lines.items():
        slanted += [flow for a, b in pairwise(line) if a[0] != b[0] and a[1] != b[1]]
        source, target = (drawing.shapes[end] for end in drawing.flows[flow])
        if not source.on_edge(*line[0]) or not target.on_edge(*line[-1]):
            loose.append(flow)

    assert slanted == []
    assert loose == []


def test_no_two_flows_share_a_piece_of_line_or_cross(drawing: Drawing) -> None:
    pieces = [(flow, a, b) for flow, line in drawing.lines.items() for a, b in pairwise(line)]

    touching = [(f, g) for (f, *one), (g, *two) in combinations(pieces, 2) if f != g and _touch(tuple(one), tuple(two))]

    assert touching == []


def test_labels_are_wide_enough_for_their_text(drawing: Drawing) -> None:
    narrow = [
        (id_, drawing.names[id_])
        for id_, box in drawing.labels.items()
        if box.width < _LETTER * sum(1 if ord(c) > 0x2E80 else 0.55 for c in drawing.names[id_])
    ]

    assert narrow == []


def test_splitting_gateways_and_their_ways_out_are_named_and_labelled(drawing: Drawing) -> None:
    outgoing: dict[str, list[str]] = {}
    for flow, (source, _) in drawing.flows.items():
        outgoing.setdefault(source, []).append(flow)

    splits = {
        id_: flows for id_, flows in outgoing.items() if drawing.types[id_] == "exclusiveGateway" and len(flows) > 1
    }

    unnamed = [id_ for id_, flows in splits.items() for each in (id_, *flows) if not drawing.names[each]]
    unlabelled = [each for id_, flows in splits.items() for each in (id_, *flows) if each not in drawing.labels]
    assert splits
    assert unnamed == []
    assert unlabelled == []


def test_every_node_stands_inside_its_lane(drawing: Drawing) -> None:
    outside = [node for node, lane in drawing.lanes.items() if not drawing.shapes[lane].holds(drawing.shapes[node])]
    nowhere = {node for node in drawing.solid() if not drawing.around[node]} - set(drawing.lanes)

    assert outside == []
    assert not drawing.lanes or nowhere == set()


def _touch(one: tuple[tuple[float, float], ...], two: tuple[tuple[float, float], ...]) -> bool:
    """Whether two orthogonal pieces have a point in common."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = two
    return (
        min(ax, bx) <= max(cx, dx)
        and min(cx, dx) <= max(ax, bx)
        and min(ay, by) <= max(cy, dy)
        and min(cy, dy) <= max(ay, by)
    )

"""The diagrams of the packaged tables can be read: all is drawn, nothing overlaps, no lines cross."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

FILES = sorted((Path(__file__).parents[3] / "processes").glob("*/*.dmn"))
DMNDI = "{https://www.omg.org/spec/DMN/20191111/DMNDI/}"
Point = tuple[float, float]


def turn(origin: Point, a: Point, b: Point) -> float:
    return (a[0] - origin[0]) * (b[1] - origin[1]) - (a[1] - origin[1]) * (b[0] - origin[0])


def cross(p: Point, q: Point, r: Point, s: Point) -> bool:
    return turn(p, q, r) * turn(p, q, s) < 0 and turn(r, s, p) * turn(r, s, q) < 0


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_requirement_graph_is_drawn_without_crossings(path: Path) -> None:
    root = etree.parse(path).getroot()
    boxes = {
        shape.get("dmnElementRef"): tuple(float(shape[0].get(side)) for side in ("x", "y", "width", "height"))
        for shape in root.iter(f"{DMNDI}DMNShape")
    }
    lines = {
        edge.get("dmnElementRef"): [(float(point.get("x")), float(point.get("y"))) for point in edge]
        for edge in root.iter(f"{DMNDI}DMNEdge")
    }
    names = {"decision", "inputData", "informationRequirement"}
    elements = {each.get("id") for each in root.iter("{*}*") if etree.QName(each).localname in names}

    assert elements == boxes.keys() | lines.keys()
    for (a, one), (b, other) in combinations(boxes.items(), 2):
        apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
        assert apart or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1], f"{a} overlaps {b}"
    for (a, first), (b, second) in combinations(lines.items(), 2):
        assert not any(cross(*u, *v) for u in pairwise(first) for v in pairwise(second)), f"{a} crosses {b}"
    for a, points in lines.items():
        for b, (x, y, width, height) in boxes.items():
            sides = [(x + 1, y + 1), (x + width - 1, y + 1), (x + width - 1, y + height - 1), (x + 1, y + height - 1)]
            around = [*pairwise(sides), (sides[3], sides[0])]
            assert not any(cross(*u, *v) for u in pairwise(points) for v in around), f"{a} runs over {b}"

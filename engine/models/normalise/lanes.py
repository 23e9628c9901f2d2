"""Lanes: who usually does what (BPMN 2.0, 10.8). The innermost lane's name counts."""

from __future__ import annotations

from engine.models.bpmn_xml import SUB_PROCESSES, Element, attribute, children, text_of


def read_lanes(container: Element) -> dict[str, str]:
    """Node id → name of the innermost lane it is drawn in, for a process and its sub-processes."""
    lanes: dict[str, str] = {}
    for lane_set in children(container, "laneSet"):
        _read(lane_set, "", lanes)
    for child in children(container, *SUB_PROCESSES):
        lanes.update(read_lanes(child))
    return lanes


def _read(lane_set: Element, outer: str, lanes: dict[str, str]) -> None:
    for lane in children(lane_set, "lane"):
        name = attribute(lane, "name") or outer
        for ref in children(lane, "flowNodeRef"):
            lanes[text_of(ref)] = name
        for inner in children(lane, "childLaneSet"):
            _read(inner, name, lanes)

"""Which ways into an inclusive join can be reached from where (BPMN 2.0, 13.4.3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.spiff.specs.base import FlowNodeSpec


def reachable_flows(join: FlowNodeSpec, bits: Mapping[str, int]) -> dict[str, int]:
    """For each node of the join's scope, the ways into the join it can reach without passing the join.

    From an activity a token may also leave by its boundary events, from a link throw by the link.

    Args:
        join: the gateway.
        bits: one bit for each incoming sequence flow.

    Returns:
        Node name -> bits; nodes that reach none are missing.
    """
    inside = [spec for spec in join._wf_spec.task_specs.values() if _same_scope(spec, join)]
    before: dict[str, list[FlowNodeSpec]] = {}
    reach: dict[str, int] = {}
    changed: deque[FlowNodeSpec] = deque()
    for spec in inside:
        for flow_id, target in _ways_on(spec):
            if target is not join:
                before.setdefault(target.name, []).append(spec)
            elif spec is not join:
                reach[spec.name] = reach.get(spec.name, 0) | bits[flow_id]
                changed.append(spec)
    while changed:
        spec = changed.popleft()
        for earlier in before.get(spec.name, ()):
            known = reach.get(earlier.name, 0)
            if known | reach[spec.name] != known:
                reach[earlier.name] = known | reach[spec.name]
                changed.append(earlier)
    return reach


def _same_scope(spec: object, join: FlowNodeSpec) -> bool:
    node = getattr(spec, "node", None)
    return node is not None and node.parent == join.node.parent and getattr(spec, "loop", None) is None


def _ways_on(spec: FlowNodeSpec) -> Iterator[tuple[str, FlowNodeSpec]]:
    for flow in spec.flows:
        yield flow.id, flow.target
    for boundary in (*spec.boundaries, *spec.catchers):
        yield "", boundary

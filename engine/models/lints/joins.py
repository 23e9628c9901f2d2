"""Joins that can never complete: a parallel join whose ways in exclude each other.

Structural and cheap: for every parallel join, the nearest split that all its branches come from.
"""

from __future__ import annotations

from engine.models.findings import Report, describe_node, inline
from engine.models.labels import Words
from engine.models.model import Node, Process


def check(process: Process, report: Report) -> None:
    """Report parallel joins fed by the branches of one exclusive or event-based gateway."""
    for join in process.nodes.values():
        if join.type != "parallelGateway" or len(join.incoming) < 2:
            continue
        culprit = _exclusive_origin(process, join)
        if culprit is None:
            continue
        split = inline(describe_node(culprit, process).words)
        report.warning(
            "possible-deadlock",
            describe_node(join, process),
            Words(
                f"waits for all its ways in, but {split.en} lets only one of them happen",
                f"等待所有流入路径，而{split.zh}只会走其中一条",
            ),
            Words(
                "Join with an exclusive gateway, or split with a parallel one.",
                "请改用排他网关汇合，或用并行网关分流。",
            ),
        )


def _exclusive_origin(process: Process, join: Node) -> Node | None:
    """The exclusive split that two of the join's ways in come from by simple chains; None if there is none."""
    origins: dict[str, set[str]] = {}
    for flow_id in join.incoming:
        found = _back_to_split(process, flow_id)
        if found is None:
            continue
        split, branch = found
        branches = origins.setdefault(split.id, set())
        if branches and branch not in branches:
            return split
        branches.add(branch)
    return None


def _back_to_split(process: Process, flow_id: str) -> tuple[Node, str] | None:
    """Walk back along single ways in to the first exclusive split: the split and the branch's flow."""
    for _ in range(len(process.nodes) + 1):
        node = process.nodes.get(process.flows[flow_id].source)
        if node is None:
            return None
        if len(node.outgoing) > 1:
            return (node, flow_id) if node.type in ("exclusiveGateway", "eventBasedGateway") else None
        if len(node.incoming) != 1:
            return None
        flow_id = node.incoming[0]
    return None

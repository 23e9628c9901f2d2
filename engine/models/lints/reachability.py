"""Elements no token can ever reach."""

from __future__ import annotations

from collections import deque

from engine.models.bpmn_xml import SUB_PROCESSES
from engine.models.findings import Report, describe_node
from engine.models.labels import Words
from engine.models.lints.links import link_name
from engine.models.lints.scopes import kind, starts_by_itself
from engine.models.model import EventKind, Node, Process


def check(process: Process, report: Report) -> None:
    """Report unreachable nodes; those inside an unreachable sub-process are not named again."""
    if not any(starts_by_itself(node) for node in process.nodes.values()):
        return  # without any start the one finding about that says it all
    reached = reachable(process)
    for node in process.nodes.values():
        outer = process.nodes.get(node.parent)
        if node.id in reached or report.has("no-way-in", node.id) or (outer is not None and outer.id not in reached):
            continue
        report.warning(
            "unreachable",
            describe_node(node, process),
            Words("can never be reached from a start event", "无法从任何开始事件到达"),
            Words("Connect it, or remove it.", "请连线或将其删除。"),
        )


def reachable(process: Process) -> set[str]:
    """Ids of the nodes a token can reach, conditions aside."""
    attached: dict[str, list[str]] = {}
    inside: dict[str, list[Node]] = {}
    linked: dict[tuple[str, str], list[str]] = {}
    for node in process.nodes.values():
        inside.setdefault(node.parent, []).append(node)
        if node.attached_to:
            attached.setdefault(node.attached_to, []).append(node.id)
        if node.type == "intermediateCatchEvent" and kind(node) is EventKind.LINK:
            linked.setdefault((node.parent, link_name(node)), []).append(node.id)
    reached: set[str] = set()
    queue = deque(node.id for node in inside.get("", []) if _begins(node))
    while queue:
        id_ = queue.popleft()
        found = process.nodes.get(id_)
        if found is None or id_ in reached:
            continue
        reached.add(id_)
        queue.extend(process.flows[flow].target for flow in found.outgoing)
        queue.extend(attached.get(id_, ()))
        if found.type in SUB_PROCESSES:
            loose = found.type == "adHocSubProcess"
            queue.extend(n.id for n in inside.get(id_, []) if _begins(n) or (loose and not n.incoming))
        elif found.type == "intermediateThrowEvent" and kind(found) is EventKind.LINK:
            # Each name leads on once, however many throw it.
            queue.extend(linked.pop((found.parent, link_name(found)), ()))
    return reached


def _begins(node: Node) -> bool:
    # Boundary events are reached through their activity, link targets through the throwing link.
    return starts_by_itself(node) and node.type not in ("boundaryEvent", "intermediateCatchEvent")

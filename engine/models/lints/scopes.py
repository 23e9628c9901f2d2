"""A process's scopes: the nodes at process level and those inside each sub-process."""

from __future__ import annotations

from collections.abc import Iterator

from engine.models.bpmn_xml import SUB_PROCESSES
from engine.models.model import EventKind, Node, Process


def scopes(process: Process) -> Iterator[tuple[Node | None, list[Node]]]:
    """Each scope with its own nodes: (None, …) for the process itself, then every sub-process."""
    inside: dict[str, list[Node]] = {"": []}
    for node in process.nodes.values():
        inside.setdefault(node.parent, []).append(node)
    yield None, inside[""]
    for node in process.nodes.values():
        if node.type in SUB_PROCESSES:
            yield node, inside.get(node.id, [])


def kind(node: Node) -> EventKind:
    """What the node's event waits for or does; NONE for nodes without."""
    return node.event.kind if node.event is not None else EventKind.NONE


def starts_by_itself(node: Node) -> bool:
    """Whether no sequence flow is needed to get there: event sub-processes, compensation handlers, …"""
    if node.type in ("startEvent", "boundaryEvent"):
        return True
    if node.triggered_by_event or node.for_compensation or (node.instantiate and not node.incoming):
        return True
    return node.type == "intermediateCatchEvent" and kind(node) is EventKind.LINK

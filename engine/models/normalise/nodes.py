"""Flow nodes: events, activities and gateways, sub-processes flattened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.models.bpmn_xml import (
    ACTIVITIES,
    EVENTS,
    FLOW_NODES,
    SUB_PROCESSES,
    Element,
    attribute,
    children,
    documentation,
    flag,
    local,
    reference,
)
from engine.models.dialects import Source
from engine.models.findings import describe
from engine.models.labels import Words
from engine.models.model import Node
from engine.models.normalise.events import read_event
from engine.models.normalise.loops import read_loop
from engine.models.normalise.reading import Reading
from engine.models.normalise.tasks import read_task

_INSTANTIATING: Final = frozenset({"receiveTask", "eventBasedGateway"})
_JOB_FORM: Final = "civiflow:form"


@dataclass(kw_only=True)
class NodeReader:
    """Reads the flow nodes of one process.

    Args:
        reading: the file's reading.
        process: the process's key.
        lanes: node id → lane name.
        forms: forms written inside the process, id → form-js JSON.
        nodes: the result, by id, in document order.
        elements: the XML element of each node.
    """

    reading: Reading
    process: str
    lanes: Mapping[str, str]
    forms: Mapping[str, str]
    nodes: dict[str, Node] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)

    def read(self, container: Element, parent: Node | None = None) -> None:
        """Read the nodes of a process or sub-process and of all sub-processes inside."""
        for element in children(container, *FLOW_NODES):
            self.reading.seen.add(element)
            node = self._node(element, parent)
            self.nodes[node.id] = node
            self.elements[node.id] = element
            if local(element) in SUB_PROCESSES:
                self.read(element, node)

    def _node(self, element: Element, parent: Node | None) -> Node:
        type_, name = local(element), attribute(element, "name")
        id_ = self.reading.take_id(element, self.process)
        subject = describe(type_, id_, name, process=self.process)
        extensions = self.reading.extensions(element, subject)
        source = self.reading.source(element, subject)
        parts: dict[str, Any] = {}
        if type_ in EVENTS:
            parts["event"] = read_event(element, subject, extensions, self.reading)
        parts |= read_task(type_, source, extensions, self.reading)
        if type_ in ACTIVITIES:
            parts["loop"] = read_loop(element, source, self.reading)
            self._refuse_quantities(source)
        properties = dict(extensions.properties)
        form = extensions.form or self.forms.get(extensions.form_key, "")
        if form:
            properties[_JOB_FORM] = form
        return Node(
            id=id_,
            type=type_,
            name=name,
            parent=parent.id if parent else "",
            inputs=tuple(extensions.inputs),
            outputs=tuple(extensions.outputs),
            # What stands in a sub-process stands in its lane, unless it is drawn in one of its own.
            lane=self.lanes.get(id_) or (parent.lane if parent else ""),
            properties=properties,
            documentation=documentation(element),
            **_flags(element, type_),
            **parts,
        )

    def _refuse_quantities(self, source: Source) -> None:
        for name in ("startQuantity", "completionQuantity"):
            quantity = attribute(source.element, name)
            if quantity not in ("", "1"):
                self.reading.report.error(
                    "token-quantity",
                    source.subject,
                    Words(f"has {name}='{quantity}'; expected 1", f"的 {name} 为“{quantity}”，只支持 1"),
                    Words("Use a parallel gateway or multi-instance instead.", "请改用并行网关或多实例。"),
                )


def _flags(element: Element, type_: str) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if type_ == "boundaryEvent":
        flags["attached_to"] = reference(element, "attachedToRef")
        flags["interrupting"] = flag(element, "cancelActivity", default=True)
    elif type_ == "startEvent":
        flags["interrupting"] = flag(element, "isInterrupting", default=True)
    elif type_ in SUB_PROCESSES:
        flags["triggered_by_event"] = flag(element, "triggeredByEvent", default=False)
    elif type_ in _INSTANTIATING:
        flags["instantiate"] = flag(element, "instantiate", default=False)
    if type_ in ACTIVITIES:
        flags["for_compensation"] = flag(element, "isForCompensation", default=False)
    return flags


def with_flows(nodes: Mapping[str, Node], ends: Mapping[str, tuple[list[str], list[str]]]) -> dict[str, Node]:
    """The nodes with their incoming and outgoing sequence flows filled in."""
    none: tuple[list[str], list[str]] = ([], [])
    return {
        id_: replace(node, incoming=tuple(ends.get(id_, none)[0]), outgoing=tuple(ends.get(id_, none)[1]))
        for id_, node in nodes.items()
    }

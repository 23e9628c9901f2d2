"""What elements say of their flows and lanes agrees with what those say (BPMN 2.0, 8.3.9 and 10.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from engine.models.bpmn_xml import (
    FLOW_NODES,
    Element,
    attribute,
    children,
    local,
    process_id_of,
    semantic_elements,
    texts_of,
    unprefixed,
)
from engine.models.findings import Report, describe_element, shorten
from engine.models.labels import Words
from engine.models.model import Process

_ENDS: Final = (("incoming", "targetRef"), ("outgoing", "sourceRef"))
_NODES: Final = FLOW_NODES | {
    "choreographyTask", "subChoreography", "callChoreography",
    "dataObject", "dataObjectReference", "dataStoreReference",
}  # fmt: skip
"""What may stand in a lane; data is drawn there by some tools, though the standard speaks of flow nodes alone."""


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report `incoming`, `outgoing` and `flowNodeRef` that name something else than their flow or node."""
    elements = list(semantic_elements(root))
    flows = {attribute(e, "id"): e for e in elements if local(e) == "sequenceFlow" and attribute(e, "id")}
    nodes = {attribute(e, "id") for e in elements if local(e) in _NODES}
    for element in elements:
        if local(element) in FLOW_NODES:
            _flows(element, flows, report)
        elif local(element) == "laneSet":
            _lanes(element, nodes, report)


def _flows(element: Element, flows: Mapping[str, Element], report: Report) -> None:
    id_ = attribute(element, "id")
    for name, end in _ENDS:
        for ref in texts_of(element, name):
            flow = flows.get(ref, flows.get(unprefixed(ref)))
            if flow is not None and unprefixed(attribute(flow, end)) == unprefixed(id_):
                continue
            says = Words(
                f"names '{shorten(ref, 60)}' as {name}, but no sequence flow of that id "
                f"{'leads to it' if name == 'incoming' else 'leaves it'}",
                f"的 {name} 为“{shorten(ref, 60)}”，但没有这样的顺序流与它相连",
            )
            mend = Words("Draw the flow again, or export the diagram anew.", "请重新连线，或重新导出流程图。")
            report.error("flow-reference", describe_element(element, process=process_id_of(element)), says, mend)


def _lanes(lane_set: Element, nodes: set[str], report: Report) -> None:
    named: Counter[str] = Counter()
    for lane in children(lane_set, "lane"):
        refs = {unprefixed(ref) for ref in texts_of(lane, "flowNodeRef")}
        inner = [e for e in lane.iter() if local(e) == "flowNodeRef"]
        named.update(refs | {unprefixed("".join(map(str, e.itertext())).strip()) for e in inner})
        unknown = sorted(ref for ref in refs if ref not in nodes)
        if unknown:
            listed = ", ".join(shorten(ref, 40) for ref in unknown[:3])
            says = Words(f"names elements that the file does not hold: {listed}", f"引用了文件中没有的元素：{listed}")
            mend = Words("Move the elements into the lane anew.", "请将元素重新移入泳道。")
            report.error("lane-reference", describe_element(lane, process=process_id_of(lane)), says, mend)
        for inner_set in children(lane, "childLaneSet"):
            _lanes(inner_set, nodes, report)
    for ref, count in named.items():
        if count > 1:
            says = Words(f"puts '{ref}' into {count} lanes; expected one", f"将“{ref}”放入 {count} 条泳道，只能有一条")
            mend = Words("Keep it in one lane.", "请只保留在一条泳道中。")
            subject = describe_element(lane_set, process=process_id_of(lane_set))
            report.error("lane-twice", subject, says, mend)

"""Pools and message flows: who may send to whom (BPMN 2.0, 9.3 and table 7.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.models.bpmn_xml import ACTIVITIES, BPMN, EVENTS, Element, attribute, children, is_bpmn, local, unprefixed
from engine.models.findings import Report, Subject, describe_element
from engine.models.labels import Words
from engine.models.model import Process

_SENDS: Final = frozenset({"endEvent", "intermediateThrowEvent"}) | ACTIVITIES | {"participant"}
_TAKES: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"}) | ACTIVITIES | {"participant"}
_JOINS: Final = EVENTS | ACTIVITIES | {"participant", "conversation", "subConversation", "callConversation"}
_REDRAW: Final = Words("Draw it between elements of two pools.", "请在两个泳池的元素之间连线。")


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report message flows that nobody could send or take, and impossible multiplicities of pools."""
    flows = list(_message_flows(root))
    if flows:
        ids = {id_: e for e in root.iter(f"{{{BPMN}}}*") if (id_ := attribute(e, "id"))}
        pools = _pools(root)
        for flow in flows:
            _check_flow(flow, ids, pools, report)
    for element in root.iter(f"{{{BPMN}}}participantMultiplicity"):
        _multiplicity(element, report)


def _message_flows(root: Element) -> Iterator[Element]:
    for collaboration in children(root, "collaboration"):
        yield from children(collaboration, "messageFlow")


def _pools(root: Element) -> dict[str, str]:
    """Process → its pool."""
    return {
        unprefixed(attribute(pool, "processRef")): attribute(pool, "id")
        for pool in root.iter(f"{{{BPMN}}}participant")
        if attribute(pool, "processRef")
    }


def _check_flow(flow: Element, ids: dict[str, Element], pools: dict[str, str], report: Report) -> None:
    subject = describe_element(flow)
    ends = []
    for name, zh in (("sourceRef", "起点"), ("targetRef", "终点")):
        ref = attribute(flow, name)
        found = ids.get(ref)
        found = ids.get(unprefixed(ref)) if found is None else found
        if found is None or local(found) not in _JOINS:
            shown = f"'{ref}'" if ref else "nothing"
            says = Words(
                f"has {shown} as its {name}; expected a pool, an activity or an event",
                f"的{zh}“{ref}”不是泳池、活动或事件",
            )
            report.error("message-flow-end", subject, says, _REDRAW)
            return
        ends.append(found)
    source, target = ends
    if _pool(source, pools) == _pool(target, pools):
        says = Words("stays inside one pool; messages go from pool to pool", "两端在同一泳池内，而消息只在泳池之间传递")
        report.error("message-flow-in-one-pool", subject, says, Words("Use a sequence flow.", "请改用顺序流。"))
    _direction(subject, source, target, report)


def _pool(element: Element, pools: dict[str, str]) -> str:
    if is_bpmn(element, "participant"):
        return attribute(element, "id")
    for above in element.iterancestors():
        if is_bpmn(above, "process"):
            key = attribute(above, "id")
            return pools.get(key, key)
    return attribute(element, "id")


def _direction(subject: Subject, source: Element, target: Element, report: Report) -> None:
    if local(source) in EVENTS and local(source) not in _SENDS:
        says = Words("comes from an event that receives", "从接收事件出发")
        mend = Words("Draw it the other way round, or from a throw event.", "请调换方向，或从抛出事件出发。")
        report.error("message-flow-direction", subject, says, mend)
    elif local(source) in EVENTS and not _is_message(source):
        _untyped(subject, source, report)
    if local(target) in EVENTS and local(target) not in _TAKES:
        says = Words("leads to an event that sends", "指向发送事件")
        mend = Words("Draw it the other way round, or to a catch event.", "请调换方向，或指向捕获事件。")
        report.error("message-flow-direction", subject, says, mend)
    elif local(target) in EVENTS and not _is_message(target):
        _untyped(subject, target, report)


def _is_message(event: Element) -> bool:
    definitions = [local(child) for child in children(event)]
    return "messageEventDefinition" in definitions or "eventDefinitionRef" in definitions


def _untyped(subject: Subject, event: Element, report: Report) -> None:
    shown = attribute(event, "name") or attribute(event, "id")
    says = Words(f"joins the event «{shown}», which is no message event", f"连接的事件“{shown}”不是消息事件")
    report.error("message-flow-event", subject, says, Words("Make it a message event.", "请将该事件改为消息事件。"))


def _multiplicity(element: Element, report: Report) -> None:
    least, most = (_whole(element, name, default) for name, default in (("minimum", 0), ("maximum", 1)))
    if least < 0 or most < 1 or (most < least and attribute(element, "maximum")):
        pool = element.getparent()
        says = Words(
            f"takes part {least} to {most} times; expected a maximum of at least one and of at least the minimum",
            f"的参与次数为 {least} 至 {most}，最大值应不小于 1 且不小于最小值",
        )
        subject = describe_element(element if pool is None else pool)
        report.error("pool-multiplicity", subject, says, Words("Correct the numbers.", "请修改次数。"))


def _whole(element: Element, name: str, default: int) -> int:
    text = attribute(element, name)
    try:
        return int(text) if text else default
    except ValueError:
        return default

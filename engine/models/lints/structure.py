"""What may stand where, read from the XML: definitions of events, contents of sub-processes, directions, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from engine.models.bpmn_xml import (
    ACTIVITIES,
    CHOREOGRAPHY_NODES,
    EVENTS,
    GATEWAYS,
    SUB_PROCESSES,
    THROW_EVENTS,
    Element,
    attribute,
    children,
    flag,
    is_bpmn,
    local,
    process_id_of,
    semantic_elements,
    texts_of,
    unprefixed,
)
from engine.models.findings import Report, Subject, describe_element
from engine.models.labels import Words
from engine.models.lints.events import ALLOWED
from engine.models.model import EventKind, Process

_SUFFIX: Final = "EventDefinition"
_KINDS: Final[Mapping[str, EventKind]] = {"compensate": EventKind.COMPENSATION} | {
    str(kind): kind for kind in EventKind
}
_ONLY_INSIDE: Final = frozenset({EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATION})


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report elements and definitions that the standard does not allow where they stand."""
    elements = list(semantic_elements(root))
    definitions = {attribute(e, "id"): e for e in elements if local(e).endswith(_SUFFIX) and attribute(e, "id")}
    ways: Counter[tuple[str, str]] = Counter()
    handled: set[str] = set()
    for element in elements:
        if local(element) == "sequenceFlow":
            ways[("out", attribute(element, "sourceRef"))] += 1
            ways[("in", attribute(element, "targetRef"))] += 1
        elif local(element) == "association":
            handled |= {unprefixed(attribute(element, "sourceRef")), unprefixed(attribute(element, "targetRef"))}
    _called(root, elements, report)
    for element in elements:
        tag = local(element)
        if tag in EVENTS:
            _definitions(element, definitions, report)
            _handler(element, handled, report)
        elif tag in GATEWAYS:
            _direction(element, ways, report)
        elif tag == "adHocSubProcess":
            _ad_hoc(element, report)
        if tag in SUB_PROCESSES or tag == "process":
            _choreography(element, report)


def _subject(element: Element) -> Subject:
    return describe_element(element, process=process_id_of(element))


def _definitions(event: Element, definitions: Mapping[str, Element], report: Report) -> None:
    """Events with several definitions, each of which must be possible there; those with one are linted elsewhere."""
    shared = [
        definitions[name] for ref in texts_of(event, "eventDefinitionRef") if (name := unprefixed(ref)) in definitions
    ]
    found = [child for child in children(event) if local(child).endswith(_SUFFIX)] + shared
    for definition in shared:
        holder = definition.getparent()
        if holder is not None and is_bpmn(holder, *THROW_EVENTS) and holder is not event:
            says = Words(
                "uses a definition that stands inside a throw event, where no other event may use it",
                "引用了抛出事件内部的事件定义，而该定义不能被其他事件使用",
            )
            mend = Words("Write the definition at file level.", "请将事件定义写在文件层。")
            report.error("event-definition-shared", _subject(event), says, mend)
    if len(found) < 2:
        return
    allowed = ALLOWED[local(event)]
    parent = event.getparent()
    if local(event) == "startEvent" and (parent is None or not flag(parent, "triggeredByEvent", default=False)):
        allowed -= _ONLY_INSIDE
    for definition in found:
        what = _KINDS.get(local(definition).removesuffix(_SUFFIX))
        if what is not None and what not in allowed:
            says = Words(f"is of kind '{what}', which cannot stand there", f"的类型“{what}”不能用在此处")
            mend = Words("Choose another kind of event.", "请选择其他类型的事件。")
            report.error("event-not-allowed", _subject(event), says, mend)
            return


def _called(root: Element, elements: Sequence[Element], report: Report) -> None:
    """A called process needs a plain start event, or none at all (10.5.2)."""
    called = {unprefixed(attribute(e, "calledElement")) for e in elements if local(e) == "callActivity"}
    for process in children(root, "process"):
        starts = list(children(process, "startEvent"))
        plain = [e for e in starts if not any(local(d).endswith((_SUFFIX, "eventDefinitionRef")) for d in children(e))]
        if attribute(process, "id") in called and starts and not plain:
            says = Words("is called but has no plain start event", "被调用，却没有普通开始事件")
            mend = Words("Add a start event that waits for nothing.", "请添加不等待任何事件的开始事件。")
            report.error("called-without-start", _subject(process), says, mend)


def _handler(event: Element, handled: set[str], report: Report) -> None:
    if local(event) != "boundaryEvent" or next(children(event, "compensateEventDefinition"), None) is None:
        return
    if attribute(event, "id") not in handled:
        says = Words("has no association to the activity that undoes", "没有用关联线连到补偿活动")
        mend = Words("Draw an association to the undoing activity.", "请用关联线连到补偿活动。")
        report.error("compensation-without-handler", _subject(event), says, mend)


def _direction(gateway: Element, ways: Mapping[tuple[str, str], int], report: Report) -> None:
    direction, id_ = attribute(gateway, "gatewayDirection"), attribute(gateway, "id")
    outgoing, incoming = ways.get(("out", id_), 0), ways.get(("in", id_), 0)
    if (direction == "Converging" and outgoing > 1) or (direction == "Diverging" and incoming > 1):
        says = Words(
            f"says gatewayDirection='{direction}' but has {incoming} ways in and {outgoing} ways out",
            f"的 gatewayDirection 为“{direction}”，却有 {incoming} 个入口和 {outgoing} 个出口",
        )
        mend = Words("Set it to Mixed, or split the gateway in two.", "请设为 Mixed，或拆成两个网关。")
        report.error("gateway-direction", _subject(gateway), says, mend)


def _ad_hoc(element: Element, report: Report) -> None:
    if next(children(element, *ACTIVITIES), None) is None:
        says = Words("holds no activity; expected at least one", "中没有活动，至少需要一个")
        report.error("ad-hoc-content", _subject(element), says, Words("Draw its tasks.", "请绘制其中的任务。"))
    for event in children(element, "startEvent", "endEvent"):
        says = Words(
            "stands in an ad-hoc sub-process, which neither starts nor ends", "位于没有开始和结束的特别子流程中"
        )
        report.error("ad-hoc-content", _subject(event), says, Words("Remove it.", "请将其删除。"))


def _choreography(container: Element, report: Report) -> None:
    for node in children(container, *CHOREOGRAPHY_NODES):
        says = Words("belongs to a choreography and cannot stand in a process", "属于编排图，不能放在流程中")
        mend = Words("Use a task or a sub-process.", "请使用任务或子流程。")
        report.error("choreography-in-process", _subject(node), says, mend)

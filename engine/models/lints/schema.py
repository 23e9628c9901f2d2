"""What the BPMN schema (XSD) would refuse: unknown elements, unreadable attribute values, ids used twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.models.bpmn_xml import (
    FLOW_NODES,
    SUB_PROCESSES,
    Element,
    attribute,
    is_bpmn,
    local,
    namespace,
    semantic_elements,
)
from engine.models.findings import Report, describe_element, shorten
from engine.models.labels import Words
from engine.models.model import Process

_BOOLEANS: Final = frozenset(
    {
        "isExecutable", "isClosed", "cancelActivity", "isInterrupting", "triggeredByEvent", "isSequential",
        "testBefore", "isForCompensation", "instantiate", "parallelMultiple", "isCollection", "isImmediate",
        "waitForCompletion", "cancelRemainingInstances",
    }
)  # fmt: skip
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "gatewayDirection": frozenset({"Unspecified", "Converging", "Diverging", "Mixed"}),
    "eventGatewayType": frozenset({"Exclusive", "Parallel"}),
    "behavior": frozenset({"None", "One", "All", "Complex"}),
    "ordering": frozenset({"Parallel", "Sequential"}),
    "processType": frozenset({"None", "Public", "Private"}),
    "associationDirection": frozenset({"None", "One", "Both"}),
}
_KNOWN_ATTRIBUTES: Final = (
    _BOOLEANS
    | _CHOICES.keys()
    | {
        "activityRef", "attachedToRef", "calledChoreographyRef", "calledCollaborationRef", "calledElement",
        "capacity", "categoryValueRef", "completionQuantity", "correlationKeyRef", "correlationPropertyRef",
        "dataObjectRef", "dataStoreRef", "default", "definition", "definitionalCollaborationRef", "direction",
        "errorCode", "errorRef", "escalationCode", "escalationRef", "evaluatesToTypeRef", "exporter",
        "exporterVersion", "expressionLanguage", "id", "implementation", "implementationRef", "importType",
        "initiatingParticipantRef", "innerConversationNodeRef", "innerMessageFlowRef", "inputDataRef",
        "isRequired", "isUnlimited", "itemKind", "itemRef", "itemSubjectRef", "language", "location",
        "loopMaximum", "loopType", "maximum", "messageRef", "method", "minimum", "mustUnderstand", "name",
        "namespace", "noneBehaviorEventRef", "oneBehaviorEventRef", "operationRef", "outerConversationNodeRef",
        "outerMessageFlowRef", "outputDataRef", "parameterRef", "partitionElementRef", "processRef",
        "scriptFormat", "scriptLanguage", "signalRef", "sourceRef", "startQuantity", "structureRef",
        "targetNamespace", "targetRef", "textFormat", "type", "typeLanguage", "value",
    }
)  # fmt: skip
"""Every attribute that the BPMN 2.0 schema knows, on whatever element."""
_RUN: Final = FLOW_NODES | {"process", "sequenceFlow", "multiInstanceLoopCharacteristics"}
_LEAST: Final = {"startQuantity": 1, "completionQuantity": 1, "loopMaximum": 0}
_REFERABLE: Final = frozenset({"process", "message", "signal", "error", "escalation", "participant", "lane"})

_ANYWHERE: Final = frozenset({"documentation", "extensionElements", "auditing", "monitoring"})
_IN_SCOPE: Final = (
    FLOW_NODES
    | _ANYWHERE
    | {
        "sequenceFlow", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference", "association",
        "group", "textAnnotation", "artifact", "property", "ioSpecification", "ioBinding", "resourceRole",
        "performer", "humanPerformer", "potentialOwner", "correlationSubscription", "supports",
        "supportedInterfaceRef", "incoming", "outgoing", "dataInputAssociation", "dataOutputAssociation",
        "standardLoopCharacteristics", "multiInstanceLoopCharacteristics", "loopCharacteristics",
        "completionCondition", "categoryValueRef", "implicitThrowEvent", "choreographyTask",
        "subChoreography", "callChoreography", "partnerRole",
    }
)  # fmt: skip


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report what no BPMN reader could understand."""
    seen: set[str] = set()
    for element in semantic_elements(root):
        _values(element, report)
        _ids(element, seen, report)
        if local(element) == "process" or local(element) in SUB_PROCESSES:
            _inside(element, report)


def _values(element: Element, report: Report) -> None:
    for name in element.attrib:
        key, text = str(name), attribute(element, str(name))
        if key in _BOOLEANS and text not in ("true", "false", "1", "0"):
            _bad_value(element, key, text, "true or false", "true 或 false", report)
        elif key in _CHOICES and text not in _CHOICES[key]:
            listed = ", ".join(sorted(_CHOICES[key]))
            _bad_value(element, key, text, f"one of {listed}", f"{listed} 之一", report)
        elif key in _LEAST and not (text.isdecimal() and int(text[:20]) >= _LEAST[key]):
            _bad_value(element, key, text, f"a whole number from {_LEAST[key]}", f"不小于 {_LEAST[key]} 的整数", report)
        elif local(element) in _RUN and key not in _KNOWN_ATTRIBUTES and not key.startswith("{"):
            _unknown_attribute(element, key, text, report)
    if local(element) == "eventBasedGateway" and attribute(element, "eventGatewayType") == "Parallel":
        report.error(
            "parallel-event-gateway",
            describe_element(element),
            Words("waits for all its events at once, which is not supported", "要求等待全部事件，不受支持"),
            Words("Use a parallel gateway with catch events behind it.", "请改用并行网关，后接捕获事件。"),
        )


def _bad_value(element: Element, name: str, text: str, en: str, zh: str, report: Report) -> None:
    report.error(
        "attribute-invalid",
        describe_element(element),
        Words(f"has {name}='{shorten(text, 40)}'; expected {en}", f"的 {name} 为“{shorten(text, 40)}”，应为 {zh}"),
        Words("Set it in the properties panel, or mend the file.", "请在属性面板中设置，或修改文件。"),
    )


def _unknown_attribute(element: Element, name: str, text: str, report: Report) -> None:
    report.error(
        "unknown-attribute",
        describe_element(element),
        Words(
            f"has {name}='{shorten(text, 40)}', which BPMN does not know, so it would have no effect",
            f"的属性 {name}='{shorten(text, 40)}' 不是 BPMN 属性，不会生效",
        ),
        Words(
            f"Remove it; a vendor's setting needs its prefix, such as camunda:{name}.",
            f"请将其删除；厂商设置需要前缀，例如 camunda:{name}。",
        ),
    )


def _ids(element: Element, seen: set[str], report: Report) -> None:
    """Doubled ids of what other elements refer to; flow nodes and flows are told apart while reading."""
    id_ = attribute(element, "id")
    if not id_ or local(element) in FLOW_NODES or local(element) in ("sequenceFlow", "process"):
        return
    if local(element) in _REFERABLE and id_ in seen:
        report.error(
            "duplicate-id",
            describe_element(element),
            Words(f"has the id '{id_}', which another element already has", f"的编号“{id_}”与另一个元素重复"),
            Words("Give it an id of its own.", "请使用唯一的编号。"),
        )
    seen.add(id_)


def _inside(container: Element, report: Report) -> None:
    for child in container:
        if is_bpmn(child) and local(child) not in _IN_SCOPE:
            report.error(
                "unknown-element",
                describe_element(child),
                Words("is no BPMN element that may stand in a process", "不是可以出现在流程中的 BPMN 元素"),
                Words("Remove it, or export the diagram anew.", "请将其删除，或重新导出流程图。"),
            )
        elif not is_bpmn(child):
            uri = namespace(child) or "no namespace"
            report.warning(
                "foreign-element",
                describe_element(child),
                Words(f"is not BPMN ({uri}) and is passed over", f"不是 BPMN 元素({uri})，已忽略"),
                Words("Vendors' additions belong into <extensionElements>.", "厂商扩展应放在 <extensionElements> 中。"),
            )

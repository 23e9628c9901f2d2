"""References between elements: each names something that is there, of the right kind (BPMN 2.0, 8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.models.bpmn_xml import (
    ACTIVITIES,
    BPMN,
    FLOW_NODES,
    GLOBAL_TASKS,
    Element,
    attribute,
    local,
    process_id_of,
    semantic_elements,
    text_of,
)
from engine.models.findings import Report, Subject, describe_element, shorten
from engine.models.labels import Words
from engine.models.model import Process

_EVENT_DEFINITIONS: Final = frozenset(
    f"{kind}EventDefinition"
    for kind in (
        "message", "timer", "signal", "error", "escalation", "conditional", "compensate", "link", "cancel", "terminate",
    )
)  # fmt: skip
_COLLABORATIONS: Final = frozenset({"collaboration", "choreography", "globalConversation", "globalChoreographyTask"})
_CALLABLE: Final = GLOBAL_TASKS | {"process"}
ANYTHING: Final[frozenset[str]] = frozenset()
_DATA: Final = frozenset(
    {"categoryValue", "dataInput", "dataObject", "dataOutput", "dataStore", "inputSet", "itemDefinition", "outputSet"}
)
"""What is drawn and moves nothing: modelling tools leave references to it behind (and to ANYTHING)."""

ATTRIBUTES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("association", "sourceRef"): ANYTHING,
    ("association", "targetRef"): ANYTHING,
    ("group", "categoryValueRef"): frozenset({"categoryValue"}),
    ("participant", "processRef"): frozenset({"process"}),
    ("process", "definitionalCollaborationRef"): _COLLABORATIONS,
    ("serviceTask", "operationRef"): frozenset({"operation"}),
    ("sendTask", "operationRef"): frozenset({"operation"}),
    ("sendTask", "messageRef"): frozenset({"message"}),
    ("receiveTask", "operationRef"): frozenset({"operation"}),
    ("receiveTask", "messageRef"): frozenset({"message"}),
    ("ioBinding", "operationRef"): frozenset({"operation"}),
    ("ioBinding", "inputDataRef"): frozenset({"inputSet", "dataInput"}),
    ("ioBinding", "outputDataRef"): frozenset({"outputSet", "dataOutput"}),
    ("messageFlow", "messageRef"): frozenset({"message"}),
    ("messageEventDefinition", "messageRef"): frozenset({"message"}),
    ("signalEventDefinition", "signalRef"): frozenset({"signal"}),
    ("errorEventDefinition", "errorRef"): frozenset({"error"}),
    ("escalationEventDefinition", "escalationRef"): frozenset({"escalation"}),
    ("compensateEventDefinition", "activityRef"): ACTIVITIES,
    ("message", "itemRef"): frozenset({"itemDefinition"}),
    ("error", "structureRef"): frozenset({"itemDefinition"}),
    ("escalation", "structureRef"): frozenset({"itemDefinition"}),
    ("signal", "structureRef"): frozenset({"itemDefinition"}),
    ("dataObject", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataObjectReference", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataObjectReference", "dataObjectRef"): frozenset({"dataObject"}),
    ("dataStore", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataStoreReference", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataStoreReference", "dataStoreRef"): frozenset({"dataStore"}),
    ("property", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataInput", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("dataOutput", "itemSubjectRef"): frozenset({"itemDefinition"}),
    ("correlationPropertyRetrievalExpression", "messageRef"): frozenset({"message"}),
    ("correlationPropertyBinding", "correlationPropertyRef"): frozenset({"correlationProperty"}),
    ("correlationSubscription", "correlationKeyRef"): frozenset({"correlationKey"}),
    ("resourceParameter", "type"): frozenset({"itemDefinition"}),
    ("resourceParameterBinding", "parameterRef"): frozenset({"resourceParameter"}),
    ("multiInstanceLoopCharacteristics", "oneBehaviorEventRef"): _EVENT_DEFINITIONS,
    ("multiInstanceLoopCharacteristics", "noneBehaviorEventRef"): _EVENT_DEFINITIONS,
}
"""Element and attribute → what it may name; ANYTHING with an id. Called processes may be in other files."""

CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "eventDefinitionRef": _EVENT_DEFINITIONS,
    "inMessageRef": frozenset({"message"}),
    "outMessageRef": frozenset({"message"}),
    "errorRef": frozenset({"error"}),
    "operationRef": frozenset({"operation"}),
    "interfaceRef": frozenset({"interface"}),
    "supportedInterfaceRef": frozenset({"interface"}),
    "endPointRef": frozenset({"endPoint"}),
    "participantRef": frozenset({"participant"}),
    "innerParticipantRef": frozenset({"participant"}),
    "outerParticipantRef": frozenset({"participant"}),
    "messageFlowRef": frozenset({"messageFlow"}),
    "choreographyRef": frozenset({"choreography"}),
    "supports": _CALLABLE,
    "resourceRef": frozenset({"resource"}),
    "categoryValueRef": frozenset({"categoryValue"}),
    "dataInputRefs": frozenset({"dataInput"}),
    "optionalInputRefs": frozenset({"dataInput"}),
    "whileExecutingInputRefs": frozenset({"dataInput"}),
    "outputSetRefs": frozenset({"outputSet"}),
    "dataOutputRefs": frozenset({"dataOutput"}),
    "optionalOutputRefs": frozenset({"dataOutput"}),
    "whileExecutingOutputRefs": frozenset({"dataOutput"}),
    "inputSetRefs": frozenset({"inputSet"}),
}
"""References written as child elements; `flowNodeRef`, `incoming`, `outgoing` and data have lints of their own."""


class Names:
    """Every id of a file, with the kind of element that has it."""

    def __init__(self, root: Element) -> None:
        self._target = attribute(root, "targetNamespace")
        self._kinds: dict[str, set[str]] = {}
        for element in root.iter(f"{{{BPMN}}}*"):
            if id_ := attribute(element, "id"):
                self._kinds.setdefault(id_, set()).add(local(element))

    def kinds(self, ref: str, element: Element) -> frozenset[str] | None:
        """What kinds of element a reference in `element` names; None if it may lie in another file."""
        if found := self._kinds.get(ref):
            return frozenset(found)
        prefix, colon, name = ref.rpartition(":")
        if not colon:
            return frozenset()
        uri = element.nsmap.get(prefix)
        if uri not in (None, BPMN, self._target):
            return None
        return frozenset(self._kinds.get(name, ()))


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report references to nothing, and to elements of another kind."""
    names = Names(root)
    for element in semantic_elements(root):
        for name, ref, allowed in _references(element):
            found = names.kinds(ref, element)
            if found is None or (found and (not allowed or found & allowed)):
                continue
            _bad_reference(element, name, ref, found, allowed, report)


def _references(element: Element) -> Iterator[tuple[str, str, frozenset[str]]]:
    tag = local(element)
    for key in element.attrib:
        name = str(key)
        allowed = ATTRIBUTES.get((tag, name))
        if allowed is not None and (ref := attribute(element, name)):
            yield name, ref, allowed
    if tag in CHILDREN and not len(element) and (ref := text_of(element)):
        yield tag, ref, CHILDREN[tag]


def owner(element: Element) -> Subject:
    """Whom a finding about a small part is about: the flow node, flow or root element that it belongs to."""
    found: Element | None = element
    while found is not None and not (
        local(found) in FLOW_NODES | _SPOKEN_OF or (parent := found.getparent()) is None or parent.getparent() is None
    ):
        found = found.getparent()
    return describe_element(element if found is None else found, process=process_id_of(element))


_SPOKEN_OF: Final = frozenset(
    {"sequenceFlow", "messageFlow", "participant", "lane", "association", "dataObject", "dataObjectReference",
     "dataStoreReference", "conversation", "process"}
)  # fmt: skip


def _bad_reference(
    element: Element, name: str, ref: str, found: frozenset[str], allowed: frozenset[str], report: Report
) -> None:
    subject = owner(element)
    if name == "processRef" or report.has("unresolved-reference", subject.id):
        return  # said where pools are read, and where events are
    shown = shorten(ref, 60)
    if found:
        kind = ", ".join(sorted(found))
        wanted = " / ".join(sorted(allowed)[:3])
        says = Words(
            f"names <{kind}> '{shown}' as its {name}; expected <{wanted}>",
            f"的 {name} 引用了 <{kind}> “{shown}”，应为 <{wanted}>",
        )
        report.error("wrong-reference", subject, says, Words("Choose an element of that kind.", "请选择该类型的元素。"))
        return
    says = Words(
        f"refers to '{shown}' ({name}), which the file does not define",
        f"引用了文件中没有定义的“{shown}”({name})",
    )
    mend = Words("Choose or create it in the properties panel.", "请在属性面板中选择或新建。")
    report.error("unresolved-data" if allowed <= _DATA else "unresolved-reference", subject, says, mend)

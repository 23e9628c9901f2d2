"""Reading BPMN XML: namespaces, element kinds, references and small lookups on lxml elements.

Names are those of BPMN 2.0 (ISO/IEC 19510), annexes A and B (the XSD).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

Element = etree._Element

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DRAFT_BPMN: Final = "http://schema.omg.org/spec/BPMN/2.0"
"""The namespace of the 2009 beta; elements mean the same."""

EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
THROW_EVENTS: Final = frozenset({"endEvent", "intermediateThrowEvent"})
TASKS: Final = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
)
SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES: Final = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)
FLOW_NODES: Final = EVENTS | ACTIVITIES | GATEWAYS
CHOREOGRAPHY_NODES: Final = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
GLOBAL_TASKS: Final = frozenset(
    {"globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"}
)


def local(element: Element) -> str:
    """The element's name without its namespace; '' for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """The element's namespace; '' where it has none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def is_bpmn(element: Element, *names: str) -> bool:
    """Whether this is a BPMN element (one of `names`, if any are given)."""
    return namespace(element) == BPMN and (not names or local(element) in names)


def children(element: Element, *names: str) -> Iterator[Element]:
    """BPMN child elements in document order (only those called one of `names`, if any are given)."""
    return (child for child in element if is_bpmn(child, *names))


def first(element: Element, *names: str) -> Element | None:
    """The first BPMN child called one of `names`."""
    return next(children(element, *names), None)


def texts_of(element: Element, name: str) -> list[str]:
    """The texts of the BPMN children of a name."""
    return [text for child in children(element, name) if (text := text_of(child))]


def semantic_elements(root: Element) -> Iterator[Element]:
    """BPMN elements in document order, without what stands in extensions and diagrams."""
    stack = [root]
    while stack:
        element = stack.pop()
        if local(element) in ("extensionElements", "BPMNDiagram"):
            continue
        if is_bpmn(element):
            yield element
        stack.extend(reversed(element))


def process_id_of(element: Element) -> str:
    """The id of the process that an element stands in; '' if it stands in none."""
    for above in (element, *element.iterancestors()):
        if is_bpmn(above, "process"):
            return attribute(above, "id")
    return ""


def all_text(element: Element) -> str:
    """All text inside an element, as it stands."""
    return "".join(str(part) for part in element.itertext())


def text_of(element: Element | None) -> str:
    """All text inside an element, trimmed; '' for None."""
    return "" if element is None else all_text(element).strip()


def attribute(element: Element | None, name: str) -> str:
    """An attribute's value, trimmed; '' where it is absent."""
    return "" if element is None else (element.get(name) or "").strip()


def extension_children(element: Element) -> Iterator[Element]:
    """What stands inside the element's `extensionElements`, of any namespace."""
    for holder in children(element, "extensionElements"):
        for child in holder:
            if isinstance(child.tag, str):
                yield child


def flag(element: Element, name: str, *, default: bool) -> bool:
    """An xs:boolean attribute; anything unreadable counts as the default (the schema lint reports it)."""
    text = attribute(element, name).lower()
    return default if text not in {"true", "false", "1", "0"} else text in {"true", "1"}


def reference(element: Element, name: str) -> str:
    """A reference written as attribute or as child element, such as `messageRef`; '' if there is none."""
    return attribute(element, name) or text_of(first(element, name))


def unprefixed(ref: str) -> str:
    """A QName without its prefix: references to other elements are xs:QName (BPMN 2.0, 8.3)."""
    return ref.rpartition(":")[2]


def line_of(element: Element) -> int:
    """The line of the file where the element begins, from 1; 0 if that is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def documentation(element: Element) -> str:
    """The element's documentation as plain text, paragraphs apart."""
    texts = (text_of(child) for child in children(element, "documentation"))
    return "\n\n".join(text for text in texts if text)


def one_line(text: str) -> str:
    """Text with its white space folded, as names are shown."""
    return re.sub(r"\s+", " ", text).strip()

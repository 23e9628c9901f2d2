"""Sequence flows: ends, conditions, defaults (BPMN 2.0, 8.4.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.models.bpmn_xml import (
    FLOW_NODES,
    SUB_PROCESSES,
    Element,
    attribute,
    children,
    first,
    reference,
    text_of,
)
from engine.models.dialects.camunda7 import PREFIXES
from engine.models.findings import Subject, describe, describe_node
from engine.models.labels import Words
from engine.models.model import Flow, Node, Value
from engine.models.normalise.reading import Reading


def read_flows(container: Element, reading: Reading, *, process: str) -> dict[str, Flow]:
    """All sequence flows of a process and of the sub-processes inside it, in document order.

    A flow whose ends are missing keeps what the file says, so that lint can name it.
    """
    flows: dict[str, Flow] = {}
    for element in _flow_elements(container):
        reading.seen.add(element)
        id_ = reading.take_id(element, process)
        name = attribute(element, "name")
        flows[id_] = Flow(
            id=id_,
            source=reference(element, "sourceRef"),
            target=reference(element, "targetRef"),
            name=name,
            condition=_condition(element, describe("sequenceFlow", id_, name, process=process), reading),
        )
    return flows


def _flow_elements(container: Element) -> list[Element]:
    found: list[Element] = []
    for child in children(container, "sequenceFlow", *(FLOW_NODES & SUB_PROCESSES)):
        if child.tag.endswith("}sequenceFlow"):
            found.append(child)
        else:
            found += _flow_elements(child)
    return found


def _condition(element: Element, subject: Subject, reading: Reading) -> Value | None:
    expression = first(element, "conditionExpression")
    if expression is None:
        return None
    text = text_of(expression)
    resource = next(
        (expression.get(f"{{{uri}}}resource") for uri in PREFIXES if expression.get(f"{{{uri}}}resource")), ""
    )
    if resource:
        reading.report.error(
            "expression-language-not-supported",
            subject,
            Words(
                f"has its condition in a script outside the model: {resource}",
                f"的条件写在模型之外的脚本中：{resource}",
            ),
            Words("Write the condition in FEEL.", "请用 FEEL 书写条件。"),
        )
    elif not text:
        reading.report.warning(
            "empty-condition",
            subject,
            Words("has an empty condition, read as none", "的条件为空，按无条件处理"),
            Words("Write the condition, or remove it.", "请填写条件或将其删除。"),
        )
    return reading.expressions.condition(text, subject, language=attribute(expression, "language"))


def mark_defaults(
    flows: Mapping[str, Flow],
    nodes: Mapping[str, Node],
    elements: Mapping[str, Element],
    reading: Reading,
    process: str,
) -> dict[str, Flow]:
    """The flows with `is_default` set from the `default` attribute of gateways and activities."""
    marked = dict(flows)
    for id_, element in elements.items():
        default = reference(element, "default")
        if not default:
            continue
        flow = flows.get(default)
        if flow is not None and flow.source == id_:
            marked[default] = replace(flow, is_default=True)
            continue
        reading.report.error(
            "default-flow-unknown",
            describe_node(nodes[id_], process),
            Words(
                f"names '{default}' as its default flow, which does not leave it",
                f"的默认流“{default}”不是它的流出顺序流",
            ),
            Words("Choose one of its outgoing flows as default.", "请在其流出的顺序流中选择默认流。"),
        )
    return marked


def ends_of(flows: Mapping[str, Flow]) -> dict[str, tuple[list[str], list[str]]]:
    """Node id → ids of incoming and outgoing flows, in document order."""
    ends: dict[str, tuple[list[str], list[str]]] = {}
    for flow in flows.values():
        ends.setdefault(flow.source, ([], []))[1].append(flow.id)
        ends.setdefault(flow.target, ([], []))[0].append(flow.id)
    return ends

"""Camunda 8 (Zeebe) extensions, namespace http://camunda.org/schema/zeebe/1.0.

Attributes that start with '=' are FEEL, all others literal. Names: zeebe-bpmn-moddle's `zeebe.json`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.models.bpmn_xml import Element, attribute, extension_children, local, namespace, text_of
from engine.models.dialects.decisions import report_decision_binding
from engine.models.dialects.extensions import Extensions, Source
from engine.models.model import Value

NAMESPACE: Final = "http://camunda.org/schema/zeebe/1.0"

_NO_EFFECT: Final = frozenset({"userTask", "versionTag", "userTaskForm", "modelerTemplate", "conditionalFilter"})


def read(source: Source, to: Extensions) -> None:
    """Add the Zeebe extensions of an element to `to`."""
    for child in extension_children(source.element):
        if namespace(child) != NAMESPACE:
            continue
        name = local(child)
        reader = _READERS.get(name)
        if reader is not None:
            reader(child, source, to)
        elif name not in _NO_EFFECT:
            to.ignored.append(f"zeebe:{name}")


def embedded_forms(process: Element) -> dict[str, str]:
    """Forms written inside a process (`zeebe:userTaskForm`): id → form-js JSON."""
    return {
        attribute(child, "id"): text_of(child)
        for child in extension_children(process)
        if namespace(child) == NAMESPACE and local(child) == "userTaskForm"
    }


def _task_definition(element: Element, source: Source, to: Extensions) -> None:
    to.topic = source.value(attribute(element, "type"), "job type", "作业类型")
    to.retries = source.value(attribute(element, "retries"), "number of retries", "重试次数")


def _task_headers(element: Element, source: Source, to: Extensions) -> None:
    for header in element:
        if local(header) == "header":
            to.headers[attribute(header, "key")] = header.get("value") or ""


def _io_mapping(element: Element, source: Source, to: Extensions) -> None:
    for mapping in element:
        target = attribute(mapping, "target").removeprefix("=").strip()
        if local(mapping) == "input":
            to.map_in(_mapped(mapping, source), target, source)
        elif local(mapping) == "output":
            to.map_out(_mapped(mapping, source), target, source)


def _mapped(mapping: Element, source: Source) -> Value | None:
    return source.value(mapping.get("source") or "", "variable mapping", "变量映射")


def _assignment(element: Element, source: Source, to: Extensions) -> None:
    to.assignee = source.value(attribute(element, "assignee"), "assignee", "办理人")
    to.candidate_users = source.value(attribute(element, "candidateUsers"), "candidate users", "候选人")
    to.candidate_groups = source.value(attribute(element, "candidateGroups"), "candidate groups", "候选组")


def _schedule(element: Element, source: Source, to: Extensions) -> None:
    to.due = source.value(attribute(element, "dueDate"), "due date", "截止时间")
    to.follow_up = source.value(attribute(element, "followUpDate"), "follow-up date", "跟进时间")


def _priority(element: Element, source: Source, to: Extensions) -> None:
    to.priority = source.value(attribute(element, "priority"), "priority", "优先级")


def _form(element: Element, source: Source, to: Extensions) -> None:
    keys = (attribute(element, name) for name in ("formId", "formKey", "externalReference"))
    to.form_key = next((key for key in keys if key), "").removeprefix("camunda-forms:bpmn:")


def _properties(element: Element, source: Source, to: Extensions) -> None:
    for entry in element:
        if local(entry) == "property" and attribute(entry, "name"):
            to.properties[attribute(entry, "name")] = entry.get("value") or ""


def _script(element: Element, source: Source, to: Extensions) -> None:
    to.script = attribute(element, "expression").removeprefix("=").strip()
    to.result_variable = attribute(element, "resultVariable")


def _loop(element: Element, source: Source, to: Extensions) -> None:
    to.collection = source.expression(attribute(element, "inputCollection"), "input collection", "输入集合")
    to.element_variable = attribute(element, "inputElement")
    to.output_collection = attribute(element, "outputCollection")
    to.output_element = source.expression(attribute(element, "outputElement"), "output element", "输出元素")


def _subscription(element: Element, source: Source, to: Extensions) -> None:
    to.correlation_key = source.expression(attribute(element, "correlationKey"), "correlation key", "关联键")


def _publish(element: Element, source: Source, to: Extensions) -> None:
    to.correlation_key = source.value(attribute(element, "correlationKey"), "correlation key", "关联键")


def _called_element(element: Element, source: Source, to: Extensions) -> None:
    to.called = source.value(attribute(element, "processId"), "called process", "被调用流程")
    to.binding = attribute(element, "bindingType") or "latest"
    parent = attribute(element, "propagateAllParentVariables") != "false"
    to.propagate_all = parent and attribute(element, "propagateAllChildVariables") != "false"


def _called_decision(element: Element, source: Source, to: Extensions) -> None:
    to.decision = source.value(attribute(element, "decisionId"), "decision", "决策")
    to.result_variable = attribute(element, "resultVariable")
    report_decision_binding(attribute(element, "bindingType"), attribute(element, "versionTag"), source)


def _listeners(element: Element, source: Source, to: Extensions) -> None:
    for listener in element:
        event, type_ = attribute(listener, "eventType"), attribute(listener, "type")
        to.listeners.append(f"{event}: {type_}")


_READERS: Final[dict[str, Callable[[Element, Source, Extensions], None]]] = {
    "taskDefinition": _task_definition,
    "taskHeaders": _task_headers,
    "ioMapping": _io_mapping,
    "assignmentDefinition": _assignment,
    "taskSchedule": _schedule,
    "priorityDefinition": _priority,
    "formDefinition": _form,
    "properties": _properties,
    "script": _script,
    "loopCharacteristics": _loop,
    "subscription": _subscription,
    "publishMessage": _publish,
    "calledElement": _called_element,
    "calledDecision": _called_decision,
    "executionListeners": _listeners,
    "taskListeners": _listeners,
}

"""Camunda 7 extensions; Activiti, Flowable and Operaton share them under their own namespaces.

`${…}` and `#{…}` are JUEL and become FEEL. Settings that only steer how another engine stores or
schedules (`asyncBefore`, `historyTimeToLive`) mean nothing here and are passed over; settings that
would change what the process does and that we cannot honour are reported by name.
"""

from __future__ import annotations

import re
from typing import Final

from engine.models.bpmn_xml import Element, attribute, extension_children, local, namespace, text_of
from engine.models.dialects.decisions import read_result_shape, report_decision_binding
from engine.models.dialects.extensions import Extensions, Source
from engine.models.dialects.form_fields import form_of
from engine.models.dialects.input_output import read_input_output
from engine.models.labels import Words

PREFIXES: Final = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://operaton.org/schema/1.0/bpmn": "operaton",
    "http://activiti.com/modeler": "modeler",
    "http://activiti.org/bpmn": "activiti",
    "http://flowable.org/bpmn": "flowable",
    "http://www.camunda.com/fox": "fox",
}

_NO_EFFECT: Final = frozenset(
    {
        "async", "asyncBefore", "asyncAfter", "asyncLeave", "exclusive", "jobPriority", "historyTimeToLive",
        "versionTag", "isStartableInTasklist", "modelerTemplate", "modelerTemplateVersion",
        "modelerTemplateIcon", "formRefBinding", "formRefVersion", "taskPriority", "calledElementVersion",
        "calledElementType", "diagramRelationId", "candidateStarterUsers", "candidateStarterGroups",
    }
)  # fmt: skip
_READ: Final = frozenset(
    {
        "assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "formKey",
        "formRef", "type", "topic", "class", "delegateExpression", "expression", "resultVariable",
        "resultVariableName", "collection", "elementVariable", "calledElementBinding", "decisionRef",
        "decisionRefBinding", "decisionRefVersion", "mapDecisionResult", "initiator", "resource",
    }
)  # fmt: skip
_READ_ELEMENTS: Final = frozenset(
    {
        "inputOutput", "properties", "executionListener", "taskListener", "formData", "formProperty", "in",
        "out", "connector", "failedJobRetryTimeCycle", "validation", "constraint", "historyTimeToLive",
    }
)  # fmt: skip
_STARTERS: Final = frozenset({"candidateStarterUsers", "candidateStarterGroups"})
_EXTERNAL: Final = frozenset({"external", "external-worker"})
_RETRY_CYCLE: Final = re.compile(r"R(\d+)/P\S+")


def read(source: Source, to: Extensions) -> None:
    """Add the Camunda 7 family's extensions of an element to `to`."""
    names: dict[str, str] = {}
    for key, text in source.element.attrib.items():
        uri, _, name = str(key)[1:].partition("}")
        if name and uri in PREFIXES:
            names[name] = str(text).strip()
            if name not in _READ | _NO_EFFECT:
                to.ignored.append(f"{PREFIXES[uri]}:{name}")
    if names:
        _read_attributes(names, source, to)
    for child in extension_children(source.element):
        if namespace(child) in PREFIXES:
            _read_element(child, source, to)


def _read_attributes(names: dict[str, str], source: Source, to: Extensions) -> None:
    _read_people(names, source, to)
    _read_work(names, source, to)
    if names.get("collection"):
        to.collection = source.expression(names["collection"], "collection", "集合")
    to.element_variable = names.get("elementVariable") or to.element_variable
    if names.get("decisionRef"):
        _read_decision(names, source, to)
    to.binding = _binding(names, source) or to.binding
    if starters := [name for name in names if name in _STARTERS]:
        _report_starters(starters, source)
    to.result_variable = names.get("resultVariable") or names.get("resultVariableName") or to.result_variable
    if names.get("initiator"):
        to.properties.setdefault("civiflow:initiator", names["initiator"])


def _read_decision(names: dict[str, str], source: Source, to: Extensions) -> None:
    to.decision = source.value(names["decisionRef"], "decision", "决策")
    to.result_shape = "resultList"
    if shape := names.get("mapDecisionResult"):
        read_result_shape(shape, source, to)
    report_decision_binding(names.get("decisionRefBinding", ""), names.get("decisionRefVersion", ""), source)


def _binding(names: dict[str, str], source: Source) -> str:
    """'latest', 'deployment' or a version number."""
    binding = names.get("calledElementBinding", "")
    if binding in ("", "latest", "deployment"):
        return binding
    version = names.get("calledElementVersion", "")
    if binding == "version" and version.isdigit():
        return version
    source.report.error(
        "binding-not-supported",
        source.subject,
        Words(
            f"binds to {binding} '{version}'; expected latest, deployment or a version number",
            f"绑定方式为 {binding}“{version}”，只支持 latest、deployment 或版本号",
        ),
        Words("Choose 'latest' or 'deployment'.", "请选择 latest 或 deployment。"),
    )
    return ""


def _report_starters(names: list[str], source: Source) -> None:
    source.report.warning(
        "starters-not-restricted",
        source.subject,
        Words(
            f"says who may start it ({', '.join(names)}), which is not read from the model",
            f"限定了发起人({'、'.join(names)})，但不会从模型中读取",
        ),
        Words("Set who may start it in the settings of the definition.", "请在流程定义的设置中指定发起人。"),
    )


def _read_people(names: dict[str, str], source: Source, to: Extensions) -> None:
    to.assignee = source.value(names.get("assignee", ""), "assignee", "办理人") or to.assignee
    users, groups = names.get("candidateUsers", ""), names.get("candidateGroups", "")
    to.candidate_users = source.value(users, "candidate users", "候选人") or to.candidate_users
    to.candidate_groups = source.value(groups, "candidate groups", "候选组") or to.candidate_groups
    to.due = source.value(names.get("dueDate", ""), "due date", "截止时间") or to.due
    to.follow_up = source.value(names.get("followUpDate", ""), "follow-up date", "跟进时间") or to.follow_up
    to.priority = source.value(names.get("priority", ""), "priority", "优先级") or to.priority
    to.form_key = _form_key(names, source) or to.form_key


def _form_key(names: dict[str, str], source: Source) -> str:
    key = names.get("formRef") or names.get("formKey", "")
    if key.startswith("embedded:"):
        source.report.warning(
            "form-not-supported",
            source.subject,
            Words(
                f"uses an embedded HTML form that is not shown: {key}",
                f"使用了无法显示的内嵌 HTML 表单：{key}",
            ),
            Words(
                "Draw the form anew in the form editor and name it here.",
                "请在表单编辑器中重新绘制，并在此处引用。",
            ),
        )
    return re.sub(r"^camunda-forms:(?:deployment|app):(?:.*/)?", "", key)


def _read_work(names: dict[str, str], source: Source, to: Extensions) -> None:
    kind = names.get("type", "")
    if kind in _EXTERNAL:
        to.topic = source.value(names.get("topic", ""), "topic", "主题")
        to.job_priority = source.value(names.get("taskPriority", ""), "task priority", "作业优先级")
    elif kind:
        to.implementation = f"built-in '{kind}'"
    for name, what in (("class", "Java class"), ("delegateExpression", "bean"), ("expression", "expression")):
        if names.get(name):
            to.implementation = f"{what} {names[name]}"
    if names.get("resource"):
        to.implementation = f"resource {names['resource']}"


def _read_element(child: Element, source: Source, to: Extensions) -> None:
    name = local(child)
    if name == "inputOutput":
        read_input_output(child, source, to)
    elif name == "properties":
        for entry in child:
            key = attribute(entry, "name") or attribute(entry, "id")
            if local(entry) == "property" and key:
                to.properties[key] = entry.get("value") or ""
    elif name in ("executionListener", "taskListener"):
        to.listeners.append(_listener(child))
    elif name in ("in", "out"):
        _read_call_mapping(child, source, to)
    elif name == "connector":
        connector = next((text_of(part) for part in child if local(part) == "connectorId"), "")
        to.implementation = f"connector {connector}".strip()
    elif name == "failedJobRetryTimeCycle":
        _read_retries(text_of(child), source, to)
    elif name in ("formData", "formProperty"):
        to.form = to.form or form_of(source, to)
    elif name not in _READ_ELEMENTS:
        to.ignored.append(f"{PREFIXES[namespace(child)]}:{name}")


def _listener(child: Element) -> str:
    kinds = ("class", "delegateExpression", "expression", "event")
    what = next((attribute(child, kind) for kind in kinds[:3] if attribute(child, kind)), "script")
    return f"{attribute(child, 'event') or 'event'}: {what}"


def _read_call_mapping(child: Element, source: Source, to: Extensions) -> None:
    if attribute(child, "variables") == "all":
        to.propagate_all = True
        return
    if attribute(child, "businessKey"):
        to.ignored.append("camunda:in businessKey")
        return
    to.propagate_all = to.propagate_all or False
    plain, computed = attribute(child, "source"), attribute(child, "sourceExpression")
    value = source.expression(computed or plain, "variable mapping", "变量映射")
    (to.map_in if local(child) == "in" else to.map_out)(value, attribute(child, "target"), source)


def _read_retries(text: str, source: Source, to: Extensions) -> None:
    cycle = _RETRY_CYCLE.fullmatch(text)
    if cycle:
        to.retries = source.value(cycle[1], "number of retries", "重试次数")
    elif re.fullmatch(r"P\S+", text):
        # A list of pauses: one try first, then one after each pause.
        to.retries = source.value(str(text.count(",") + 2), "number of retries", "重试次数")
    else:
        to.retries = source.value(text, "number of retries", "重试次数")

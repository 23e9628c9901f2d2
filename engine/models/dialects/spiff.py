"""SpiffWorkflow's extensions, namespace http://spiffworkflow.org/bpmn/schema/1.0/core.

Its expressions are Python; simple ones read the same in FEEL and are tried as such.
"""

from __future__ import annotations

from typing import Final

from engine.models.bpmn_xml import Element, attribute, extension_children, local, namespace, text_of
from engine.models.dialects.extensions import Extensions, Source
from engine.models.labels import Words

NAMESPACE: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"

_FORM_FILE: Final = "formJsonSchemaFilename"
_TEXTS: Final = frozenset({"instructionsForEndUser", "guestConfirmation", "signalButtonLabel"})
_NO_EFFECT: Final = frozenset({"unitTests", "isOutputSynthetic", "allowGuest", "scriptsOnInstances"})


def read(source: Source, to: Extensions) -> None:
    """Add the SpiffWorkflow extensions of an element to `to`."""
    for child in extension_children(source.element):
        if namespace(child) != NAMESPACE:
            continue
        name = local(child)
        if name == "properties":
            _properties(child, to)
        elif name == "serviceTaskOperator":
            _operator(child, source, to)
        elif name in ("preScript", "postScript"):
            _refuse_script(child, source)
        elif name == "calledDecisionId":
            to.decision = source.value(text_of(child), "decision", "决策")
            to.result_shape = "columns"
        elif name in _TEXTS:
            to.properties[name] = text_of(child)
        elif name not in _NO_EFFECT:
            to.ignored.append(f"spiffworkflow:{name}")


def _properties(element: Element, to: Extensions) -> None:
    for entry in element:
        if local(entry) == "property" and attribute(entry, "name"):
            to.properties[attribute(entry, "name")] = attribute(entry, "value")
    to.form_key = to.properties.get(_FORM_FILE, to.form_key)


def _operator(element: Element, source: Source, to: Extensions) -> None:
    to.topic = source.value(attribute(element, "id"), "operator", "操作")
    to.result_variable = attribute(element, "resultVariable")
    for parameter in (p for holder in element if local(holder) == "parameters" for p in holder):
        value = source.expression(attribute(parameter, "value"), "parameter", "参数")
        to.map_in(value, attribute(parameter, "id"), source)


def _refuse_script(element: Element, source: Source) -> None:
    if not text_of(element):
        return
    source.report.error(
        "hidden-script",
        source.subject,
        Words(f"carries a Python script in <{local(element)}>", f"在 <{local(element)}> 中带有 Python 脚本"),
        Words("Make it a script task of its own, where it can be seen.", "请改为单独的脚本任务，使其在图上可见。"),
    )

"""The standard's XML schema: what it refuses in a file, as findings.

The schema files (BPMN20.xsd and those beside it, by OMG) come with SpiffWorkflow. What the schema refuses is told
apart: what changes the meaning is an error; what every reader takes in its stride (elements in another order, ids with
odd characters, faults of the drawing) is a note.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, Final

from lxml import etree

from engine.errors import InvalidModel
from engine.findings import Finding, Severity
from engine.models.bpmn_xml import BPMN, Element, attribute, line_of, local, namespace
from engine.models.findings import Report, Subject, describe_element, shorten
from engine.models.intake import parse_xml
from engine.models.labels import Words
from engine.models.lints.references import owner

_MOST: Final = 50
_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_ATTRIBUTE: Final = re.compile(r"attribute '([^']+)'")
_EXPORT: Final = Words(
    "Export the diagram anew from its modelling tool, or mend the file.", "请从建模工具重新导出，或修改文件。"
)
_LEFT_TO_LINTS: Final = frozenset({"conditionalEventDefinition", "linkEventDefinition"})
"""Modelling tools write these unfinished on purpose; lints ask for what is missing, in better words."""

_one_at_a_time = threading.Lock()


def schema_findings(content: bytes) -> tuple[Finding, ...]:
    """What the schema refuses in a BPMN file, in document order.

    Args:
        content: the file's bytes; one that cannot be read, or is no `definitions`, gives nothing.
    """
    try:
        root = parse_xml(content)
    except InvalidModel:
        return ()
    if namespace(root) != BPMN or local(root) != "definitions":
        return ()
    with _one_at_a_time:  # the errors of a run are kept in the schema itself
        schema = _schema()
        if schema.validate(root):
            return ()
        errors = [(entry.type_name, entry.path, entry.message) for entry in schema.error_log]
    report = Report()
    prefixes = {prefix: uri for element in root.iter() for prefix, uri in element.nsmap.items() if prefix}
    for type_name, path, message in errors[: 20 * _MOST]:
        _report(type_name, _element_at(root, path, prefixes), str(message), report)
    return tuple(finding for finding, _ in report.found())[:_MOST]


def _element_at(root: Element, path: str | None, prefixes: dict[str, str]) -> Element:
    """The element an error speaks of; the root where its path leads nowhere, since a prefix means two things."""
    try:
        found = root.getroottree().xpath(path or "/*", namespaces=prefixes)
    except etree.XPathEvalError:
        return root
    first = found[0] if isinstance(found, list) and found else root
    return first if isinstance(first, etree._Element) else root


@lru_cache(maxsize=1)
def _schema() -> Any:
    with as_file(files("SpiffWorkflow.bpmn.parser") / "schema") as folder:
        return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))


def _report(type_name: str, element: Element, message: str, report: Report) -> None:
    subject = owner(element)
    if namespace(element) != BPMN or any(local(above) == "BPMNDiagram" for above in element.iterancestors()):
        _tolerated(subject, element, report)
    elif type_name == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        _attribute_missing(subject, element, message, report)
    elif type_name == "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2":
        _unknown_attribute(subject, element, message, report)
    elif type_name == "SCHEMAV_ELEMENT_CONTENT":
        _content(subject, element, message, report)
    elif type_name.startswith("SCHEMAV_CVC_") and "'xs:ID'" in message and _is_name(attribute(element, "id")):
        says = Words(f"has the id '{attribute(element, 'id')}', which another element already has",
                     f"的编号“{attribute(element, 'id')}”与另一个元素重复")  # fmt: skip
        report.error("duplicate-id", subject, says, Words("Give it an id of its own.", "请使用唯一的编号。"))
    elif "xs:boolean" in message or "xs:integer" in message or "SCHEMAV_CVC_ENUMERATION_VALID" in type_name:
        _bad_value(subject, element, message, report)
    else:
        _tolerated(subject, element, report)


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[^\W\d][\w.\-·]*", text) is not None


def _named(message: str) -> str:
    found = _ATTRIBUTE.search(message)
    return found[1] if found else "?"


def _attribute_missing(subject: Subject, element: Element, message: str, report: Report) -> None:
    name = re.search(r"The attribute '([^']+)' is required", message)
    missing, tag = name[1] if name else "?", local(element)
    if tag == "definitions" or tag in _LEFT_TO_LINTS:
        _tolerated(subject, element, report)
        return
    says = Words(f"lacks {missing} on its <{tag}>, which the standard requires", f"的 <{tag}> 缺少标准要求的 {missing}")
    report.error("attribute-missing", subject, says, _EXPORT)


def _unknown_attribute(subject: Subject, element: Element, message: str, report: Report) -> None:
    name = _named(message)
    if name.startswith("{"):
        _tolerated(subject, element, report)
        return
    says = Words(f"has {name}='…' on its <{local(element)}>, which BPMN does not know there",
                 f"的 <{local(element)}> 带有 BPMN 中没有的属性 {name}")  # fmt: skip
    mend = Words(f"Remove it; a vendor's setting needs its prefix, such as camunda:{name}.",
                 f"请将其删除；厂商设置需要前缀，例如 camunda:{name}。")  # fmt: skip
    report.error("unknown-attribute", subject, says, mend)


def _bad_value(subject: Subject, element: Element, message: str, report: Report) -> None:
    name = _named(message)
    text = shorten(attribute(element, name), 40)
    says = Words(f"has {name}='{text}', which the standard does not allow", f"的 {name} 为“{text}”，不符合标准")
    report.error("attribute-invalid", subject, says, _EXPORT)


def _content(subject: Subject, element: Element, message: str, report: Report) -> None:
    tag = local(element)
    if "Missing child" in message:
        if tag in _LEFT_TO_LINTS:
            return
        says = Words(f"lacks what the standard requires inside its <{tag}>", f"的 <{tag}> 中缺少标准要求的内容")
        report.error("child-missing", subject, says, _EXPORT)
        return
    holder = element.getparent()
    if holder is None or tag in ("extensionElements", "documentation") or tag in _children_of(local(holder)):
        _tolerated(subject, element, report)  # in another order, or once too often
        return
    says = Words(f"<{tag}> in line {line_of(element)} is nothing that BPMN knows inside <{local(holder)}>",
                 f"第 {line_of(element)} 行的 <{tag}> 不是 <{local(holder)}> 中可以出现的 BPMN 元素")  # fmt: skip
    about = describe_element(element)
    report.error(
        "unknown-element", Subject(id=about.id, name=about.name, words=Words("Element", "元素")), says, _EXPORT
    )


def _tolerated(subject: Subject, element: Element, report: Report) -> None:
    if report.has("schema-not-kept", subject.id):
        return
    where = f"<{local(element)}>, line {line_of(element)}"
    says = Words(f"does not keep to the letter of the standard's schema ({where}); it is read all the same",
                 f"不完全符合标准的 XML 模式(<{local(element)}>，第 {line_of(element)} 行)，仍可读取")  # fmt: skip
    report.add(Severity.NOTE, "schema-not-kept", subject, says, _EXPORT)


@lru_cache(maxsize=256)
def _children_of(tag: str) -> frozenset[str]:
    """The elements that the schema knows inside an element, in whatever order."""
    types, elements, heads = _definitions()
    found: set[str] = set()
    type_ = elements.get(tag, "")
    while type_:
        node = types.get(type_)
        if node is None:
            break
        for child in node.iter(f"{_XSD}element"):
            found.add(_plain(child.get("name") or child.get("ref") or ""))
        base = node.find(f".//{_XSD}extension")
        type_ = _plain(base.get("base") or "") if base is not None else ""
    grown = 0
    while len(found) != grown:
        grown = len(found)
        found |= {name for name, head in heads.items() if head in found}
    return frozenset(found)


@lru_cache(maxsize=1)
def _definitions() -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Types by name, the type of each element, and what each element may stand for."""
    types: dict[str, Any] = {}
    elements: dict[str, str] = {}
    heads: dict[str, str] = {}
    for name in ("BPMN20.xsd", "Semantic.xsd"):
        schema = etree.fromstring((files("SpiffWorkflow.bpmn.parser") / "schema" / name).read_bytes())
        types |= {str(node.get("name")): node for node in schema.iterchildren(f"{_XSD}complexType")}
        for node in schema.iter(f"{_XSD}element"):
            if (called := node.get("name")) and node.get("type"):
                elements.setdefault(called, _plain(str(node.get("type"))))
                if head := node.get("substitutionGroup"):
                    heads[called] = _plain(head)
    return types, elements, heads


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def unsaid(found: tuple[Finding, ...], said: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Findings of the schema about elements of which the lints have not said an error already."""
    elements = {element for _, element in said}
    for finding in found:
        if finding.severity is Severity.ERROR and finding.element and finding.element in elements:
            continue
        if (finding.code, finding.element) not in said:
            yield finding

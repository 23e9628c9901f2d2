"""Proof that nothing was dropped in silence: whatever was not read is named in a finding."""

from __future__ import annotations

from collections import Counter
from typing import Final

from engine.models.bpmn_xml import (
    CHOREOGRAPHY_NODES,
    FLOW_NODES,
    GLOBAL_TASKS,
    Element,
    attribute,
    extension_children,
    is_bpmn,
    local,
    namespace,
)
from engine.models.dialects import camunda7, spiff, zeebe
from engine.models.findings import FILE, describe_element
from engine.models.labels import Words
from engine.models.normalise.reading import Reading

_DATA: Final = frozenset(
    {
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
)
_READ_OR_GRAPHIC: Final = frozenset(
    {
        *camunda7.PREFIXES,
        zeebe.NAMESPACE,
        spiff.NAMESPACE,
        "http://camunda.org/schema/modeler/1.0",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://bpmn.io/schema/bpmn/biocolors/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
_CHOREOGRAPHIES: Final = frozenset({"choreography", "globalChoreographyTask", "subChoreography"})
_WRAPPERS: Final = frozenset({"extensionElements", "BPMNDiagram", "documentation"})


def report_leftovers(root: Element, reading: Reading) -> None:
    """Name every flow node and sequence flow that stands outside the processes; count the data drawn."""
    drawn: Counter[str] = Counter()
    vendors: Counter[str] = Counter()
    for element in _meaningful(root):
        tag = local(element)
        vendors.update(_vendors(element))
        if tag in FLOW_NODES or tag == "sequenceFlow":
            if element not in reading.seen:
                _outside(element, reading)
        elif tag in CHOREOGRAPHY_NODES or tag in ("choreography", "globalChoreographyTask"):
            _choreography(element, reading)
        elif tag in GLOBAL_TASKS:
            _global_task(element, reading)
        elif tag in _DATA:
            drawn[tag] += 1
    if drawn:
        _data(drawn, reading)
    for uri, count in vendors.items():
        _vendor(uri, count, reading)


def _meaningful(root: Element) -> list[Element]:
    """BPMN elements, not descending into extensions and diagrams."""
    found, stack = [], [root]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str) or local(element) in _WRAPPERS:
            continue
        if is_bpmn(element):
            found.append(element)
        stack.extend(reversed(element))
    return found


def _vendors(element: Element) -> set[str]:
    """Namespaces of vendors' additions to an element that no dialect reads."""
    found = {str(key)[1:].partition("}")[0] for key in element.attrib if str(key).startswith("{")}
    found |= {namespace(child) for child in extension_children(element)}
    return {uri for uri in found if uri and uri not in _READ_OR_GRAPHIC}


def _vendor(uri: str, count: int, reading: Reading) -> None:
    reading.report.note(
        "vendor-extension",
        FILE,
        Words(
            f"carries additions of another tool that are not read: {uri}, on {count} elements",
            f"带有其他工具的扩展，未被读取：{uri}，涉及 {count} 个元素",
        ),
        Words("Check that nothing depends on them.", "请确认没有任何环节依赖它们。"),
    )


def _outside(element: Element, reading: Reading) -> None:
    holder = element.getparent()
    if any(local(above) in _CHOREOGRAPHIES for above in element.iterancestors()):
        _choreography(element, reading)
        return
    where = f"<{local(holder)}>" if holder is not None else "no process"
    reading.report.error(
        "outside-any-process",
        describe_element(element),
        Words(
            f"stands in {where}, where no process runs it",
            f"位于 {where} 中，不属于任何流程，无法运行" if holder is not None else "不属于任何流程，无法运行",
        ),
        Words("Move it into a process or sub-process.", "请把它移到流程或子流程中。"),
    )


def _choreography(element: Element, reading: Reading) -> None:
    reading.report.error(
        "choreography-not-supported",
        describe_element(element),
        Words("belongs to a choreography, which cannot be run", "属于编排图，无法运行"),
        Words("Draw the exchange as processes with message events.", "请改用带消息事件的流程来表示。"),
    )


def _global_task(element: Element, reading: Reading) -> None:
    name = attribute(element, "name") or attribute(element, "id")
    reading.report.warning(
        "global-task-not-read",
        describe_element(element),
        Words(f"is a global task («{name}»), which is not read", f"是全局任务(“{name}”)，未被读取"),
        Words("Put the task into a process of its own and call that.", "请把该任务放入单独的流程并调用它。"),
    )


def _data(drawn: Counter[str], reading: Reading) -> None:
    listed_en = ", ".join(f"{count} × {tag}" for tag, count in sorted(drawn.items()))
    reading.report.note(
        "data-drawn-only",
        FILE,
        Words(
            f"draws data that is shown but moves no values ({listed_en})",
            f"中画出的数据只作展示，不传递取值({listed_en})",
        ),
        Words(
            "Tasks read and write the process variables; input and output mappings narrow that.",
            "各任务直接读写流程变量；如需限定，请使用输入输出映射。",
        ),
    )

"""An XML tree → processes as plain data, whatever dialect they were written in.

One module a noun: `processes`, `nodes`, `flows`, `events`, `tasks`, `people`, `loops`, `lanes`;
`leftovers` proves that nothing was dropped in silence.
"""

from __future__ import annotations

from engine.models.bpmn_xml import BPMN, BPMN_DI, DRAFT_BPMN, Element, local, namespace
from engine.models.findings import FILE, Report
from engine.models.labels import Words
from engine.models.model import Process
from engine.models.normalise.leftovers import report_leftovers
from engine.models.normalise.processes import read_processes
from engine.models.normalise.reading import Reading

_EXPORT = Words("Export the diagram as BPMN 2.0 XML from your modelling tool.", "请在建模工具中导出 BPMN 2.0 XML。")


def normalise(root: Element, report: Report) -> tuple[Process, ...]:
    """Read every process of a file.

    Args:
        root: the tree from `parse_xml`; elements of the 2009 beta are renamed in place.
        report: takes the findings.
    """
    if namespace(root) == DRAFT_BPMN:
        _rename_draft(root)
        report.note(
            "draft-namespace",
            FILE,
            Words(
                "uses the namespace of the BPMN 2.0 beta, read as BPMN 2.0",
                "使用 BPMN 2.0 测试版的命名空间，按 BPMN 2.0 读取",
            ),
            _EXPORT,
        )
    if namespace(root) != BPMN:
        _refuse_root(root, report)
        return ()
    if local(root) != "definitions":
        report.error(
            "root-not-definitions",
            FILE,
            Words(
                f"begins with <{local(root)}>; expected <definitions>: it seems to be a piece of a model",
                f"以 <{local(root)}> 开头，应为 <definitions>：这似乎只是模型的一部分",
            ),
            _EXPORT,
        )
    reading = Reading(root, report)
    processes = read_processes(root, reading)
    report_leftovers(root, reading)
    return processes


def has_diagram(root: Element) -> bool:
    """Whether the file carries BPMN DI shapes."""
    return next(root.iter(f"{{{BPMN_DI}}}BPMNShape"), None) is not None


def _rename_draft(root: Element) -> None:
    for element in root.iter(f"{{{DRAFT_BPMN}}}*"):
        element.tag = f"{{{BPMN}}}{local(element)}"


def _refuse_root(root: Element, report: Report) -> None:
    uri, tag = namespace(root), local(root)
    what = _known_root(uri, tag)
    report.error(
        "not-bpmn",
        FILE,
        Words(
            f"is {what.en}; expected BPMN 2.0 (<definitions> in {BPMN})",
            f"是{what.zh}；应为 BPMN 2.0(命名空间 {BPMN} 中的 <definitions>)",
        ),
        _EXPORT,
    )


def _known_root(uri: str, tag: str) -> Words:
    if "/DMN/" in uri:
        return Words("a decision model (DMN)", "决策模型(DMN)")
    if "/CMMN/" in uri:
        return Words("a case model (CMMN)", "案例模型(CMMN)")
    if "XPDL" in uri.upper() or tag == "Package":
        return Words("an XPDL file", "XPDL 文件")
    if "bpel" in uri.lower():
        return Words("a BPEL file", "BPEL 文件")
    if tag == "definitions" and not uri:
        return Words("XML without a BPMN namespace", "没有 BPMN 命名空间的 XML")
    shown = f"XML beginning with <{tag}>" + (f" in {uri}" if uri else "")
    return Words(shown, f"以 <{tag}>{'(' + uri + ')' if uri else ''}开头的 XML")

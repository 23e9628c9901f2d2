"""The drawing: without shapes there is nothing to look at, and no place to show where a case stands."""

from __future__ import annotations

from collections.abc import Sequence

from engine.models.bpmn_xml import BPMN_DI, Element, attribute, unprefixed
from engine.models.findings import FILE, Report
from engine.models.labels import Words
from engine.models.model import Process


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report a file without a diagram, and nodes that are not drawn in it."""
    shapes = root.iter(f"{{{BPMN_DI}}}BPMNShape")
    drawn = {unprefixed(attribute(shape, "bpmnElement")) for shape in shapes}
    nodes = [node for process in processes for node in process.nodes]
    if not nodes:
        return
    if not drawn:
        report.note(
            "no-diagram",
            FILE,
            Words("has no diagram, so cases cannot be shown on it", "没有图形信息，无法在图上展示办理进度"),
            Words("Draw it in a modelling tool; it runs all the same.", "请用建模工具绘制；不影响运行。"),
        )
        return
    missing = [id_ for id_ in nodes if id_ not in drawn]
    if missing:
        listed = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        report.note(
            "not-drawn",
            FILE,
            Words(
                f"does not draw {len(missing)} of its elements: {listed}",
                f"中有 {len(missing)} 个元素没有画出：{listed}",
            ),
            Words("Open it in a modelling tool and place them.", "请用建模工具打开并放置这些元素。"),
        )

"""Is there anything to run? Files without processes, drafts, partners that are only drawn."""

from __future__ import annotations

from collections.abc import Sequence

from engine.models.bpmn_xml import Element, is_bpmn
from engine.models.findings import FILE, Report, describe
from engine.models.labels import Words
from engine.models.model import Process


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report a file without a process, and every process that will not run."""
    if not processes and is_bpmn(root, "definitions"):
        report.error(
            "no-process",
            FILE,
            Words("holds no process; expected at least one", "中没有流程，至少需要一个"),
            Words("Draw a process, or export the right diagram.", "请绘制流程，或导出正确的图。"),
        )
    one_runs = any(process.executable for process in processes)
    for process in processes:
        if not process.executable:
            _not_executable(process, report, one_runs=one_runs)


def _not_executable(process: Process, report: Report, *, one_runs: bool) -> None:
    subject = describe("process", process.key, process.name, process=process.key)
    if one_runs:
        report.note(
            "drawn-only",
            subject,
            Words("is drawn as a partner and will not run here", "仅作为协作方画出，不在此运行"),
            Words("Mark it as executable if it should run.", "如需运行，请标记为“可执行”。"),
        )
        return
    said = "does not say that it is" if process.executable is None else "is marked as not"
    report.warning(
        "not-executable",
        subject,
        Words(f"{said} executable, so it stays a draft", "没有标记为“可执行”，只能作为草稿保存"),
        Words(
            'Tick “Executable” in the properties of the process (isExecutable="true").',
            '请在流程属性中勾选“可执行”(isExecutable="true")。',
        ),
    )

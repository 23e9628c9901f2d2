"""What the dialects say about decisions beside their id: which version, and what of the result is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.models.dialects.extensions import Extensions, Source
from engine.models.labels import Words
from engine.models.model import ResultShape

_SHAPES: Final[Mapping[str, ResultShape]] = {
    "singleEntry": "singleEntry",
    "singleResult": "singleResult",
    "collectEntries": "collectEntries",
    "resultList": "resultList",
}
_UPLOAD: Final = Words(
    "Upload the process together with the DMN file it is to use, and set the binding to 'deployment'.",
    "请将流程与要使用的 DMN 文件一起上传，并将绑定方式设为 deployment。",
)


def read_result_shape(written: str, source: Source, to: Extensions) -> None:
    """Camunda 7's `mapDecisionResult`."""
    shape = _SHAPES.get(written)
    if shape is not None:
        to.result_shape = shape
        return
    source.report.error(
        "decision-result-not-supported",
        source.subject,
        Words(
            f"maps its decision's result by '{written}'; expected {', '.join(_SHAPES)}",
            f"的决策结果映射为“{written}”，只支持 {'、'.join(_SHAPES)}",
        ),
        Words("Choose 'singleEntry' for one value.", "若只取一个值，请选择 singleEntry。"),
    )


def report_decision_binding(binding: str, version: str, source: Source) -> None:
    """Say what other bindings than to the own deployment come to: a process decides by what came with it.

    Args:
        binding: 'deployment', 'latest', 'version', 'versionTag', or '' where nothing is said.
        version: which version or version tag.
    """
    if binding in ("", "deployment"):
        return
    if binding == "latest":
        source.report.note(
            "decision-binding",
            source.subject,
            Words(
                "asks for the latest version of its decision, and decides by the one deployed with the process",
                "要求使用决策的最新版本，实际使用与流程一起部署的版本",
            ),
            Words(
                "Nothing is needed; a new version of the table takes effect by uploading it with the process.",
                "无需修改；将新的决策表与流程一起上传即可生效。",
            ),
        )
        return
    source.report.warning(
        "decision-binding",
        source.subject,
        Words(
            f"asks for {binding} '{version}' of its decision, and decides by the one deployed with the process",
            f"要求使用决策的 {binding}“{version}”，实际使用与流程一起部署的版本",
        ),
        _UPLOAD,
    )

"""What Activiti and Flowable have beyond the extensions they share with Camunda 7 (see `camunda7`)."""

from __future__ import annotations

from typing import Final

from engine.models.dialects.extensions import Extensions, Source
from engine.models.findings import shorten
from engine.models.labels import Words

NAMESPACES: Final = ("http://activiti.org/bpmn", "http://flowable.org/bpmn")

_SKIPS: Final = "skipExpression"


def read(source: Source, to: Extensions) -> None:
    """Report a skip expression: the activity would silently be left out elsewhere, and never here."""
    for uri in NAMESPACES:
        expression = source.element.get(f"{{{uri}}}{_SKIPS}")
        if not expression:
            continue
        to.ignored = [name for name in to.ignored if not name.endswith(f":{_SKIPS}")]
        source.report.error(
            "skip-expression",
            source.subject,
            Words(
                f"would be skipped elsewhere under a condition: `{shorten(expression)}`",
                f"带有跳过条件，此处不支持：`{shorten(expression)}`",
            ),
            Words("Draw an exclusive gateway in front of it.", "请在它前面画一个排他网关。"),
        )

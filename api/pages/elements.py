"""The elements of a model as an ordered list: what a diagram says, for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from api.i18n import Texts, mark
from engine.views import DefinitionDetail

KINDS: Final[Mapping[str, str]] = {
    "startEvent": mark("start"),
    "endEvent": mark("end"),
    "userTask": mark("task for people"),
    "manualTask": mark("manual task"),
    "serviceTask": mark("task for a bot"),
    "sendTask": mark("sends a message"),
    "receiveTask": mark("waits for a message"),
    "scriptTask": mark("calculation"),
    "businessRuleTask": mark("decision"),
    "task": mark("task"),
    "callActivity": mark("calls another process"),
    "subProcess": mark("sub-process"),
    "transaction": mark("transaction"),
    "adHocSubProcess": mark("ad-hoc sub-process"),
    "exclusiveGateway": mark("choice"),
    "inclusiveGateway": mark("choice of several"),
    "parallelGateway": mark("all at once"),
    "eventBasedGateway": mark("whatever happens first"),
    "complexGateway": mark("complex gateway"),
    "intermediateCatchEvent": mark("waits"),
    "intermediateThrowEvent": mark("happens"),
    "boundaryEvent": mark("happens meanwhile"),
}


def listed(
    detail: DefinitionDetail, texts: Texts, said: Callable[[str, str, str], str]
) -> Sequence[tuple[str, str, str]]:
    """Id, name and kind of each element.

    Args:
        detail: the definition; its elements stand in the order of the file.
        texts: the reader's language.
        said: (definition id, element id, name) → the name in the reader's language.
    """
    return [
        (element, said(detail.row.id, element, name), texts.gettext(KINDS.get(kind, kind)))
        for element, (name, kind) in detail.elements.items()
        if name or "Gateway" not in kind
    ]

"""Which BPMN elements take time of their own."""

from __future__ import annotations

from typing import Final

NO_TIME_TYPES: Final = frozenset(
    (
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
        "startEvent",
        "endEvent",
        "intermediateThrowEvent",
    )
)
"""They are passed in no time: left out of variants and maps."""

CONTAINER_TYPES: Final = frozenset(
    ("process", "subProcess", "transaction", "adHocSubProcess", "callActivity", "eventSubProcess")
)
"""Their time is that of the activities within."""

SCOPE_TYPES: Final = CONTAINER_TYPES - {"callActivity"}
"""Containers whose activities are of the same case."""

OUTSIDE_TYPES: Final = {
    "receiveTask": "message",
    "intermediateCatchEvent": "event",
    "eventBasedGateway": "event",
}
"""They wait for something outside, unless the log names another cause -> what for."""

"""What the runtime runs, and the way out for what it does not (yet)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.models.labels import Words
from engine.models.model import EventKind

ACTIVITIES: Final = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "subProcess",
    }
)
GATEWAYS: Final = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})

_E = EventKind
EVENTS: Final[Mapping[str, frozenset[EventKind]]] = {
    "startEvent": frozenset({_E.NONE, _E.TIMER, _E.MESSAGE, _E.SIGNAL, _E.CONDITIONAL}),
    "intermediateCatchEvent": frozenset({_E.TIMER, _E.MESSAGE, _E.SIGNAL, _E.CONDITIONAL, _E.LINK}),
    "intermediateThrowEvent": frozenset({_E.NONE, _E.MESSAGE, _E.SIGNAL, _E.ESCALATION, _E.LINK}),
    "endEvent": frozenset({_E.NONE, _E.MESSAGE, _E.SIGNAL, _E.ERROR, _E.ESCALATION, _E.TERMINATE}),
    "boundaryEvent": frozenset({_E.TIMER, _E.MESSAGE, _E.SIGNAL, _E.ERROR, _E.ESCALATION, _E.CONDITIONAL}),
}
"""Event definitions that run, by element; starts at process level."""

SUB_PROCESS_STARTS: Final = frozenset({_E.NONE})
EVENT_SUB_PROCESS_STARTS: Final = EVENTS["boundaryEvent"]

SUPPORTED: Final = ACTIVITIES | GATEWAYS | EVENTS.keys()
"""Local names of the elements that run."""

CONTAINERS: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
"""What may hold flow nodes, run or not."""

HOSTS: Final = ACTIVITIES | CONTAINERS | {"callActivity"}
"""What boundary events may be attached to, run or not."""

PASSES_AT_ONCE: Final = frozenset({"task", "manualTask", "scriptTask", "businessRuleTask"})
"""Activities in which a token never waits, unless they have a topic."""

UNSUPPORTED: Final[Mapping[str, tuple[Words, Words]]] = {
    "callActivity": (
        Words("calls another process, which is not run yet.", "调用其他流程，目前还不能运行。"),
        Words("Put the steps into an embedded sub-process.", "请将步骤放入嵌入式子流程。"),
    ),
    "complexGateway": (
        Words("is a complex gateway, which is not run.", "是复杂网关，不能运行。"),
        Words("Use an inclusive gateway with conditions.", "请使用带条件的包容网关。"),
    ),
    "transaction": (
        Words("is a transaction, which is not run.", "是事务子流程，不能运行。"),
        Words(
            "Use a sub-process with an error boundary event that leads to the undoing.",
            "请使用子流程，并用错误边界事件引向撤销步骤。",
        ),
    ),
    "adHocSubProcess": (
        Words("is an ad-hoc sub-process, which is not run.", "是特别子流程，不能运行。"),
        Words("Use a parallel or inclusive gateway before its tasks.", "请在任务前使用并行或包容网关。"),
    ),
    "": (
        Words("is of a type that is not run.", "的类型不能运行。"),
        Words("Use a task, event, gateway or embedded sub-process.", "请使用任务、事件、网关或嵌入式子流程。"),
    ),
}
"""Element -> what is wrong, and how to mend it; '' for any other."""

UNSUPPORTED_EVENTS: Final[Mapping[EventKind, Words]] = {
    _E.COMPENSATION: Words(
        "Model the undoing as tasks after an error boundary event.", "请在错误边界事件之后用任务表示撤销。"
    ),
    _E.CANCEL: Words("Use an error event and a sub-process.", "请使用错误事件和子流程。"),
    _E.MULTIPLE: Words("Use one event for each definition.", "请为每个事件定义使用单独的事件。"),
}
"""The way out for event definitions that nothing runs."""

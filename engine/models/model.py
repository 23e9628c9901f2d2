"""The normalised model: what a BPMN file means, as plain data.

`intake → normalise → lint` produce a `Model`; `engine.spiff` compiles its processes and
nothing downstream reads XML again. Names follow BPMN 2.0 (ISO/IEC 19510). Every flow node of
the file appears here exactly once; what cannot be executed carries a finding instead of
vanishing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from engine.findings import Finding, Severity


@dataclass(frozen=True, kw_only=True)
class Value:
    """A literal, or a FEEL expression to be evaluated against the scope's variables.

    Args:
        text: the literal itself, or FEEL source without the leading '='.
        is_feel: whether `text` is FEEL.
        source: as the author wrote it (before a dialect was translated), for messages.
    """

    text: str
    is_feel: bool = False
    source: str = ""


class EventKind(StrEnum):
    """What an event waits for or does."""

    NONE = "none"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensation"
    LINK = "link"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    MULTIPLE = "multiple"


@dataclass(frozen=True, kw_only=True)
class Event:
    """The event definition of a start, intermediate, boundary or end event, or of a send or receive task.

    Args:
        kind: what it waits for or does.
        name: message or signal name, link name (a `Value`: names may be FEEL).
        code: error or escalation code; '' catches every code.
        timer_kind: 'date', 'duration' or 'cycle' for timers.
        timer: the date, duration or cycle: an ISO 8601 literal, or FEEL.
        correlation_key: FEEL; a message reaches the waiting instance whose key is equal.
        condition: FEEL, for conditional events.
    """

    kind: EventKind = EventKind.NONE
    name: Value | None = None
    code: str = ""
    timer_kind: Literal["date", "duration", "cycle"] | None = None
    timer: Value | None = None
    correlation_key: Value | None = None
    condition: Value | None = None


@dataclass(frozen=True, kw_only=True)
class Loop:
    """Loop characteristics of an activity (BPMN 2.0, 13.3.6 and 13.3.7).

    Args:
        kind: 'standard' (while), 'parallel' or 'sequential' (multi-instance).
        condition: standard loop: go on while true.
        test_before: standard loop: evaluate the condition before the first round.
        maximum: standard loop: at most this many rounds.
        cardinality: multi-instance: number of instances.
        collection: multi-instance: one instance per item.
        element_variable: local variable that holds the item.
        output_collection: variable of the enclosing scope that gathers the results, in order.
        output_element: what each instance contributes.
        completion_condition: true ends the rest.
    """

    kind: Literal["standard", "parallel", "sequential"]
    condition: Value | None = None
    test_before: bool = False
    maximum: Value | None = None
    cardinality: Value | None = None
    collection: Value | None = None
    element_variable: str = ""
    output_collection: str = ""
    output_element: Value | None = None
    completion_condition: Value | None = None


@dataclass(frozen=True, kw_only=True)
class VariableMapping:
    """One input or output mapping: evaluate `source`, write it to `target` (a variable name)."""

    source: Value
    target: str


@dataclass(frozen=True, kw_only=True)
class UserTask:
    """What the model says about who does a user task, with which form, until when."""

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    excluded_users: Value | None = None
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    form_key: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceTask:
    """What the model says about the job a service task creates.

    Args:
        topic: the job type a worker asks for.
        retries: attempts before an incident; None takes the engine's default.
        headers: static settings of the task, handed to the worker.
        priority: larger goes first.
    """

    topic: Value | None = None
    retries: Value | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: Value | None = None


@dataclass(frozen=True, kw_only=True)
class ScriptTask:
    """A script: FEEL (result goes to `result_variable`) or Python (runs in the sandbox)."""

    language: Literal["feel", "python"]
    text: str
    result_variable: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call activity.

    Args:
        process: key of the called process.
        binding: 'deployment', 'latest' or a version number as text.
        propagate_all: copy every variable in and out, beside the mappings.
    """

    process: Value
    binding: str = "latest"
    propagate_all: bool = True


ResultShape = Literal["", "singleEntry", "singleResult", "collectEntries", "resultList", "columns"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a business rule task asks.

    Args:
        decision: id of the DMN decision, among the files deployed with the process.
        result_variable: where the result goes; '' means a variable by the decision's id.
        shape: what of the result goes there: '' the value as FEEL has it; Camunda 7's 'singleEntry',
            'singleResult', 'collectEntries' and 'resultList' (rows as contexts of column names);
            'columns' each column to a variable of its own name, as SpiffWorkflow does.
    """

    decision: Value
    result_variable: str = ""
    shape: ResultShape = ""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A sequence flow. `condition` is FEEL; `is_default` flows are taken when no other is."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Value | None = None
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class Node:
    """A flow node: event, activity or gateway.

    Args:
        id, name: as in the file (a missing id is made up and reported as a note).
        type: the BPMN element's local name: 'userTask', 'exclusiveGateway', 'boundaryEvent', …
        parent: id of the enclosing sub-process, or '' at process level.
        incoming, outgoing: ids of sequence flows, in document order.
        event: for events and send/receive tasks.
        attached_to: boundary events: the activity's id.
        interrupting: boundary events and event sub-process starts: cancelActivity / isInterrupting.
        triggered_by_event: sub-processes: an event sub-process.
        loop: loop characteristics.
        user_task, service_task, script, call, decision: what a task of that kind needs. A start event
            with a form carries a `user_task` that holds nothing but the form key.
        inputs, outputs: variable mappings; inputs make local variables.
        lane: name of the lane.
        properties: extension properties by name, as written.
        documentation: plain text.
        instantiate: receive tasks and event gateways that start an instance.
        for_compensation: runs only to undo another activity.
    """

    id: str
    type: str
    name: str = ""
    parent: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    event: Event | None = None
    attached_to: str = ""
    interrupting: bool = True
    triggered_by_event: bool = False
    loop: Loop | None = None
    user_task: UserTask | None = None
    service_task: ServiceTask | None = None
    script: ScriptTask | None = None
    call: Call | None = None
    decision: Decision | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    lane: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    instantiate: bool = False
    for_compensation: bool = False


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process of a file, flattened: nodes of sub-processes name their `parent`.

    Args:
        key: the process's id.
        executable: the file's isExecutable; None where it says nothing.
        nodes, flows: by id, in document order.
        properties: extension properties of the process element.
    """

    key: str
    name: str = ""
    executable: bool | None = None
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""


def runs_decision(node: Node) -> bool:
    """Whether a business rule task asks its decision itself; one with a topic leaves that to a bot."""
    return node.decision is not None and (node.service_task is None or node.service_task.topic is None)


RECALCULATE = "civiflow:recalculate"


def recalculates(element: Node | Process) -> bool:
    """Whether its deadline is evaluated again when a variable that it names changes (`civiflow:recalculate`)."""
    return element.properties.get(RECALCULATE, "").strip() == "true"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A whole file: its processes and what was found while reading it.

    Args:
        processes: in document order.
        findings: everything found by intake, normalise and lint.
        has_diagram: whether the file carries BPMN DI.
    """

    processes: tuple[Process, ...]
    findings: tuple[Finding, ...] = ()
    has_diagram: bool = False

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the model from being started."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

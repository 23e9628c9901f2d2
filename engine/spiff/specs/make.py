"""Which spec runs which element of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from SpiffWorkflow.specs import WorkflowSpec

from engine.models.model import Event, EventKind, Loop, Node, Process, UserTask, Value, recalculates, runs_decision
from engine.spiff.deadlines import Deadline
from engine.spiff.formulas import Formulas
from engine.spiff.specs.activities import (
    Assignment,
    JobSpec,
    ReceiveSpec,
    ScriptSpec,
    SubProcessSpec,
    UserTaskSpec,
    Work,
)
from engine.spiff.specs.base import FlowNodeSpec
from engine.spiff.specs.decisions import DecisionSpec
from engine.spiff.specs.events import CatchSpec, ErrorEndSpec, EscalationSpec, PassSpec, TerminateSpec, ThrowSpec
from engine.spiff.specs.gateways import EventGatewaySpec, ExclusiveSpec
from engine.spiff.specs.joins import InclusiveSpec, ParallelSpec
from engine.spiff.specs.listeners import BoundarySpec, HandlerStartSpec
from engine.spiff.specs.loops import LoopRules, LoopSpec
from engine.spiff.specs.triggers import ConditionTrigger, SubscriptionTrigger, TimerTrigger, Trigger

Common = Mapping[str, Any]
"""Input and output mappings, the loop, the contents: what every spec takes."""

_PLAIN: Final[Mapping[str, type[FlowNodeSpec]]] = {
    "task": PassSpec,
    "manualTask": PassSpec,
    "subProcess": SubProcessSpec,
    "exclusiveGateway": ExclusiveSpec,
    "parallelGateway": ParallelSpec,
    "inclusiveGateway": InclusiveSpec,
    "eventBasedGateway": EventGatewaySpec,
}


def make_spec(
    workflow_spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common
) -> FlowNodeSpec:
    """The spec of a checked node."""
    if (plain := _PLAIN.get(node.type)) is not None:
        return plain(workflow_spec, node, **common)
    spec = _MAKERS[node.type](workflow_spec, process, node, formulas, common)
    if recalculates(node):
        spec.deadline = _deadline(spec)
    return spec


def make_loop(workflow_spec: WorkflowSpec, node: Node, loop: Loop, formulas: Formulas) -> LoopSpec:
    """The body of a looped activity."""
    rules = LoopRules(
        kind=loop.kind,
        condition=formulas.optional(loop.condition, "condition", node.id),
        test_before=loop.test_before,
        maximum=formulas.optional(loop.maximum, "maximum", node.id),
        cardinality=formulas.optional(loop.cardinality, "cardinality", node.id),
        collection=formulas.optional(loop.collection, "collection", node.id),
        element_variable=loop.element_variable,
        output_collection=loop.output_collection,
        output_element=formulas.optional(loop.output_element, "output element", node.id),
        completion_condition=formulas.optional(loop.completion_condition, "completion condition", node.id),
    )
    return LoopSpec(workflow_spec, node, rules=rules)


def make_trigger(node: Node, formulas: Formulas) -> Trigger | None:
    """What an event waits for; None for errors and escalations, which are caught."""
    event = _event(node)
    if event.kind is EventKind.TIMER:
        assert event.timer is not None and event.timer_kind is not None
        value, follows = formulas.compile(event.timer, "timer", node.id), recalculates(node)
        return TimerTrigger(kind=event.timer_kind, value=value, follows=follows and event.timer_kind == "date")
    if event.kind is EventKind.MESSAGE or event.kind is EventKind.SIGNAL:
        return SubscriptionTrigger(
            kind="message" if event.kind is EventKind.MESSAGE else "signal",
            name=formulas.compile(event.name or Value(text=""), "name", node.id),
            correlation_key=formulas.optional(event.correlation_key, "correlation key", node.id),
        )
    if event.kind is EventKind.CONDITIONAL:
        assert event.condition is not None
        return ConditionTrigger(condition=formulas.compile(event.condition, "condition", node.id))
    return None


def _deadline(spec: FlowNodeSpec) -> Deadline | None:
    if isinstance(spec, UserTaskSpec) and spec.assignment.due is not None:
        due = spec.assignment.due
        return Deadline(kind="user-task", formula=due, evaluate=due.instant)
    trigger = getattr(spec, "trigger", None)
    if isinstance(trigger, TimerTrigger) and trigger.follows:
        return Deadline(kind="timer", formula=trigger.value, evaluate=trigger.date)
    return None


def _event(node: Node) -> Event:
    return node.event or Event()


def _start(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    if node.parent and process.nodes[node.parent].triggered_by_event:
        return HandlerStartSpec(spec, node, trigger=make_trigger(node, formulas), **common)
    return PassSpec(spec, node, **common)


def _boundary(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    return BoundarySpec(spec, node, trigger=make_trigger(node, formulas), **common)


def _catch(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    trigger = make_trigger(node, formulas)
    return PassSpec(spec, node, **common) if trigger is None else CatchSpec(spec, node, trigger=trigger, **common)


def _throw(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    event = _event(node)
    if node.service_task is not None and node.service_task.topic is not None:
        return _job(spec, process, node, formulas, common)
    if event.kind is EventKind.MESSAGE or event.kind is EventKind.SIGNAL:
        return ThrowSpec(
            spec,
            node,
            what="message" if event.kind is EventKind.MESSAGE else "signal",
            event_name=formulas.compile(event.name or Value(text=""), "name", node.id),
            correlation_key=formulas.optional(event.correlation_key, "correlation key", node.id),
            **common,
        )
    kinds: dict[EventKind, type[FlowNodeSpec]] = {
        EventKind.ESCALATION: EscalationSpec,
        EventKind.ERROR: ErrorEndSpec,
        EventKind.TERMINATE: TerminateSpec,
    }
    return kinds.get(event.kind, PassSpec)(spec, node, **common)


def _job(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    task = node.service_task
    assert task is not None and task.topic is not None
    work = Work(
        topic=formulas.compile(task.topic, "topic", node.id),
        retries=formulas.optional(task.retries, "retries", node.id),
        priority=formulas.optional(task.priority, "priority", node.id),
    )
    return JobSpec(spec, node, work=work, **common)


def _user_task(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    says = node.user_task or UserTask()
    assignment = Assignment(
        assignee=formulas.optional(says.assignee, "assignee", node.id),
        candidate_users=formulas.optional(says.candidate_users, "candidate users", node.id),
        candidate_groups=formulas.optional(says.candidate_groups, "candidate groups", node.id),
        excluded_users=formulas.optional(says.excluded_users, "excluded users", node.id),
        due=formulas.optional(says.due, "due", node.id),
        follow_up=formulas.optional(says.follow_up, "follow up", node.id),
        priority=formulas.optional(says.priority, "priority", node.id),
        form_key=says.form_key,
    )
    return UserTaskSpec(spec, node, assignment=assignment, **common)


def _receive(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    return ReceiveSpec(spec, node, trigger=cast(Trigger, make_trigger(node, formulas)), **common)


def _script(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    if node.script is None:
        return _job(spec, process, node, formulas, common)
    feel = Value(text=node.script.text, is_feel=True) if node.script.language == "feel" else None
    return ScriptSpec(spec, node, script=node.script, formula=formulas.optional(feel, "script", node.id), **common)


def _rule(spec: WorkflowSpec, process: Process, node: Node, formulas: Formulas, common: Common) -> FlowNodeSpec:
    if node.decision is None or not runs_decision(node):
        return _job(spec, process, node, formulas, common)
    asked = formulas.compile(node.decision.decision, "decision", node.id)
    return DecisionSpec(spec, node, asks=node.decision, decision=asked, **common)


_Maker = Callable[[WorkflowSpec, Process, Node, Formulas, Common], FlowNodeSpec]

_MAKERS: Final[Mapping[str, _Maker]] = {
    "startEvent": _start,
    "boundaryEvent": _boundary,
    "intermediateCatchEvent": _catch,
    "intermediateThrowEvent": _throw,
    "endEvent": _throw,
    "serviceTask": _job,
    "businessRuleTask": _rule,
    "sendTask": _throw,
    "userTask": _user_task,
    "receiveTask": _receive,
    "scriptTask": _script,
}

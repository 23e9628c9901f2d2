"""A small language for writing normalised models in tests.

    process(
        flow("start -> check -> gate"),
        flow("gate -> big", when="amount > 100"),
        flow("gate -> end", default=True),
        user("check", candidate_groups="clerks"),
        exclusive("gate"),
    )

Nodes that are only named in flows are start events (`start…`), end events (`end…`) or abstract tasks. FEEL is
written as in the model, without '='; a `str` for names, topics and people is a literal, `feel("…")` an expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from engine.models.model import (
    Event,
    EventKind,
    Flow,
    Loop,
    Node,
    Process,
    ScriptTask,
    ServiceTask,
    UserTask,
    Value,
    VariableMapping,
)


@dataclass(frozen=True)
class Part:
    """Some nodes and flows; flows have no parent of their own."""

    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()


def feel(text: str) -> Value:
    """A FEEL expression."""
    return Value(text=text, is_feel=True, source=text)


def value(text: str | Value | None) -> Value | None:
    """A literal, unless it is a value already."""
    return Value(text=text, source=text) if isinstance(text, str) else text


def process(*parts: Part, key: str = "p") -> Process:
    """A process of these parts; nodes that only flows name are added."""
    given = _with_implied(parts, "")
    flows = {flow.id: flow for part in parts for flow in _flows(part)}
    nodes = {}
    for node in given:
        incoming = tuple(f.id for f in flows.values() if f.target == node.id)
        outgoing = tuple(f.id for f in flows.values() if f.source == node.id)
        nodes[node.id] = replace(node, incoming=incoming, outgoing=outgoing)
    return Process(key=key, executable=True, nodes=nodes, flows=flows)


def _flows(part: Part) -> tuple[Flow, ...]:
    return part.flows


def _with_implied(parts: tuple[Part, ...], parent: str) -> list[Node]:
    nodes = [node for part in parts for node in part.nodes]
    known = {node.id for node in nodes}
    for part in parts:
        if part.nodes:
            continue
        for id_ in dict.fromkeys(end for flow in part.flows for end in (flow.source, flow.target)):
            if id_ not in known:
                known.add(id_)
                nodes.append(Node(id=id_, type=_implied_type(id_), parent=parent))
    return nodes


def _implied_type(id_: str) -> str:
    return "startEvent" if id_.startswith("start") else "endEvent" if id_.startswith("end") else "task"


def flow(chain: str, *, when: str | None = None, default: bool = False) -> Part:
    """Sequence flows along 'a -> b -> c'; a condition and default belong to the last one."""
    ids = [id_.strip() for id_ in chain.split("->")]
    flows = [Flow(id=f"{a}.{b}", source=a, target=b) for a, b in pairwise(ids)]
    flows[-1] = replace(flows[-1], condition=feel(when) if when else None, is_default=default)
    return Part(flows=tuple(flows))


def node(id: str, type: str, **fields: Any) -> Part:
    """Any node."""
    return Part(nodes=(Node(id=id, type=type, **_common(fields)),))


def _common(fields: dict[str, Any]) -> dict[str, Any]:
    for name in ("inputs", "outputs"):
        if name in fields:
            fields[name] = mappings(fields[name])
    return fields


def mappings(given: Mapping[str, str]) -> tuple[VariableMapping, ...]:
    """Target -> FEEL."""
    return tuple(VariableMapping(source=feel(source), target=target) for target, source in given.items())


def user(id: str, **fields: Any) -> Part:
    """A user task; fields of `UserTask` and of `Node`."""
    names = UserTask.__dataclass_fields__
    says = {n: fields.pop(n) for n in list(fields) if n in names}
    form_key = says.pop("form_key", "")
    task = UserTask(form_key=form_key, **{n: value(v) for n, v in says.items()})
    return node(id, "userTask", user_task=task, **fields)


def service(id: str, topic: str | Value = "work", *, type: str = "serviceTask", **fields: Any) -> Part:
    """A service task."""
    names = ("retries", "priority")
    says = {n: value(fields.pop(n)) for n in names if n in fields}
    headers = fields.pop("headers", {})
    return node(id, type, service_task=ServiceTask(topic=value(topic), headers=headers, **says), **fields)


def script(
    id: str, text: str, result: str = "", *, language: Literal["feel", "python"] = "feel", **fields: Any
) -> Part:
    """A script task."""
    task = ScriptTask(language=language, text=text, result_variable=result)
    return node(id, "scriptTask", script=task, **fields)


def exclusive(id: str) -> Part:
    """An exclusive gateway."""
    return node(id, "exclusiveGateway")


def parallel(*ids: str) -> Part:
    """Parallel gateways."""
    return Part(nodes=tuple(Node(id=id_, type="parallelGateway") for id_ in ids))


def inclusive(*ids: str) -> Part:
    """Inclusive gateways."""
    return Part(nodes=tuple(Node(id=id_, type="inclusiveGateway") for id_ in ids))


def event_gateway(id: str) -> Part:
    """An event-based gateway."""
    return node(id, "eventBasedGateway")


# event definitions --------------------------------------------------------------------------------------------


def timer(text: str | Value, kind: Literal["date", "duration", "cycle"] = "duration") -> Event:
    """A timer event definition."""
    return Event(kind=EventKind.TIMER, timer_kind=kind, timer=value(text))


def message(name: str | Value, key: str | None = None) -> Event:
    """A message event definition; the key is FEEL."""
    return Event(kind=EventKind.MESSAGE, name=value(name), correlation_key=feel(key) if key else None)


def signal(name: str | Value) -> Event:
    """A signal event definition."""
    return Event(kind=EventKind.SIGNAL, name=value(name))


def error(code: str = "") -> Event:
    """An error event definition."""
    return Event(kind=EventKind.ERROR, code=code)


def escalation(code: str = "") -> Event:
    """An escalation event definition."""
    return Event(kind=EventKind.ESCALATION, code=code)


def conditional(text: str) -> Event:
    """A conditional event definition."""
    return Event(kind=EventKind.CONDITIONAL, condition=feel(text))


def link(name: str) -> Event:
    """A link event definition."""
    return Event(kind=EventKind.LINK, name=value(name))


def terminate() -> Event:
    """A terminate event definition."""
    return Event(kind=EventKind.TERMINATE)


# events -------------------------------------------------------------------------------------------------------


def start(id: str, event: Event | None = None, **fields: Any) -> Part:
    """A start event."""
    return node(id, "startEvent", event=event, **fields)


def end(id: str, event: Event | None = None, **fields: Any) -> Part:
    """An end event."""
    return node(id, "endEvent", event=event, **fields)


def catch(id: str, event: Event, **fields: Any) -> Part:
    """An intermediate catch event."""
    return node(id, "intermediateCatchEvent", event=event, **fields)


def throw(id: str, event: Event | None = None, **fields: Any) -> Part:
    """An intermediate throw event."""
    return node(id, "intermediateThrowEvent", event=event, **fields)


def boundary(id: str, on: str, event: Event, *, interrupting: bool = True, **fields: Any) -> Part:
    """A boundary event."""
    return node(id, "boundaryEvent", event=event, attached_to=on, interrupting=interrupting, **fields)


def receive(id: str, event: Event, **fields: Any) -> Part:
    """A receive task."""
    return node(id, "receiveTask", event=event, **fields)


# sub-processes and loops --------------------------------------------------------------------------------------


def sub(id: str, *parts: Part, **fields: Any) -> Part:
    """An embedded sub-process with its parts."""
    inner = [replace(n, parent=n.parent or id) for n in _with_implied(parts, id)]
    flows = tuple(flow for part in parts for flow in part.flows)
    return Part(nodes=(Node(id=id, type="subProcess", **_common(fields)), *inner), flows=flows)


def on_event(id: str, start_event: Part, *parts: Part) -> Part:
    """An event sub-process: its start event, and the rest."""
    return sub(id, start_event, *parts, triggered_by_event=True)


def each(collection: str, element: str = "item", **fields: Any) -> Loop:
    """Parallel multi-instance over a FEEL list; `sequential=True` one after the other."""
    kind: Literal["parallel", "sequential"] = "sequential" if fields.pop("sequential", False) else "parallel"
    return Loop(kind=kind, collection=feel(collection), element_variable=element, **_loop(fields))


def times(cardinality: str, **fields: Any) -> Loop:
    """Parallel multi-instance, so many times; `sequential=True` one after the other."""
    kind: Literal["parallel", "sequential"] = "sequential" if fields.pop("sequential", False) else "parallel"
    return Loop(kind=kind, cardinality=feel(cardinality), **_loop(fields))


def while_(condition: str | None, **fields: Any) -> Loop:
    """A standard loop."""
    return Loop(kind="standard", condition=feel(condition) if condition else None, **_loop(fields))


def _loop(fields: dict[str, Any]) -> dict[str, Any]:
    for name in ("maximum", "output_element", "completion_condition"):
        if isinstance(fields.get(name), str):
            fields[name] = feel(fields[name])
    return fields


def watched(event: Event, *, interrupting: bool = True, **fields: Any) -> Process:
    """A user task «work» with one boundary event «late», which leads to a user task «remind»."""
    return process(
        flow("start -> work -> end"),
        flow("late -> remind -> endLate"),
        user("work"),
        user("remind"),
        boundary("late", "work", event, interrupting=interrupting, **fields),
    )

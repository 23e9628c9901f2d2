"""Small models and people for tests of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from engine.contracts.principal import Principal

DESIGNER = Principal(id="dora", roles=frozenset({"designer"}))
ADMIN = Principal(id="root", roles=frozenset({"administrator"}))
BOSS = Principal(id="su", roles=frozenset({"supervisor"}))
LI = Principal(id="li", roles=frozenset({"staff"}), groups=frozenset({"clerks"}), department="desk")
WANG = Principal(id="wang", roles=frozenset({"staff"}), groups=frozenset({"clerks"}))
ZHAO = Principal(id="zhao", roles=frozenset({"staff"}), groups=frozenset({"roads"}))
CITIZEN = Principal(id="chen", roles=frozenset({"citizen"}))

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="defs" targetNamespace="urn:test">'
)


def user(id: str, *, groups: str = "clerks", assignee: str = "", form: str = "", due: str = "", more: str = "") -> str:
    """A user task."""
    who = (
        f"<zeebe:assignmentDefinition candidateGroups={quoteattr(groups)}" if groups else "<zeebe:assignmentDefinition"
    )
    who += f" assignee={quoteattr(assignee)}/>" if assignee else "/>"
    parts = who + (f'<zeebe:formDefinition formId="{form}"/>' if form else "")
    parts += f"<zeebe:taskSchedule dueDate={quoteattr(due)}/>" if due else ""
    return f'<bpmn:userTask id="{id}" name="{id}">{_extensions(parts + more)}</bpmn:userTask>'


def service(id: str, topic: str, *, retries: int | None = None, more: str = "") -> str:
    """A service task that opens a job."""
    tries = f' retries="{retries}"' if retries is not None else ""
    return (
        f'<bpmn:serviceTask id="{id}" name="{id}">'
        f"{_extensions(f'<zeebe:taskDefinition type={quoteattr(topic)}{tries}/>' + more)}</bpmn:serviceTask>"
    )


def script(id: str, feel: str, result: str) -> str:
    """A FEEL script task."""
    inner = f'<zeebe:script expression={quoteattr("=" + feel)} resultVariable="{result}"/>'
    return f'<bpmn:scriptTask id="{id}" name="{id}">{_extensions(inner)}</bpmn:scriptTask>'


def rule(id: str, decision: str, result: str) -> str:
    """A business rule task that asks a decision."""
    inner = f'<zeebe:calledDecision decisionId="{decision}" resultVariable="{result}"/>'
    return f'<bpmn:businessRuleTask id="{id}" name="{id}">{_extensions(inner)}</bpmn:businessRuleTask>'


def node(kind: str, id: str, inner: str = "", **attributes: str) -> str:
    """Any element."""
    listed = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{kind} id="{id}" name="{id}"{listed}>{inner}</bpmn:{kind}>'


def timer(duration: str) -> str:
    """A timer event definition with a duration."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"


def process(key: str, flows: str, *elements: str, properties: Mapping[str, str] | None = None, top: str = "") -> bytes:
    """A BPMN file with one process.

    Args:
        key: the process's id.
        flows: 'start -> a -> end; a -> b [=x > 1]' — `[…]` is a condition, `[]` marks the default.
        elements: all nodes but plain 'start…' and 'end…' events, which are made as needed.
        properties: of the process.
        top: elements beside the process (messages, signals, errors).
    """
    edges, defaults = _edges(flows)
    named = {n for a, b, _ in edges for n in (a, b)}
    body = "".join(elements)
    for name in sorted(named):
        if f'id="{name}"' not in body:
            kind = "startEvent" if name.startswith("start") else "endEvent"
            body += f'<bpmn:{kind} id="{name}"/>'
    for source, flow in defaults.items():
        body = body.replace(f'id="{source}"', f'id="{source}" default="{flow}"', 1)
    for number, (source, target, condition) in enumerate(edges):
        inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
        body += (
            f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        )
    listed = "".join(
        f"<zeebe:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in (properties or {}).items()
    )
    extra = _extensions(f"<zeebe:properties>{listed}</zeebe:properties>") if listed else ""
    text = f'{_HEAD}{top}<bpmn:process id="{key}" name="{key}" isExecutable="true">{extra}{body}</bpmn:process>'
    return f"{text}</bpmn:definitions>".encode()


def _extensions(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def _edges(flows: str) -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    edges: list[tuple[str, str, str]] = []
    defaults: dict[str, str] = {}
    for chain in filter(None, (part.strip() for part in flows.split(";"))):
        chain, bracket, condition = chain.partition("[")
        names = [name.strip() for name in chain.split("->")]
        for source, target in pairwise(names):
            edges.append((source, target, condition.rstrip("] ") if target == names[-1] else ""))
            if bracket and not condition.rstrip("] ") and target == names[-1]:
                defaults[source] = f"f{len(edges) - 1}"
    return edges, defaults

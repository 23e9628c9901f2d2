"""BPMN files in a line or two, for tests of reading them."""

from __future__ import annotations

from itertools import pairwise

from engine.models import read_model
from engine.models.model import Finding, Model, Node, Process

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PREFIXES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "spiff": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}

START = '<startEvent id="start"/>'
END = '<endEvent id="end"/>'


def file(*parts: str) -> bytes:
    """A definitions element around what is given; it declares the dialects that are used."""
    body = "".join(parts)
    used = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items() if f"{prefix}:" in body)
    return f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{BPMN}"{used}>{body}</definitions>'.encode()


def process(*parts: str, beside: str = "", key: str = "p", attributes: str = 'isExecutable="true"') -> bytes:
    """A file with one process, and `beside` it messages, errors, collaborations."""
    return file(beside, f'<process id="{key}" name="审批" {attributes}>', *parts, "</process>")


def flow(source: str, target: str, condition: str = "", *, id: str = "", name: str = "") -> str:
    """A sequence flow called 'source_target' unless told otherwise."""
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return (
        f'<sequenceFlow id="{id or f"{source}_{target}"}" name="{name}" '
        f'sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
    )


def path(*ids: str) -> str:
    """Sequence flows through these elements, in order."""
    return "".join(flow(a, b) for a, b in pairwise(ids))


def around(element: str, id: str = "x") -> bytes:
    """A whole process around one element: start → element → end."""
    return process(START, element, END, path("start", id, "end"))


def extensions(*parts: str) -> str:
    """An extensionElements element."""
    return f"<extensionElements>{''.join(parts)}</extensionElements>"


def read_process(data: bytes) -> Process:
    """The only process of a file."""
    (found,) = read_model(data).processes
    return found


def read_node(data: bytes, id: str = "x") -> Node:
    """One flow node of a file with one process."""
    return read_process(data).nodes[id]


def codes(model: Model | bytes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in _model(model).findings}


def error_codes(model: Model | bytes) -> set[str]:
    """The codes of the findings that keep a model from being started."""
    return {finding.code for finding in _model(model).errors}


def only(model: Model | bytes, code: str) -> Finding:
    """The one finding with this code."""
    (found,) = (finding for finding in _model(model).findings if finding.code == code)
    return found


def _model(model: Model | bytes) -> Model:
    return read_model(model) if isinstance(model, bytes) else model

"""Every position of a model or a form in which somebody may write an expression."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import quoteattr

from tests.builders import node, process, script, service, user

Files = dict[str, bytes]
Place = Callable[[str], Files]
"""FEEL → the files of a model in which it stands; the model starts as «p»."""

_XSI = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def _extension(inner: str) -> str:
    return f"<bpmn:extensionElements {_XSI}>{inner}</bpmn:extensionElements>"


def _work(**settings: str) -> Files:
    return {"m.bpmn": process("p", "start -> work -> end", user("work", **settings))}


def _more(inner: Callable[[str], str]) -> Place:
    return lambda feel: {
        "m.bpmn": process("p", "start -> work -> end", user("work", more=inner(quoteattr("=" + feel))))
    }


def _job(inner: Callable[[str], str]) -> Place:
    return lambda feel: {
        "m.bpmn": process(
            "p",
            "start -> work -> end",
            node("serviceTask", "work", _extension(inner(quoteattr("=" + feel)))),
        )
    }


def _definition(feel: str) -> str:
    return '<zeebe:taskDefinition type="print"/>'


def _looped(inner: Callable[[str], str]) -> Place:
    return lambda feel: {
        "m.bpmn": process("p", "start -> work -> end", node("userTask", "work", inner(feel))),
    }


def _each(attributes: str, body: str = "") -> str:
    loop = _extension(f"<zeebe:loopCharacteristics {attributes}/>")
    return f"<bpmn:multiInstanceLoopCharacteristics>{loop}{body}</bpmn:multiInstanceLoopCharacteristics>"


def _text(feel: str) -> str:
    return feel.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _property(name: str) -> Place:
    return lambda feel: {"m.bpmn": process("p", "start -> work -> end", user("work"), properties={name: "=" + feel})}


def _event(kind: str, inner: Callable[[str], str], top: Callable[[str], str] = lambda _: "") -> Place:
    return lambda feel: {"m.bpmn": process("p", "start -> wait -> end", node(kind, "wait", inner(feel)), top=top(feel))}


def _timer(tag: str) -> Place:
    def inner(feel: str) -> str:
        return f"<bpmn:timerEventDefinition><bpmn:{tag}>={_text(feel)}</bpmn:{tag}></bpmn:timerEventDefinition>"

    return _event("intermediateCatchEvent", inner)


def _message(name: str, key: str) -> Callable[[str], str]:
    def top(feel: str) -> str:
        said, correlated = (part.replace("FEEL", feel) for part in (name, key))
        subscription = f"<zeebe:subscription correlationKey={quoteattr(correlated)}/>"
        return f'<bpmn:message id="m1" name={quoteattr(said)}>{_extension(subscription)}</bpmn:message>'

    return top


_CAUGHT = '<bpmn:messageEventDefinition messageRef="m1"/>'


def _choice(gateway: str) -> Place:
    def files(feel: str) -> Files:
        body = process("p", "start -> choose; choose -> end [=1]; choose -> endB []", node(gateway, "choose"))
        return {"m.bpmn": body.replace(b">=1<", f">={_text(feel)}<".encode())}

    return files


def _tag(outer: str, inner: str) -> Callable[[str], str]:
    return lambda feel: f"<bpmn:{outer}><bpmn:{inner}>={_text(feel)}</bpmn:{inner}></bpmn:{outer}>"


def _form(component: Callable[[str], dict[str, Any]]) -> Place:
    def files(feel: str) -> Files:
        made = {"type": "default", "id": "f", "components": [component("=" + feel), {"type": "textfield", "key": "b"}]}
        return {**_work(form="f"), "forms/f.json": json.dumps(made).encode()}

    return files


def _field(type_: str = "textfield", **more: Any) -> dict[str, Any]:
    return {"type": type_, "key": "a", **more}


PLACES: dict[str, Place] = {
    "gateway condition": _choice("exclusiveGateway"),
    "inclusive condition": _choice("inclusiveGateway"),
    "timer duration": _timer("timeDuration"),
    "timer date": _timer("timeDate"),
    "timer cycle": lambda feel: {
        "m.bpmn": process(
            "p",
            "start -> work -> end; late -> endLate",
            user("work"),
            node(
                "boundaryEvent",
                "late",
                f"<bpmn:timerEventDefinition><bpmn:timeCycle>={_text(feel)}</bpmn:timeCycle></bpmn:timerEventDefinition>",
                attachedToRef="work",
                cancelActivity="false",
            ),
        )
    },
    "input mapping": _more(lambda x: f'<zeebe:ioMapping><zeebe:input source={x} target="t"/></zeebe:ioMapping>'),
    "output mapping": _more(lambda x: f'<zeebe:ioMapping><zeebe:output source={x} target="t"/></zeebe:ioMapping>'),
    "correlation key": _event("intermediateCatchEvent", lambda _: _CAUGHT, _message("m", "=FEEL")),
    "message name": _event("intermediateCatchEvent", lambda _: _CAUGHT, _message("=FEEL", "=1")),
    "condition event": _event("intermediateCatchEvent", _tag("conditionalEventDefinition", "condition")),
    "collection": _looped(lambda feel: _each(f'inputCollection={quoteattr("=" + feel)} inputElement="x"')),
    "output element": _looped(
        lambda feel: _each(
            f'inputCollection="=[1]" inputElement="x" outputCollection="r" outputElement={quoteattr("=" + feel)}'
        )
    ),
    "completion condition": _looped(
        lambda feel: _each(
            'inputCollection="=[1]" inputElement="x"',
            f"<bpmn:completionCondition>={_text(feel)}</bpmn:completionCondition>",
        )
    ),
    "loop condition": _looped(_tag("standardLoopCharacteristics", "loopCondition")),
    "due date": lambda feel: _work(due="=" + feel),
    "follow-up date": _more(lambda x: f"<zeebe:taskSchedule followUpDate={x}/>"),
    "priority": _more(lambda x: f"<zeebe:priorityDefinition priority={x}/>"),
    "assignee": lambda feel: _work(assignee="=" + feel),
    "candidate groups": lambda feel: _work(groups="=" + feel),
    "candidate users": _more(lambda x: f"<zeebe:assignmentDefinition candidateUsers={x}/>"),
    "excluded users": _more(
        lambda x: f'<zeebe:properties><zeebe:property name="civiflow:excludedUsers" value={x}/></zeebe:properties>'
    ),
    "subject": _property("civiflow:subject"),
    "case due date": _property("civiflow:dueDate"),
    "script": lambda feel: {"m.bpmn": process("p", "start -> work -> end", script("work", feel, "r"))},
    "topic": _job(lambda x: f"<zeebe:taskDefinition type={x}/>"),
    "retries": _job(lambda x: f'<zeebe:taskDefinition type="print" retries={x}/>'),
    "job's input": lambda feel: {
        "m.bpmn": process(
            "p",
            "start -> work -> end",
            service(
                "work",
                "print",
                more=f'<zeebe:ioMapping><zeebe:input source={quoteattr("=" + feel)} target="t"/></zeebe:ioMapping>',
            ),
        )
    },
    "called process": lambda feel: {
        "m.bpmn": process(
            "p",
            "start -> work -> end",
            node("callActivity", "work", _extension(f"<zeebe:calledElement processId={quoteattr('=' + feel)}/>")),
        )
    },
    "form: hidden": _form(lambda x: _field(conditional={"hide": x})),
    "form: choices": _form(lambda x: _field("select", valuesExpression=x)),
    "form: bound": _form(lambda x: _field("number", validate={"min": x})),
    "form: required": _form(lambda x: _field(validate={"required": x})),
    "form: read-only": _form(lambda x: _field(readonly=x)),
    "form: label": _form(lambda x: _field(label=x)),
    "form: text": _form(lambda x: {"type": "text", "text": "{{" + x[1:] + "}}"}),
    "form: computed": _form(lambda x: _field("expression", expression=x)),
    "form: table": _form(lambda x: {"type": "table", "dataSource": x, "columns": [{"key": "a", "label": "A"}]}),
}

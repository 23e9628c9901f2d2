"""Every position of a process where an expression may stand: a model around one, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from engine import commands as c
from engine.errors import NotFound
from tests.builders import ADMIN, LI, WANG
from tests.builders_dmn import decision, dmn, literal
from tests.desk import Desk
from tests.unit.models.bpmn import END, START, extensions, flow, path, process

Unknown = Literal["incident", "null", "later"]
"""What a name that there is not leads to: an incident, nothing written, or no happening yet."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """One position.

    Args:
        build: an expression, with its mark (`=…` or `${…}`) → the model.
        feel: a good one, without its mark.
        sees: what came of it, for a case that has `VARIABLES`.
        expected: what that should be.
        juel: the same as Camunda 7 writes it, without `${` and `}`; '' where Camunda 7 has no such position.
        juel_build: the model as Camunda 7 writes it, if that is another.
        unknown: what a name that is not there leads to.
        element: whom findings and incidents name.
        place: what findings call the position; `juel_place` where Camunda 7 calls it otherwise.
        files: what is deployed beside it.
    """

    build: Callable[[str], bytes]
    feel: str
    sees: Callable[[Desk, str], object]
    expected: object
    juel: str = ""
    juel_build: Callable[[str], bytes] | None = None
    unknown: Unknown = "incident"
    element: str = "x"
    place: str = ""
    juel_place: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


VARIABLES: Mapping[str, object] = {
    "n": 5, "two": 2, "who": "wang", "crew": ["li", "wang"], "groups": ["clerks", "roads"], "code": "A-1",
    "when": "2026-11-17T09:00:00+08:00", "wait": "PT2H", "rhythm": "R3/PT1H", "rule": "_other",
}  # fmt: skip

TASK = '<userTask id="after" name="after"/>'


def _line(x: str, *beside: str, top: str = "") -> bytes:
    """start → x → after → end, and other elements."""
    return process(START, x, TASK, END, path("start", "x", "after", "end"), *beside, beside=top)


def _task(inner: str = "", attributes: str = "") -> str:
    return f'<userTask id="x" name="x" {attributes}>{inner}</userTask>'


def _zeebe_task(part: str) -> Callable[[str], bytes]:
    """A user task with one extension, in which `%s` is the expression."""
    return lambda e: _line(_task(extensions(part.replace("%s", quoteattr(e)))))


def _camunda_task(name: str) -> Callable[[str], bytes]:
    return lambda e: _line(_task(attributes=f"camunda:{name}={quoteattr(e)}"))


def _event(kind: str, inner: str, attributes: str = "", *, top: str = "") -> bytes:
    return _line(f'<{kind} id="x" name="x" {attributes}>{inner}</{kind}>', top=top)


def _beside(definition: str) -> bytes:
    """A boundary event on a task, whose path ends in a task of its own."""
    return process(
        START, '<userTask id="t" name="t"/>', END, path("start", "t", "end"),
        f'<boundaryEvent id="x" name="x" attachedToRef="t" cancelActivity="false">{definition}</boundaryEvent>',
        TASK, '<endEvent id="end2"/>', path("x", "after", "end2"),
    )  # fmt: skip


def _timer(kind: str, expression: str) -> str:
    return f"<timerEventDefinition><{kind}>{escape(expression)}</{kind}></timerEventDefinition>"


def _condition(expression: str) -> str:
    return f"<conditionalEventDefinition><condition>{escape(expression)}</condition></conditionalEventDefinition>"


def _gateway(expression: str) -> bytes:
    return process(
        START, '<exclusiveGateway id="g" default="no"/>', TASK, '<userTask id="other" name="other"/>', END,
        path("start", "g"), flow("g", "after", escape(expression), id="x"), flow("g", "other", id="no"),
        path("after", "end"), path("other", "end"),
    )  # fmt: skip


def _handler(expression: str) -> bytes:
    return process(
        START, '<userTask id="t" name="t"/>', END, path("start", "t", "end"),
        '<subProcess id="handler" triggeredByEvent="true">'
        f'<startEvent id="x" isInterrupting="false">{_condition(expression)}</startEvent>'
        f'{TASK}<endEvent id="end2"/>{path("x", "after", "end2")}</subProcess>',
    )  # fmt: skip


def _loop(inner: str, *, zeebe: str = "", attributes: str = "") -> bytes:
    more = extensions(f"<zeebe:loopCharacteristics {zeebe}/>") if zeebe else ""
    return _line(
        _task(f"<multiInstanceLoopCharacteristics {attributes}>{more}{inner}</multiInstanceLoopCharacteristics>")
    )


def _message(expression: str, *, name: str = '"paid"', kind: str = "intermediateCatchEvent") -> bytes:
    key = extensions(f"<zeebe:subscription correlationKey={quoteattr(expression)}/>")
    return _listens(name.strip('"'), key, kind)


def _listens(name: str, key: str, kind: str = "intermediateCatchEvent") -> bytes:
    top = f'<message id="m" name={quoteattr(name)}>{key}</message>'
    if kind == "receiveTask":
        return _line('<receiveTask id="x" name="x" messageRef="m"/>', top=top)
    return _event(kind, '<messageEventDefinition messageRef="m"/>', top=top)


def _mapped(part: str, then: str = "") -> Callable[[str], bytes]:
    """A task with an input or output mapping, in which `%s` is the expression."""
    return lambda e: _line(_task(extensions(part.replace("%s", quoteattr(e)).replace("%t", escape(e))) + then))


# what came of it


def tasks(desk: Desk, case: str) -> object:
    """The elements where the case stands."""
    return sorted(task.element_id for task in desk.tasks(case))


def _of_task(name: str) -> Callable[[Desk, str], object]:
    return lambda desk, case: [getattr(task, name) for task in desk.tasks(case)]


def _due(desk: Desk, case: str) -> object:
    return [timer.due_at.isoformat() for timer in desk.see(case).timers if timer.due_at]


def _subscription(name: str) -> Callable[[Desk, str], object]:
    return lambda desk, case: [getattr(found, name) for found in desk.see(case).subscriptions]


def _job(name: str) -> Callable[[Desk, str], object]:
    return lambda desk, case: [getattr(found, name) for found in desk.see(case).jobs]


def _variable(name: str) -> Callable[[Desk, str], object]:
    return lambda desk, case: desk.see(case).variables.get(name)


def _local(name: str) -> Callable[[Desk, str], object]:
    return lambda desk, case: [desk.engine.read(ADMIN).task(t.id).variables.get(name) for t in desk.tasks(case)]


def _completed(name: str) -> Callable[[Desk, str], object]:
    def sees(desk: Desk, case: str) -> object:
        for task in desk.tasks(case):
            if task.element_id == "x":
                desk.complete(task.id, by=ADMIN)
        return desk.see(case).variables.get(name)

    return sees


def _rounds(desk: Desk, case: str) -> object:
    """How many instances have to be completed before the case goes on."""
    done = 0
    while open_ := [task for task in desk.tasks(case) if task.element_id == "x"]:
        desk.complete(open_[0].id, by=ADMIN)
        done += 1
    return done


def _iso(name: str) -> Callable[[Desk, str], object]:
    def sees(desk: Desk, case: str) -> object:
        found = [getattr(task, name) for task in desk.tasks(case)]
        return [each.isoformat() for each in found if each]

    return sees


def _performs(expression: str) -> bytes:
    inner = f"<zeebe:property name='civiflow:excludedUsers' value={quoteattr(expression)}/>"
    groups = '<zeebe:assignmentDefinition candidateGroups="clerks"/>'
    return _line(_task(extensions(f"{groups}<zeebe:properties>{inner}</zeebe:properties>")))


def _may_claim(desk: Desk, case: str) -> object:
    return [desk.engine.read(by).task(task.id).may_claim for task in desk.tasks(case) for by in (LI, WANG)]


def _decides(expression: str) -> bytes:
    asked = f"<zeebe:calledDecision decisionId={quoteattr(expression)} resultVariable='found'/>"
    return _line(f'<businessRuleTask id="x" name="x">{extensions(asked)}</businessRuleTask>')


def _decides_7(expression: str) -> bytes:
    return _line(
        f'<businessRuleTask id="x" name="x" camunda:decisionRef={quoteattr(expression)} '
        'camunda:resultVariable="found" camunda:mapDecisionResult="singleEntry"/>'
    )


def _service(attributes: str) -> bytes:
    return _line(f'<serviceTask id="x" name="x">{extensions(f"<zeebe:taskDefinition {attributes}/>")}</serviceTask>')


def _script(expression: str) -> bytes:
    inner = f"<zeebe:script expression={quoteattr(expression)} resultVariable='found'/>"
    return _line(f'<scriptTask id="x" name="x">{extensions(inner)}</scriptTask>')


def _throws(expression: str) -> bytes:
    """A message thrown with a key, to a catch event of another branch."""
    key = f"<zeebe:property name='civiflow:correlationKey' value={quoteattr(expression)}/>"
    mine = extensions(f"<zeebe:properties>{key}</zeebe:properties>")
    theirs = extensions('<zeebe:subscription correlationKey="=code"/>')
    return process(
        START, '<parallelGateway id="fork"/>', path("start", "fork", "c", "after", "end"),
        path("fork", "hold", "x", "end2"),
        '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>', TASK, END,
        '<userTask id="hold" name="hold"/>',
        f'<intermediateThrowEvent id="x" name="x">{mine}<messageEventDefinition messageRef="m2"/>'
        "</intermediateThrowEvent>",
        '<endEvent id="end2"/>',
        beside=f'<message id="m" name="paid">{theirs}</message><message id="m2" name="paid"/>',
    )  # fmt: skip


def _thrown(desk: Desk, case: str) -> object:
    for task in desk.tasks(case):
        if task.element_id == "hold":
            desk.complete(task.id, by=ADMIN)
    return tasks(desk, case)


def _published(desk: Desk, case: str) -> object:
    """A message with the key finds the case; one with another does not."""
    stood = []
    for key in ("B-2", "A-1"):
        with suppress(NotFound):
            desk.engine.execute(c.PublishMessage(name="paid", correlation_key=key), by=ADMIN)
        stood.append(tasks(desk, case))
    return stood


_SIGNAL = '<signal id="s" name=%s/>'
_OTHER = {"other.dmn": dmn(decision("other", literal("42")))}
_TWO_DAYS = "2026-11-17T01:00:00+00:00"
_TWO_HOURS = "2026-11-16T03:00:00+00:00"
_MAP_IN = "<zeebe:ioMapping><zeebe:input source=%s target='found'/></zeebe:ioMapping>"
_MAP_OUT = "<zeebe:ioMapping><zeebe:output source=%s target='found'/></zeebe:ioMapping>"
_MAP_IN_7 = (
    "<camunda:inputOutput><camunda:inputParameter name='found'>%t</camunda:inputParameter></camunda:inputOutput>"
)
_MAP_OUT_7 = (
    "<camunda:inputOutput><camunda:outputParameter name='found'>%t</camunda:outputParameter></camunda:inputOutput>"
)

POSITIONS: Mapping[str, Position] = {
    "gateway condition": Position(
        build=_gateway, feel="n > 3", juel="n > 3", sees=tasks, expected=["after"], place="condition"
    ),
    "conditional event": Position(
        build=lambda e: _event("intermediateCatchEvent", _condition(e)),
        feel="n > 3", juel="n > 3", sees=tasks, expected=["after"], unknown="later", place="condition",
    ),
    "conditional boundary event": Position(
        build=lambda e: _beside(_condition(e)),
        feel="n > 3", juel="n > 3", sees=tasks, expected=["after", "t"], unknown="later", place="condition",
    ),
    "conditional event sub-process": Position(
        build=_handler, feel="n > 3", juel="n > 3", sees=tasks, expected=["after", "t"], unknown="later",
        place="condition",
    ),
    "timer date": Position(
        build=lambda e: _event("intermediateCatchEvent", _timer("timeDate", e)),
        feel="date and time(when)", juel="when", sees=_due, expected=[_TWO_DAYS], place="time",
    ),
    "timer date in working time": Position(
        build=lambda e: _event("intermediateCatchEvent", _timer("timeDate", e)),
        feel="add working time(now(), n + 4)", sees=_due, expected=["2026-11-17T02:00:00+00:00"], place="time",
    ),
    "timer duration": Position(
        build=lambda e: _event("intermediateCatchEvent", _timer("timeDuration", e)),
        feel="duration(wait)", juel="wait", sees=_due, expected=[_TWO_HOURS], place="time",
    ),
    "timer cycle": Position(
        build=lambda e: _beside(_timer("timeCycle", e)),
        feel="cycle(3, duration(wait))", juel="rhythm.replace('1H', '2H')", sees=_due, expected=[_TWO_HOURS],
        place="time",
    ),
    "multi-instance collection": Position(
        build=lambda e: _loop("", zeebe=f"inputCollection={quoteattr(e)} inputElement='each'"),
        juel_build=lambda e: _loop("", attributes=f"camunda:collection={quoteattr(e)} camunda:elementVariable='each'"),
        feel="crew", juel="crew", sees=_rounds, expected=2, place="collection",
    ),
    "multi-instance cardinality": Position(
        build=lambda e: _loop(f"<loopCardinality>{escape(e)}</loopCardinality>"),
        feel="two + 1", juel="two + 1", sees=_rounds, expected=3, place="cardinality",
    ),
    "multi-instance completion condition": Position(
        build=lambda e: _loop(
            f"<loopCardinality>3</loopCardinality><completionCondition>{escape(e)}</completionCondition>"
        ),
        feel="numberOfCompletedInstances >= two", juel="nrOfCompletedInstances >= two", sees=_rounds, expected=2,
        place="completion condition",
    ),
    "multi-instance output element": Position(
        build=lambda e: _loop(
            "",
            zeebe="inputCollection='=crew' inputElement='each' outputCollection='found' "
            f"outputElement={quoteattr(e)}",
        ),
        feel="upper case(each)", sees=lambda desk, case: [_rounds(desk, case), desk.see(case).variables.get("found")],
        expected=[2, ["LI", "WANG"]], unknown="null", place="output element",
    ),
    "loop condition": Position(
        build=lambda e: _line(
            _task(
                f"<standardLoopCharacteristics><loopCondition>{escape(e)}</loopCondition></standardLoopCharacteristics>"
            )
        ),
        feel="loopCounter < two", juel="loopCounter < two", sees=_rounds, expected=2, place="condition",
    ),
    "message name": Position(
        build=lambda e: _listens(e, extensions('<zeebe:subscription correlationKey="=code"/>')),
        juel_build=lambda e: _listens(e, ""),
        feel='"paid " + code', juel='"paid ".concat(code)', sees=_subscription("name"), expected=["paid A-1"],
        place="name",
    ),
    "signal name": Position(
        build=lambda e: _event("intermediateCatchEvent", '<signalEventDefinition signalRef="s"/>',
                               top=_SIGNAL.replace("%s", quoteattr(e))),
        feel='"flood " + code', juel="flood ${code}", sees=_subscription("name"), expected=["flood A-1"],
        place="signal name",
    ),
    "correlation key, catch event": Position(
        build=_message, feel="code", sees=_published, expected=[[], ["after"]], place="correlation key"
    ),
    "correlation key, receive task": Position(
        build=lambda e: _message(e, kind="receiveTask"), feel="code", sees=_published, expected=[[], ["after"]],
        place="correlation key",
    ),
    "correlation key, throw event": Position(
        build=_throws, feel="code", sees=_thrown, expected=["after"], place="correlation key"
    ),
    "input mapping": Position(
        build=_mapped(_MAP_IN), juel_build=_mapped(_MAP_IN_7), feel="n * 2", juel="n * 2", sees=_local("found"),
        expected=[10], unknown="null", place="variable mapping",
    ),
    "output mapping": Position(
        build=_mapped(_MAP_OUT), juel_build=_mapped(_MAP_OUT_7), feel="n * 2", juel="n * 2", sees=_completed("found"),
        expected=10, unknown="null", place="variable mapping",
    ),
    "assignee": Position(
        build=_zeebe_task("<zeebe:assignmentDefinition assignee=%s/>"), juel_build=_camunda_task("assignee"),
        feel="who", juel="who", sees=_of_task("assignee"), expected=["wang"], unknown="null", place="assignee",
    ),
    "candidate groups": Position(
        build=_zeebe_task("<zeebe:assignmentDefinition candidateGroups=%s/>"),
        juel_build=_camunda_task("candidateGroups"), feel="groups", juel="groups", sees=_of_task("candidate_groups"),
        expected=[("clerks", "roads")], unknown="null", place="candidate groups",
    ),
    "candidate users": Position(
        build=_zeebe_task("<zeebe:assignmentDefinition candidateUsers=%s/>"),
        juel_build=_camunda_task("candidateUsers"), feel="crew", juel="crew", sees=_of_task("candidate_users"),
        expected=[("li", "wang")], unknown="null", place="candidate users",
    ),
    "excluded users": Position(
        build=_performs, feel="[who]", sees=_may_claim, expected=[True, False], unknown="null", place="excluded users"
    ),
    "due date": Position(
        build=_zeebe_task("<zeebe:taskSchedule dueDate=%s/>"), juel_build=_camunda_task("dueDate"),
        feel="add working time(now(), n + 4)", juel="when", sees=_iso("due_at"),
        expected={"feel": ["2026-11-17T02:00:00+00:00"], "juel": [_TWO_DAYS]}, unknown="null", place="due date",
    ),
    "follow-up date": Position(
        build=_zeebe_task("<zeebe:taskSchedule followUpDate=%s/>"), juel_build=_camunda_task("followUpDate"),
        feel="now() + duration(wait)", juel="when", sees=_iso("follow_up_at"),
        expected={"feel": [_TWO_HOURS], "juel": [_TWO_DAYS]}, unknown="null", place="follow-up date",
    ),
    "priority": Position(
        build=_zeebe_task("<zeebe:priorityDefinition priority=%s/>"), juel_build=_camunda_task("priority"),
        feel="n * 7", juel="n * 7", sees=_of_task("priority"), expected=[35], place="priority",
    ),
    "job type": Position(
        build=lambda e: _service(f"type={quoteattr(e)}"),
        juel_build=lambda e: _line(f'<serviceTask id="x" camunda:type="external" camunda:topic={quoteattr(e)}/>'),
        feel='"print." + code', juel='"print.".concat(code)', sees=_job("topic"), expected=["print.A-1"],
        place="job type", juel_place="topic",
    ),
    "job retries": Position(
        build=lambda e: _service(f'type="print" retries={quoteattr(e)}'),
        feel="two + 2", sees=_job("retries"), expected=[4], place="number of retries",
    ),
    "job priority": Position(
        build=lambda e: _line(f'<serviceTask id="x" camunda:type="external" camunda:topic="print" '
                              f"camunda:taskPriority={quoteattr(e)}/>"),
        feel="n * 7", juel="n * 7", sees=_job("priority"), expected=[35], place="priority",
    ),
    "script": Position(
        build=_script, feel="n + two", sees=_variable("found"), expected=7, unknown="null", place="script"
    ),
    "decision": Position(
        build=_decides, juel_build=_decides_7, feel="rule", juel="rule", sees=_variable("found"), expected=42,
        files=_OTHER, place="decision",
    ),
}  # fmt: skip

"""Each rule of the standard: what breaks it is rejected and named, its valid twin is not."""

# A case a line, however long: the table is read by column.
# ruff: noqa: E501

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import engine
from engine.inspection import Status, inspect_file
from engine.models import rules
from engine.models.rules import KINDS, Kind
from tests.unit.models.bpmn import BPMN, END, START, file, flow, path, process

MESSAGE = '<message id="m" name="paid"/><message id="m2" name="sent"/>'
CATCH_MESSAGE = '<messageEventDefinition messageRef="m"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
TASK = '<task id="x"/>'
ERROR = '<error id="e" errorCode="E1"/><escalation id="s" escalationCode="S1"/><signal id="g" name="go"/>'


def around(element: str, *, beside: str = "", more: str = "", id: str = "x") -> bytes:
    return process(START, element, more, END, path("start", id, "end"), beside=MESSAGE + ERROR + beside)


def pools(flows: str, *, one: str = "", two: str = "") -> bytes:
    """Two pools, each start → task → end, and message flows between them."""

    def pool(key: str, more: str) -> str:
        start, end = (
            f'<startEvent id="{key}s">{CATCH_MESSAGE}</startEvent>',
            f'<endEvent id="{key}e">{CATCH_MESSAGE}</endEvent>',
        )
        gateway = f'<exclusiveGateway id="{key}g"/><userTask id="{key}u"/><userTask id="{key}v"/>'
        ways = (
            path(f"{key}s", f"{key}g")
            + flow(f"{key}g", f"{key}u", "=a")
            + flow(f"{key}g", f"{key}v", "=b")
            + path(f"{key}u", f"{key}e")
            + path(f"{key}v", f"{key}e")
        )
        return f'<process id="{key}" isExecutable="true">{start}{gateway}{end}{ways}{more}</process>'

    members = '<participant id="P1" name="A" processRef="one"/><participant id="P2" processRef="two"/><participant id="P3" name="citizen"/>'
    return file(f'<collaboration id="c">{members}{flows}</collaboration>{MESSAGE}', pool("one", one), pool("two", two))


def message(source: str, target: str) -> str:
    return f'<messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/>'


def boundary(definition: str, attributes: str = "", *, out: str = flow("b", "end"), more: str = "") -> bytes:
    element = f'<userTask id="x"/><boundaryEvent id="b" attachedToRef="x" {attributes}>{definition}</boundaryEvent>{out}{more}'
    return around(element)


def waits(*targets: str, attributes: str = "", more: str = "") -> bytes:
    """An event-based gateway before these elements, called x and y."""
    return process(
        START,
        f'<eventBasedGateway id="g" {attributes}/>',
        *targets,
        END,
        flow("start", "g"),
        path("g", "x", "end"),
        path("g", "y", "end"),
        more,
        beside=MESSAGE,
    )


def catch(id: str, definition: str = TIMER) -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def sub(*parts: str, tag: str = "subProcess", attributes: str = "") -> bytes:
    flows = path("start", "end") if attributes else path("start", "x", "end")
    return process(START, f'<{tag} id="x" {attributes}>{"".join(parts)}</{tag}>', END, flows, beside=MESSAGE + ERROR)


def split(first: str, second: str, *, kind: str = "exclusiveGateway", attributes: str = "") -> bytes:
    return process(
        START,
        f'<{kind} id="x" {attributes}/><userTask id="a"/><userTask id="b"/>',
        END,
        flow("start", "x"),
        flow("x", "a", first),
        flow("x", "b", second),
        path("a", "end"),
        path("b", "end"),
    )


def data(inner: str, *, beside: str = "", in_process: str = "") -> bytes:
    return process(
        in_process, START, f'<userTask id="x">{inner}</userTask>', END, path("start", "x", "end"), beside=beside
    )


IO = '<ioSpecification><dataInput id="di"{item}/><inputSet>{named}</inputSet><outputSet/></ioSpecification>'
NAMED = "<dataInputRefs>di</dataInputRefs>"
OBJECTS = '<dataObject id="o1"/><dataObject id="o2"/>'
TYPED = '<itemDefinition id="i1" structureRef="Text"/><itemDefinition id="i2" structureRef="Number"/>'
ASSOCIATION = "<dataInputAssociation>{sources}<targetRef>di</targetRef>{more}</dataInputAssociation>"
GOOD = around(TASK)
GOOD_POOLS = pools(message("oneu", "twou"))

CASES: list[tuple[str, bytes, bytes]] = [
    # sequence flows (8.3.13, table 7.3)
    ("flow-end-unknown", process(START, TASK, END, path("start", "x", "end"), '<textAnnotation id="t"/>', flow("x", "t")), GOOD),
    ("flow-end-unknown", pools("", one=flow("oneu", "twou")), GOOD_POOLS),
    ("flow-crosses-border", sub('<startEvent id="a"/><userTask id="u"/><endEvent id="z"/>', path("a", "u", "z"), flow("u", "end")), sub('<startEvent id="a"/><userTask id="u"/><endEvent id="z"/>', path("a", "u", "z"))),
    ("flow-not-allowed", around(TASK, more=flow("x", "start")), GOOD),
    ("flow-not-allowed", around(TASK, more=flow("end", "x")), GOOD),
    ("flow-not-allowed", boundary(TIMER, more=flow("start", "b")), boundary(TIMER)),
    ("default-flow-unknown", split("=a", "=b", attributes='default="a_end"'), split("=a", "", attributes='default="x_b"')),
    ("condition-not-allowed", split("=a", "=b", kind="parallelGateway"), split("=a", "=b", kind="inclusiveGateway")),
    ("condition-not-allowed", waits(catch("x"), catch("y")).replace(b'sourceRef="g" targetRef="x">', b'sourceRef="g" targetRef="x"><conditionExpression>=a</conditionExpression>'), waits(catch("x"), catch("y"))),
    ("condition-not-allowed", process(START, END, flow("start", "end", "=a")), process(START, END, flow("start", "end"))),
    ("condition-on-only-way", process(START, TASK, END, flow("start", "x"), flow("x", "end", "=a")), process(START, TASK, END, flow("start", "x"), flow("x", "end", "=a"), flow("x", "end", "=b", id="other"))),
    ("attribute-missing", around('<association id="as" sourceRef="x"/>' + TASK), around('<association id="as" sourceRef="x" targetRef="end"/>' + TASK)),
    ("no-way-in", process(START, TASK, '<userTask id="y"/>', END, path("start", "x", "end"), flow("y", "end")), process('<userTask id="y"/>', flow("y", "y2"), '<userTask id="y2"/>')),
    ("no-way-out", process(START, TASK, '<userTask id="y"/>', END, path("start", "x", "end"), flow("x", "y")), process(START, '<userTask id="y"/>', flow("start", "y"))),
    ("no-way-in", process(START, TASK, END, path("start", "x")), GOOD),
    ("end-without-start", process(TASK, END, flow("x", "end")), process(TASK, '<userTask id="y"/>', flow("x", "y"))),
    ("flow-reference", around('<task id="x"><incoming>nowhere</incoming></task>'), around('<task id="x"><incoming>start_x</incoming><outgoing>x_end</outgoing></task>')),
    # events (10.5)
    ("event-not-allowed", around(f'<intermediateThrowEvent id="x">{TIMER}</intermediateThrowEvent>'), around(catch("x"))),
    ("event-not-allowed", around(catch("x", "<terminateEventDefinition/>")), around(catch("x"))),
    ("event-not-allowed", around(catch("x", "<compensateEventDefinition/>")), around(catch("x"))),
    ("event-not-allowed", process(START, f'<endEvent id="end">{TIMER}</endEvent>', flow("start", "end")), process(START, '<endEvent id="end"><terminateEventDefinition/></endEvent>', flow("start", "end"))),
    ("event-not-allowed", process('<startEvent id="start"><linkEventDefinition name="l"/></startEvent>', END, flow("start", "end")), process(START, END, flow("start", "end"))),
    ("event-not-allowed", process(f'<startEvent id="start">{TIMER}<terminateEventDefinition/></startEvent>', END, flow("start", "end")), process(f'<startEvent id="start">{TIMER}<conditionalEventDefinition><condition>=a</condition></conditionalEventDefinition></startEvent>', END, flow("start", "end"))),
    ("event-not-allowed", process(START, '<endEvent id="end"><cancelEventDefinition/></endEvent>', flow("start", "end")), sub('<startEvent id="a"/><endEvent id="z"><cancelEventDefinition/></endEvent>', flow("a", "z"), tag="transaction")),
    ("event-not-allowed", boundary("<cancelEventDefinition/>"), boundary(TIMER)),
    ("event-waits-for-nothing", around('<intermediateCatchEvent id="x"/>'), around(catch("x"))),
    ("event-waits-for-nothing", boundary(""), boundary(TIMER)),
    ("start-event-not-allowed", process('<startEvent id="start"><errorEventDefinition errorRef="e"/></startEvent>', END, flow("start", "end"), beside=ERROR), process(f'<startEvent id="start">{TIMER}</startEvent>', END, flow("start", "end"))),
    ("start-event-not-allowed", sub(f'<startEvent id="a">{TIMER}</startEvent><endEvent id="z"/>', flow("a", "z")), sub('<startEvent id="a"/><endEvent id="z"/>', flow("a", "z"))),
    ("error-must-interrupt", boundary('<errorEventDefinition errorRef="e"/>', 'cancelActivity="false"'), boundary('<escalationEventDefinition escalationRef="s"/>', 'cancelActivity="false"')),
    ("boundary-unattached", around(TASK, more=f'<boundaryEvent id="b" attachedToRef="end">{TIMER}</boundaryEvent>{flow("b", "end")}'), boundary(TIMER)),
    ("boundary-unattached", around(TASK, more=f'<boundaryEvent id="b">{TIMER}</boundaryEvent>'), boundary(TIMER)),
    ("boundary-without-way", boundary(TIMER, out=""), boundary(TIMER)),
    ("compensation-without-handler", boundary("<compensateEventDefinition/>", out=""), boundary("<compensateEventDefinition/>", out='<task id="undo" isForCompensation="true"/><association id="as" sourceRef="b" targetRef="undo"/>')),
    ("event-sub-process-flow", sub(f'<startEvent id="a">{CATCH_MESSAGE}</startEvent>', attributes='triggeredByEvent="true"').replace(b"</process>", flow("start", "x").encode() + b"</process>"), sub(f'<startEvent id="a">{CATCH_MESSAGE}</startEvent>', attributes='triggeredByEvent="true"')),
    ("event-sub-process-start", sub('<startEvent id="a"/>', attributes='triggeredByEvent="true"'), sub(f'<startEvent id="a">{CATCH_MESSAGE}</startEvent>', attributes='triggeredByEvent="true"')),
    ("event-sub-process-start", sub(f'<startEvent id="a">{CATCH_MESSAGE}</startEvent><startEvent id="b">{TIMER}</startEvent>', attributes='triggeredByEvent="true"'), sub(f'<startEvent id="a">{CATCH_MESSAGE}</startEvent>', attributes='triggeredByEvent="true"')),
    ("event-definition-shared", process(START, '<intermediateThrowEvent id="x"><signalEventDefinition id="d" signalRef="g"/></intermediateThrowEvent><endEvent id="end"><eventDefinitionRef>d</eventDefinitionRef></endEvent>', path("start", "x", "end"), beside=ERROR), process(START, '<intermediateThrowEvent id="x"><eventDefinitionRef>d</eventDefinitionRef></intermediateThrowEvent><endEvent id="end"><eventDefinitionRef>d</eventDefinitionRef></endEvent>', path("start", "x", "end"), beside=ERROR + '<signalEventDefinition id="d" signalRef="g"/>')),
    ("error-without-code", process(START, '<endEvent id="end"><errorEventDefinition/></endEvent>', flow("start", "end")), process(START, '<endEvent id="end"><errorEventDefinition errorRef="e"/></endEvent>', flow("start", "end"), beside=ERROR)),
    ("escalation-without-code", around('<intermediateThrowEvent id="x"><escalationEventDefinition/></intermediateThrowEvent>'), around('<intermediateThrowEvent id="x"><escalationEventDefinition escalationRef="s"/></intermediateThrowEvent>')),
    ("event-without-condition", around(catch("x", "<conditionalEventDefinition/>")), around(catch("x", "<conditionalEventDefinition><condition>=a</condition></conditionalEventDefinition>"))),
    ("link-without-partner", process(START, '<intermediateThrowEvent id="x"><linkEventDefinition name="a"/></intermediateThrowEvent>', flow("start", "x")), process(START, '<intermediateThrowEvent id="x"><linkEventDefinition name="a"/></intermediateThrowEvent>', catch("c", '<linkEventDefinition name="a"/>'), END, flow("start", "x"), flow("c", "end"))),
    ("called-without-start", process(f'<startEvent id="start">{TIMER}</startEvent><callActivity id="x" calledElement="p"/>', END, path("start", "x", "end")), process(START, '<callActivity id="x" calledElement="p"/>', END, path("start", "x", "end"))),
    # gateways (10.6)
    ("gateway-without-effect", around('<inclusiveGateway id="x"/>'), split("=a", "=b", kind="inclusiveGateway")),
    ("gateway-direction", split("=a", "=b", attributes='gatewayDirection="Converging"'), split("=a", "=b", attributes='gatewayDirection="Diverging"')),
    ("event-gateway-ways", process(START, '<eventBasedGateway id="g"/>', catch("x"), END, path("start", "g", "x", "end")), waits(catch("x"), catch("y"))),
    ("event-gateway-target", waits(catch("x"), '<userTask id="y"/>'), waits(catch("x"), catch("y"))),
    ("event-gateway-target", waits(catch("x", CATCH_MESSAGE), '<receiveTask id="y" messageRef="m2"/>'), waits(catch("x"), '<receiveTask id="y" messageRef="m2"/>')),
    ("event-gateway-target", waits(catch("x"), '<receiveTask id="y" messageRef="m"/>', more=f'<boundaryEvent id="b" attachedToRef="y">{TIMER}</boundaryEvent>{flow("b", "end")}'), waits(catch("x"), '<receiveTask id="y" messageRef="m"/>')),
    ("event-gateway-target", waits(catch("x"), catch("y"), attributes='instantiate="true"'), waits(catch("x"), catch("y"))),
    # pools and message flows (9.3)
    ("message-flow-in-one-pool", pools(message("oneu", "onev")), GOOD_POOLS),
    ("message-flow-in-one-pool", pools(message("P1", "oneu")), pools(message("P3", "oneu"))),
    ("message-flow-end", pools(message("oneu", "twog")), GOOD_POOLS),
    ("message-flow-end", pools(message("oneu", "nowhere")), GOOD_POOLS),
    ("message-flow-direction", pools(message("ones", "twou")), pools(message("twou", "ones"))),
    ("message-flow-direction", pools(message("oneu", "twoe")), pools(message("twoe", "oneu"))),
    ("message-flow-event", pools(message("twou", "onet"), one=f'<boundaryEvent id="onet" attachedToRef="oneu">{TIMER}</boundaryEvent>{flow("onet", "onee")}'), GOOD_POOLS),
    ("pool-multiplicity", pools("").replace(b'name="citizen"/>', b'name="citizen"><participantMultiplicity minimum="3" maximum="2"/></participant>'), pools("").replace(b'name="citizen"/>', b'name="citizen"><participantMultiplicity minimum="2" maximum="3"/></participant>')),
    ("unknown-process", pools("").replace(b'processRef="two"', b'processRef="three"'), GOOD_POOLS),
    ("lane-reference", process('<laneSet><lane id="l"><flowNodeRef>nobody</flowNodeRef></lane></laneSet>', START, END, flow("start", "end")), process('<laneSet><lane id="l"><flowNodeRef>start</flowNodeRef></lane></laneSet>', START, END, flow("start", "end"))),
    ("lane-twice", process('<laneSet id="ls"><lane id="l"><flowNodeRef>start</flowNodeRef></lane><lane id="k"><flowNodeRef>start</flowNodeRef></lane></laneSet>', START, END, flow("start", "end")), process('<laneSet><lane id="l"><flowNodeRef>start</flowNodeRef><childLaneSet><lane id="k"><flowNodeRef>start</flowNodeRef></lane></childLaneSet></lane></laneSet>', START, END, flow("start", "end"))),
    # what may stand where
    ("choreography-in-process", around(TASK, more='<choreographyTask id="ct" initiatingParticipantRef="a"><participantRef>a</participantRef><participantRef>b</participantRef><messageFlowRef>f</messageFlowRef></choreographyTask>'), GOOD),
    ("ad-hoc-content", sub(tag="adHocSubProcess"), sub('<userTask id="u"/>', tag="adHocSubProcess")),
    ("ad-hoc-content", sub('<userTask id="u"/><startEvent id="a"/>', tag="adHocSubProcess"), sub('<userTask id="u"/>', tag="adHocSubProcess")),
    ("unknown-element", around(TASK, more='<robotTask id="r"/>'), GOOD),
    ("unknown-element", around('<userTask id="x"><voodoo/></userTask>'), GOOD),
    ("unknown-attribute", around(TASK, beside='<dataStore id="ds" colour="red"/>'), around(TASK, beside='<dataStore id="ds" capacity="5"/>')),
    ("child-missing", around(TASK, beside='<interface id="if" name="i"/>'), around(TASK, beside='<interface id="if" name="i"><operation id="op" name="o"><inMessageRef>m</inMessageRef></operation></interface>')),
    ("attribute-invalid", around('<task id="x" startQuantity="0"/>'), around('<task id="x" startQuantity="1"/>')),
    ("attribute-invalid", around('<task id="x" completionQuantity="-1"/>'), GOOD),
    ("attribute-invalid", around('<task id="x" isForCompensation="maybe"/>'), around('<task id="x" isForCompensation="0"/>')),
    ("duplicate-id", around(TASK, beside='<dataStore id="x"/>'), around(TASK, beside='<dataStore id="y"/>')),
    ("root-not-definitions", f'<process xmlns="{BPMN}" id="p" isExecutable="true"><startEvent id="s"/></process>'.encode(), GOOD),
    # references (8.3)
    ("unresolved-reference", around(catch("x", '<messageEventDefinition messageRef="nothing"/>')), around(catch("x", CATCH_MESSAGE))),
    ("unresolved-reference", around('<serviceTask id="x" operationRef="nothing"/>'), around('<serviceTask id="x"/>')),
    ("unresolved-reference", around('<userTask id="x"><potentialOwner><resourceRef>nobody</resourceRef></potentialOwner></userTask>'), around('<userTask id="x"><potentialOwner><resourceRef>r</resourceRef></potentialOwner></userTask>', beside='<resource id="r" name="clerks"/>')),
    ("wrong-reference", around('<serviceTask id="x" operationRef="m"/>'), around('<serviceTask id="x"/>')),
    ("wrong-reference", around('<association id="as" sourceRef="x" targetRef="end"/><group id="gr" categoryValueRef="x"/>' + TASK), around(TASK, beside='<category id="c"><categoryValue id="cv" value="v"/></category>', more='<group id="gr" categoryValueRef="cv"/>')),
    ("unresolved-data", data("", in_process='<dataObject id="o1" itemSubjectRef="nothing"/>'), data("", in_process='<dataObject id="o1" itemSubjectRef="i1"/>', beside=TYPED)),
    ("unresolved-data", data("", in_process='<dataObjectReference id="r" dataObjectRef="nothing"/>'), data("", in_process='<dataObject id="o1"/><dataObjectReference id="r" dataObjectRef="o1"/>')),
    # data (10.4)
    ("data-not-in-set", data(IO.format(item="", named="")), data(IO.format(item="", named=NAMED))),
    ("data-association-end", data(IO.format(item="", named=NAMED) + ASSOCIATION.format(sources="<sourceRef>x</sourceRef>", more="")), data(IO.format(item="", named=NAMED) + ASSOCIATION.format(sources="<sourceRef>o1</sourceRef>", more=""), in_process=OBJECTS)),
    ("data-association-sources", data(IO.format(item="", named=NAMED) + ASSOCIATION.format(sources="<sourceRef>o1</sourceRef><sourceRef>o2</sourceRef>", more=""), in_process=OBJECTS), data(IO.format(item="", named=NAMED) + "<dataInputAssociation><sourceRef>o1</sourceRef><sourceRef>o2</sourceRef><targetRef>di</targetRef><transformation>=a</transformation></dataInputAssociation>", in_process=OBJECTS)),
    ("data-association-types", data(IO.format(item=' itemSubjectRef="i2"', named=NAMED) + ASSOCIATION.format(sources="<sourceRef>o1</sourceRef>", more=""), in_process='<dataObject id="o1" itemSubjectRef="i1"/>', beside=TYPED), data(IO.format(item=' itemSubjectRef="i1"', named=NAMED) + ASSOCIATION.format(sources="<sourceRef>o1</sourceRef>", more=""), in_process='<dataObject id="o1" itemSubjectRef="i1"/>', beside=TYPED)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "broken", "valid"), CASES)
def test_what_breaks_a_rule_is_rejected_and_its_valid_twin_is_not(code: str, broken: bytes, valid: bytes) -> None:
    refused, kept = inspect_file("broken.bpmn", broken), inspect_file("valid.bpmn", valid)

    assert code in {finding.code for finding in refused.findings if finding.severity == "error"}
    assert refused.status is Status.REJECTED
    assert code not in {finding.code for finding in kept.findings}
    assert kept.status is not Status.REJECTED, [f.message for f in kept.findings if f.severity == "error"]


def test_an_unfinished_drawing_is_a_draft_and_an_unfinished_executable_process_is_rejected() -> None:
    unfinished = (START, TASK, '<intermediateCatchEvent id="c"/>', END, path("start", "x", "end"), flow("x", "c"))

    drawn = inspect_file("drawn.bpmn", process(*unfinished, attributes=""))
    claimed = inspect_file("claimed.bpmn", process(*unfinished))

    assert (drawn.status, claimed.status) == (Status.DRAFT, Status.REJECTED)
    assert {"no-way-out", "event-waits-for-nothing"} <= {finding.code for finding in drawn.findings}


def test_a_broken_rule_rejects_a_drawing_too_also_in_a_partner_pool() -> None:
    broken = process(START, TASK, END, path("start", "x", "end"), flow("end", "x"), attributes="")
    partner = GOOD.replace(b"</definitions>", b'<process id="q"><endEvent id="qe"/><task id="qt"/>' + flow("qe", "qt").encode() + b"</process></definitions>")  # fmt: skip

    assert inspect_file("drawing.bpmn", broken).status is Status.REJECTED
    assert inspect_file("partner.bpmn", partner).status is Status.REJECTED


def test_links_may_be_paired_by_reference_instead_of_by_name() -> None:
    throw = '<intermediateThrowEvent id="x"><linkEventDefinition id="lt" name="to B"><target>lc</target></linkEventDefinition></intermediateThrowEvent>'
    caught = catch("c", '<linkEventDefinition id="lc" name="from A"><source>lt</source></linkEventDefinition>')

    found = inspect_file("links.bpmn", process(START, throw, caught, END, flow("start", "x"), flow("c", "end")))

    assert found.status is Status.RUNNABLE, [finding.message for finding in found.findings]


def test_a_reference_into_another_file_is_not_looked_for_here() -> None:
    elsewhere = around(f'<userTask id="x" xmlns:o="urn:other"><property id="pr" itemSubjectRef="o:text"/></userTask>{flow("x", "end", id="f2")}')  # fmt: skip

    assert inspect_file("a.bpmn", elsewhere).status is not Status.REJECTED


def test_every_error_says_what_it_means_for_the_file_and_says_it_once() -> None:
    home = Path(engine.__file__).parent
    sources = [*(home / "models").rglob("*.py"), *(home / "spiff").rglob("*.py"), home / "handlers" / "checking.py"]
    used: set[str] = set()
    for source in sources:
        if {"dmn", "forms"} & set(source.relative_to(home).parts):
            continue
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "error":
                used |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant) and isinstance(c.value, str)} if node.args else set()  # fmt: skip
    codes = {word for word in used if word.isascii() and "-" in word and not word.startswith("-")}
    tables = (rules._UNREADABLE, rules._BROKEN, rules._UNFINISHED, rules._NOT_RUN)

    assert len(codes) > 90
    assert codes - KINDS.keys() == set()
    assert [code for code, count in Counter(code for table in tables for code in table).items() if count > 1] == []
    assert set(KINDS.values()) == set(Kind)

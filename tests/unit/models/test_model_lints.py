"""Each lint finds its fault, names the element, and is silent once the fault is mended."""

# A case a line, however long: the table is read by column.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from engine.models import read_model
from tests.unit.models.bpmn import END, START, codes, extensions, file, flow, only, path, process

TASK = '<task id="x"/>'
JOB = extensions('<zeebe:taskDefinition type="pay"/>')
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
CATCH = f'<intermediateCatchEvent id="x">{TIMER}</intermediateCatchEvent>'
CATCH_2 = f'<intermediateCatchEvent id="y">{TIMER}</intermediateCatchEvent>'
MESSAGE = '<message id="m" name="paid"/>'
MESSAGE_EVENT = '<messageEventDefinition messageRef="m"/>'
ERROR = '<error id="e" errorCode="E1"/><escalation id="s" escalationCode="S1"/>'


def around(element: str, *, id: str = "x", beside: str = "") -> bytes:
    return process(START, element, END, path("start", id, "end"), beside=beside)


def split(kind: str, first: str = "", second: str = "", *, default: str = "") -> bytes:
    """A gateway with two ways to the end."""
    return process(
        START,
        f'<{kind} id="g"{default and f" default={chr(34)}{default}{chr(34)}"}/><task id="a"/><task id="b"/>',
        END,
        flow("start", "g"),
        flow("g", "a", first),
        flow("g", "b", second),
        path("a", "end"),
        path("b", "end"),
    )


def boundary(definition: str, attributes: str = 'attachedToRef="t"', *, more: str = "") -> bytes:
    return process(
        START,
        '<userTask id="t"/>',
        f'<boundaryEvent id="x" {attributes}>{definition}</boundaryEvent>{more}',
        END,
        path("start", "t", "end"),
        flow("x", "end"),
        beside=ERROR + MESSAGE,
    )


def inside(*parts: str, attributes: str = "", tag: str = "subProcess") -> bytes:
    """A sub-process with these parts between start and end."""
    flows = path("start", "end") if "triggeredByEvent" in attributes else path("start", "sub", "end")
    return process(START, f'<{tag} id="sub" {attributes}>{"".join(parts)}</{tag}>', END, flows, beside=ERROR + MESSAGE)


def on_event(definition: str, attributes: str = "") -> bytes:
    start = f'<startEvent id="x" {attributes}>{definition}</startEvent>'
    return inside(start, '<endEvent id="e2"/>', flow("x", "e2"), attributes='triggeredByEvent="true"')


def parallel_join(split_kind: str) -> bytes:
    conditioned = split_kind == "exclusiveGateway"
    return process(
        START,
        f'<{split_kind} id="g"/><task id="a"/><task id="b"/><parallelGateway id="x"/>',
        END,
        flow("start", "g"),
        flow("g", "a", "=a" if conditioned else ""),
        flow("g", "b", "=b" if conditioned else ""),
        path("a", "x"),
        path("b", "x", "end"),
    )


GOOD = process(START, TASK, END, path("start", "x", "end"))
TWO_STARTS = '<startEvent id="start"/><startEvent id="s2">{}</startEvent>'
LINKS = (
    '<intermediateThrowEvent id="x"><linkEventDefinition name="{}"/></intermediateThrowEvent>'
    '<intermediateCatchEvent id="c"><linkEventDefinition name="go"/></intermediateCatchEvent>'
)

CASES: list[tuple[str, str, bytes, bytes]] = [
    ("no-process", "", file(MESSAGE), GOOD),
    ("empty-process", "p", process(), GOOD),
    ("not-executable", "p", process(START, END, flow("start", "end"), attributes=""), GOOD),
    ("process-without-name", "p", GOOD.replace('name="审批"'.encode(), b""), GOOD),
    ("bad-process-id", "1 p", process(START, END, flow("start", "end"), key="1 p"), GOOD),
    ("no-start-event", "p", process(TASK, END, flow("x", "end")), GOOD),
    ("no-start-event", "sub", inside(TASK), inside('<startEvent id="x"/>')),
    (
        "several-start-events",
        "p",
        process(TWO_STARTS.format(""), END, flow("start", "end"), flow("s2", "end")),
        process(TWO_STARTS.format(MESSAGE_EVENT), END, flow("start", "end"), flow("s2", "end"), beside=MESSAGE),
    ),
    (
        "several-start-events",
        "sub",
        inside('<startEvent id="a"/><startEvent id="b"/>'),
        inside('<startEvent id="a"/>'),
    ),
    ("empty-sub-process", "sub", inside(), inside('<startEvent id="a"/>')),
    (
        "start-event-not-allowed",
        "s2",
        process(TWO_STARTS.format('<errorEventDefinition errorRef="e"/>'), END, path("start", "end"), beside=ERROR),
        process(TWO_STARTS.format(MESSAGE_EVENT), END, path("start", "end"), beside=MESSAGE),
    ),
    (
        "start-event-not-allowed",
        "a",
        inside(f'<startEvent id="a">{MESSAGE_EVENT}</startEvent>'),
        inside('<startEvent id="a"/>'),
    ),
    ("event-sub-process-start", "x", on_event(""), on_event(MESSAGE_EVENT)),
    ("event-sub-process-start", "sub", inside(TASK, attributes='triggeredByEvent="true"'), on_event(MESSAGE_EVENT)),
    (
        "event-sub-process-flow",
        "sub",
        process(
            START,
            f'<subProcess id="sub" triggeredByEvent="true"><startEvent id="x">{MESSAGE_EVENT}</startEvent></subProcess>',
            END,
            path("start", "sub", "end"),
            beside=MESSAGE,
        ),
        on_event(MESSAGE_EVENT),
    ),
    (
        "start-message-twice",
        "s2",
        process(
            f'<startEvent id="start">{MESSAGE_EVENT}</startEvent><startEvent id="s2">{MESSAGE_EVENT}</startEvent>',
            END,
            flow("start", "end"),
            flow("s2", "end"),
            beside=MESSAGE,
        ),
        process(TWO_STARTS.format(MESSAGE_EVENT), END, flow("start", "end"), flow("s2", "end"), beside=MESSAGE),
    ),
    ("no-end-event", "p", process(START, TASK, flow("start", "x")), GOOD),
    ("implicit-end", "x", process(START, TASK, flow("start", "x")), GOOD),
    ("no-way-out", "x", process(START, TASK, END, flow("start", "x")), process(START, TASK, flow("start", "x"))),
    ("no-way-in", "x", process(START, TASK, END, flow("start", "end"), flow("x", "end")), process(TASK, END, flow("x", "end"))),
    ("dead-end", "g", process(START, '<parallelGateway id="g"/>', END, flow("start", "g")), GOOD),
    (
        "boundary-without-way",
        "x",
        process(START, f'<task id="t"/><boundaryEvent id="x" attachedToRef="t">{TIMER}</boundaryEvent>', path("start", "t")),
        boundary(TIMER),
    ),
    ("unreachable", "x", process(START, TASK, '<task id="y"/>', END, flow("start", "end"), path("x", "y", "x")), GOOD),
    ("flow-end-unknown", "f", process(START, END, flow("start", "nowhere", id="f")), GOOD),
    ("flow-end-missing", "f", process(START, END, '<sequenceFlow id="f" sourceRef="start"/>'), GOOD),
    (
        "flow-crosses-border",
        "start_a",
        process(START, '<subProcess id="sub"><startEvent id="s"/><task id="a"/></subProcess>', flow("start", "a")),
        inside('<startEvent id="s"/><task id="a"/>', flow("s", "a")),
    ),
    ("flow-not-allowed", "end_x", process(START, TASK, END, path("start", "x", "end"), flow("end", "x")), GOOD),
    ("flow-not-allowed", "x_start", process(START, TASK, END, path("start", "x", "end"), flow("x", "start")), GOOD),
    ("flow-without-condition", "g_a", split("exclusiveGateway"), split("exclusiveGateway", "=a", default="g_b")),
    ("flow-without-condition", "g_b", split("exclusiveGateway", "=a"), split("exclusiveGateway", "=a", "=b")),
    (
        "default-with-condition",
        "g_a",
        split("exclusiveGateway", "=a", "=b", default="g_a"),
        split("exclusiveGateway", "", "=b", default="g_a"),
    ),
    (
        "default-flow-unknown",
        "g",
        split("exclusiveGateway", "=a", "=b", default="a_end"),
        split("exclusiveGateway", "", "=b", default="g_a"),
    ),
    ("condition-not-allowed", "g_a", split("parallelGateway", "=a"), split("inclusiveGateway", "=a")),
    (
        "condition-on-only-way",
        "g_end",
        process(START, '<exclusiveGateway id="g"/>', END, flow("start", "g"), flow("g", "end", "=a")),
        GOOD,
    ),
    ("condition-not-allowed", "start_end", process(START, END, flow("start", "end", "=a")), GOOD),
    ("empty-condition", "f", GOOD.replace(b"</process>", b'<sequenceFlow id="f" sourceRef="x" targetRef="end"><conditionExpression/></sequenceFlow></process>'), GOOD),
    ("gateway-without-effect", "x", around('<parallelGateway id="x"/>'), split("parallelGateway")),
    ("event-gateway-ways", "x", around('<eventBasedGateway id="x"/>'), GOOD),
    (
        "event-gateway-target",
        "a",
        split("eventBasedGateway"),
        process(START, '<eventBasedGateway id="g"/>', CATCH, CATCH_2, END, flow("start", "g"), path("g", "x", "end"), path("g", "y", "end")),
    ),
    (
        "event-gateway-target",
        "x",
        process(START, '<eventBasedGateway id="g"/><task id="t"/>', CATCH, CATCH_2, END, flow("start", "g"), path("g", "x", "end"), path("g", "y", "t", "x")),
        process(START, '<eventBasedGateway id="g"/>', CATCH, CATCH_2, END, flow("start", "g"), path("g", "x", "end"), path("g", "y", "end")),
    ),
    ("parallel-event-gateway", "x", around('<eventBasedGateway id="x" eventGatewayType="Parallel"/>'), GOOD),
    ("event-waits-for-nothing", "x", boundary(""), boundary(TIMER)),
    ("event-not-allowed", "x", around(f'<intermediateThrowEvent id="x">{TIMER}</intermediateThrowEvent>'), around(CATCH)),
    ("event-not-allowed", "x", boundary("<cancelEventDefinition/>"), boundary(TIMER)),
    (
        "event-not-allowed",
        "x",
        process(START, '<endEvent id="x"><cancelEventDefinition/></endEvent>', flow("start", "x")),
        GOOD,
    ),
    ("message-without-name", "x", around('<receiveTask id="x"/>'), around('<receiveTask id="x" messageRef="m"/>', beside=MESSAGE)),
    ("message-without-name", "x", around('<receiveTask id="x" messageRef="m"/>', beside='<message id="m"/>'), GOOD),
    ("message-without-name", "x", around('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>'), GOOD),
    ("signal-without-name", "x", around('<intermediateThrowEvent id="x"><signalEventDefinition/></intermediateThrowEvent>'), GOOD),
    ("event-without-condition", "x", around('<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>'), around('<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>= a</condition></conditionalEventDefinition></intermediateCatchEvent>')),
    ("error-without-code", "x", process(START, '<endEvent id="x"><errorEventDefinition/></endEvent>', flow("start", "x")), GOOD),
    ("escalation-without-code", "x", process(START, '<endEvent id="x"><escalationEventDefinition/></endEvent>', flow("start", "x")), GOOD),
    ("boundary-unattached", "x", boundary(TIMER, ""), boundary(TIMER)),
    ("boundary-unattached", "x", boundary(TIMER, 'attachedToRef="start"'), boundary(TIMER)),
    (
        "error-must-interrupt",
        "x",
        boundary('<errorEventDefinition errorRef="e"/>', 'attachedToRef="t" cancelActivity="false"'),
        boundary('<errorEventDefinition errorRef="e"/>'),
    ),
    (
        "error-must-interrupt",
        "x",
        on_event('<errorEventDefinition errorRef="e"/>', 'isInterrupting="false"'),
        on_event('<errorEventDefinition errorRef="e"/>'),
    ),
    (
        "caught-twice",
        "x",
        boundary('<errorEventDefinition errorRef="e"/>', more='<boundaryEvent id="y" attachedToRef="t"><errorEventDefinition errorRef="e"/></boundaryEvent>'),
        boundary('<errorEventDefinition errorRef="e"/>', more='<boundaryEvent id="y" attachedToRef="t"><errorEventDefinition/></boundaryEvent>'),
    ),
    ("link-without-name", "x", process(START, LINKS.format(""), END, flow("start", "x"), flow("c", "end")), GOOD),
    ("link-without-partner", "x", process(START, LINKS.format("away"), END, flow("start", "x"), flow("c", "end")), process(START, LINKS.format("go"), END, flow("start", "x"), flow("c", "end"))),
    ("link-with-flow", "x", process(START, LINKS.format("go"), END, path("start", "x", "end"), flow("c", "end")), process(START, LINKS.format("go"), END, flow("start", "x"), flow("c", "end"))),
    (
        "link-twice",
        "c",
        process(START, LINKS.format("go"), '<intermediateCatchEvent id="d"><linkEventDefinition name="go"/></intermediateCatchEvent>', END, flow("start", "x")),
        process(START, LINKS.format("go"), END, flow("start", "x"), flow("c", "end")),
    ),
    ("service-task-without-type", "x", around('<serviceTask id="x"/>'), around(f'<serviceTask id="x">{JOB}</serviceTask>')),
    ("business-rule-without-decision", "x", around('<businessRuleTask id="x"/>'), around(f'<businessRuleTask id="x">{JOB}</businessRuleTask>')),
    ("decision-result-unnamed", "x", around('<businessRuleTask id="x" camunda:decisionRef="tariff"/>'), around('<businessRuleTask id="x" camunda:decisionRef="tariff" camunda:resultVariable="fee"/>')),
    ("send-task-without-message", "x", around('<sendTask id="x"/>'), around('<sendTask id="x" messageRef="m"/>', beside=MESSAGE)),
    ("call-without-process", "x", around('<callActivity id="x"/>'), around('<callActivity id="x" calledElement="y"/>')),
    ("user-task-without-form", "x", around('<userTask id="x"/>'), around('<userTask id="x" camunda:formKey="f"/>')),
    ("script-missing", "x", around('<scriptTask id="x"/>'), around('<scriptTask id="x" scriptFormat="feel"><script>1</script></scriptTask>')),
    ("multi-instance-without-measure", "x", around('<task id="x"><multiInstanceLoopCharacteristics/></task>'), around('<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>')),
    ("multi-instance-behaviour", "x", around('<task id="x"><multiInstanceLoopCharacteristics behavior="One"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>'), GOOD),
    ("loop-without-condition", "x", around('<task id="x"><standardLoopCharacteristics/></task>'), around('<task id="x"><standardLoopCharacteristics loopMaximum="2"/></task>')),
    ("loop-bound", "x", around('<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>-1</loopCardinality></multiInstanceLoopCharacteristics></task>'), GOOD),
    ("loop-bound", "x", around('<task id="x"><standardLoopCharacteristics loopMaximum="0"/></task>'), GOOD),
    ("token-quantity", "x", around('<task id="x" startQuantity="2"/>'), around('<task id="x" startQuantity="1"/>')),
    ("feel-syntax", "g_a", split("exclusiveGateway", "= a &gt;", "= b"), split("exclusiveGateway", "= a", "= b")),
    ("entry-twice", "x", around('<userTask id="x" camunda:assignee="= [{a: 1, a: 2}]"/>'), around('<userTask id="x" camunda:assignee="= [{a: 1, b: 2}, {a: 3}]"/>')),
    ("feel-syntax", "x", around('<userTask id="x" camunda:assignee="= a +"/>'), around('<userTask id="x" camunda:assignee="= a"/>')),
    ("form-invalid", "x", around('<userTask id="x">' + extensions('<camunda:properties><camunda:property name="civiflow:form" value="{}"/></camunda:properties>') + "</userTask>"), GOOD),
    ("possible-deadlock", "x", parallel_join("exclusiveGateway"), parallel_join("parallelGateway")),
    ("no-diagram", "", GOOD, GOOD.replace(b"</definitions>", b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNShape bpmnElement="x"/></d:BPMNDiagram></definitions>')),
    ("not-drawn", "", GOOD.replace(b"</definitions>", b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNShape bpmnElement="x"/></d:BPMNDiagram></definitions>'), GOOD),
    ("attribute-invalid", "x", around('<task id="x" isForCompensation="maybe"/>'), GOOD),
    ("unknown-attribute", "x", around('<userTask id="x" assignee="li"/>'), around('<userTask id="x" camunda:assignee="li"/>')),
    ("unknown-element", "u", process(START, '<robotTask id="u"/>', END, flow("start", "end")), GOOD),
    ("foreign-element", "u", process(START, '<robot xmlns="urn:x" id="u"/>', END, flow("start", "end")), GOOD),
    ("duplicate-id", "m", process(START, END, flow("start", "end"), beside=MESSAGE + MESSAGE), GOOD),
    ("unknown-process", "pp", process(START, END, flow("start", "end"), beside='<collaboration id="c"><participant id="pp" processRef="q"/></collaboration>'), GOOD),
    ("binding-not-supported", "x", around('<callActivity id="x" calledElement="y" camunda:calledElementBinding="versionTag"/>'), GOOD),
    ("starters-not-restricted", "p", process(START, END, flow("start", "end"), attributes='isExecutable="true" camunda:candidateStarterGroups="g"'), GOOD),
    ("form-not-supported", "x", around('<userTask id="x" camunda:formKey="embedded:app:a.html"/>'), GOOD),
    ("computed-code", "x", process(START, '<endEvent id="x"><errorEventDefinition errorRef="e"/></endEvent>', flow("start", "x"), beside='<error id="e" errorCode="= a"/>'), GOOD),
]  # fmt: skip


@pytest.mark.parametrize(("code", "element", "faulty", "mended"), CASES)
def test_a_fault_is_found_where_it_is_and_gone_when_mended(
    code: str, element: str, faulty: bytes, mended: bytes
) -> None:
    found = [finding for finding in read_model(faulty).findings if finding.code == code]

    assert element in [finding.element for finding in found]
    assert code not in codes(mended)


@pytest.mark.parametrize(("code", "element", "faulty", "mended"), CASES)
def test_every_finding_reads_well_in_both_languages(code: str, element: str, faulty: bytes, mended: bytes) -> None:
    for finding in read_model(faulty).findings:
        assert finding.message.endswith((".", "…", "?")) and not finding.message.endswith("..")
        assert any("\u4e00" <= char <= "\u9fff" for char in finding.message_zh)
        assert finding.mend and finding.mend_zh
        if finding.element:
            name = finding.element_name or finding.element
            assert name in finding.message and name in finding.message_zh


def test_a_named_element_is_called_by_name_and_id() -> None:
    data = process(START, '<serviceTask id="Activity_1" name="发送 通知"/>', END, path("start", "Activity_1", "end"))

    finding = only(data, "service-task-without-type")

    assert finding.message.startswith("Service task «发送 通知» (Activity_1) has no job type")
    assert finding.message_zh.startswith("服务任务“发送 通知”(Activity_1)没有作业类型")


def test_a_flow_is_described_by_where_it_leads() -> None:
    data = process('<startEvent id="start" name="来件"/>', END, flow("start", "end", "=a", name="急"))

    finding = only(data, "condition-not-allowed")

    assert finding.message.startswith("Sequence flow «急» (start_end) from «来件» to end leaves an event")
    assert finding.message_zh.startswith("从“来件”到 end 的顺序流“急”(start_end)")


def test_host_functions_are_known_to_the_syntax_check() -> None:
    data = split("exclusiveGateway", "= working hours between(a, b) &gt; 4", default="g_b")

    unknown, known = read_model(data), read_model(data, functions=("working hours between",))

    assert "feel-syntax" in codes(unknown)
    assert "feel-syntax" not in codes(known)


def test_a_clean_model_has_no_findings_but_the_missing_diagram() -> None:
    model = read_model(GOOD)

    assert codes(model) == {"no-diagram"}
    assert not model.has_diagram


def test_the_same_fault_a_thousand_times_is_said_a_bounded_number_of_times() -> None:
    tasks = "".join(f'<serviceTask id="t{i}"/>' for i in range(1000))

    model = read_model(process(START, tasks, END, flow("start", "end")))

    said = [finding for finding in model.findings if finding.code == "service-task-without-type"]
    assert len(said) == 201
    assert "800 further elements" in said[-1].message


def test_errors_come_first() -> None:
    severities = [finding.severity.value for finding in read_model(process(TASK)).findings]

    assert severities == sorted(severities, key=["error", "warning", "note"].index)

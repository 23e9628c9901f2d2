"""Flow nodes, flows, lanes and pools in the normalised model."""

from __future__ import annotations

import pytest

from engine.models import read_model
from engine.models.model import EventKind
from tests.unit.models.bpmn import (
    END,
    START,
    around,
    codes,
    error_codes,
    file,
    flow,
    only,
    path,
    process,
    read_node,
    read_process,
)


def test_nodes_and_flows_keep_document_order_and_know_each_other() -> None:
    data = process(
        START,
        '<exclusiveGateway id="g" default="g_b"/>',
        '<task id="a"/><task id="b"/>',
        END,
        flow("start", "g"),
        flow("g", "a", "=amount > 3", name="yes"),
        flow("g", "b"),
        path("a", "end"),
        path("b", "end"),
    )

    found = read_process(data)

    assert list(found.nodes) == ["start", "g", "a", "b", "end"]
    assert found.nodes["g"].outgoing == ("g_a", "g_b")
    assert found.nodes["end"].incoming == ("a_end", "b_end")
    condition = found.flows["g_a"].condition
    assert condition is not None and (condition.text, condition.is_feel) == ("amount > 3", True)
    assert [flow.id for flow in found.flows.values() if flow.is_default] == ["g_b"]
    assert not error_codes(data)


def test_flows_and_nodes_without_ids_get_some_and_a_note() -> None:
    data = process(
        START,
        '<task name="受理"/>',
        END,
        '<sequenceFlow sourceRef="start" targetRef="end"/><sequenceFlow sourceRef="start" targetRef="end"/>',
    )

    model = read_model(data)

    (found,) = model.processes
    assert list(found.flows) == ["sequenceFlow_1", "sequenceFlow_2"]
    assert found.nodes["task_1"].name == "受理"
    notes = [finding for finding in model.findings if finding.code == "id-made-up"]
    assert {finding.element for finding in notes} == {"task_1", "sequenceFlow_1", "sequenceFlow_2"}


def test_doubled_ids_lose_nothing_and_are_named() -> None:
    data = process(START, '<task id="a" name="one"/><task id="a" name="two"/>', END, path("start", "a", "end"))

    model = read_model(data)

    assert [node.name for node in model.processes[0].nodes.values() if node.type == "task"] == ["one", "two"]
    assert only(model, "duplicate-id").element_name == "two"


def test_sub_processes_are_flattened_with_their_parent_and_its_lane() -> None:
    inner = '<startEvent id="s2"/><subProcess id="inner"><startEvent id="s3"/></subProcess>' + flow("s2", "inner")
    data = process(
        '<laneSet><lane name="部门"><flowNodeRef>x</flowNodeRef><childLaneSet><lane name="窗口">'
        "<flowNodeRef>x</flowNodeRef></lane></childLaneSet></lane></laneSet>",
        START,
        f'<subProcess id="x">{inner}</subProcess>',
        END,
        path("start", "x", "end"),
    )

    found = read_process(data)

    assert {node.id: node.parent for node in found.nodes.values() if node.parent} == {
        "s2": "x",
        "inner": "x",
        "s3": "inner",
    }
    assert found.nodes["s3"].lane == "窗口"
    assert found.nodes["start"].lane == ""
    assert found.flows["s2_inner"].source == "s2"


def test_boundary_events_know_their_activity_and_whether_they_interrupt() -> None:
    data = process(
        START,
        '<task id="a"/>',
        '<boundaryEvent id="x" attachedToRef="a" cancelActivity="false"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>",
        END,
        path("start", "a", "end"),
        flow("x", "end"),
    )

    node = read_node(data)

    assert (node.attached_to, node.interrupting) == ("a", False)
    assert node.event is not None and node.event.kind is EventKind.TIMER
    assert not error_codes(data)


def test_each_pool_is_a_process_and_partners_cannot_block() -> None:
    data = file(
        '<collaboration id="c"><participant id="p1" name="城管中心" processRef="ours"/>'
        '<participant id="p2" name="市民" processRef="theirs"/><participant id="p3" name="blackbox"/></collaboration>',
        f'<process id="ours" isExecutable="true">{START}{END}{flow("start", "end")}</process>',
        '<process id="theirs"><serviceTask id="t"/></process>',
    )

    model = read_model(data)

    assert [(p.key, p.name, p.executable) for p in model.processes] == [
        ("ours", "城管中心", True),
        ("theirs", "市民", None),
    ]
    assert model.errors == ()
    assert only(model, "service-task-without-type").severity == "warning"
    assert only(model, "drawn-only").element == "theirs"


@pytest.mark.parametrize(("attributes", "executable"), [('isExecutable="false"', False), ("", None)])
def test_a_draft_can_be_read_and_is_told_so(attributes: str, executable: bool | None) -> None:
    data = process(START, END, flow("start", "end"), attributes=attributes)

    model = read_model(data)

    assert model.processes[0].executable is executable
    assert only(model, "not-executable").severity == "warning"
    assert model.errors == ()


def test_message_events_take_name_and_correlation_key_from_the_message() -> None:
    message = (
        '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="= orderId"/>'
        "</extensionElements></message>"
    )
    element = '<receiveTask id="x" messageRef="m"/>'
    data = process(START, element, END, path("start", "x", "end"), beside=message)

    event = read_node(data).event

    assert event is not None and event.kind is EventKind.MESSAGE
    assert event.name is not None and (event.name.text, event.name.is_feel) == ("paid", False)
    assert event.correlation_key is not None
    assert (event.correlation_key.text, event.correlation_key.is_feel) == ("orderId", True)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [('errorCode="E1" name="bad"', "E1"), ('name="bad"', "bad"), ("", "e")],
)
def test_an_error_without_a_code_is_thrown_and_caught_as_itself(attributes: str, code: str) -> None:
    data = process(
        START,
        '<endEvent id="x"><errorEventDefinition errorRef="e"/></endEvent>',
        flow("start", "x"),
        beside=f'<error id="e" {attributes}/>',
    )

    event = read_node(data).event

    assert event is not None and (event.kind, event.code) == (EventKind.ERROR, code)


def test_event_definitions_can_be_referred_to_and_several_are_one_multiple() -> None:
    beside = '<timerEventDefinition id="d"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    catch = '<intermediateCatchEvent id="{}">{}</intermediateCatchEvent>'
    reference = "<eventDefinitionRef>d</eventDefinitionRef>"
    data = process(
        START,
        catch.format("x", reference),
        catch.format("y", reference + "<signalEventDefinition/>"),
        END,
        path("start", "x", "y", "end"),
        beside=beside,
    )

    nodes = read_process(data).nodes

    single, several = nodes["x"].event, nodes["y"].event
    assert single is not None and single.timer is not None and single.timer.text == "PT1H"
    assert several is not None and several.kind is EventKind.MULTIPLE


@pytest.mark.parametrize(
    ("element", "reference"),
    [
        ('<receiveTask id="x" messageRef="nope"/>', "nope"),
        ('<endEvent id="x"><messageEventDefinition messageRef="tns:nope"/></endEvent>', "tns:nope"),
        ('<endEvent id="x"><signalEventDefinition signalRef="nope"/></endEvent>', "nope"),
        ('<endEvent id="x"><errorEventDefinition errorRef="nope"/></endEvent>', "nope"),
        ('<endEvent id="x"><escalationEventDefinition escalationRef="nope"/></endEvent>', "nope"),
        ('<endEvent id="x"><eventDefinitionRef>nope</eventDefinitionRef></endEvent>', "nope"),
    ],
)
def test_references_to_nothing_name_the_element_and_the_reference(element: str, reference: str) -> None:
    finding = only(around(element), "unresolved-reference")

    assert finding.element == "x"
    assert f"'{reference}'" in finding.message and f"“{reference}”" in finding.message_zh


def test_a_prefixed_reference_finds_its_definition() -> None:
    data = process(
        START,
        '<endEvent id="x"><signalEventDefinition signalRef="tns:s"/></endEvent>',
        flow("start", "x"),
        beside='<signal id="s" name="alarm"/>',
    )

    event = read_node(data).event

    assert event is not None and event.name is not None and event.name.text == "alarm"


def test_loops_of_plain_bpmn_are_read() -> None:
    several = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
        "<completionCondition>= done</completionCondition></multiInstanceLoopCharacteristics>"
    )
    while_ = (
        '<standardLoopCharacteristics testBefore="true" loopMaximum="5">'
        "<loopCondition>= again</loopCondition></standardLoopCharacteristics>"
    )
    data = process(
        START, f'<task id="a">{several}</task><task id="b">{while_}</task>', END, path("start", "a", "b", "end")
    )

    nodes = read_process(data).nodes

    loop, standard = nodes["a"].loop, nodes["b"].loop
    assert loop is not None and loop.kind == "sequential"
    assert loop.cardinality is not None and (loop.cardinality.text, loop.cardinality.is_feel) == ("3", True)
    assert loop.completion_condition is not None and loop.completion_condition.text == "done"
    assert standard is not None and standard.kind == "standard" and standard.test_before
    assert standard.maximum is not None and standard.maximum.text == "5"
    assert standard.condition is not None and standard.condition.text == "again"


@pytest.mark.parametrize(
    ("attributes", "text", "language"),
    [
        ('scriptFormat="feel"', "= a + 1", "feel"),
        ('scriptFormat="FEEL"', "a + 1", "feel"),
        ('scriptFormat="python"', "b = a + 1", "python"),
        ('scriptFormat="application/x-python"', "b = a + 1", "python"),
        ("", "= a + 1", "feel"),
    ],
)
def test_scripts_in_feel_and_python_are_taken(attributes: str, text: str, language: str) -> None:
    data = around(f'<scriptTask id="x" {attributes}><script>{text}</script></scriptTask>')

    script = read_node(data).script

    assert script is not None and script.language == language
    assert not script.text.startswith("=")
    assert not error_codes(data)


def test_a_python_script_loses_the_indentation_of_the_xml_around_it() -> None:
    script = "<script>\n        if a:\n            b = 1\n        c = 2\n    </script>"
    data = around(f'<scriptTask id="x" scriptFormat="python">{script}</scriptTask>')

    found = read_node(data).script

    assert found is not None and found.text == "if a:\n    b = 1\nc = 2"


@pytest.mark.parametrize("language", ["groovy", "javascript", "http://www.java.com/java"])
def test_scripts_in_other_languages_name_task_and_language(language: str) -> None:
    data = around(f'<scriptTask id="x" name="计算" scriptFormat="{language}"><script>x = 1</script></scriptTask>')

    finding = only(data, "script-language-not-supported")

    assert language in finding.message and "«计算» (x)" in finding.message


def test_a_script_without_a_language_is_read_as_python_only_if_it_is_python() -> None:
    python = around('<scriptTask id="x"><script>b = 1</script></scriptTask>')
    other = around('<scriptTask id="x"><script>var b = 1;</script></scriptTask>')

    assert only(python, "script-read-as-python").severity == "warning"
    assert only(other, "script-language-not-supported").severity == "error"


def test_resource_roles_of_plain_bpmn_say_who_may_do_a_task() -> None:
    def role(tag: str, text: str) -> str:
        expression = f"<formalExpression>{text}</formalExpression>"
        return f"<{tag}><resourceAssignmentExpression>{expression}</resourceAssignmentExpression></{tag}>"

    roles = role("humanPerformer", "li") + role("potentialOwner", "user(wang), group(clerks), group(heads)")
    data = around(f'<userTask id="x">{roles}</userTask>')

    task = read_node(data).user_task

    assert task is not None and task.assignee is not None and task.assignee.text == "li"
    assert task.candidate_users is not None and task.candidate_users.text == "wang"
    assert task.candidate_groups is not None and task.candidate_groups.text == "clerks, heads"


def test_the_draft_namespace_of_2009_is_read_with_a_note() -> None:
    data = process(START, END, flow("start", "end")).replace(
        b"http://www.omg.org/spec/BPMN/20100524/MODEL", b"http://schema.omg.org/spec/BPMN/2.0"
    )

    model = read_model(data)

    assert list(model.processes[0].nodes) == ["start", "end"]
    assert "draft-namespace" in codes(model)


def test_nodes_outside_any_process_and_choreographies_are_named() -> None:
    data = file(
        '<userTask id="lost" name="丢了"/><choreography id="c"><choreographyTask id="ct"/></choreography>',
        '<globalUserTask id="g" name="G"/>',
        f'<process id="p" isExecutable="true">{START}{END}{flow("start", "end")}</process>',
    )

    model = read_model(data)

    assert only(model, "outside-any-process").element == "lost"
    assert {f.element for f in model.findings if f.code == "choreography-not-supported"} == {"c", "ct"}
    assert only(model, "global-task-not-read").element == "g"


def test_a_piece_of_a_model_is_read_as_far_as_it_goes() -> None:
    namespace = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    data = f'<process {namespace} id="p">{START}{END}{flow("start", "end")}</process>'.encode()

    model = read_model(data)

    assert list(model.processes[0].nodes) == ["start", "end"]
    assert only(model, "root-not-definitions").severity == "error"


def test_documentation_and_drawn_data_are_kept_or_counted() -> None:
    data = process(
        "<documentation>处理 来件</documentation><dataObject id='d'/><dataObjectReference id='r' dataObjectRef='d'/>",
        START,
        '<task id="x"><documentation>first</documentation><documentation>second</documentation></task>',
        END,
        "<textAnnotation id='ta'><text>note</text></textAnnotation><association id='as' sourceRef='x' targetRef='ta'/>",
        path("start", "x", "end"),
    )

    model = read_model(data)

    (found,) = model.processes
    assert found.documentation == "处理 来件"
    assert found.nodes["x"].documentation == "first\n\nsecond"
    assert only(model, "data-drawn-only").severity == "note"
    assert model.errors == ()

"""Vendors' extensions become one vendor-neutral model; what cannot be honoured is named."""

from __future__ import annotations

import json

import pytest

from engine.models import read_model
from engine.models.forms import read_form
from engine.models.model import Value
from tests.unit.models.bpmn import (
    END,
    START,
    around,
    codes,
    error_codes,
    extensions,
    flow,
    only,
    path,
    process,
    read_node,
    read_process,
)


def feel(value: Value | None) -> str:
    """A value as '= FEEL' or 'literal', for short comparisons."""
    assert value is not None
    return f"= {value.text}" if value.is_feel else value.text


def test_camunda_7_user_tasks() -> None:
    data = around(
        '<userTask id="x" camunda:assignee="${chosen}" camunda:candidateUsers="li, wang" '
        'camunda:candidateGroups="clerks,${group}" camunda:dueDate="${due}" camunda:followUpDate="2026-01-31T08:00:00" '
        'camunda:priority="70" camunda:formKey="camunda-forms:deployment:forms/approve.form"/>'
    )

    task = read_node(data).user_task

    assert task is not None
    assert feel(task.assignee) == "= chosen"
    assert feel(task.candidate_users) == "li, wang"
    assert feel(task.candidate_groups) == '= string join(["clerks,", string(group)])'
    assert feel(task.due) == "= due" and task.due is not None and task.due.source == "${due}"
    assert feel(task.follow_up) == "2026-01-31T08:00:00"
    assert feel(task.priority) == "70"
    assert task.form_key == "approve.form"
    assert not error_codes(data)


def test_camunda_7_external_tasks_with_retries_and_mappings() -> None:
    mappings = (
        '<camunda:inputOutput><camunda:inputParameter name="plain">text</camunda:inputParameter>'
        '<camunda:inputParameter name="computed">${amount * 2}</camunda:inputParameter>'
        '<camunda:inputParameter name="list"><camunda:list><camunda:value>a</camunda:value>'
        "<camunda:value>${b}</camunda:value></camunda:list></camunda:inputParameter>"
        '<camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">v</camunda:entry></camunda:map>'
        '</camunda:inputParameter><camunda:outputParameter name="result">${answer}</camunda:outputParameter>'
        "</camunda:inputOutput><camunda:failedJobRetryTimeCycle>R5/PT1M</camunda:failedJobRetryTimeCycle>"
    )
    data = around(
        '<serviceTask id="x" camunda:type="external" camunda:topic="document.render" camunda:taskPriority="9">'
        f"{extensions(mappings)}</serviceTask>"
    )

    node = read_node(data)

    assert node.service_task is not None
    assert feel(node.service_task.topic) == "document.render"
    assert feel(node.service_task.retries) == "5"
    assert feel(node.service_task.priority) == "9"
    assert [(m.target, feel(m.source)) for m in node.inputs] == [
        ("plain", "text"),
        ("computed", "= amount * 2"),
        ("list", '= ["a", b]'),
        ("map", '= {"k": "v"}'),
    ]
    assert [(m.target, feel(m.source)) for m in node.outputs] == [("result", "= answer")]
    assert not error_codes(data)


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ('camunda:class="org.example.Pay"', "Java class org.example.Pay"),
        ('camunda:delegateExpression="${payBean}"', "bean ${payBean}"),
        ('camunda:expression="${pay.run()}"', "expression ${pay.run()}"),
        ('activiti:class="org.example.Pay"', "Java class org.example.Pay"),
        ('flowable:type="http"', "built-in 'http'"),
    ],
)
def test_code_of_another_engine_is_named_with_the_way_out(attributes: str, named: str) -> None:
    finding = only(around(f'<serviceTask id="x" {attributes}/>'), "foreign-implementation")

    assert named in finding.message and named in finding.message_zh
    assert "topic" in finding.mend
    assert "service-task-without-type" not in codes(around(f'<serviceTask id="x" {attributes}/>'))


def test_a_method_call_is_refused_where_it_stands() -> None:
    data = process(
        START,
        '<exclusiveGateway id="g" default="g_b"/><task id="a"/><task id="b"/>',
        END,
        flow("start", "g"),
        flow("g", "a", "${orders.openOf(7) > 3}", name="many"),
        flow("g", "b"),
        path("a", "end"),
        path("b", "end"),
    )

    finding = only(data, "expression-not-translatable")

    assert finding.element == "g_a" and "«many»" in finding.message
    assert "orders.openOf(…)" in finding.message and "orders.openOf(…)" in finding.message_zh


def test_camunda_7_multi_instance_and_calls() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics camunda:collection="${people}" camunda:elementVariable="person">'
        "<completionCondition>${nrOfCompletedInstances &gt;= 2}</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    call = extensions(
        '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${a + 1}" target="c"/>'
        '<camunda:out source="d" target="e"/>'
    )
    data = process(
        START,
        f'<userTask id="x">{loop}</userTask>',
        f'<callActivity id="y" calledElement="other" camunda:calledElementBinding="version" '
        f'camunda:calledElementVersion="3">{call}</callActivity>',
        END,
        path("start", "x", "y", "end"),
    )

    nodes = read_process(data).nodes

    loop_of, called = nodes["x"].loop, nodes["y"].call
    assert loop_of is not None and feel(loop_of.collection) == "= people" and loop_of.element_variable == "person"
    assert feel(loop_of.completion_condition) == "= nrOfCompletedInstances >= 2"
    assert called is not None and feel(called.process) == "other"
    assert (called.binding, called.propagate_all) == ("3", False)
    assert [(m.target, feel(m.source)) for m in nodes["y"].inputs] == [("b", "= a"), ("c", "= a + 1")]
    assert [(m.target, feel(m.source)) for m in nodes["y"].outputs] == [("e", "= d")]


def test_camunda_7_form_fields_become_a_form() -> None:
    fields = (
        '<camunda:formData><camunda:formField id="amount" label="金额" type="long" defaultValue="5">'
        "<camunda:validation>"
        '<camunda:constraint name="required"/><camunda:constraint name="max" config="10"/></camunda:validation>'
        '</camunda:formField><camunda:formField id="kind" type="enum"><camunda:value id="a" name="A"/>'
        "</camunda:formField>"
        '<camunda:formField id="ok" type="boolean" defaultValue="true"/></camunda:formData>'
    )
    data = around(f'<userTask id="x">{extensions(fields)}</userTask>')

    node = read_node(data)

    form = read_form(json.loads(node.properties["civiflow:form"]))
    assert form.validate({"amount": "7", "kind": "a", "ok": "on"}) == {"amount": 7, "kind": "a", "ok": True}
    assert form.defaults() == {"amount": 5, "kind": None, "ok": True}
    assert "user-task-without-form" not in codes(data)


def test_camunda_7_properties_listeners_and_unknown_settings() -> None:
    inside = (
        '<camunda:properties><camunda:property name="colour" value="red"/></camunda:properties>'
        '<camunda:executionListener event="start" class="org.example.L"/>'
    )
    data = around(f'<userTask id="x" camunda:asyncBefore="true" camunda:mystery="1">{extensions(inside)}</userTask>')

    node = read_node(data)

    assert node.properties["colour"] == "red"
    assert "start: org.example.L" in only(data, "listener-ignored").message
    ignored = only(data, "extension-ignored").message
    assert "camunda:mystery" in ignored and "asyncBefore" not in ignored


def test_activiti_skip_expressions_are_refused() -> None:
    data = around('<userTask id="x" activiti:skipExpression="${skip}"/>')

    assert only(data, "skip-expression").element == "x"


def test_zeebe_user_tasks() -> None:
    inside = extensions(
        '<zeebe:assignmentDefinition assignee="= owner" candidateGroups="clerks" candidateUsers=\'=["li"]\'/>'
        '<zeebe:taskSchedule dueDate="= due" followUpDate="2026-01-31T08:00:00Z"/>'
        '<zeebe:priorityDefinition priority="80"/>'
        '<zeebe:formDefinition formId="approve"/><zeebe:properties>'
        '<zeebe:property name="civiflow:excludedUsers" value="= [inspector]"/></zeebe:properties>'
        '<zeebe:ioMapping><zeebe:input source="= order.id" target="id"/>'
        '<zeebe:output source="= ok" target="approved"/></zeebe:ioMapping>'
    )
    data = around(f'<userTask id="x">{inside}</userTask>')

    node = read_node(data)

    task = node.user_task
    assert task is not None and task.form_key == "approve"
    assert feel(task.assignee) == "= owner"
    assert feel(task.candidate_groups) == "clerks"
    assert feel(task.candidate_users) == '= ["li"]'
    assert feel(task.excluded_users) == "= [inspector]"
    assert feel(task.due) == "= due" and feel(task.follow_up) == "2026-01-31T08:00:00Z"
    assert feel(task.priority) == "80"
    assert [(m.target, feel(m.source)) for m in node.inputs] == [("id", "= order.id")]
    assert [(m.target, feel(m.source)) for m in node.outputs] == [("approved", "= ok")]
    assert not error_codes(data)


def test_zeebe_jobs_scripts_loops_and_calls() -> None:
    job = extensions(
        '<zeebe:taskDefinition type="pay" retries="= n"/>'
        '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    )
    script = extensions('<zeebe:script expression="= a + b" resultVariable="sum"/>')
    loop = extensions(
        '<zeebe:loopCharacteristics inputCollection="= items" inputElement="item" outputCollection="results" '
        'outputElement="= result"/>'
    )
    call = extensions('<zeebe:calledElement processId="= next" propagateAllChildVariables="false"/>')
    data = process(
        START,
        f'<serviceTask id="a">{job}</serviceTask><scriptTask id="b">{script}</scriptTask>',
        f'<userTask id="c"><multiInstanceLoopCharacteristics>{loop}</multiInstanceLoopCharacteristics></userTask>',
        f'<callActivity id="d">{call}</callActivity>',
        END,
        path("start", "a", "b", "c", "d", "end"),
    )

    nodes = read_process(data).nodes

    work, formula, each, called = nodes["a"].service_task, nodes["b"].script, nodes["c"].loop, nodes["d"].call
    assert work is not None and (feel(work.topic), feel(work.retries), work.headers) == ("pay", "= n", {"k": "v"})
    assert formula is not None
    assert (formula.language, formula.text, formula.result_variable) == ("feel", "a + b", "sum")
    assert each is not None and each.kind == "parallel"
    assert (feel(each.collection), each.element_variable) == ("= items", "item")
    assert (each.output_collection, feel(each.output_element)) == ("results", "= result")
    assert called is not None and (feel(called.process), called.propagate_all) == ("= next", False)
    assert not error_codes(data)


def test_a_zeebe_form_inside_the_process_goes_with_its_task() -> None:
    form = '{"components": [{"type": "textfield", "key": "why"}]}'
    inside = extensions('<zeebe:formDefinition formKey="camunda-forms:bpmn:f1"/>')
    data = process(
        extensions(f'<zeebe:userTaskForm id="f1">{form}</zeebe:userTaskForm>'),
        START,
        f'<userTask id="x">{inside}</userTask>',
        END,
        path("start", "x", "end"),
    )

    node = read_node(data)

    assert json.loads(node.properties["civiflow:form"]) == json.loads(form)


def test_zeebe_decisions_are_kept_by_name() -> None:
    inside = extensions('<zeebe:calledDecision decisionId="tariff" resultVariable="fee" bindingType="deployment"/>')
    data = around(f'<businessRuleTask id="x">{inside}</businessRuleTask>')

    decision = read_node(data).decision

    assert decision is not None and feel(decision.decision) == "tariff"
    assert (decision.result_variable, decision.shape) == ("fee", "")


@pytest.mark.parametrize(
    ("attributes", "shape"),
    [("", "resultList"), (' camunda:mapDecisionResult="singleEntry"', "singleEntry")],
)
def test_camunda_decisions_are_lists_of_rows_unless_mapped(attributes: str, shape: str) -> None:
    written = 'camunda:decisionRef="tariff" camunda:resultVariable="fee" camunda:decisionRefBinding="deployment"'
    data = around(f'<businessRuleTask id="x" {written}{attributes}/>')

    decision = read_node(data).decision

    assert decision is not None and decision.decision.text == "tariff"
    assert (decision.result_variable, decision.shape) == ("fee", shape)


def test_spiffworkflow_decisions_set_a_variable_a_column() -> None:
    data = around(
        f'<businessRuleTask id="x">{extensions("<spiff:calledDecisionId>tariff</spiff:calledDecisionId>")}'
        "</businessRuleTask>"
    )

    decision = read_node(data).decision

    assert decision is not None and decision.decision.text == "tariff"
    assert (decision.result_variable, decision.shape) == ("", "columns")


@pytest.mark.parametrize(
    ("attributes", "severity", "code"),
    [
        ('camunda:decisionRefBinding="latest"', "note", "decision-binding"),
        ('camunda:decisionRefBinding="version" camunda:decisionRefVersion="3"', "warning", "decision-binding"),
        ('camunda:mapDecisionResult="firstOne"', "error", "decision-result-not-supported"),
    ],
)
def test_what_a_decision_task_asks_beyond_its_own_deployment_is_said(attributes: str, severity: str, code: str) -> None:
    written = 'camunda:decisionRef="tariff" camunda:resultVariable="fee"'
    data = around(f'<businessRuleTask id="x" {written} {attributes}/>')

    (found,) = [finding for finding in read_model(data).findings if finding.code.startswith("decision-")]

    assert (found.severity, found.code, found.element) == (severity, code, "x")
    assert found.mend and found.mend_zh


def test_spiffworkflow_files_read_their_python_conditions_and_scripts() -> None:
    operator = extensions(
        '<spiff:serviceTaskOperator id="http/get" resultVariable="r"><spiff:parameters>'
        '<spiff:parameter id="url" type="str" value="address"/></spiff:parameters></spiff:serviceTaskOperator>'
    )
    data = process(
        START,
        f'<serviceTask id="a">{operator}</serviceTask><scriptTask id="b"><script>total = 1</script></scriptTask>',
        '<exclusiveGateway id="g" default="g_d"/><task id="c"/><task id="d"/>',
        END,
        path("start", "a", "b", "g"),
        flow("g", "c", "total == 1 and kind == 'x'"),
        flow("g", "d"),
        path("c", "end"),
        path("d", "end"),
    )

    found = read_process(data)

    service, script = found.nodes["a"].service_task, found.nodes["b"].script
    assert service is not None and feel(service.topic) == "http/get"
    assert [(m.target, feel(m.source)) for m in found.nodes["a"].inputs] == [("url", "= address")]
    assert script is not None and script.language == "python"
    assert feel(found.flows["g_c"].condition) == '= total = 1 and kind = "x"'
    assert only(data, "condition-read-as-feel").severity == "note"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("= amount > 3", "= amount > 3"), ("amount &gt; 3", "= amount > 3"), ("${amount &gt; 3}", "= amount > 3")],
)
def test_conditions_are_feel_however_they_are_marked(condition: str, expected: str) -> None:
    data = process(START, END, flow("start", "end", condition.replace("> 3", "&gt; 3")))

    assert feel(read_process(data).flows["start_end"].condition) == expected


@pytest.mark.parametrize(
    ("language", "named"),
    [
        ("javascript", "JavaScript"),
        ("groovy", "Groovy"),
        ("http://www.java.com/java", "Java"),
        ("http://www.mvel.org/2.0", "MVEL"),
    ],
)
def test_conditions_in_other_languages_are_refused_by_name(language: str, named: str) -> None:
    element = (
        f'<sequenceFlow id="f" sourceRef="start" targetRef="end"><conditionExpression language="{language}">'
        "return x;</conditionExpression></sequenceFlow>"
    )

    finding = only(process(START, END, element), "expression-language-not-supported")

    assert finding.element == "f" and f"in {named}:" in finding.message


def test_own_properties_name_topics_and_messages() -> None:
    def own(name: str, value: str) -> str:
        return extensions(
            f'<camunda:properties><camunda:property name="civiflow:{name}" value="{value}"/></camunda:properties>'
        )

    data = process(
        START,
        f'<serviceTask id="a">{own("topic", "document.render")}</serviceTask>',
        f'<intermediateThrowEvent id="b">{own("message", "closed")}</intermediateThrowEvent>',
        END,
        path("start", "a", "b", "end"),
    )

    nodes = read_process(data).nodes

    service, event = nodes["a"].service_task, nodes["b"].event
    assert service is not None and feel(service.topic) == "document.render"
    assert event is not None and event.kind == "message" and feel(event.name) == "closed"
    assert not error_codes(data)


def test_a_mapping_without_source_or_target_is_refused() -> None:
    inside = extensions(
        '<zeebe:ioMapping><zeebe:input source="= a" target=""/><zeebe:output target="b"/></zeebe:ioMapping>'
    )

    findings = read_model(around(f'<userTask id="x">{inside}</userTask>')).findings

    found = [finding.message for finding in findings if finding.code == "mapping-incomplete"]

    assert len(found) == 2 and "without target" in found[0] and "without source" in found[1]


def test_additions_of_unknown_tools_are_counted_by_namespace() -> None:
    data = around('<task id="x" xmlns:v="urn:vendor" v:colour="red"/>')

    assert "urn:vendor" in only(data, "vendor-extension").message

"""What cannot be run is refused by name, in both languages, with a way out; nothing is dropped in silence."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from engine.errors import InvalidModel, NotFound
from engine.findings import Severity
from engine.models.model import Event, EventKind, Flow, Loop, Process
from engine.spiff import check, compile_process
from engine.spiff.formulas import PLACES, all_values
from tests.builders_model import (
    boundary,
    catch,
    each,
    end,
    error,
    event_gateway,
    exclusive,
    feel,
    flow,
    inclusive,
    link,
    message,
    node,
    on_event,
    parallel,
    process,
    receive,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
    while_,
)
from tests.host import Running
from tests.unit.spiff.test_state import EVERYTHING

A = flow("start -> a -> end")


def refused(model: Process) -> list[tuple[str, str]]:
    """(code, element) of the errors, each checked to be complete."""
    findings = [f for f in check(model) if f.severity is Severity.ERROR]
    for finding in findings:
        assert finding.message and finding.message_zh and finding.message != finding.message_zh
        assert (finding.element or finding.code) in finding.message + finding.code
    with pytest.raises(InvalidModel) as raised:
        compile_process(model)
    assert raised.value.findings == tuple(findings)
    return [(f.code, f.element) for f in findings]


@pytest.mark.parametrize(
    "type_", ["callActivity", "complexGateway", "transaction", "adHocSubProcess", "globalTask", "choreographyTask"]
)
def test_elements_that_are_not_run_are_refused_by_name_with_the_way_out(type_: str) -> None:
    model = process(A, node("a", type_, name="Approve"))

    assert refused(model) == [("unsupported-element", "a")]
    (finding,) = check(model)
    assert "Approve" in finding.message and "Approve" in finding.message_zh
    assert finding.mend and finding.mend_zh


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("boundaryEvent", EventKind.COMPENSATION),
        ("boundaryEvent", EventKind.CANCEL),
        ("boundaryEvent", EventKind.NONE),
        ("intermediateThrowEvent", EventKind.COMPENSATION),
        ("intermediateThrowEvent", EventKind.ERROR),
        ("intermediateCatchEvent", EventKind.NONE),
        ("intermediateCatchEvent", EventKind.MULTIPLE),
        ("endEvent", EventKind.CANCEL),
        ("endEvent", EventKind.COMPENSATION),
        ("startEvent", EventKind.ERROR),
        ("startEvent", EventKind.MULTIPLE),
    ],
)
def test_event_definitions_that_are_not_run_are_refused(type_: str, kind: EventKind) -> None:
    model = process(
        A, user("a"), flow("x -> y"), node("x", type_, event=Event(kind=kind), attached_to="a"), node("y", "task")
    )

    assert ("unsupported-event", "x") in refused(model)


@pytest.mark.parametrize(
    ("code", "element", "model"),
    [
        ("no-start-event", "p", process(flow("a -> end"), user("a"))),
        (
            "flow-without-condition",
            "g.a",
            process(flow("start -> g -> a"), flow("g -> b", default=True), exclusive("g")),
        ),
        (
            "condition-not-allowed",
            "g.a",
            process(flow("start -> g"), flow("g -> a", when="x"), flow("g -> b"), parallel("g")),
        ),
        ("flow-not-allowed", "end.a", process(flow("start -> end -> a"))),
        ("flow-not-allowed", "a.start", process(flow("start -> a -> start"))),
        ("task-without-topic", "a", process(A, node("a", "serviceTask"))),
        ("task-without-topic", "a", process(A, node("a", "sendTask"))),
        ("task-without-decision", "a", process(A, node("a", "businessRuleTask"))),
        ("event-incomplete", "a", process(A, node("a", "receiveTask"))),
        ("event-incomplete", "a", process(A, receive("a", Event(kind=EventKind.MESSAGE)))),
        ("task-without-script", "a", process(A, node("a", "scriptTask"))),
        ("script-syntax", "a", process(A, script("a", "x = (", language="python"))),
        ("bad-expression", "a", process(A, script("a", "1 +", "x"))),
        ("bad-expression", "a", process(A, user("a", assignee=feel("((")))),
        ("bad-expression", "a", process(A, service("a", inputs={"x": "]"}))),
        (
            "bad-expression",
            "g.a",
            process(flow("start -> g"), flow("g -> a", when="x >"), flow("g -> b", default=True), exclusive("g")),
        ),
        ("bad-timer", "a", process(A, catch("a", timer("soon")))),
        ("bad-timer", "a", process(A, catch("a", timer("0 0 9 * * ?", "cycle")))),
        ("event-incomplete", "a", process(A, catch("a", Event(kind=EventKind.TIMER)))),
        ("event-incomplete", "a", process(A, catch("a", Event(kind=EventKind.MESSAGE)))),
        ("event-incomplete", "a", process(A, throw("a", Event(kind=EventKind.SIGNAL)))),
        ("event-incomplete", "a", process(A, catch("a", Event(kind=EventKind.CONDITIONAL)))),
        ("link-without-target", "a", process(A, throw("a", link("L")))),
        ("link-without-target", "a", process(A, throw("a", link("L")), catch("b", link("L")), catch("c", link("L")))),
        (
            "link-name-expression",
            "a",
            process(
                A, throw("a", link("x")), catch("b", link("x")), throw("a", Event(kind=EventKind.LINK, name=feel("x")))
            ),
        ),
        ("loop-without-end", "a", process(A, user("a", loop=while_(None)))),
        ("loop-without-end", "a", process(A, user("a", loop=Loop(kind="parallel")))),
        ("loop-output", "a", process(A, user("a", loop=each("x", output_collection="y")))),
        ("loop-output", "a", process(A, user("a", loop=each("x", output_element="y")))),
        ("boundary-unattached", "b", process(A, user("a"), boundary("b", "nowhere", timer("PT1H")))),
        ("boundary-unattached", "b", process(A, user("a"), boundary("b", "start", timer("PT1H")))),
        ("error-must-interrupt", "b", process(A, user("a"), boundary("b", "a", error(), interrupting=False))),
        (
            "error-must-interrupt",
            "h",
            process(A, on_event("h", start("s", error(), interrupting=False), flow("s -> x"))),
        ),
        ("sub-process-start", "a", process(A, sub("a", flow("x -> y")))),
        ("sub-process-start", "a", process(A, sub("a", flow("startX -> y"), flow("startY -> y")))),
        ("unsupported-event", "startX", process(A, sub("a", flow("startX -> y"), start("startX", message("m"))))),
        ("unsupported-event", "s", process(A, on_event("h", start("s"), flow("s -> x")))),
        (
            "event-sub-process",
            "h",
            process(
                A, sub("h", start("s", message("m")), flow("s -> x"), triggered_by_event=True, loop=while_("true"))
            ),
        ),
        (
            "event-sub-process",
            "h",
            process(A, sub("h", start("s", message("m")), flow("s -> x"), triggered_by_event=True, inputs={"x": "1"})),
        ),
        ("event-gateway-target", "g", process(flow("start -> g -> a"), event_gateway("g"), user("a"))),
        (
            "event-gateway-target",
            "g",
            process(
                flow("start -> g -> a"),
                event_gateway("g"),
                receive("a", message("m")),
                boundary("b", "a", timer("PT1H")),
            ),
        ),
        (
            "unsupported-start",
            "g",
            process(
                flow("start -> g -> a"), node("g", "eventBasedGateway", instantiate=True), catch("a", message("m"))
            ),
        ),
        ("unsupported-start", "a", process(A, receive("a", message("m"), instantiate=True))),
        (
            "flow-not-allowed",
            "start.h",
            process(flow("start -> h"), on_event("h", start("s", message("m")), flow("s -> x"))),
        ),
    ],
)
def test_what_cannot_be_run_is_refused(code: str, element: str, model: Process) -> None:
    assert (code, element) in refused(model)


def test_flows_that_join_nothing_or_cross_a_border_are_refused() -> None:
    model = process(A, sub("a", flow("startA -> x")))
    flows = {
        **model.flows,
        "lost": Flow(id="lost", source="start", target="nowhere"),
        "across": Flow(id="across", source="start", target="x"),
    }
    nodes = dict(model.nodes)
    nodes["start"] = replace(nodes["start"], outgoing=(*nodes["start"].outgoing, "lost", "across", "missing"))
    nodes["x"] = replace(nodes["x"], incoming=(*nodes["x"].incoming, "across"))

    found = refused(replace(model, nodes=nodes, flows=flows))

    assert {("flow-broken", "lost"), ("flow-crosses-scope", "across"), ("flow-broken", "start")} <= set(found)


def test_what_stands_in_or_at_an_element_that_is_not_run_is_not_blamed_for_it() -> None:
    model = process(A, sub("a", flow("startA -> x")), boundary("b", "a", error()))
    nodes = {**model.nodes, "a": replace(model.nodes["a"], type="transaction")}

    assert refused(replace(model, nodes=nodes)) == [("unsupported-element", "a")]


def test_a_node_inside_of_something_else_than_a_sub_process_is_refused() -> None:
    model = process(A, user("a"), node("x", "task", parent="a"), node("y", "task", parent="nowhere"))

    assert refused(model) == [("scope-unknown", "x"), ("scope-unknown", "y")]


def test_an_expression_error_names_element_field_and_reason() -> None:
    (finding,) = check(process(A, user("a", name="审批", assignee=feel("owner +"))))

    assert "审批" in finding.message and "assignee" in finding.message
    assert "受理人" in finding.message_zh


def test_a_boundary_event_that_can_never_happen_is_a_warning_and_the_process_still_runs() -> None:
    model = process(A, node("a", "manualTask"), boundary("b", "a", timer("PT1H")))

    (finding,) = check(model)

    assert (finding.severity, finding.code, finding.element) == (Severity.WARNING, "boundary-never-happens", "b")
    assert compile_process(model).flow_nodes == frozenset(model.nodes)


def test_a_program_knows_its_nodes() -> None:
    program = compile_process(process(A, user("a", name="Approve")))

    assert program.node("a").name == "Approve"
    with pytest.raises(NotFound, match="'b'"):
        program.node("b")


def test_no_flow_node_is_lost_by_compiling() -> None:
    model = process(
        A,
        user("a", loop=while_("x")),
        flow("island1 -> island2"),
        sub("s", flow("startS -> t"), on_event("h", start("hs", error()), flow("hs -> ht"))),
        boundary("b", "s", error()),
        inclusive("lonely"),
        throw("over", link("L")),
        catch("there", link("L")),
        end("end", error("E")),
    )

    assert compile_process(model).flow_nodes == frozenset(model.nodes)
    assert compile_process(EVERYTHING).flow_nodes == frozenset(EVERYTHING.nodes)


@pytest.mark.parametrize("id_", ["Start", "Root", "End", "开始", "a b", "__class__", "constructor"])
def test_any_element_id_will_do(id_: str) -> None:
    running = Running(process(flow(f"start -> {id_} -> end"), user(id_)))

    running.complete(id_)

    assert running.ended


def test_a_model_of_2000_nodes_compiles_with_work_in_proportion() -> None:
    def steps(size: int) -> int:
        chain = " -> ".join(f"n{i}" for i in range(size))
        model = process(flow(f"start -> {chain} -> end"), *(inclusive(f"n{i}") for i in range(0, size, 10)))
        count = 0

        def tick(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(tick)
        try:
            compile_process(model)
        finally:
            sys.setprofile(None)
        return count

    small, large = steps(200), steps(2000)

    assert large < 12 * small


def test_unknown_fields_of_expressions_have_a_chinese_name() -> None:
    model = process(
        flow("start -> a -> end"),
        user(
            "a",
            assignee=feel("1"),
            candidate_users=feel("1"),
            candidate_groups=feel("1"),
            excluded_users=feel("1"),
            due=feel("1"),
            follow_up=feel("1"),
            priority=feel("1"),
            inputs={"x": "1"},
            outputs={"x": "1"},
            event=Event(name=feel("1"), timer=feel("1"), correlation_key=feel("1"), condition=feel("1")),
            loop=Loop(
                kind="parallel",
                condition=feel("1"),
                maximum=feel("1"),
                cardinality=feel("1"),
                collection=feel("1"),
                output_element=feel("1"),
                completion_condition=feel("1"),
            ),
        ),
        service("b", feel("1"), retries=feel("1"), priority=feel("1")),
        script("c", "1"),
    )

    places = {place for _, place, _ in all_values(model)}

    assert places <= PLACES.keys()
    assert len(places) == 20

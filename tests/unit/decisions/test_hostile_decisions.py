"""Models from strangers: whatever they hold, they are read, refused or stopped, within a bounded time."""

from __future__ import annotations

import time

import pytest

from engine.decisions import load_decisions
from engine.errors import BudgetExceeded, InvalidModel
from tests.builders_dmn import bkm, context, decision, dmn, input_data, item, literal, load, table


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"PK\x03\x04rest", "zip-archive"),
        (b"<definitions", "not-well-formed"),
        (b"hello", "not-xml"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><definitions/>', "document-type-refused"),
        (b"<definitions/>", "not-dmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-dmn"),
        (dmn("<decision>" * 120 + "</decision>" * 120), "too-deep"),
        (dmn("<decision/>" * 100_001), "too-many-elements"),
        (dmn("<decision/>" * 20_001), "too-many-elements"),
        (dmn(decision("D", "<context>" + "<contextEntry/>" * 1_001 + "</context>")), "too-many-entries"),
    ],
)
def test_files_that_are_no_decisions_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(InvalidModel) as refused:
        load_decisions(data)

    (finding,) = refused.value.findings
    assert finding.code == code
    assert finding.message_zh and "BPMN 2.0" not in finding.message + finding.mend


def test_types_based_on_each_other_in_a_long_chain_are_no_deep_recursion() -> None:
    chain = [item(f"t{at}", type_ref=f"t{at + 1}" if at < 3_000 else "number") for at in range(3_001)]
    model = load(*chain, input_data("x", "t0"), decision("D", literal("x"), inputs=["x"]))

    assert model.evaluate("D", {"x": 5}).value == 5
    assert model.evaluate("D", {"x": "five"}).value is None


def test_a_table_of_two_thousand_rules_and_twenty_columns_is_read() -> None:
    columns = [f"x{at}" for at in range(20)]
    rules = [f"{row}|" * 20 + f"{row}" for row in range(2_000)]
    big = table(columns, ["r"], *rules, policy="FIRST")
    model = load(*map(input_data, columns), decision("D", big, inputs=columns))

    assert {finding.code for finding in model.findings} <= {"table-not-analysed"}
    assert model.evaluate("D", dict.fromkeys(columns, 1_500)).value == 1_500


def test_lists_that_double_are_stopped_before_they_are_written_out() -> None:
    chain = [decision("d0", literal("[1]"))]
    chain += [decision(f"d{at}", literal(f"[d{at - 1}, d{at - 1}]"), requires=[f"d{at - 1}"]) for at in range(1, 60)]
    model = load(*chain)

    with pytest.raises(BudgetExceeded):
        model.evaluate("d59", {})


def test_knowledge_that_calls_itself_for_ever_is_stopped() -> None:
    model = load(bkm("f", ["n"], literal("f(n + 1)")), decision("D", literal("f(1)"), knows=["f"]))

    with pytest.raises(BudgetExceeded):
        model.evaluate("D", {})


def test_all_decisions_of_one_question_share_a_budget() -> None:
    slow = [decision(f"d{at}", literal("count(for i in 1..300000 return i)")) for at in range(5)]
    top = decision("D", literal("d0 + d4"), requires=[f"d{at}" for at in range(5)])
    model = load(*slow, top)

    with pytest.raises(BudgetExceeded):
        model.evaluate("D", {})


@pytest.mark.parametrize("length", [100, 20_000 // 7])
def test_long_chains_are_answered_or_stopped(length: int) -> None:
    chain = [decision("d0", literal("1"))]
    chain += [decision(f"d{at}", literal(f"d{at - 1} + 1"), requires=[f"d{at - 1}"]) for at in range(1, length)]
    model = load(*chain)

    if length == 100:
        assert model.evaluate(f"d{length - 1}", {}).value == length
    else:
        with pytest.raises(BudgetExceeded):
            model.evaluate(f"d{length - 1}", {})


@pytest.mark.parametrize(
    "types",
    [
        (item("tA", "tA"),),
        (item("tA", "tB"), item("tB", "tA")),
        (item("tA", "tB", allowed="1"), item("tB", "tA", allowed="2")),
        (item("tA", "tA", collection=True),),
    ],
)
def test_types_in_a_circle_end(types: tuple[str, ...]) -> None:
    model = load(*types, input_data("x", "tA"), decision("D", literal("x"), inputs=["x"], type_ref="tA"))

    result = model.evaluate("D", {"x": 1})

    assert result.value in (1, None)
    assert isinstance(model.findings, tuple)


def test_a_trace_keeps_large_values_short() -> None:
    model = load(
        decision("big", literal("for i in 1..5000 return {n: i}")),
        decision("D", literal("count(big)"), requires=["big"]),
    )

    result = model.evaluate("D", {})

    assert result.value == 5000
    assert len(result.trace[0]["value"]) < 600 and result.trace[0]["value"][-1] == "…"


def test_a_trace_of_a_loop_keeps_its_beginning() -> None:
    model = load(
        bkm("grade", ["n"], table(["n"], ["g"], "< 5 | 1", ">= 5 | 2")),
        decision("D", literal("count(for i in 1..3000 return grade(i))"), knows=["grade"]),
    )

    result = model.evaluate("D", {})

    assert result.value == 3000
    assert len(result.trace[0]["tables"]) == 100


def test_cells_that_reckon_for_long_do_not_hold_up_the_checks() -> None:
    rules = [f"count(for i in 1..1000000 return i) + {at} | {at}" for at in range(300)]
    model = load(input_data("x", "number"), decision("D", table(["x"], ["y"], *rules), inputs=["x"]))
    before = time.process_time()

    findings = model.findings

    assert time.process_time() - before < 5
    assert all(finding.code != "rules-overlap" for finding in findings)


def test_contexts_nested_as_deep_as_a_file_may_be_are_evaluated() -> None:
    logic = literal("1")
    for at in range(30):
        logic = context((f"k{at}", logic))
    model = load(decision("D", logic))

    result = model.evaluate("D", {})

    assert result.value is not None


def test_numbers_beyond_those_of_json_come_out_as_text() -> None:
    model = load(decision("D", literal("{a: 1e400, b: 2}")))

    result = model.evaluate("D", {})

    assert result.value == {"a": "1" + "0" * 400, "b": 2}
    assert result.trace[0]["value"]["a"] == result.value["a"]

"""Random decision tables: what the checks say holds for every case, and quick cells decide as FEEL does."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions.cells import quicken
from engine.decisions.run import DecisionRun
from engine.feel import to_feel
from engine.feel.budget import DEFAULT_BUDGET
from engine.feel.compiler import Compiler
from engine.feel.parser import parse_unary_tests
from engine.feel.runtime import Frame
from engine.feel.unary import compile_tests
from tests.builders_dmn import decision, input_data, load, table

NUMBERS = st.integers(0, 4)
NUMBER_CELLS = st.one_of(
    st.just("-"),
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), NUMBERS),
    st.builds(
        lambda low, wide, left, right: f"{left}{low}..{low + wide}{right}",
        NUMBERS, st.integers(0, 3), st.sampled_from("[("), st.sampled_from("])"),
    ),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda values: ", ".join(map(str, values))),
    NUMBERS.map(lambda value: f"not({value})"),
)  # fmt: skip
TEXT_CELLS = st.sampled_from(["-", '"a"', '"b"', '"a", "b"', 'not("a")', 'not("a", "c")'])
BOOLEAN_CELLS = st.sampled_from(["-", "true", "false", "not(true)"])
RULES = st.lists(st.tuples(NUMBER_CELLS, TEXT_CELLS, BOOLEAN_CELLS, st.integers(1, 3)), min_size=1, max_size=6)
CASES = list(product([-1, *[at / 2 for at in range(18)]], ["a", "b", "c", "other"], [True, False]))


@settings(deadline=None, max_examples=60)
@given(rules=RULES, policy=st.sampled_from(["UNIQUE", "ANY", "FIRST"]))
def test_gaps_and_overlaps_are_those_of_the_table(rules: list[tuple[str, str, str, int]], policy: str) -> None:
    lines = [" | ".join(map(str, rule)) for rule in rules]
    names = ["n", "t", "b"]
    logic = table(names, ["out"], *lines, policy=policy)
    data = [input_data("n", "number"), input_data("t", "string"), input_data("b", "boolean")]
    collecting = table(names, ["out"], *lines, policy="RULE ORDER")
    model = load(*data, decision("D", logic, inputs=names), decision("all", collecting, inputs=names))

    codes = {finding.code for finding in model.findings}
    hits = [
        [rule["number"] for rule in model.evaluate("all", {"n": n, "t": t, "b": b}).trace[-1]["tables"][0]["rules"]]
        for n, t, b in CASES
    ]

    outputs = [rule[3] for rule in rules]
    assert ("table-has-gap" in codes) is any(not one for one in hits)
    if policy == "UNIQUE":
        assert ("rules-overlap" in codes) is any(len(one) > 1 for one in hits)
    if policy == "ANY":
        assert ("rules-contradict" in codes) is any(len({outputs[at - 1] for at in one}) > 1 for one in hits)
    if policy == "FIRST":
        deciding = {one[0] for one in hits if one}
        matching = {at for one in hits for at in one}
        idle = {f"r{at}" for at in range(1, len(rules) + 1) if at in matching and at not in deciding}
        assert {one.element for one in model.findings if one.code == "rule-unreachable"} == idle


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 9),
    st.decimals(-2, 9, places=1),
    st.sampled_from(["a", "b", ""]),
    st.lists(st.integers(0, 4), max_size=2),
)
CELLS = st.one_of(
    NUMBER_CELLS, TEXT_CELLS, BOOLEAN_CELLS, st.sampled_from(["-3", "null", "[4..1]", '"a", 1', "> -2.5"])
)


@settings(deadline=None)
@given(cell=CELLS, value=VALUES)
def test_quick_cells_decide_as_feel_does(cell: str, value: object) -> None:
    tests = parse_unary_tests(cell)
    general = compile_tests(tests, Compiler())
    frame = Frame({}, None, DecisionRun(DEFAULT_BUDGET, None, None))

    quick = quicken(tests, general)(frame, to_feel(value))

    assert quick is general(frame, to_feel(value))

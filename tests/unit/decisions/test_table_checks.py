"""What is found in decision tables at upload: gaps, overlaps, rules that never decide, types, names."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from engine.decisions import DecisionModel
from engine.decisions.checks.boxes import TooLarge, uncovered
from engine.findings import Finding, Severity
from tests.builders_dmn import bkm, context, decision, input_data, item, literal, load, table


def model_of(types: Sequence[str], logic: str, *more: str) -> DecisionModel:
    """A decision D over inputs a, b, … of the types."""
    names = "abcdefgh"[: len(types)]
    data = [input_data(name, type_) for name, type_ in zip(names, types, strict=True)]
    return load(*more, *data, decision("D", logic, inputs=list(names)))


def found(model: DecisionModel, code: str) -> list[Finding]:
    return [finding for finding in model.findings if finding.code == code]


def gaps(
    types: Sequence[str], *rules: str, policy: str = "UNIQUE", more: str = "", **options: Sequence[str]
) -> list[str]:
    logic = table(list("abcdefgh"[: len(types)]), ["out"], *rules, policy=policy, **options)  # type: ignore[arg-type]
    texts = [finding.message for finding in found(model_of(types, logic, more), "table-has-gap")]
    return [text.partition("has no rule for ")[2].partition("; the result")[0] for text in texts]


@pytest.mark.parametrize(
    ("types", "rules", "expected"),
    [
        (["number"], ["< 18 | 1", ">= 18 | 2"], []),
        (["number"], ["< 18 | 1", "> 18 | 2"], ["«a» 18"]),
        (["number"], ["<= 17 | 1", ">= 18 | 2"], ["«a» (17..18)"]),
        (["integer"], ["<= 17 | 1", ">= 18 | 2"], []),
        (["number"], ["[0..10) | 1", "[10..20] | 2"], ["«a» < 0, > 20"]),
        (["number"], ["not(5) | 1"], ["«a» 5"]),
        (["number"], ["1, 2, 3 | 1", "> 3, < 1 | 2"], ["«a» (1..2), (2..3)"]),
        (["number"], ["? > 3 and ? < 5 | 1", "<= 3 | 2"], ["«a» >= 5"]),
        (["boolean"], ["true | 1"], ["«a» false"]),
        (["boolean"], ["true | 1", "false | 2"], []),
        (["string"], ['"甲" | 1', '"乙" | 2'], ['«a» not("乙", "甲")']),
        (["string"], ['"甲" | 1', 'not("甲") | 2'], []),
        (["date"], ['< date("2026-01-01") | 1', '> @"2026-01-01" | 2'], ["«a» 2026-01-01"]),
        (["date"], ['<= @"2026-01-01" | 1', '>= @"2026-01-02" | 2'], []),
        (["time"], ['< @"12:00:00" | 1', '>= @"12:00:00" | 2'], []),
        (["days and time duration"], ['< @"P1D" | 1'], ["«a» >= P1D"]),
        (["number", "boolean"], ["< 5 | - | 1", ">= 5 | true | 2"], ["«a» >= 5, «b» false"]),
        (["number", "string"], ["- | - | 1"], []),
        (["number"], ["> limit | 1", "<= 5 | 2"], []),
    ],
)
def test_cases_without_a_rule_are_named(types: list[str], rules: list[str], expected: list[str]) -> None:
    assert gaps(types, *rules) == expected


def test_allowed_values_bound_what_can_occur() -> None:
    word = item("tRisk", "string", allowed='"高", "中", "低"')

    results = [
        gaps(["tRisk"], '"高", "中" | 1', more=word),
        gaps(["tRisk"], '"高", "中" | 1', '"低" | 2', more=word),
        gaps(["string"], '"高" | 1', input_values=('"高", "低"',)),
        gaps(["tAge"], "<= 60 | 1", more=item("tAge", "number", allowed="[0..120]")),
    ]

    assert results == [['«a» "低"'], [], ['«a» "低"'], ["«a» (60..120]"]]


@pytest.mark.parametrize(("policy", "defaults"), [("COLLECT", ()), ("RULE ORDER", ()), ("UNIQUE", ("0",))])
def test_no_gap_where_no_match_has_a_meaning(policy: str, defaults: tuple[str, ...]) -> None:
    assert gaps(["number"], "> 5 | 1", policy=policy, defaults=defaults) == []


def test_unique_rules_that_overlap_are_named_with_where() -> None:
    logic = table(["a", "b"], ["out"], '< 10 | "x" | 1', '[5..20] | "x", "y" | 2', "> 30 | - | 3")

    (finding,) = found(model_of(["number", "string"], logic), "rules-overlap")

    assert finding.severity is Severity.WARNING
    assert finding.element == "r2"
    assert "rule 2, overlaps rule 1" in finding.message
    assert '«a» [5..10), «b» "x"' in finding.message
    assert "第 2 条规则" in finding.message_zh and "第 1 条规则" in finding.message_zh
    assert finding.mend and finding.mend_zh


def test_any_is_content_where_outputs_agree() -> None:
    logic = table(["a"], ["out"], "< 10 | 1", "< 5 | 1", "> 3 | 2", policy="ANY")

    contradicting = found(model_of(["number"], logic), "rules-contradict")

    assert [("rule 3" in one.message, one.element) for one in contradicting] == [(True, "r3"), (True, "r3")]
    assert found(model_of(["number"], logic), "rules-overlap") == []


@pytest.mark.parametrize(
    ("policy", "rules", "unreachable"),
    [
        ("FIRST", ["< 10 | 1", "[2..5] | 2", "> 5 | 3"], ["r2"]),
        ("FIRST", ["< 5 | 1", ">= 5 | 2", "7 | 3", "- | 4"], ["r3", "r4"]),
        ("FIRST", ["< 5 | 1", "- | 2"], []),
        ("PRIORITY", ["- | 1", "> 5 | 2"], ["r2"]),
        ("PRIORITY", ["- | 2", "> 5 | 1"], []),
        ("UNIQUE", ["- | 1", "5 | 2"], []),
    ],
)
def test_rules_that_can_never_decide(policy: str, rules: list[str], unreachable: list[str]) -> None:
    logic = table(["a"], ["out"], *rules, policy=policy, output_values=("1, 2, 3, 4",))

    elements = [finding.element for finding in found(model_of(["number"], logic), "rule-unreachable")]

    assert elements == unreachable


def test_cells_that_nothing_passes() -> None:
    logic = table(["a"], ["out"], "[9..1] | 1", '"z" | 2', input_values=('"x", "y"',))
    numbers = table(["a"], ["out"], "< 1 and ? > 5 | 1", "? < 1 and ? > 5 | 1", "- | 2")

    elements = [
        [finding.element for finding in found(model_of([type_], one), "rule-never-matches")]
        for type_, one in (("string", logic), ("number", numbers))
    ]

    assert elements == [["r2"], ["r1", "r2"]]


def test_a_table_too_large_is_said_not_searched_for_ever() -> None:
    many = [f"[{at}..{at + 3}) | {at}" for at in range(700)]

    codes = {finding.code for finding in model_of(["number"], table(["a"], ["out"], *many)).findings}

    assert codes == {"table-not-analysed"}


def test_the_search_for_gaps_keeps_to_its_budget() -> None:
    shapes = random.Random(7)
    universe = (0b1111,) * 14
    boxes = [tuple(shapes.choice((0b1111, 0b0111, 0b1110, 0b1011)) for _ in universe) for _ in range(60)]

    with pytest.raises(TooLarge):
        uncovered(universe, boxes, limit=10**9, budget=200_000)


def test_constants_of_another_type_than_their_column() -> None:
    logic = table(["a"], ["out: number"], '"five" | 1', '> 5 | "two"', "5 | 3")

    conflicts = [(one.element, one.message) for one in found(model_of(["number"], logic), "type-conflict")]

    assert [element for element, _ in conflicts] == ["r1", "r2"]
    assert 'string `"five"` in a column of type number' in conflicts[0][1]


def test_names_are_told_apart_unknown_and_not_required() -> None:
    model = load(
        input_data("金额", "number"),
        bkm("rate", ["x"], literal("x / 10")),
        decision("D", literal("金颔 + 金额 + rte(1) + rate(2)"), knows=["rate"]),
    )

    codes = {finding.code: finding for finding in model.findings}

    assert codes["name-not-required"].severity is Severity.ERROR and "金额" in codes["name-not-required"].message
    assert "金颔" in codes["unknown-name"].message
    assert "rate" in codes["unknown-function"].mend


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((decision("D", literal("1 +")),), "expression-not-readable"),
        ((decision("D", literal("x"), requires=["nobody"]),), "reference-not-found"),
        (
            (decision("D", literal("E"), requires=["E"]), decision("E", literal("D"), requires=["D"])),
            "decisions-in-circle",
        ),
        (('<import name="l" namespace="urn:none" importType=""/>', decision("D", literal("1"))), "import-not-found"),
        ((decision("D", literal("1"), type_ref="tNone"),), "unknown-type"),
        ((decision("D", ""),), "decision-without-logic"),
        ((decision("D", literal("1")), input_data("D")), "duplicate-id"),
        ((decision("D", table(["a"], ["b"], "- | 1", policy="LAST")),), "unknown-hitpolicy"),
        (
            (decision("D", "<decisionTable><output/><rule><outputEntry/><outputEntry/></rule></decisionTable>"),),
            "rule-of-wrong-length",
        ),
    ],
)
def test_what_is_wrong_with_a_model_is_named_in_both_languages(parts: tuple[str, ...], code: str) -> None:
    model = load(*parts)

    matching = [finding for finding in model.findings if finding.code == code]

    assert matching
    assert all(finding.message and finding.message_zh for finding in matching)
    assert all(finding.mend and finding.mend_zh for finding in matching)


@pytest.mark.parametrize(
    ("logic", "where"),
    [
        (literal("[1, {a: 1, b: {c: 1, c: 2}}]"), "«c» twice in `[1, {a: 1, b: {c: 1, c: 2}}]`"),
        (context(("a", literal("1")), ("b", literal("2")), ("a", literal("3"))), "«a» twice in a context"),
        ('<relation><column name="a"/><column name="a"/></relation>', "«a» twice in a relation"),
        (table(["1"], ["r"], "- | {k: 1, k: 2}"), "rule 1, has «k» twice"),
    ],
)
def test_an_entry_that_stands_twice_is_an_error_and_its_context_null(logic: str, where: str) -> None:
    model = load(decision("D", logic))

    (finding,) = found(model, "entry-twice")

    assert finding.severity is Severity.ERROR
    assert where in finding.message
    assert "两次" in finding.message_zh
    if "relation" not in logic:
        assert model.evaluate("D", {}).value in (None, [1, None], [1, {"a": 1, "b": None}])


def test_names_that_stand_once_in_each_context_are_no_finding() -> None:
    nested = context(("a", context(("a", literal("{a: [{a: 1}, {a: 2}]}")))), ("b", literal("a.a")))

    assert found(load(decision("D", nested)), "entry-twice") == []


def java(class_name: str, signature: str) -> str:
    return context(("class", literal(f'"{class_name}"')), ("method signature", literal(f'"{signature}"')))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            (bkm("f", ["x"], java("java.lang.System", "getenv(String)"), kind="Java"),),
            "java.lang.System.getenv(String)",
        ),
        ((bkm("f", ["x"], java("java.lang.Math", "cos(int)"), kind="Java"),), "there is java.lang.Math.cos(double)"),
        ((bkm("f", ["x"], context(("document", literal('"a"'))), kind="PMML"),), "PMML"),
        (
            (decision("f", literal('{g: function(x) external {java: {class: "a.B", method signature: "c()"}}}')),),
            "a.B.c()",
        ),
    ],
)
def test_external_functions_that_are_not_run_are_named_at_upload(parts: tuple[str, ...], told: str) -> None:
    (finding,) = found(load(*parts), "external-function-not-run")

    assert finding.severity is Severity.WARNING
    assert told in finding.message and "外部函数" in finding.message_zh
    assert "docs/feel.md" in finding.mend


def test_external_functions_that_are_run_or_only_known_at_run_time_are_no_finding() -> None:
    model = load(
        bkm("f", ["x"], java("java.lang.Math", "cos(double)"), kind="Java"),
        decision("D", literal("(function(x) external m)(1)")),
        decision("E", literal('(function(x) external {java: {class: c, method signature: "cos(int)"}})(1)')),
    )

    assert found(model, "external-function-not-run") == []


def test_priorities_that_nobody_wrote_down_and_results_that_are_not_allowed() -> None:
    silent = table(["a"], ["out"], "- | 1", policy="PRIORITY")
    listed = table(
        ["a"], ["out"], '< 5 | "x"', '>= 5 | "z"', "7 | null", policy="PRIORITY", output_values=('"x", "y"',)
    )

    codes = [
        [(finding.code, finding.element) for finding in model_of(["number"], logic).findings]
        for logic in (silent, listed)
    ]

    assert codes == [[("priority-without-values", "_D")], [("output-not-allowed", "r2")]]


def test_a_clean_model_has_no_findings() -> None:
    logic = table(["a", "b"], ["out: string"], '< 18 | - | "少"', '>= 18 | true | "会员"', '>= 18 | false | "成人"')

    assert model_of(["number", "boolean"], logic).findings == ()

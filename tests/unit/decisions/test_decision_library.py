"""The decisions that came with a process: looked up by id, put in shape, refused by name."""

from __future__ import annotations

import pytest

from engine.decisions.library import DecisionLibrary, shaped
from engine.errors import InvalidInput, NotFound
from engine.models.model import ResultShape
from tests.builders_dmn import decision, dmn, input_data, literal, table

AREA = input_data("area", "number")
ONE = decision("rate", table(["area"], ["rate"], "<= 50 | 2", "> 50 | 4"), inputs=["area"])
TWO = decision("unit", table(["area"], ["team", "days"], '<= 50 | "A" | 3', '> 50 | "B" | 5'), inputs=["area"])
MANY = decision("papers", table(["area"], ["paper"], '- | "form"', '> 50 | "plan"', policy="COLLECT"), inputs=["area"])
WIDE = decision(
    "steps",
    table(["area"], ["step", "days"], '- | "look" | 1', '> 50 | "ask" | 2', policy="RULE ORDER"),
    inputs=["area"],
)
SUM = decision(
    "points", table(["area"], ["n"], "- | 1", "> 50 | 2", policy="COLLECT", aggregation="SUM"), inputs=["area"]
)
TEXT = decision("text", literal("{a: area}"), inputs=["area"])
LIBRARY = DecisionLibrary({"rules.dmn": dmn(AREA, ONE, TWO, MANY, WIDE, SUM, TEXT), "p.bpmn": b"no matter"})


@pytest.mark.parametrize(
    ("key", "shape", "value"),
    [
        ("_rate", "", 4),
        ("_rate", "singleEntry", 4),
        ("_rate", "singleResult", {"rate": 4}),
        ("_rate", "resultList", [{"rate": 4}]),
        ("_rate", "collectEntries", [4]),
        ("_rate", "columns", {"rate": 4}),
        ("_unit", "", {"team": "B", "days": 5}),
        ("_unit", "singleResult", {"team": "B", "days": 5}),
        ("_unit", "resultList", [{"team": "B", "days": 5}]),
        ("_unit", "columns", {"team": "B", "days": 5}),
        ("_papers", "", ["form", "plan"]),
        ("_papers", "collectEntries", ["form", "plan"]),
        ("_papers", "resultList", [{"paper": "form"}, {"paper": "plan"}]),
        ("_papers", "columns", {"paper": ["form", "plan"]}),
        ("_steps", "resultList", [{"step": "look", "days": 1}, {"step": "ask", "days": 2}]),
        ("_steps", "columns", {"step": ["look", "ask"], "days": [1, 2]}),
        ("_points", "singleEntry", 3),
        ("_text", "singleEntry", {"a": 80}),
    ],
)
def test_a_result_is_put_in_the_shape_that_the_task_asks_for(key: str, shape: ResultShape, value: object) -> None:
    taken = LIBRARY.decide(key, {"area": 80})

    kept = shaped(taken, shape)

    assert kept == value


@pytest.mark.parametrize(
    ("key", "shape", "says"),
    [
        ("_unit", "singleEntry", "team, days"),
        ("_steps", "collectEntries", "step, days"),
        ("_papers", "singleEntry", "2 rules match"),
        ("_papers", "singleResult", "2 rules match"),
    ],
)
def test_a_result_too_large_for_its_shape_is_refused_with_the_way_out(key: str, shape: ResultShape, says: str) -> None:
    taken = LIBRARY.decide(key, {"area": 80})

    with pytest.raises(InvalidInput) as refused:
        shaped(taken, shape)

    assert says in refused.value.message and "Choose" in refused.value.message


@pytest.mark.parametrize(
    ("shape", "value"),
    [("", None), ("singleEntry", None), ("singleResult", None), ("resultList", []), ("columns", {"rate": None})],
)
def test_no_rule_that_matches_is_a_result(shape: ResultShape, value: object) -> None:
    rate = decision("rate", table(["area"], ["rate"], "< 0 | 2"), inputs=["area"])
    taken = DecisionLibrary({"r.dmn": dmn(AREA, rate)}).decide("_rate", {"area": 80})

    kept = shaped(taken, shape)

    assert (taken.failure, kept) == ("", value)


@pytest.mark.parametrize(
    ("variables", "says"),
    [({"area": 80}, "hit policy Unique"), ({}, "area"), ({"area": "large"}, "area")],
)
def test_null_for_any_other_reason_is_a_failure_that_names_decision_and_table(
    variables: dict[str, object], says: str
) -> None:
    rate = decision("rate", table(["area"], ["rate"], "> 10 | 2", "> 20 | 3"), inputs=["area"])
    taken = DecisionLibrary({"r.dmn": dmn(AREA, rate)}).decide("_rate", variables)

    failure = taken.failure

    assert taken.result.value is None
    assert says in failure and "decision «rate»" in failure and "table t" in failure


def test_decisions_of_all_files_are_known_by_id_and_import_each_other() -> None:
    main = dmn(
        '<import namespace="urn:lib" name="lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        decision("fee", literal("lib.rate * 2"), requires=["urn:lib#_rate"]),
        namespace="urn:main",
    )
    files = {"b.dmn": dmn(AREA, ONE, namespace="urn:lib"), "a.dmn": main}

    library = DecisionLibrary(files)

    assert library.keys == ("_fee", "_rate")
    assert library.decide("_fee", {"lib": {"area": 80}}).result.value == 8
    assert library.find("_rate")[0] == "b.dmn"
    with pytest.raises(NotFound, match=r"_fee, _rate"):
        library.find("_rat")


def test_one_decision_in_two_files_is_an_error() -> None:
    library = DecisionLibrary({"a.dmn": dmn(AREA, ONE), "b.dmn": dmn(AREA, ONE)})

    (found,) = [finding for finding in library.findings if finding.code == "decision-twice"]

    assert found.severity == "error"
    assert "a.dmn" in found.message and "b.dmn" in found.message and "_rate" in found.message


def test_a_file_that_cannot_be_read_is_a_finding_and_no_model() -> None:
    library = DecisionLibrary({"a.dmn": b"<no", "b.dmn": dmn(AREA, ONE)})

    codes = {finding.code for finding in library.findings if finding.severity == "error"}

    assert codes == {"not-well-formed"}
    assert library.keys == ("_rate",)

"""Scenarios: they pass, they fail at the right line, they say what was there and what was never reached."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.scenarios import TestReport, run_application_tests
from tests.builders import process, rule, script, user
from tests.builders_dmn import bkm, decision, dmn, input_data, literal, table

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
EMBEDDING = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")

STEPS = """\
people:
  chen: {roles: [citizen]}
  li: {roles: [staff], groups: [clerks]}
  su: {roles: [supervisor]}
scenarios:
  - name: a test
    steps:
"""
DECIDED = """\
      - {start: tree, by: li, with: {tree: oak}}
      - {complete: decide, by: li, with: {granted: true}}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The application of docs/embedding.md: decide, write, then a message or ten days."""
    (tmp_path / "scenarios").mkdir()
    (model,) = re.findall(r"```xml\n(.*?)```", EMBEDDING, re.DOTALL)
    start = '<process id="tree" name="Felling a tree" isExecutable="true">'
    open_to = (
        '<extensionElements><zeebe:properties><zeebe:property name="civiflow:startableBy" value="citizen, staff"/>'
        "</zeebe:properties></extensionElements>"
    )
    assert start in model
    (tmp_path / "tree.bpmn").write_text(model.replace(start, start + open_to), encoding="utf-8")
    (tmp_path / "app.yaml").write_text("key: tree\nname: {zh: 砍伐, en: Felling}\nversion: 1\n", encoding="utf-8")
    return tmp_path


def _run(folder: Path, steps: str, *, head: str = STEPS) -> TestReport:
    (folder / "scenarios" / "test.yaml").write_text(head + steps, encoding="utf-8")
    return run_application_tests(folder)


def _failure(folder: Path, steps: str) -> tuple[int, str, str, str]:
    (result,) = _run(folder, steps).scenarios
    assert result.failure is not None
    found = result.failure
    return found.line - STEPS.count("\n"), found.what, found.expected, found.found


def test_the_scenario_of_the_documentation_passes(tree: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)

    report = _run(tree, example, head="")

    assert report.passed, report.text("en")


def test_the_documentation_names_every_step_and_expectation() -> None:
    from engine.scenarios.reading import EXPECTATIONS, STEPS

    assert [verb for verb in STEPS if f"`{verb}:" not in DOCS] == []
    assert [key for key in EXPECTATIONS if f"`{key}`" not in DOCS] == []


START = "      - {start: tree, by: li, with: {tree: oak}}\n"


@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        (f"{DECIDED}      - expect: {{tasks: decide}}\n", (3, "expect tasks", "['decide']", "[]")),
        (
            f"{DECIDED}      - expect:\n          jobs: write\n          ended: completed\n",
            (5, "expect ended", "'completed'", "False"),
        ),
        (
            f"{DECIDED}      - expect: {{variables: {{granted: false}}}}\n",
            (3, "expect variables", "granted = False", "True"),
        ),
        (f"{DECIDED}      - expect: {{variables: {{no: 1}}}}\n", (3, "expect variables", "no = 1", "nothing")),
        (f"{DECIDED}      - complete: decide\n        by: li\n", (3, "complete decide", "an open task decide", "none")),
        (f"{DECIDED}      - do_job: decide\n", (3, "do_job decide", "a job at decide", "write")),
        (
            f"{DECIDED}      - {{do_job: write, sees: {{tree: elm}}}}\n",
            (3, "do_job write", "tree = 'elm' among what the job sees", "'oak'"),
        ),
        (
            f"{START}      - expect: {{due: {{decide: {{working_hours: 9}}}}}}\n",
            (2, "expect due", "decide due at 2026-03-03T10:00:00+08:00", "2026-03-03T09:00:00+08:00"),
        ),
        (
            f"{START}      - expect: {{due: {{decide: null}}}}\n",
            (2, "expect due", "decide due at none", "2026-03-03T09:00:00+08:00"),
        ),
        (
            f"{START}      - expect: {{due: {{decided: null}}}}\n",
            (2, "expect due", "an open task or timer decided", "['case', 'decide']"),
        ),
        (
            f"{START}      - expect: {{candidates: {{decide: roads}}}}\n",
            (2, "expect candidates", "['roads']", "['clerks']"),
        ),
        (
            f"{START}      - {{complete: decide, by: li, refused: Forbidden}}\n",
            (2, "complete decide", "to be refused as Forbidden", "accepted"),
        ),
        (f"{DECIDED}      - {{retry: write}}\n", (3, "retry write", "an incident at write", "none")),
    ],
)
def test_what_goes_another_way_is_named_with_its_line_and_what_was_there(
    tree: Path, steps: str, failure: tuple[int, str, str, str]
) -> None:
    assert _failure(tree, steps) == failure


def test_of_several_open_tasks_a_step_is_about_one_its_person_may_do(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "app.yaml").write_text("key: a\nname: a\nversion: 1\n", encoding="utf-8")
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics "
        'inputCollection="=[&quot;clerks&quot;, &quot;roads&quot;]" inputElement="unit"/></bpmn:extensionElements>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    review = user("review", groups="=unit", due="=add working days(now(), 5)")
    model = process("p", "start -> review -> end", review.replace("</bpmn:userTask>", f"{loop}</bpmn:userTask>"))
    (tmp_path / "p.bpmn").write_bytes(model)
    steps = """\
      - {start: p, by: li}
      - expect: {tasks: [review, review], due: {review: {working_days: 5}}}
      - {complete: review, by: zhao}
      - {complete: review, by: zhao, refused: NotFound}
      - {complete: review, by: li, with: {visited: 2026-03-04}}
      - expect: {ended: completed, variables: {visited: "2026-03-04"}}
"""
    people = STEPS.replace("  su:", "  zhao: {roles: [staff], groups: [roads]}\n  su:")

    report = _run(tmp_path, steps, head=people)

    assert report.passed, report.text("en")


def test_an_unexpected_refusal_says_which_error(tree: Path) -> None:
    line, what, expected, found = _failure(
        tree, "      - {start: tree, by: chen, with: {tree: oak}}\n      - {complete: decide, by: chen}\n"
    )

    assert (line, what, expected) == (2, "complete decide", "to be accepted")
    assert found.startswith("NotFound: ")


def test_a_failed_job_makes_an_incident_that_can_be_retried(tree: Path) -> None:
    report = _run(
        tree,
        DECIDED
        + "      - {fail_job: write, message: printer on fire}\n"
        + "      - expect: {incidents: write, jobs: []}\n"
        + "      - {retry: write, by: li, refused: Forbidden}\n"
        + "      - {retry: write, by: su}\n"
        + "      - {do_job: write}\n"
        + "      - {fail_job: payment}\n",
    )

    (result,) = report.scenarios
    assert result.done == 7
    assert result.failure is not None
    assert result.failure.found == "none"


def test_what_no_scenario_reached_is_listed_in_both_languages(tree: Path) -> None:
    report = _run(tree, DECIDED + "      - {do_job: write}\n      - {publish: paid, key: oak}\n")

    (process,) = report.coverage
    english, chinese = report.text("en"), report.text("zh")

    assert report.passed
    assert {node.id for node in process.missed_nodes} == {"ten_days", "lapsed"}
    assert {flow.id for flow in process.missed_flows} == {"f5", "f7"}
    assert "node never reached: Lapsed (lapsed)" in english
    assert "flow never taken: Ten days → Lapsed (f7)" in english
    assert "未到达的节点：Lapsed (lapsed)" in chinese
    assert "共 1 个场景，0 个未通过" in chinese


def test_the_report_is_json_data(tree: Path) -> None:
    data = json.loads(json.dumps(_run(tree, DECIDED + "      - expect: {tasks: decide}\n").to_dict()))

    assert data["passed"] is False
    assert data["scenarios"][0]["failure"]["expected"] == "['decide']"
    assert data["coverage"][0]["complete"] is False


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("      - {finish: decide}\n", "line 8: Expected a step with one of start"),
        ("      - {claim: a, complete: b, by: li}\n", "found claim and complete"),
        ("      - {claim: decide, by: nobody}\n", "line 8: Expected one of the people (chen, li, su)"),
        ("      - {claim: decide, by: li, wiht: {}}\n", "found 'wiht'"),
        ("      - expect: {task: decide}\n", "found 'task'"),
    ],
)
def test_slips_of_the_pen_are_named_before_anything_runs(tree: Path, steps: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _run(tree, steps)

    assert says in refused.value.message


def test_scenarios_of_the_same_moment_do_not_disturb_each_other_and_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "app.yaml").write_text("key: a\nname: a\nversion: 1\n", encoding="utf-8")
    numbered = {"civiflow:caseNumberPrefix": "A", "civiflow:subject": "=instance.businessKey"}
    (tmp_path / "p.bpmn").write_bytes(process("p", "start -> review -> end", user("review"), properties=numbered))
    scenarios = "\n".join(
        f"  - name: {name}\n    clock: {clock}\n    steps:\n      - {{start: p, by: li}}\n"
        f"      - {{expect: {{subject: A-{day}-0001, tasks: review}}}}\n"
        for name, clock, day in (
            ("first", "2026-03-05 09:00", "20260305"),
            ("second", "2026-03-02 09:00", "20260302"),
            ("third", "2026-03-05 09:00", "20260305"),
        )
    )

    report = _run(tmp_path, scenarios, head=STEPS.partition("scenarios:")[0] + "scenarios:\n")

    assert report.passed, report.text("en")
    assert [each.name["en"] for each in report.scenarios] == ["first", "second", "third"]


TABLES = dmn(
    input_data("area", "number"),
    decision("rate", table(["area"], ["r"], "<= 50 | 2", "> 50 | 3", "> 500 | 4", policy="FIRST"), inputs=["area"]),
    decision("fee", literal("rate * area + extra(area)"), requires=["rate"], inputs=["area"], knows=["extra"]),
    bkm("extra", ["a"], table(["a"], ["r"], "<= 10 | 0", "- | 1", policy="FIRST")),
    decision("unasked", table(["1"], ["r"], "1 | 2")),
)


@pytest.fixture
def fees(tmp_path: Path) -> Path:
    """An application whose one task asks two decisions, a table below each."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "app.yaml").write_text("key: fees\nname: fees\nversion: 1\n", encoding="utf-8")
    (tmp_path / "p.bpmn").write_bytes(process("p", "start -> ask -> end", rule("ask", "_fee", "fee")))
    (tmp_path / "fees.dmn").write_bytes(TABLES)
    return tmp_path


def _asked(*areas: int) -> str:
    return "".join(f"      - {{start: p, by: li, with: {{area: {area}}}}}\n" for area in areas)


def test_the_report_tells_which_rules_of_each_table_fired_and_which_never(fees: Path) -> None:
    report = _run(fees, _asked(5, 80))

    english, chinese = report.text("en"), report.text("zh")
    rate, extra, unasked = report.tables

    assert report.passed, english
    assert [(one.number, one.id, one.times) for one in rate.fired] == [(1, "r1", 1), (2, "r2", 1), (3, "r3", 0)]
    assert [(one.number, one.text) for one in rate.missed] == [(3, "> 500 → 4")]
    assert extra.complete and (extra.decision, extra.rules) == ("extra", 2)
    assert [one.number for one in unasked.missed] == [1]
    assert "rate (fees.dmn): 2 of 3 rules fired" in english
    assert "    rule never fired: 3: > 500 → 4" in english
    assert "rate（fees.dmn）：命中规则 2/3" in chinese
    assert "    从未命中的规则：第 3 条：> 500 → 4" in chinese


def test_tables_that_an_expression_asks_count_too(fees: Path) -> None:
    ask = script("ask", 'decide("_rate", {area: area})', "rate")
    (fees / "p.bpmn").write_bytes(process("p", "start -> ask -> end", ask))

    report = _run(fees, _asked(80))

    assert [one.times for one in report.tables[0].fired] == [0, 1, 0]


def test_rules_are_counted_over_all_scenarios_and_told_as_json(fees: Path) -> None:
    another = "  - name: another\n    clock: 2026-04-01 09:00\n    steps:\n" + _asked(80, 90)

    data = json.loads(json.dumps(_run(fees, _asked(80) + another).to_dict()))

    rate = data["tables"][0]
    assert (rate["file"], rate["decision_id"], rate["rules"], rate["complete"]) == ("fees.dmn", "_rate", 3, False)
    assert [one["times"] for one in rate["fired"]] == [0, 3, 0]
    assert [one["number"] for one in rate["missed_rules"]] == [1, 3]


def test_an_application_without_scenarios_is_not_called_tested(tree: Path) -> None:
    with pytest.raises(InvalidInput, match="Expected scenario files"):
        run_application_tests(tree)

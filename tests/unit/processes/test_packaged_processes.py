"""Every packaged process: each way through it is played, it speaks both languages, its forms and steps fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine import Engine
from engine.applications import Application
from engine.models.dmn import read_decision_file
from engine.models.dmn.model import Decision, DecisionTable
from engine.models.model import Process
from engine.scenarios import TestReport, run_application_tests
from tests.packaged import FOLDERS, forms, packaged, packaged_process

_CHOOSING = {"select", "radio", "checklist"}


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def report(folder: Path) -> TestReport:
    """What playing its scenarios shows; they are played once."""
    return run_application_tests(folder)


@pytest.fixture
def application(folder: Path) -> Application:
    return packaged(folder.name)


@pytest.fixture
def process(folder: Path) -> Process:
    return packaged_process(folder.name)


def decisions(application: Application) -> list[Decision]:
    """The decisions of all DMN files."""
    read = [read_decision_file(content) for path, content in application.files.items() if path.endswith(".dmn")]
    return [one for file in read for one in file.elements.values() if isinstance(one, Decision)]


def test_there_is_a_packaged_process() -> None:
    assert FOLDERS


def test_every_scenario_passes_and_every_node_and_flow_is_reached(report: TestReport, process: Process) -> None:
    assert report.passed, report.text("en")
    assert [(each.nodes, each.flows) for each in report.coverage] == [(len(process.nodes), len(process.flows))]
    assert all(each.complete for each in report.coverage), report.text("en")


def test_the_report_tells_of_every_rule_of_every_table_whether_it_fired(
    report: TestReport, application: Application
) -> None:
    tables = {
        (path, element.id, logic.id, len(logic.rules))
        for path, content in application.files.items()
        if path.endswith(".dmn")
        for element in read_decision_file(content).elements.values()
        if isinstance(logic := getattr(element, "logic", None), DecisionTable)
    }
    assert {(each.file, each.decision_id, each.table, each.rules) for each in report.tables} == tables


def test_every_rule_of_every_table_fires_in_a_scenario(report: TestReport) -> None:
    assert all(each.complete for each in report.tables), report.text("en")


def test_the_model_has_no_findings(application: Application) -> None:
    with Engine.open() as engine:
        findings = engine.check(application.files)

    assert findings == ()


def test_every_name_and_explanation_of_the_model_has_an_english_text_and_no_other_text_is_there(
    application: Application, process: Process
) -> None:
    english = yaml.safe_load(application.files["texts/en.yaml"])
    texts = {process.name, process.documentation}
    for node in process.nodes.values():
        texts |= {node.name, node.documentation, node.lane}
    texts |= {flow.name for flow in process.flows.values()}
    values: set[str] = set()
    for decision in decisions(application):
        texts.add(decision.name)
        if isinstance(decision.logic, DecisionTable):
            texts |= {clause.label for clause in decision.logic.inputs}
            texts |= {rule.description for rule in decision.logic.rules}
            values |= {clause.name for clause in decision.logic.outputs}
            values |= {cell.text.strip('"') for rule in decision.logic.rules for cell in (*rule.inputs, *rule.outputs)}

    missing = sorted(texts - {""} - set(english))

    assert missing == []
    assert sorted(set(english) - texts - values) == []


def test_chinese_words_for_variables_and_values_give_no_element_another_name(
    application: Application, process: Process
) -> None:
    chinese = yaml.safe_load(application.files["texts/zh.yaml"])

    renamed = {id_: chinese[id_] for id_, node in process.nodes.items() if chinese.get(id_, node.name) != node.name}

    assert renamed == {}, "a page would call the step by the variable's name"


def test_every_label_of_every_form_has_both_languages(application: Application) -> None:
    missing = []

    for path, form in forms(application):
        for part in form.walk():
            for text in ("label", "description", "text"):
                if getattr(part, text) and f"{text}_en" not in part.properties:
                    missing.append((path, part.id, text))
            missing += [(path, part.id, each.label) for each in part.options if "en" not in each.labels]
            if part.options_expression and "label_en" not in part.options_expression:
                missing.append((path, part.id, "options"))

    assert missing == []


def test_every_choice_is_known_before_a_case_exists_or_computed_in_it(application: Application) -> None:
    empty = [
        (path, part.id)
        for path, form in forms(application)
        for part in form.walk()
        if part.type in _CHOOSING and not part.options and not part.options_expression
    ]

    assert empty == []


def test_every_form_belongs_to_a_step_and_every_step_has_its_form(application: Application, process: Process) -> None:
    wanted = {node.user_task.form_key for node in process.nodes.values() if node.user_task}

    there = {form.id for _, form in forms(application)}

    assert wanted == there

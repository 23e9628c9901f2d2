"""Decisions that other people modelled: every page can be read and asked, and the form says what a program would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from lxml import etree

from api.i18n import texts
from api.pages.decision_inputs import TrialForm, typed_as
from api.pages.decision_words import DecisionWords
from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.decisions import load_decisions
from engine.errors import InvalidModel
from tests.conformance.dmn_tck import read_inputs
from tests.shared_data import shared
from tests.site import Site

Arrive = Callable[..., Any]

TCK = "{http://www.omg.org/spec/DMN/20160719/testcase}"


def test_every_foreign_decision_has_a_page_that_answers(town: Site, visit: Arrive) -> None:
    files = sorted(shared("corpora").rglob("*.dmn"))
    su, seen, refused = visit("su", language="zh"), 0, 0

    for number, file in enumerate(files):
        try:
            command = c.DeployDefinition(files={file.name: file.read_bytes()}, name=f"{number} {file.name}")
            made = town.engine.execute(command, by=SYSTEM)
        except InvalidModel:
            refused += 1
            continue
        for row in made.decisions:
            address = f"/decisions/{quote(row.key)}?version={row.version}"
            read, asked = su.open(address), su.open(f"{address}&ask=1")
            assert (read.status, asked.status) == (200, 200), (file, row.key)
            assert asked.tree.xpath("//*[@id='answer']"), (file, row.key)
            ids = asked.tree.xpath("//@id")
            assert len(ids) == len(set(ids)), (file, row.key)
            seen += 1

    assert (seen > 60, refused < 15) == (True, True), (seen, refused)
    assert su.open("/decisions").status == 200


def test_values_of_the_kit_typed_into_the_form_are_answered_as_those_given_by_a_program() -> None:
    words = DecisionWords(texts("zh"), {})
    asked, differing = 0, []

    for file in sorted(shared("corpora/dmn-tck-level-2").rglob("*-test-*.xml")):
        model = load_decisions(next(Path(file).parent.glob("*.dmn")))
        for case in etree.parse(file).iter(f"{TCK}testCase"):
            inputs = read_inputs(case)
            for node in case.iter(f"{TCK}resultNode"):
                name = str(node.get("name"))
                fields = model.fields(name)
                form = TrialForm(fields, words)
                trial = form.read(typed_as(inputs, fields))
                again = form.read(parse_qs(trial.query))
                asked += 1
                expected = model.evaluate(name, inputs).feel
                found = [model.evaluate(name, one.inputs).feel for one in (trial, again)]
                if trial.problems or found != [expected, expected]:
                    differing.append((file.name, name, trial.problems, found, expected))

    assert asked == 126
    assert differing == []

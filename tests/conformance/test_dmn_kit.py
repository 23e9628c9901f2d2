"""The DMN compatibility kit, level 2, comes out right to the last node; every foreign DMN file can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.decisions import load_decisions
from engine.errors import NotFound
from tests.conformance.dmn_tck import run_folder
from tests.shared_data import shared


def test_level_two_of_the_kit_is_right_throughout() -> None:
    folder = shared("corpora/dmn-tck-level-2")

    outcomes = list(run_folder(folder))

    assert len(outcomes) == 126
    assert [one for one in outcomes if one.outcome != "right"] == []


def test_every_decision_of_every_foreign_file_can_be_asked_without_a_fault() -> None:
    files = sorted(shared("corpora").rglob("*.dmn"))

    for file in files:
        model = load_decisions(file)
        assert model.decisions, file
        for name in model.decisions:
            result = model.evaluate(name, {})

            assert result.trace or result.value is None, (file, name)

    assert len(files) > 40


def test_a_path_without_a_file_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "none.dmn"

    with pytest.raises(NotFound, match=r"none\.dmn"):
        load_decisions(missing)

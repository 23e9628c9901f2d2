"""docs/dmn.md does what it says: its program runs on its model and prints what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.decisions import load_decisions

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "dmn.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "fees.dmn").write_text(block("xml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("in_folder")
def test_the_program_runs_and_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    program = block("python")

    exec(compile(program, "docs/dmn.md", "exec"), {})

    assert capsys.readouterr().out == block("text")


def test_the_models_table_is_found_complete(in_folder: Path) -> None:
    model = load_decisions(in_folder / "fees.dmn")

    assert model.findings == ()


@pytest.mark.usefixtures("in_folder")
def test_the_two_calls_on_the_page_of_feel_run() -> None:
    section = (DOCS / "feel.md").read_text(encoding="utf-8").partition("## Decisions from Python")[2]
    program = "".join(line[4:] + "\n" for line in section.splitlines() if line.startswith("    "))

    exec(compile(program, "docs/feel.md", "exec"), {})

    assert "load_decisions" in program


def test_every_code_on_the_page_is_one_the_checks_give() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("engine/decisions", "engine/models/dmn")
        for path in (DOCS.parent / folder).rglob("*.py")
    )
    codes = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGE.partition("## Findings")[2])

    missing = [code for code in codes if f'"{code}"' not in source]

    assert len(codes) > 12
    assert missing == []

"""docs/embedding.md does what it says: its program runs on its model and prints what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def test_the_program_runs_and_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree.bpmn").write_text(_block("xml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    exec(compile(_block("python"), "docs/embedding.md", "exec"), {"__name__": "__main__"})

    assert capsys.readouterr().out == _block("text")


def test_the_program_is_about_ten_lines(tmp_path: Path) -> None:
    body = _block("python").partition("with Engine.open")[2].splitlines()[1:]

    lines = [line for line in body if line.startswith("    ")]

    assert len(lines) <= 12

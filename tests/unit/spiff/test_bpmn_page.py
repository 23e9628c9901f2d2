"""The page on BPMN lists what runs: no more, no less."""

from __future__ import annotations

import re
from pathlib import Path

from engine.spiff.supported import EVENTS, SUPPORTED

PAGE = (Path(__file__).parents[3] / "docs" / "bpmn.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")][
    1:
]


def test_every_element_that_runs_is_on_the_page_and_no_other() -> None:
    listed = {name for row in ROWS for name in re.findall(r"\w+", row[0])}

    assert listed == SUPPORTED


def test_every_event_definition_that_runs_is_on_the_page_and_no_other() -> None:
    listed = {row[0]: set(re.findall(r"\w+", row[1])) for row in ROWS if row[0] in EVENTS}

    assert listed == {element: {str(kind) for kind in kinds} for element, kinds in EVENTS.items()}

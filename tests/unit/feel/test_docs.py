"""The examples of docs/feel.md do what the page says."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from engine.feel import compile_expression, compile_unary_tests, format_value
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.java import METHODS
from engine.models.juel import translate

PAGE = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")
CONTEXT = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
NOW = datetime.fromisoformat("2026-11-21T10:30:00+08:00")
EXAMPLES = re.findall(r"^- (`+) ?(.*?) ?\1 → `([^`]*)`(?: — .*)?$", PAGE, re.MULTILINE)
SAID = re.findall(r"^- `.*?` → `[^`]*`(?: — (.*?) · (.*))?$", PAGE, re.MULTILINE)
TRANSLATED = re.findall(r"^\| `(.*[$#]\{.*)` \| `(.*)` \|$", PAGE, re.MULTILINE)
CELLS = re.findall(r"^- `([^`]+) : ([^`]+)` → `([^`]*)`(?: — .*)?$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("source", "expected"), [(source, expected) for _, source, expected in EXAMPLES if " : " not in source]
)
def test_an_expression_gives_what_the_page_says(source: str, expected: str) -> None:
    expression = compile_expression(source)

    result = format_value(expression.evaluate(CONTEXT, now=NOW))

    assert (result or "null") == expected


@pytest.mark.parametrize(("value", "cell", "expected"), CELLS)
def test_a_cell_passes_what_the_page_says(value: str, cell: str, expected: str) -> None:
    tests = compile_unary_tests(cell)

    result = tests.matches(compile_expression(value).evaluate({}), {})

    assert format_value(result) == expected


@pytest.mark.parametrize(("juel", "feel"), TRANSLATED)
def test_an_expression_of_camunda_7_becomes_what_the_page_says(juel: str, feel: str) -> None:
    translated = translate(juel)

    value = compile_expression(translated).evaluate(CONTEXT, now=NOW)

    assert translated == feel
    assert value is not None


def test_the_page_shows_every_built_in_function() -> None:
    shown = {name for _, source, _ in EXAMPLES for name in BUILTIN_NAMES if f"{name}(" in source}

    missing = BUILTIN_NAMES - shown

    assert len(EXAMPLES) > 120
    assert len(TRANSLATED) > 10
    assert not missing


def test_every_example_says_what_it_shows_in_chinese_and_english() -> None:
    assert len(SAID) >= len(EXAMPLES)
    for chinese, english in SAID:
        assert re.search("[\u4e00-\u9fff]", chinese), (chinese, english)
        assert re.search("[a-z]{2}", english) and not re.search("[\u4e00-\u9fff]", english), (chinese, english)


def test_every_section_with_prose_has_both_languages() -> None:
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        prose = re.sub(r"```.*?```|^[-|].*$|^    .*$|`[^`]*`", "", section.partition("\n")[2], flags=re.S | re.M)

        assert re.search("[\u4e00-\u9fff]", prose), section[:80]


def test_the_page_names_every_method_of_java() -> None:
    rows = dict(re.findall(r"^\| (`java\..*?`) \| (.*) \|$", PAGE, re.MULTILINE))

    for method in METHODS.values():
        (names,) = (cells for classes, cells in rows.items() if f"`{method.class_name}`" in classes)

        assert f"`{method.name}`" in names, method


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(example, "docs/feel.md", "exec"), {})

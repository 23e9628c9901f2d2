"""The runner of the DMN kit counts right, wrong and refused apart, for any folder laid out like the kit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from engine.feel import format_value
from tests.builders_dmn import bkm, context, decision, dmn, input_data, item, literal, service, table
from tests.conformance.dmn_tck import read_value, run_folder

HEAD = (
    '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
)
IMPORT = '<import name="i" namespace="urn:i" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
MODEL = dmn(
    IMPORT,
    item("tWord", "string", allowed='"甲", "乙"'),
    input_data("n", "number"),
    input_data("words", "tWord"),
    decision("double", literal("n * 2"), inputs=["n"]),
    decision("parts", context(("a", literal("[1, null]")), ("b", literal('@"2026-01-02"')))),
    decision("word", literal("words"), inputs=["words"]),
    decision("java", literal("f(1)"), knows=["f"]),
    decision("broken", literal("1 +")),
    decision("outside", literal("i.k + 1"), requires=["urn:i#_k"]),
    decision("rows", table(["n"], ["r"], "> 0 | n", policy="COLLECT"), inputs=["n"]),
    bkm("f", ["x"], context(("class", literal('"C"'))), kind="Java"),
    bkm("half", ["x: number"], literal("x / 2")),
    service("both", outputs=["double", "rows"], data=["n"]),
    service("half n", outputs=["double"], data=["n"]).replace("_half_n", "_s"),
    decision("half n", literal("0")),
)
INNER = dmn(input_data("k0", "number"), decision("k", literal("k0"), inputs=["k0"]), namespace="urn:i")


def number(value: object) -> str:
    return f'<value xsi:type="xsd:decimal">{value}</value>'


def case(node: str, expected: str, *inputs: tuple[str, str], attributes: str = "", of: str = "") -> str:
    given = "".join(f'<inputNode name="{name}">{value}</inputNode>' for name, value in inputs)
    return (
        f'<testCase id="c" {of}>{given}<resultNode name="{node}" {attributes}>'
        f"<expected>{expected}</expected></resultNode></testCase>"
    )


NIL = '<value xsi:nil="true"/>'
DATE = '<value xsi:type="xsd:date">2026-01-02</value>'
RIGHT = (
    case("double", number(4.000000000001), ("n", number(2))),
    case("parts", f'<component name="a"><list><item>{number(1)}</item><item>{NIL}</item></list></component>'
                  f'<component name="b">{DATE}</component>'),
    case("word", "<value>甲</value>", ("words", "<value>甲</value>")),
    case("word", NIL, ("words", "<value>丙</value>"), attributes='errorResult="true"'),
    case("java", NIL),
    case("broken", NIL, attributes='errorResult="true"'),
    case("outside", number(6), ("i.k0", number(5))),
    case("rows", "<list/>", ("n", number(-1))),
    case("half", number(1.5), ("x", number(3)), of='type="bkm" invocableName="half"'),
    case("rows", f"<list><item>{number(3)}</item></list>", ("n", number(3)),
         of='type="decisionService" invocableName="both"'),
    case("double", number(6), ("n", number(3)), of='type="decisionService" invocableName="half n"'),
    case("half n", number(0)),
)  # fmt: skip
WRONG = (
    case("double", number(5), ("n", number(2))),
    case("double", "<value>4</value>", ("n", number(2))),
    case("parts", DATE),
)
REFUSED = (case("java", number(1)), case("broken", number(1)), case("nothing", number(1)))


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    for name, cases in (("right", RIGHT), ("wrong", WRONG), ("refused", REFUSED)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.dmn").write_bytes(MODEL)
        (folder / "inner.dmn").write_bytes(INNER)
        tests = f"{HEAD}<modelName>model.dmn</modelName>{''.join(cases)}</testCases>"
        (folder / "model-test-01.xml").write_text(tests, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("folder", "count"), [("right", len(RIGHT)), ("wrong", len(WRONG)), ("refused", len(REFUSED))])
def test_each_node_counts_as_what_it_is(kit: Path, folder: str, count: int) -> None:
    outcomes = list(run_folder(kit / folder))

    assert Counter(one.outcome for one in outcomes) == {folder: count}, outcomes


def test_a_model_that_cannot_be_read_is_refused_node_by_node(kit: Path) -> None:
    (kit / "wrong" / "model.dmn").write_bytes(b"<not-dmn/>")

    outcomes = list(run_folder(kit, only="wrong"))

    assert Counter(one.outcome for one in outcomes) == {"refused": len(WRONG)}


def test_the_command_prints_counts_as_json(kit: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.conformance.dmn_tck", str(kit), "--json"]

    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, check=False
    )

    told = json.loads(done.stdout)
    assert (told["right"], told["wrong"], told["refused"]) == (len(RIGHT), len(WRONG), len(REFUSED))
    assert len(told["not_right"]) == len(WRONG) + len(REFUSED)
    assert done.returncode == 1


def test_files_beside_the_model_that_cannot_be_read_cost_nothing(kit: Path) -> None:
    (kit / "right" / "another.dmn").write_bytes(b"<not-dmn/>")
    (kit / "right" / "broken-test.xml").write_bytes(b"<testCases>")

    outcomes = list(run_folder(kit, only="right"))

    assert Counter(one.outcome for one in outcomes) == {"right": len(RIGHT), "refused": 1}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("duration", "P0Y0M1DT2H0M0S", "P1DT2H"),
        ("duration", "P1Y2M0DT0H0M0S", "P1Y2M"),
        ("duration", "-PT0S", "PT0S"),
        ("yearMonthDuration", "P14M", "P1Y2M"),
        ("dayTimeDuration", "P0D", "PT0S"),
        ("duration", "P1Y1D", "null"),
        ("dateTime", "2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.5Z"),
        ("date", "2026-01-02", "2026-01-02"),
        ("time", "24:00:00", "00:00:00"),
        ("double", "1E2", "100"),
        ("double", "NaN", "null"),
        ("nonNegativeInteger", "7", "7"),
        ("boolean", "1", "true"),
        ("string", "", ""),
    ],
)
def test_values_of_every_type_of_xml_schema_are_read(kind: str, text: str, value: str) -> None:
    node = etree.fromstring(f'{HEAD}<expected><value xsi:type="xsd:{kind}">{text}</value></expected></testCases>')

    read = read_value(node[0])

    assert (format_value(read) if read is not None else "null") == value

"""`civiflow decide`: decisions from the command line, with the rules that decided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.output import complain
from tests.builders_dmn import decision, dmn, input_data, literal, service, table

FEE = decision("费用", table(["面积"], ["费"], "<= 100 | 10", "> 100 | 25"), inputs=["面积"])


@pytest.fixture
def fees(tmp_path: Path) -> Path:
    path = tmp_path / "fees.dmn"
    path.write_bytes(dmn(input_data("面积", "number"), FEE))
    return path


def run(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["decide", *map(str, arguments)], input=stdin, env={"COLUMNS": "160"})


def test_the_only_decision_needs_no_name_and_its_rule_is_told(fees: Path) -> None:
    result = run(fees, "--input", '{"面积": 120}')

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "25"
    assert "U: 2" in result.stdout


def test_json_has_the_value_and_why(fees: Path) -> None:
    result = run(fees, "--decision", "费用", "--input", '{"面积": 80}', "--json")

    answer = json.loads(result.stdout)
    assert answer["value"] == 10
    assert answer["trace"][0]["tables"][0]["rules"] == [
        {"number": 1, "id": "r1", "description": "", "conditions": ["<= 100"], "outputs": {"费": 10}}
    ]


@pytest.mark.parametrize("how", ["@", "-"])
def test_input_comes_from_a_file_or_stdin(fees: Path, tmp_path: Path, how: str) -> None:
    given = tmp_path / "given.json"
    given.write_text('{"面积": 500}', encoding="utf-8")

    result = run(fees, "-i", "-" if how == "-" else f"@{given}", stdin='{"面积": 500}')

    assert result.stdout.splitlines()[0] == "25"


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_whole_numbers_beyond_64_bits_are_kept(tmp_path: Path, how: tuple[str, ...]) -> None:
    path = tmp_path / "large.dmn"
    path.write_bytes(dmn(input_data("n", "number"), decision("next", literal("n + 1"), inputs=["n"])))

    result = run(path, "--input", '{"n": 123456789012345678901234567890}', *how)

    assert result.exit_code == 0
    assert "123456789012345678901234567891" in result.stdout


def test_several_decisions_are_listed_with_what_they_need(tmp_path: Path) -> None:
    path = tmp_path / "two.dmn"
    path.write_bytes(
        dmn(
            input_data("面积", "number"),
            FEE,
            decision("别的", literal("1")),
            service("窗口", outputs=["费用"], data=["面积"]),
        )
    )

    result = run(path, "--json")

    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["费用"]["inputs"] == [{"name": "面积", "type": "number"}]
    assert rows["别的"]["inputs"] == []
    assert rows["窗口"]["kind"] == "service"


def test_a_service_is_asked_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "s.dmn"
    path.write_bytes(dmn(input_data("面积"), FEE, service("窗口", outputs=["费用"], data=["面积"])))

    result = run(path, "--service", "窗口", "-i", '{"面积": 1}', "--json")

    assert json.loads(result.stdout)["value"] == 10


def test_imported_files_follow_the_first(tmp_path: Path) -> None:
    main, lib = tmp_path / "main.dmn", tmp_path / "lib.dmn"
    main.write_bytes(
        dmn(
            '<import name="l" namespace="urn:l" importType=""/>',
            decision("D", literal("l.v + 1"), requires=["urn:l#_v"]),
        )
    )
    lib.write_bytes(dmn(decision("v", literal("41")), namespace="urn:l"))

    result = run(main, lib)

    assert result.stdout.splitlines()[0] == "42"


def test_findings_are_told_without_deciding(tmp_path: Path) -> None:
    path = tmp_path / "gap.dmn"
    path.write_bytes(dmn(input_data("x", "number"), decision("D", table(["x"], ["y"], "> 1 | 1"), inputs=["x"])))

    result = run(path, "--check", "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0 and answer["usable"] is True
    assert [finding["code"] for finding in answer["findings"]] == ["table-has-gap"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--decision", "没有"), "没有"),
        (("--service", "费用"), "decision service"),
        (("-i", "[1]"), "JSON object"),
        (("-i", "{"), "JSON"),
        (("-i", "@nowhere.json"), "nowhere.json"),
        (("-d", "a", "--service", "b"), "both"),
    ],
)
def test_what_is_refused_is_said(
    fees: Path, arguments: tuple[str, ...], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run(fees, *arguments)

    assert isinstance(result.exception, Exception) and complain(result.exception) == 1
    assert says in str(result.exception)


def test_a_decision_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "broken.dmn"
    path.write_bytes(dmn(decision("D", literal("1 +"))))

    result = run(path, "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["value"] is None
    assert any("1 +" in refusal for refusal in answer["refusals"])
    assert "expected" in result.stderr.lower()


def test_a_sound_decision_is_made_beside_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "half.dmn"
    path.write_bytes(dmn(decision("Broken", literal("1 +")), decision("Sound", literal("1 + 1"))))

    result = run(path, "--decision", "Sound")

    assert result.exit_code == 0
    assert result.stdout.startswith("2")
    assert "Broken" in result.stderr

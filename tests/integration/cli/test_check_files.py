"""`civiflow check` over many files: one answer each, in their order, whatever is among them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.checking import Item, inspect_all
from engine.inspection import Status
from tests.unit.models.bpmn import END, START, flow, path, process

GOOD = process(START, END, flow("start", "end"))
DRAFT = process(START, END, flow("start", "end"), attributes="")
ASKS = process(START, '<businessRuleTask id="r" camunda:decisionRef="fee"/>', END, path("start", "r", "end"))
DECISION = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="urn:d" id="d">'
    b'<decision id="fee" name="fee"><literalExpression><text>1</text></literalExpression></decision></definitions>'
)
LITTLE_MEMORY = """
import os, sys
from pathlib import Path
from api.checking import Item, Limits, inspect_all
size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
items = [Item(name=name, path=Path(name)) for name in sys.argv[1:]]
for found in inspect_all(items, [{}], children=1, limits=Limits(memory=size + 40_000_000)):
    print(found.status, *(finding.code for finding in found.findings if finding.severity == "error"))
"""
Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api.cli", "check", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(folder: Path, **files: bytes) -> list[Path]:
    paths = [folder / name.replace("__", ".") for name in files]
    for file, content in zip(paths, files.values(), strict=True):
        file.write_bytes(content)
    return paths


def test_every_file_is_one_json_line_in_the_order_given(check: Check, tmp_path: Path) -> None:
    good, draft, broken, text = write(tmp_path, z__bpmn=GOOD, a__bpmn=DRAFT, m__bpmn=b"<a", notes__txt=b"hello")
    nowhere = tmp_path / "nowhere.bpmn"

    done = check(text, good, nowhere, draft, broken, good, "--json")

    found = lines(done)
    assert [each["file"] for each in found] == [str(p) for p in (text, good, nowhere, draft, broken, good)]
    assert [each["status"] for each in found] == ["rejected", "runnable", "rejected", "draft", "rejected", "runnable"]
    assert found[1]["processes"] == [{"id": "p", "flow_nodes_xml": 2, "flow_nodes_compiled": 2, "lost": []}]
    assert {"severity", "code", "element", "message", "message_zh", "mend", "mend_zh"} <= found[0]["findings"][0].keys()
    assert found[2]["findings"][0]["code"] == "file-missing"
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_drafts_without_errors_are_fine(check: Check, tmp_path: Path) -> None:
    done = check(*write(tmp_path, a__bpmn=GOOD, b__bpmn=DRAFT))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("runnable")
    assert "p: 2 of 2 flow nodes" in done.stdout.replace("\n", " ")
    assert "draft: 1; runnable: 1." in done.stdout


def test_companions_are_found_among_the_files_in_the_folder_and_in_the_archive(check: Check, tmp_path: Path) -> None:
    model, decision = write(tmp_path, p__bpmn=ASKS, fee__dmn=DECISION)
    folder, archive = tmp_path / "application", tmp_path / "application.zip"
    folder.mkdir()
    write(folder, p__bpmn=ASKS, fee__dmn=DECISION)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("p.bpmn", ASKS)
        packed.writestr("fee.dmn", DECISION)

    alone = lines(check(model, "--json"))
    together = lines(check(model, decision, folder, archive, "--json"))

    assert [each["status"] for each in alone] == ["draft"]
    assert [each["status"] for each in together] == ["runnable"] * 6
    assert {each["file"] for each in together} == {
        *(str(each) for each in (model, decision, folder / "p.bpmn", folder / "fee.dmn")),
        *(f"{archive}/{name}" for name in ("p.bpmn", "fee.dmn")),
    }


def test_files_of_the_same_process_do_not_disturb_each_other_nor_is_their_number_bounded(tmp_path: Path) -> None:
    (path_,) = write(tmp_path, p__bpmn=GOOD)

    found = list(inspect_all([Item(name=f"{n}", path=path_) for n in range(1_200)], [{}], children=2))

    assert [each.file for each in found] == [f"{n}" for n in range(1_200)]
    assert {each.status for each in found} == {Status.RUNNABLE}


def test_a_file_that_takes_too_long_is_stopped_and_the_next_ones_are_checked(check: Check, tmp_path: Path) -> None:
    endless = tmp_path / "endless.bpmn"
    os.mkfifo(endless)  # reading it waits for a writer who never comes
    (good,) = write(tmp_path, good__bpmn=GOOD)

    done = check(good, endless, good, good, "--json", "--seconds", "1")

    found = lines(done)
    assert [each["status"] for each in found] == ["runnable", "rejected", "runnable", "runnable"]
    assert [finding["code"] for finding in found[1]["findings"]] == ["too-slow"]
    assert done.returncode == 1


def test_a_file_that_needs_more_memory_than_allowed_is_refused_and_the_next_ones_are_checked(tmp_path: Path) -> None:
    large, good = tmp_path / "large.bpmn", tmp_path / "good.bpmn"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    good.write_bytes(GOOD)

    # In an interpreter of its own: what this one has freed and would use again is not known.
    command = [sys.executable, "-c", LITTLE_MEMORY, str(large), str(good)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.split() == ["rejected", "too-much-memory", "runnable"]


def test_a_child_that_dies_costs_its_file_alone(tmp_path: Path) -> None:
    endless, good = tmp_path / "endless.bpmn", tmp_path / "good.bpmn"
    os.mkfifo(endless)
    good.write_bytes(GOOD)
    before = _children()
    found = inspect_all([Item(name=p.name, path=p) for p in (good, endless, good)], [{}], children=1)
    first = next(found)
    (child,) = _children() - before

    os.kill(child, signal.SIGKILL)

    rest = list(found)
    assert [first.status, *(each.status for each in rest)] == [Status.RUNNABLE, Status.REJECTED, Status.RUNNABLE]


def test_a_child_that_dies_between_two_files_does_not_stop_the_run(tmp_path: Path) -> None:
    (good,) = write(tmp_path, good__bpmn=GOOD)
    before = _children()

    def items() -> Iterator[Item]:
        yield Item(name="a", path=good)
        (idle,) = _children() - before  # the only child: the next file is asked for once it has done the first
        os.kill(idle, signal.SIGKILL)
        os.waitid(os.P_PID, idle, os.WEXITED | os.WNOWAIT)
        yield Item(name="b", path=good)
        yield Item(name="c", path=good)

    found = [each.status for each in inspect_all(items(), [{}], children=1)]

    assert found == [Status.RUNNABLE, Status.REJECTED, Status.RUNNABLE]


def test_no_child_is_left_behind(tmp_path: Path) -> None:
    (good,) = write(tmp_path, good__bpmn=GOOD)
    before = _children()
    found = inspect_all([Item(name="a", path=good), Item(name="b", path=good)], [{}], children=2)

    next(found)
    found.close()  # type: ignore[attr-defined] # a generator, given as an iterator

    assert _children() - before == set()


def _children() -> set[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(each) for each in text.split()}


def test_a_file_whose_name_is_no_utf_8_is_checked_like_any_other(check: Check, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.bpmn"))
    odd.write_bytes(GOOD)

    found = lines(check(odd, tmp_path, "--json"))

    assert [each["status"] for each in found] == ["runnable", "runnable"]
    assert found[0]["file"].endswith("/\ufffd\ufffd.bpmn")


def test_an_archive_that_is_none_and_an_empty_folder(check: Check, tmp_path: Path) -> None:
    (archive,) = write(tmp_path, a__zip=b"PK no")
    empty = tmp_path / "empty"
    empty.mkdir()

    (found,) = lines(check(archive, "--json"))
    nothing = check(empty)

    assert (found["status"], found["findings"][0]["code"]) == ("rejected", "zip-not-taken")
    assert nothing.returncode == 1
    assert "Expected at least one .bpmn file" in nothing.stderr

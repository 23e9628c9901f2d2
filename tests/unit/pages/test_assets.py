"""The browser side is built once, and pages can do without."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

import pytest

from api import assets


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """The sources in a folder of the test's own; its packages count as installed but are not there."""
    copy = tmp_path / "web"
    shutil.copytree(assets.WEB, copy, ignore=shutil.ignore_patterns("node_modules", "dist", ".dist-*", ".build.lock"))
    (copy / "node_modules").mkdir()
    lock = (copy / "package-lock.json").read_bytes()
    (copy / "node_modules" / ".installed").write_text(hashlib.sha256(lock).hexdigest())
    return copy


def test_where_packages_cannot_be_had_the_plain_files_are_served_and_it_is_said_why(web: Path) -> None:
    made = assets.build(web=web)

    assert (made.built, made.islands) == (True, False)
    assert made.problem
    assert (web / "dist" / "desk.css").read_text().startswith("@import")
    assert {"desk.js", "desk_keys.js", "tokens.css", "icons.svg"} <= {path.name for path in (web / "dist").iterdir()}
    assert not (web / "dist" / "diagram.js").exists()


def test_a_second_call_builds_nothing_and_takes_no_time(web: Path) -> None:
    first = assets.build(web=web)

    began = time.perf_counter()
    again = assets.build(web=web)

    assert time.perf_counter() - began < 0.2
    assert again.built is False
    assert (again.stamp, again.islands, again.problem) == (first.stamp, first.islands, first.problem)


def test_an_edit_is_built_and_changes_every_address(web: Path) -> None:
    before = assets.build(web=web)

    (web / "src" / "css" / "tokens.css").write_text(":root { --ink: black }")
    after = assets.build(web=web)

    assert after.built is True
    assert after.stamp != before.stamp
    assert (web / "dist" / "tokens.css").read_text() == ":root { --ink: black }"


def test_every_imported_style_sheet_and_plain_script_is_among_the_plain_files(web: Path) -> None:
    assets.build(web=web)
    dist = web / "dist"

    named = [
        line.split('"')[1].removeprefix("./")
        for name in ("desk.css", "desk.js")
        for line in (dist / name).read_text().splitlines()
        if line.startswith(("@import", "import"))
    ]

    assert len(named) > 6
    assert [name for name in named if not (dist / name).exists()] == []


def test_the_lock_file_names_no_host() -> None:
    lock = (assets.WEB / "package-lock.json").read_text()

    assert "resolved" not in lock
    assert lock.count("integrity") > 15

"""What stands around the code holds together: commands, lock, licence, links, no private addresses."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked() -> Iterator[tuple[str, str]]:
    """Path and text of every text file that git keeps (or would, if it is new)."""
    if not (ROOT / ".git").exists():
        pytest.skip("Expected a git checkout to list the tracked files, but there is no .git.")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode("utf-8")


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", ROOT / "requirements/lock.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copied_lock(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- addresses


def test_no_tracked_file_holds_a_download_address_or_a_path_of_one_machine() -> None:
    index = re.compile(r"--(extra-)?index-url[ =]|--find-links[ =]|\"resolved\":\s*\"\w+:|^registry\s*=", re.M)
    hosts = re.compile(r"(files\.pythonhosted|pypi|registry\.npmjs|registry\.yarnpkg|deb\.debian)\.(org|com)")
    homes = re.compile(rf"(?<![\w.])(/home/\w+|/Users/\w+|/root|{re.escape(str(ROOT))})(?=[/\s'\"]|$)", re.M)

    found = [
        f"{name}: {match.group()!r}"
        for name, text in tracked()
        if name != "tests/unit/test_repository.py"
        for pattern in (index, hosts, homes)
        for match in pattern.finditer(text)
    ]

    assert found == []


# --- the lock


def test_the_lock_fits_the_project(lock: ModuleType) -> None:
    assert lock.check(ROOT) == []


def test_a_requirement_that_is_not_locked_is_named(lock: ModuleType, copied_lock: Path) -> None:
    replace(copied_lock / "pyproject.toml", '"lark>=1.3"', '"lark>=1.3", "simpy>=4"')

    found = lock.check(copied_lock)

    assert "requirements/lock.txt: expected simpy>=4, but it is not there." in found


def test_a_locked_version_that_is_too_old_is_named(lock: ModuleType, copied_lock: Path) -> None:
    replace(copied_lock / "pyproject.toml", '"lark>=1.3"', '"lark>=99"')

    found = lock.check(copied_lock)

    assert any("lock.txt: expected lark>=99, but it holds 1." in each for each in found)


def test_a_dropped_requirement_is_named(lock: ModuleType, copied_lock: Path) -> None:
    replace(copied_lock / "pyproject.toml", '    "lark>=1.3",\n', "")

    found = lock.check(copied_lock)

    assert "requirements/lock.txt: lark is locked, but pyproject.toml no longer asks for it." in found


def test_a_missing_hash_is_named(lock: ModuleType, copied_lock: Path) -> None:
    path = copied_lock / "requirements/lock.txt"
    path.write_text(re.sub(r"(lark==\S+) \\\n(    --hash.*\n)+", r"\1\n", path.read_text()))

    found = lock.check(copied_lock)

    assert "requirements/lock.txt: expected a hash for lark, but there is none." in found


def test_two_locked_versions_of_one_package_are_named(lock: ModuleType, copied_lock: Path) -> None:
    path = copied_lock / "requirements/dev.txt"
    path.write_text(re.sub(r"^lark==\S+", "lark==1.3.999", path.read_text(), flags=re.M))

    found = lock.check(copied_lock)

    assert any("dev.txt: expected lark==" in each for each in found)


# --- commands


def test_every_make_command_in_the_documentation_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.M))
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci/run"]

    named = {name for page in pages for name in re.findall(r"(?:^|`|step )make ([a-z0-9]+)", page.read_text(), re.M)}

    assert {"run", "test", "check", "bench", "crash", "e2e", "services", "lock", "clean", "help"} <= targets
    assert named <= targets


@pytest.mark.parametrize("script", [".ci/run", ".ci/services"])
def test_a_script_of_continuous_integration_is_valid_and_executable(script: str) -> None:
    checked = subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.stderr == ""
    assert os.access(ROOT / script, os.X_OK)


def test_continuous_integration_ends_at_the_first_failure(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text("services:\n\t@true\ncheck:\n\t@false\n%:\n\t@echo ran $@\n")

    run = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run.returncode != 0
    assert "ran test" not in run.stdout


# --- licence, versions, links


def test_the_licence_is_the_exact_text_of_the_agpl() -> None:
    text = (ROOT / "LICENSE").read_bytes()

    # as git names the text published by the Free Software Foundation
    named = hashlib.sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest()

    assert named == "0ad25db4bd1d86c452db3f9602ccdbe172438f52"
    assert PROJECT["license"] == "AGPL-3.0-or-later"


def test_the_changelog_is_about_the_version_of_the_project() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.M)

    assert "## [Unreleased]" in changelog
    assert PROJECT["version"] in changelog
    assert released == [] or released[0] == PROJECT["version"]


def test_every_library_that_we_ask_for_is_in_the_notices() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    asked = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    names = [re.split(r"[\[<>=~!; ]", each)[0] for each in asked]
    package = ROOT / "api/web/package.json"
    if package.exists():
        browser = json.loads(package.read_text(encoding="utf-8"))
        names += [*browser.get("dependencies", {}), *browser.get("devDependencies", {})]

    missing = [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", notices)]

    assert missing == []


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]

    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_decision_is_listed_and_has_its_parts() -> None:
    folder = ROOT / "docs/adr"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(folder.glob("0*.md"))

    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"({page.name})" in listed
        assert text.startswith(f"# {page.name[:4]} ")
        for part in ("## Context", "## Decision", "## Consequences", "## Alternatives weighed"):
            assert part in text, f"{page.name} lacks {part}"

    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]

"""The import contracts of pyproject.toml hold, and each of them notices what it forbids."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# module that imports, what it must not import
FORBIDDEN = [
    ("engine.clock", "api"),
    ("engine.clock", "mining"),
    ("bots", "mining"),
    ("mining", "bots"),
    ("bots", "engine.errors"),
    ("bots", "engine"),
    ("mining", "engine.clock"),
    ("mining", "engine.store"),
    ("api", "engine.handlers"),
    ("api", "engine.spiff"),
    ("api", "engine.store"),
    ("engine.contracts", "engine.errors"),
    ("engine.errors", "engine.clock"),
    ("engine.models", "engine.spiff"),
    ("engine.spiff", "engine.store"),
    ("engine.spiff", "engine.handlers"),
    ("engine.store", "engine.models"),
    ("engine.store", "engine.spiff"),
    ("api.pages.planted", "api.rest.planted"),
    ("engine.models", "fastapi"),
    ("engine.models", "pydantic"),
    ("engine.models", "SpiffWorkflow"),
    ("engine.handlers", "sqlalchemy"),
    ("api", "psycopg"),
    ("engine.store", "lxml"),
    ("mining", "lxml"),
    ("api", "jinja2"),
    ("api", "apscheduler"),
    ("bots", "celery"),
    ("api", "polars"),
]

ALLOWED = [
    ("engine.store", "sqlalchemy"),
    ("engine.spiff", "SpiffWorkflow"),
    ("engine.models", "lxml"),
    ("api.pages", "jinja2"),
    ("api.scheduler", "apscheduler"),
    ("bots.worker", "celery"),
    ("bots", "engine.contracts.errors"),
    ("mining", "engine.contracts.eventlog"),
    ("mining", "polars"),
    ("engine.handlers", "engine.store"),
    ("api", "engine.errors"),
]


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def plant(directory: Path, imports: list[tuple[str, str]]) -> Path:
    """A tree under our contracts in which the modules hold these imports and nothing else."""
    ours = ("api", "bots", "engine", "mining")
    always = ["engine.contracts", "engine.errors", "engine.handlers"]
    always += ["engine.models", "engine.spiff", "engine.store"]
    for name in [*ours, *always, *(each for pair in imports for each in pair if each.split(".")[0] in ours)]:
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            package = directory.joinpath(*parts[:length])
            package.mkdir(exist_ok=True)
            (package / "__init__.py").touch()
    for importer, imported in imports:
        with directory.joinpath(*importer.split("."), "__init__.py").open("a") as module:
            module.write(f"import {imported}\n")
    shutil.copy(ROOT / "pyproject.toml", directory)
    return directory


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    return lint(plant(tmp_path_factory.mktemp("planted"), FORBIDDEN)).stdout


def test_the_code_keeps_every_contract() -> None:
    found = lint(ROOT)

    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 broken" in found.stdout


@pytest.mark.parametrize(("importer", "imported"), FORBIDDEN)
def test_a_forbidden_import_is_named(complaints: str, importer: str, imported: str) -> None:
    named = re.compile(rf"^\s*-?\s*{re.escape(importer)} -> {re.escape(imported)} \(l", re.MULTILINE)

    assert named.search(complaints), complaints


def test_a_module_that_the_layers_do_not_name_is_noticed(tmp_path: Path) -> None:
    tree = plant(tmp_path, [("engine.planted", "json")])

    found = lint(tree)

    assert found.returncode == 1
    assert "planted" in found.stdout


def test_the_imports_that_the_layout_needs_are_allowed(tmp_path: Path) -> None:
    tree = plant(tmp_path, ALLOWED)

    found = lint(tree)

    assert found.returncode == 0, found.stdout + found.stderr

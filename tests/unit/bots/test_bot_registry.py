"""Which bots there are, and what finding out may cost."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sample_bots

from bots import bot
from bots.registry import Registry, builtin_registry
from bots.sandbox import run_isolated
from engine.contracts.errors import NotFound
from tests.job_client import InMemoryJobs

SITE_BOT = '''
from datetime import timedelta
from bots import JobResult, bot
from _streets import street_of

@bot("site.street", timeout=timedelta(seconds=7), isolated=False)
def street(job, context):
    """Find the street of an address."""
    return JobResult(variables={"street": street_of(job.variables["address"])})
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "streets.py").write_text(SITE_BOT)
    (tmp_path / "_streets.py").write_text("def street_of(address):\n    return address.partition(' ')[0]\n")
    return tmp_path


def test_a_bot_is_described_by_the_first_line_of_its_docstring() -> None:
    assert sample_bots.echo.description == "Give back what came in."
    assert sample_bots.echo.origin.module == "sample_bots"


@pytest.mark.parametrize("topic", ["", "a b", "x" * 201, "../x", "a\n"])
def test_a_topic_must_be_a_name(topic: str) -> None:
    with pytest.raises(ValueError, match="Expected a topic"):
        bot(topic)


def test_a_timeout_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="Expected a timeout above zero for bot 'x'"):
        bot("x", timeout=timedelta(0))


def test_two_bots_for_one_topic_are_refused() -> None:
    registry = Registry([sample_bots.echo])

    with pytest.raises(ValueError, match=r"Expected one bot for topic 'sample\.echo'"):
        registry.add(sample_bots.echo)


def test_an_unknown_topic_is_answered_with_those_there_are() -> None:
    registry = Registry([sample_bots.echo, sample_bots.bug])

    with pytest.raises(NotFound, match=r"this worker has: sample\.echo, sample\.bug\."):
        registry.find("nobody.does.this")


def test_the_built_in_bots_are_there() -> None:
    registry = builtin_registry()

    assert list(registry.topics) == [
        "documents.archive",
        "document.render",
        "log.message",
        "notify.user",
        "number.assign",
        "document.revoke",
    ]
    assert registry.find("document.render").isolated
    assert registry.problems == []
    assert all(each.description for each in registry)


def test_a_site_bot_is_found_and_runs_isolated_whatever_it_says(site: Path, tmp_path: Path) -> None:
    jobs = InMemoryJobs()
    job = jobs.add("site.street", variables={"address": "人民路 1 号"}).job
    workdir = tmp_path / "work"
    workdir.mkdir()

    found = builtin_registry(site_folder=site).find("site.street")
    result = run_isolated(found, job, jobs.context(job, workdir))

    assert (found.isolated, found.function) == (True, None)
    assert (found.timeout, found.description) == (timedelta(seconds=7), "Find the street of an address.")
    assert result.variables == {"street": "人民路"}


def test_no_code_of_a_site_file_runs_in_this_process(site: Path) -> None:
    (site / "sneaky.py").write_text("import os, sys\nsys.modules['sneaky_was_here'] = sys\nos._exit(0)\n")

    registry = builtin_registry(site_folder=site)

    assert "sneaky_was_here" not in sys.modules
    assert "site.street" in registry.topics
    (problem,) = registry.problems
    assert "sneaky.py" in problem


def test_what_cannot_be_loaded_is_named_and_does_not_stop_the_others(site: Path) -> None:
    (site / "broken.py").write_text("def f(:\n")
    (site / "taken.py").write_text(SITE_BOT.replace("site.street", "notify.user"))

    registry = builtin_registry(site_folder=site)

    assert "site.street" in registry.topics
    assert len(registry.problems) == 2
    assert "broken.py" in registry.problems[0] and "SyntaxError" in registry.problems[0]
    assert "Expected one bot for topic 'notify.user'" in registry.problems[1]


def test_a_site_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    registry = builtin_registry(site_folder=tmp_path / "nowhere")

    assert "Expected a folder at" in registry.problems[0]


def test_bots_of_installed_packages_come_by_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "street_bots.py").write_text(SITE_BOT.replace("from _streets import street_of\n", ""))
    metadata = tmp_path / "street_bots-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: street-bots\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[civiflow.bots]\nstreets = street_bots\nmissing = no_such_module\nwrong = json:dumps\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    registry = builtin_registry()
    without = builtin_registry(plugins=False)

    assert registry.find("site.street").origin.module == "street_bots"
    assert "No module named 'no_such_module'" in "\n".join(registry.problems)
    assert "Expected a module or a bot but got a function" in "\n".join(registry.problems)
    assert "site.street" not in without.topics


def test_the_worker_loads_no_heavy_library() -> None:
    heavy = ("typst", "sqlalchemy", "SpiffWorkflow", "fastapi", "polars", "celery", "lxml")
    program = (
        "import sys; from bots.registry import builtin_registry; from bots.worker import Worker\n"
        f"builtin_registry(); print([name for name in {heavy} if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"

"""docs/bots.md does what it says: its bot, its test and its template are run."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

import bots
from bots import BusinessError, Job
from bots.registry import builtin_registry
from bots.worker import Worker
from tests.job_client import InMemoryJobs

DOCS = Path(__file__).parents[3] / "docs" / "bots.md"
PYTHON = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
TYPST = re.findall(r"```typst\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs()


def test_the_example_works_as_a_site_bot(jobs: InMemoryJobs, tmp_path: Path) -> None:
    (tmp_path / "districts.py").write_text(PYTHON[0], encoding="utf-8")
    registry = builtin_registry(site_folder=tmp_path)
    worker = Worker(jobs, registry, make_context=jobs.context, worker_id="docs")
    known = jobs.add("site.find-district", variables={"street": "解放路"})
    unknown = jobs.add("site.find-district", variables={"street": "无名路"})

    worker.run_once(limit=2)

    assert registry.problems == []
    assert (known.state, known.result) == ("completed", {"district": "西城区"})
    assert (unknown.state, unknown.error_code) == ("error", "UNKNOWN_STREET")
    assert "Expected a street of the city but got '无名路'." in unknown.error_message


def test_the_examples_own_test_passes(jobs: InMemoryJobs, tmp_path: Path) -> None:
    example = ModuleType("districts")
    exec(PYTHON[0] + PYTHON[1], vars(example))

    def job(**variables: object) -> Job:
        return jobs.add("site.find-district", variables=variables).job

    example.test_a_street_has_a_district(job, jobs.context(job(), tmp_path))

    with pytest.raises(BusinessError):
        example.find_district(job(street="无名路"), jobs.context(job(), tmp_path))


def test_the_example_template_renders(jobs: InMemoryJobs) -> None:
    jobs.resources.templates["closing_notice.typ"] = TYPST[0].encode()
    row = jobs.add(
        "document.render",
        headers={"template": "closing_notice.typ", "output": "办结通知书-{businessKey}.pdf"},
        variables={"reporter": {"name": "李娜"}, "what": "路灯不亮", "unit": "二队", "photos": [{"name": "x"}]},
        business_key="2026-0007",
    )

    Worker(jobs, builtin_registry(), make_context=jobs.context, worker_id="docs").run_once()

    assert row.error_message == ""
    assert row.result["document"]["name"] == "办结通知书-2026-0007.pdf"


def test_every_topic_and_header_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")

    assert [topic for topic in builtin_registry(plugins=False).topics if f"### `{topic}`" not in text] == []
    assert [name for name in bots.__all__ if name not in text and name not in ("Bot", "FileRef", "NotFound")] == []

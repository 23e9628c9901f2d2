"""Placeholders, file names, and the message bots built on them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots import BusinessError
from bots.builtin.log import log_message
from bots.builtin.notify import notify_user
from bots.text import case_facts, file_name, fill
from tests.job_client import InMemoryJobs

FACTS = {"businessKey": "2026-0007"}


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("办结通知书-{businessKey}.pdf", "办结通知书-2026-0007.pdf"),
        ("{报修人.姓名}，您好", "李娜，您好"),
        ("{count} 次，{share}，{urgent}，[{nothing}]", "3 次，0.5，true，[]"),
        ("{{businessKey}} 与 {{", "{businessKey} 与 {"),
        ("没有占位符", "没有占位符"),
        ("{trap}", "{businessKey}"),
        ("{0} {}", "zero empty"),
    ],
)
def test_placeholders_are_filled_once(text: str, filled: str) -> None:
    variables = {
        "报修人": {"姓名": "李娜"},
        "count": 3,
        "share": 0.5,
        "urgent": True,
        "nothing": None,
        "trap": "{businessKey}",
        "0": "zero",
        "": "empty",
    }

    assert fill(text, FACTS, variables) == filled


@pytest.mark.parametrize("text", ["{nobody}", "{person.age}", "{person.name.__class__}", "{person}", "{list}"])
def test_a_placeholder_that_names_no_text_is_refused(text: str) -> None:
    with pytest.raises(BusinessError, match=r"Expected \{") as caught:
        fill(text, FACTS, {"person": {"name": "李娜"}, "list": [1]})

    assert caught.value.code == "PLACEHOLDER_ERROR"


def test_facts_of_the_case_cannot_be_overridden_by_variables() -> None:
    assert fill("{businessKey}", FACTS, {"businessKey": "伪造"}) == "2026-0007"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("办结通知书-2026.pdf", "办结通知书-2026.pdf"),
        ("../../etc/passwd", "etc_passwd.pdf"),
        ('a\\b:c*d?e"f<g>h|i\n\tj', "a_b_c_d_e_f_g_h_i_j.pdf"),
        ("", "document.pdf"),
        (" . ", "document.pdf"),
        ("发票\u202efdp.exe", "发票fdp.exe.pdf"),
        ("Cafe\u0301", "Café.pdf"),
        ("\x00\x1b[31m红", "[31m红.pdf"),
        ("市" * 300, "市" * 65 + ".pdf"),
    ],
)
def test_file_names_are_safe_everywhere(text: str, name: str) -> None:
    assert file_name(text, suffix=".pdf") == name


def test_today_is_the_sites_date_when_the_task_was_reached(jobs: InMemoryJobs, tmp_path: Path) -> None:
    evening = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    job = dataclasses.replace(jobs.add("x", business_key="").job, created_at=evening)
    context = jobs.context(job, tmp_path)

    facts = case_facts(job, context)
    elsewhere = case_facts(job, dataclasses.replace(context, zone="UTC"))

    assert (facts["today"], elsewhere["today"]) == ("2026-03-02", "2026-03-01")
    assert facts["businessKey"] == job.instance_id


def test_a_message_reaches_the_recipient_once(jobs: InMemoryJobs, tmp_path: Path) -> None:
    job = jobs.add(
        "notify.user",
        headers={"recipient": "{reporter}", "subject": "案件\n{businessKey}", "body": "{place}已修复。"},
        variables={"reporter": "li.na", "place": "人民路 1 号"},
        business_key="2026-0007",
    ).job

    results = [notify_user(job, jobs.context(job, tmp_path)) for _ in range(2)]

    assert jobs.notifier.messages == {
        f"job:{job.id}": {
            "recipient": "li.na",
            "subject": "案件 2026-0007",
            "body": "人民路 1 号已修复。",
            "instance_id": job.instance_id,
        }
    }
    assert [result.variables for result in results] == [{}, {}]


def test_a_text_that_a_user_wrote_is_not_searched_for_placeholders(jobs: InMemoryJobs, tmp_path: Path) -> None:
    job = jobs.add(
        "notify.user",
        headers={"recipient": "li.na", "subject": "回复"},
        variables={"body": "{secret}", "secret": "geheim"},
    ).job

    notify_user(job, jobs.context(job, tmp_path))

    (message,) = jobs.notifier.messages.values()
    assert message["body"] == "{secret}"


@pytest.mark.parametrize("recipient", [None, "", "  ", 7, ["li.na"]])
def test_a_message_without_a_recipient_is_a_business_error(
    jobs: InMemoryJobs, tmp_path: Path, recipient: object
) -> None:
    job = jobs.add("notify.user", headers={"subject": "s", "body": "b"}, variables={"recipient": recipient}).job

    with pytest.raises(BusinessError, match="Expected a text for 'recipient'"):
        notify_user(job, jobs.context(job, tmp_path))

    assert jobs.notifier.messages == {}


def test_a_log_line_stays_one_line(jobs: InMemoryJobs, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    job = jobs.add("log.message", headers={"message": "报修：{what}"}, variables={"what": "灯\nERROR forged"}).job

    log_message(job, jobs.context(job, tmp_path))

    assert caplog.messages == [f"instance {job.instance_id}: 报修：灯 ERROR forged"]

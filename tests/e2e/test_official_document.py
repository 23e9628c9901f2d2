"""An official document from the draft to the archive, by many hands, and checked by a stranger with its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.security import hash_password
from engine import Engine
from engine import identity_commands as ic
from engine.applications import install
from engine.contracts.principal import SYSTEM
from tests.e2e.person import PASSWORD, Person
from tests.e2e.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

Visitor = Callable[..., Person]

FOLDER = Path(__file__).parents[2] / "processes" / "document_approval"
TITLE = "关于加强汛期值班工作的通知"
PHONE = (390, 844)
PEOPLE = {  # user name: role, group
    "qin.shu": ("staff", "organ_urban"),
    "lin.wen": ("staff", "doc_checkers"),
    "fang.jin": ("staff", "organ_finance"),
    "sun.he": ("staff", ""),
    "he.yuan": ("staff", "signing_leaders"),
    "yin.zhang": ("staff", "seal_keepers"),
    "chao.ling": ("staff", "organ_wangchao"),
    "tang.zhu": ("supervisor", ""),
}


def test_an_official_document_is_issued_taken_back_issued_again_and_checked(
    server: Server, visitor: Visitor, tmp_path: Path
) -> None:
    with Engine.open(server.database) as engine:
        populate(engine)
    server.start()
    people = {name: visitor() for name in PEOPLE}
    for name, person in people.items():
        person.sign_in(name)

    number = draft(people["qin.shu"])
    approve(people, number)
    first = proof(people["yin.zhang"], number, "有误，收回重印", misprint="第二段漏字")
    correct(people["lin.wen"], number)
    second = proof(people["yin.zhang"], number, "无误，已用印")
    receive(people["chao.ling"], number)
    old, new = look_into_the_archive(people["tang.zhu"], number)

    check(visitor(size=PHONE), old, first, "此文件已被撤销", "第二段漏字")
    check(visitor(size=PHONE), new, second, "文件真实有效", "澄政办发〔", tampered=tmp_path / "tampered.pdf")
    assert "1 cases" in server.command("verify")
    assert server.errors() == []


def populate(engine: Engine) -> None:
    """The process, its groups, and a person for each step."""
    install(engine, FOLDER, by=SYSTEM)
    there = {group.key for group in engine.read(SYSTEM).groups()}
    for group in {group for _, group in PEOPLE.values() if group} - there:
        engine.execute(ic.CreateGroup(key=group), by=SYSTEM)
    password = hash_password(PASSWORD)
    for name, (role, group) in PEOPLE.items():
        groups = (group,) if group else ()
        command = ic.CreateUser(username=name, password_hash=password, roles=(role,), groups=groups)  # type: ignore[arg-type]
        engine.execute(command, by=SYSTEM)


def draft(drafter: Person) -> str:
    """A draft is handed in; gives its case number."""
    drafter.open("/start/document_approval")
    drafter.fill("题名", TITLE)
    drafter.choose("文种", "通知")
    drafter.fill("正文", "为做好今年汛期值班工作，现就有关事项通知如下。\n一、加强值班值守\n各单位实行二十四小时值班。")
    drafter.pick("主送", "望潮区政府")
    drafter.pick("征求意见", "财政局")
    drafter.pick("会签人", "孙禾（财政局局长）")
    drafter.page.get_by_label("我确认本文不涉及国家秘密和工作秘密").check()
    drafter.press("提交")
    expect(drafter.page.locator("main")).to_contain_text(re.compile(r"FW-\d{8}-\d{4}"))
    return re.findall(r"FW-\d{8}-\d{4}", drafter.text)[0]


def approve(people: dict[str, Person], number: str) -> None:
    """Checked, commented on, countersigned, signed: each by somebody else."""
    for name, step, question, answer in (
        ("lin.wen", "核稿", "核稿结果", "通过"),
        ("fang.jin", "提出意见", "答复", "无意见"),
        ("he.yuan", "签发", "签发意见", "同意签发"),
    ):
        if step == "签发":
            countersigner = people["sun.he"]
            countersigner.open("/inbox")
            countersigner.follow(f"通知：{TITLE}")
            countersigner.pick("会签意见", "同意")
            countersigner.complete()
        people[name].take(number, step)
        people[name].pick(question, answer)
        people[name].complete()


def proof(keeper: Person, number: str, result: str, *, misprint: str = "") -> bytes:
    """The final document is read and sealed, or taken back; gives its bytes."""
    keeper.waits_for("/inbox?scope=groups", "校对用印")
    keeper.take(number, "校对用印")
    document = keeper.page.locator("li.file", has_text="有效").get_by_role("link").first
    with keeper.page.expect_download() as started:
        document.click()
    content = Path(started.value.path()).read_bytes()
    keeper.pick("校对结果", result)
    if misprint:
        keeper.fill("错误之处", misprint)
    keeper.complete()
    return content


def correct(clerk: Person, number: str) -> None:
    """The misprint is corrected."""
    clerk.waits_for("/inbox?scope=groups", "更正")
    clerk.take(number, "更正")
    clerk.complete()


def receive(recipient: Person, number: str) -> None:
    """The recipient signs for it."""
    recipient.waits_for("/inbox?scope=groups", "签收")
    recipient.take(number, "签收")
    recipient.complete()


def look_into_the_archive(director: Person, number: str) -> tuple[str, str]:
    """The case was filed; gives the codes of the revoked and of the valid document."""
    director.waits_for("/archive?show=cases", number)
    director.open("/archive")
    codes = []
    for state in ("已撤销", "有效"):
        director.open("/archive")
        director.row(TITLE, state).get_by_role("link", name=TITLE).click()
        codes.append(director.page.locator("a[href^='/documents/verify/']").inner_text())
    return codes[0], codes[1]


def check(stranger: Person, code: str, content: bytes, *said: str, tampered: Path | None = None) -> None:
    """Somebody with a telephone types the code, and compares the file with what was issued."""
    stranger.open("/sign-in")
    stranger.follow("文件核验")
    stranger.fill("验证码", code.lower().replace("-", " "))
    stranger.press("核验")
    stranger.sees(TITLE, *said)

    file = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": content}
    stranger.page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    stranger.press("比对")
    stranger.sees("与印发的文件完全一致")
    if tampered is not None:
        tampered.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        stranger.page.locator("#file").set_input_files(tampered)
        stranger.press("比对")
        stranger.sees("这不是当时印发的文件")

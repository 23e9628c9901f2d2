"""What goes wrong on an ordinary day: sessions end, two people want one task, files are not what they seem."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api import assets
from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.e2e.material import APPLICATION, broken_model, photo
from tests.e2e.person import Person
from tests.site import Site, running_site

pytestmark = pytest.mark.browser

Arrive = Callable[[str], Person]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the packaged process."""
    assets.build()
    folder = tmp_path_factory.mktemp("town")
    with running_site(f"sqlite:///{folder / 'town.db'}", folder) as site:
        files = {p.relative_to(APPLICATION).as_posix(): p.read_bytes() for p in APPLICATION.rglob("*") if p.is_file()}
        site.engine.execute(c.DeployDefinition(files=files, name="test"), by=SYSTEM)
        yield site


@pytest.fixture
def arrives(browser: Browser, town: Site) -> Iterator[Arrive]:
    """Somebody signs in; at the end no browser may have complained."""
    people: list[Person] = []

    def arrive(username: str) -> Person:
        people.append(Person(browser, town.url))
        people[-1].sign_in(username)
        return people[-1]

    yield arrive
    for person in people:
        person.close()
    assert [complaint for person in people for complaint in person.complaints] == []


def test_what_was_typed_survives_the_end_of_the_session(arrives: Arrive) -> None:
    chen = arrives("chen")
    chen.open("/start/repair_dispatch")
    chen.fill("问题描述", "人行道上堆满了建筑垃圾。")
    chen.choose("问题类别", "市容环卫 / 积存渣土")
    chen.choose("所在网格", "WC01 望潮区 · 海棠街道一网格")

    chen.forget_session()
    chen.press("提交")
    chen.enter("chen")

    chen.sees("已恢复您之前填写的内容")
    expect(chen.field("问题描述")).to_have_value("人行道上堆满了建筑垃圾。")
    expect(chen.field("问题类别")).to_have_value("1102")
    expect(chen.field("所在网格")).to_have_value("WC01")


def test_what_one_person_typed_is_not_shown_to_the_next(arrives: Arrive) -> None:
    chen = arrives("chen")
    chen.open("/start/repair_dispatch")
    chen.fill("问题描述", "这是我写的。")

    chen.forget_session()
    chen.press("提交")
    chen.enter("gu")

    expect(chen.page).to_have_url(re.compile("/start/repair_dispatch$"))
    expect(chen.field("问题描述")).to_have_value("")


def test_the_slower_of_two_is_told_who_has_taken_the_task(arrives: Arrive, town: Site) -> None:
    case = town.start(place="长桥路")
    number = town.engine.read(SYSTEM).instance(case).row.business_key
    li, wang = arrives("li"), arrives("wang")
    li.open("/inbox?scope=groups")
    wang.open("/inbox?scope=groups")

    li.row(number).get_by_role("button").click()
    expect(li.page.locator(".notice.is-good")).to_be_visible()
    wang.row(number).get_by_role("button").click()

    wang.sees("li", "领取了此任务")
    expect(wang.page.get_by_role("button", name="提交", exact=True)).to_have_count(0)


def test_whoever_goes_back_to_a_finished_task_finds_it_finished(arrives: Arrive, town: Site) -> None:
    task = town.task(town.start())
    li = arrives("li")
    li.open(f"/tasks/{task}")
    li.complete()

    li.page.go_back()

    li.sees("已完成")
    expect(li.page.get_by_role("button", name="提交", exact=True)).to_have_count(0)


def test_a_refused_file_is_named_and_the_others_stay(arrives: Arrive, tmp_path: Path) -> None:
    chen = arrives("chen")
    chen.open("/start/repair_dispatch")
    empty = tmp_path / "空的.png"
    empty.touch()

    chen.field("现场照片").set_input_files([photo(tmp_path, "好的.png", 9), empty])
    chen.sees("文件“空的.png”是空的")
    chen.press("提交")

    chen.sees("文件“空的.png”是空的")
    expect(chen.page.locator("li.file")).to_have_count(1)
    expect(chen.page.locator("li.file")).to_contain_text("好的.png")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.bpmn", b"", "文件“空.bpmn”是空的"),
        ("公文.bpmn", b"PK\x03\x04 a document", "Office 文档"),
        ("坏.zip", b"PK\x03\x04 a document", "这不是可以读取的 ZIP 压缩包"),
        ("说明.txt", b"read me", "没有 .bpmn 文件"),
    ],
)
def test_a_designer_is_told_what_an_odd_file_is(arrives: Arrive, name: str, content: bytes, said: str) -> None:
    dora = arrives("dora")
    dora.open("/definitions/new")

    dora.field("模型与表单").set_input_files({"name": name, "mimeType": "application/xml", "buffer": content})
    dora.press("检查并部署")

    dora.sees(said)


def test_a_finding_leads_to_its_element_though_the_diagram_was_not_seen_yet(arrives: Arrive, tmp_path: Path) -> None:
    dora = arrives("dora")
    dora.open("/definitions/new")
    model = tmp_path / "broken.bpmn"
    model.write_text(broken_model(), "utf-8")
    dora.field("模型与表单").set_input_files(model)
    dora.press("检查并部署")

    dora.follow("write_notice")

    expect(dora.page.locator('#diagram .djs-element.selected[data-element-id="write_notice"]')).to_be_visible()


def test_a_model_without_a_diagram_says_so(arrives: Arrive) -> None:
    dora = arrives("dora")

    dora.open("/definitions/repair")

    dora.sees("模型文件中没有图形信息，请查看环节列表。")


def test_a_citizen_is_shown_no_processes_but_those_to_start(arrives: Arrive) -> None:
    chen = arrives("chen")

    chen.open("/inbox")

    chen.sees("repair")
    expect(chen.page.locator("main")).not_to_contain_text("news")

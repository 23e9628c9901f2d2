"""Every page for everybody: who may open what, in which language, and what nobody may do to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine.contracts.principal import SYSTEM, Principal
from tests.builders import process, user
from tests.site import PASSWORD, PEOPLE, Site

Arrive = Callable[..., Any]

DESKS = {
    "/inbox": {"root", "mei", "su", "li", "chen", "dora"},
    "/start": {"root", "mei", "su", "li", "chen", "dora"},
    "/cases": {"root", "mei", "su", "li", "chen", "dora"},
    "/messages": {"root", "mei", "su", "li", "chen", "dora"},
    "/definitions": {"root", "mei", "su", "li", "chen", "dora"},
    "/definitions/new": {"root", "dora"},
    "/incidents": {"root", "su"},
    "/reports": {"root", "mei", "su"},
    "/reports/repair": {"root", "mei", "su"},
    "/reports/import": {"root", "mei", "su"},
    "/admin/users": {"root"},
}


@pytest.mark.parametrize("person", sorted({"root", "mei", "su", "li", "chen", "dora"}))
def test_desks_open_for_those_whose_work_they_are_and_refuse_others_with_a_way_on(visit: Arrive, person: str) -> None:
    visitor = visit(person)

    for path, welcome in DESKS.items():
        page = visitor.open(path)
        assert page.status == (200 if person in welcome else 403), (path, page.text[:300])
        if page.status == 403:
            assert "/" in page.links()


def test_a_stranger_is_sent_to_the_sign_in_page_and_on_to_where_they_wanted(visit: Arrive) -> None:
    stranger = visit()

    asked = stranger.open("/cases?state=active")
    (wanted,) = asked.tree.xpath('//input[@name="next"]/@value')
    arrived = stranger.sign_in("li", next=wanted)

    assert asked.answer.url.path == "/sign-in"
    assert str(arrived.answer.url).endswith("/cases?state=active")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_nowhere_else(visit: Arrive, elsewhere: str) -> None:
    arrived = visit().sign_in("li", next=elsewhere)

    assert arrived.answer.url.host == "127.0.0.1"
    assert arrived.answer.url.path == "/inbox"


def test_a_wrong_password_keeps_the_name_and_says_what_is_wrong(visit: Arrive) -> None:
    page = visit(language="zh").sign_in("li", "not the password")

    assert page.status == 401
    assert "用户名或密码错误" in page.text
    assert page.tree.xpath('//input[@name="username"]/@value') == ["li"]
    assert page.tree.xpath('//input[@name="password"]/@value') == []


def test_everybody_begins_where_their_work_is(visit: Arrive) -> None:
    homes = {person: visit(person).open("/").answer.url.path for person in ("li", "mei", "dora", "chen", "su", "root")}

    assert homes == {
        "li": "/inbox",
        "su": "/inbox",
        "mei": "/reports",
        "dora": "/definitions",
        "chen": "/start",
        "root": "/inbox",
    }


def test_every_link_of_the_bar_leads_somewhere(visit: Arrive) -> None:
    for person in PEOPLE:
        visitor = visit(person)
        for path in visitor.open("/messages").tree.xpath('//nav[contains(@class, "mainnav")]//a/@href'):
            assert visitor.open(path).status == 200, (person, path)


def test_the_language_is_chosen_by_the_address_and_stays(visit: Arrive) -> None:
    visitor = visit("li", language="en")

    english = visitor.open("/inbox")
    chosen = visitor.open("/inbox?lang=zh")
    later = visitor.open("/cases")

    assert english.tree.get("lang") == "en"
    assert chosen.tree.get("lang") == "zh-Hans"
    assert "我的待办" in chosen.text
    assert later.tree.get("lang") == "zh-Hans"


def test_nothing_of_a_page_is_kept_and_nothing_in_it_may_run(visit: Arrive) -> None:
    page = visit("li").open("/inbox")

    policy = page.answer.headers["content-security-policy"]
    assert page.answer.headers["cache-control"] == "no-store"
    assert "'unsafe-inline'" not in policy
    assert page.tree.xpath("//script[not(@src)] | //style | //@style | //@onclick") == []


def test_every_page_links_to_the_source(visit: Arrive) -> None:
    for page in (visit().open("/sign-in"), visit("li").open("/inbox"), visit("li").open("/nowhere")):
        assert page.tree.xpath('//footer//a[contains(text(), "AGPL")]/@href')


def test_a_missing_page_says_so_in_words_with_a_way_on(visit: Arrive) -> None:
    english, chinese = visit("li").open("/nowhere"), visit("li", language="zh").open("/cases/not-a-case")

    assert (english.status, chinese.status) == (404, 404)
    assert "There is nothing here" in english.text
    assert "找不到内容" in chinese.text
    assert "/" in english.links()


def test_a_form_without_the_sessions_token_changes_nothing(visit: Arrive, town: Site) -> None:
    task = town.task(town.start())

    page = visit("li").send(f"/tasks/{task}/claim", csrf="guessed")

    assert page.status == 403
    assert town.engine.read(SYSTEM).task(task).row.assignee is None


def test_signing_out_ends_the_session(visit: Arrive) -> None:
    visitor = visit("li", own_session=True)

    out = visitor.send("/sign-out")
    after = visitor.open("/inbox")

    assert "You are signed out." in out.text
    assert after.answer.url.path == "/sign-in"


def test_what_others_write_is_shown_and_never_run(visit: Arrive, town: Site) -> None:
    nasty = '<img src=x onerror="alert(1)">{{ 7 * 7 }}</textarea>'
    case = town.start(by="li", place=nasty)
    notice = c.Notify(key=case, recipient="li", subject=nasty, body=nasty, instance_id=case)
    town.engine.execute(notice, by=SYSTEM)
    visitor = visit("li")

    for path in ("/messages", f"/cases/{case}", f"/tasks/{town.task(case)}"):
        page = visitor.open(path)
        assert not page.tree.xpath("//img[@src='x'] | //@onerror"), path
        assert "49</textarea>" not in page.answer.text

    assert nasty in visitor.open("/messages").text


def test_the_demos_accounts_are_listed_only_where_there_are_any(visit: Arrive) -> None:
    page = visit().open("/sign-in")

    assert "Demonstration" not in page.text


def test_an_administrator_makes_an_account_whose_owner_sets_the_password_once(visit: Arrive) -> None:
    root = visit("root")
    data = {"username": "new.person", "display_name": "新来的", "roles": ["staff"], "groups": ["clerks"]}

    made = root.send("/admin/users", data)
    (link,) = re.findall(r"http://\S+/welcome/\S+", made.text)
    path = "/welcome/" + link.rpartition("/")[2]
    owner = visit()
    short = owner.send(path, {"password": "short", "again": "short"}, csrf="")
    differs = owner.send(path, {"password": PASSWORD, "again": PASSWORD + "x"}, csrf="")
    done = owner.send(path, {"password": PASSWORD, "again": PASSWORD}, csrf="")
    used = visit().open(path)
    twice = root.send("/admin/users", data)

    assert (short.status, differs.status) == (422, 422)
    assert done.answer.url.path == "/inbox"
    assert used.status == 404
    assert twice.status == 422
    assert twice.tree.xpath('//input[@name="username"]/@value') == ["new.person"]


def test_a_disabled_account_is_out_at_once_and_can_be_let_in_again(visit: Arrive) -> None:
    gone, root = visit("gu", own_session=True), visit("root")

    root.send("/admin/users/gu/disable", {"disabled": "true"})
    out = gone.open("/cases")
    root.send("/admin/users/gu/disable", {"disabled": "false"})

    assert out.answer.url.path == "/sign-in"
    assert gone.sign_in("gu").status == 200


def test_names_of_staff_are_not_told_to_citizens(visit: Arrive, town: Site) -> None:
    rated = process("rated", "start -> look -> rate -> end", user("look"), user("rate", groups="", assignee="chen"))
    town.engine.execute(c.DeployDefinition(files={"rated.bpmn": rated}), by=SYSTEM)
    case = town.engine.execute(c.StartInstance(definition="rated", variables={"secret": "internal"}), by=SYSTEM)
    town.engine.execute(c.ClaimTask(task_id=town.task(case.instance_id)), by=li())
    town.engine.execute(c.CompleteTask(task_id=town.task(case.instance_id)), by=li())
    own = town.start(by="chen")

    for path in (f"/tasks/{town.task(case.instance_id)}", f"/cases/{own}"):
        page = visit("chen").open(path)
        assert page.status == 200
        assert not {"li", "internal"} & set(re.findall(r"\w+", page.text))


def li() -> Principal:
    return Principal(id="li", roles=frozenset({"staff"}), groups=frozenset({"clerks"}))

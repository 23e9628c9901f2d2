"""Markup in everything that people name, write and upload, looked at in Chromium: none of it is ever run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api import assets
from engine import commands as c
from engine import identity_commands as ic
from engine.contracts.principal import SYSTEM
from tests.builders import process, service, user
from tests.builders_dmn import decision, dmn, input_data, table
from tests.services import service_missing
from tests.site import PASSWORD, Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CHROMIUM = Path("/usr/bin/chromium")
_HIT = "window.__hit=1;alert(1)"
PAYLOADS = (
    f"<script>{_HIT}</script>",
    f'"><script>{_HIT}</script>',
    f"'><script>{_HIT}</script>",
    f"</textarea><script>{_HIT}</script>",
    f"</title><script>{_HIT}</script>",
    f"</script><script>{_HIT}</script>",
    f"<img src=x onerror={_HIT}>",
    f'"><img src=x onerror="{_HIT}">',
    f"<svg onload={_HIT}>",
    f"<svg><script>{_HIT}</script></svg>",
    f"<body onload={_HIT}>",
    f"<iframe srcdoc='<script>parent.{_HIT}</script>'>",
    f"<iframe src=javascript:{_HIT}>",
    f"<a href=javascript:{_HIT} autofocus onfocus={_HIT}>x</a>",
    f'" autofocus onfocus="{_HIT}',
    f"' onmouseover='{_HIT}",
    f"<details open ontoggle={_HIT}>",
    f"<video><source onerror={_HIT}>",
    f"<math><mtext></mtext><img src=x onerror={_HIT}></math>",
    f"<style>@import 'javascript:{_HIT}'</style>",
    f"<link rel=stylesheet href=javascript:{_HIT}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_HIT}'>",
    f"<base href='javascript:{_HIT}//'>",
    f"<object data=javascript:{_HIT}>",
    f"<embed src=javascript:{_HIT}>",
    f"<form action=javascript:{_HIT}><button>x</button></form>",
    f"<input onfocus={_HIT} autofocus>",
    f"<marquee onstart={_HIT}>",
    "{{constructor.constructor('window.__hit=1')()}}",
    "${window.__hit=1}",
    "{% raw %}{{7*7}}",
    f"<!--><script>{_HIT}</script>-->",
    f"<![CDATA[<script>{_HIT}</script>]]>",
    f"\u003cscript\u003e{_HIT}\u003c/script\u003e",
    f"&lt;script&gt;{_HIT}&lt;/script&gt;",
    f"%3Cscript%3E{_HIT}%3C/script%3E",
    f"javascript:{_HIT}",
    f"data:text/html,<script>{_HIT}</script>",
    f"[x](javascript:{_HIT})",
    f'![x](x" onerror="{_HIT})',
    f"<x hx-get=/sign-in hx-trigger=load hx-on::load={_HIT}>",
    f"<div hx-on:click={_HIT} data-hx-get=/ hx-trigger=load>",
)


def _form(says: str, task: str) -> bytes:
    fields = [
        {"type": "textarea", "key": "a", "label": says, "description": task},
        {"type": "select", "key": "b", "label": "B", "values": [{"label": says, "value": "1"}]},
        {"type": "html", "content": task},
    ]
    return json.dumps({"type": "default", "id": "f", "components": fields}).encode()


def _model(number: int, says: str, task: str) -> dict[str, bytes]:
    key = f"p{number}"
    model = process(
        key,
        "start -> work -> print -> end",
        user("work", form="f"),
        service("print", "print", retries=0),
        properties={"civiflow:startableBy": "citizen,staff", "civiflow:subject": "=subject"},
    ).decode()
    model = model.replace(f'<bpmn:process id="{key}" name="{key}"', f'<bpmn:process id="{key}" name={quoteattr(says)}')
    model = model.replace('id="work" name="work"', f'id="work" name={quoteattr(task)}')
    return {f"{key}.bpmn": model.encode(), "forms/f.json": _form(says, task)}


def _decision(name: str, says: str) -> bytes:
    text = says.replace("\\", "").replace('"', "'")
    rules = table(["x"], ["out"], f'"{text}" | "{text}"', f'- | "{text}" + x', policy="COLLECT")
    made = decision("fee", rules, inputs=["x"]).replace(' name="fee"', f" name={quoteattr(name)}")
    return dmn(input_data("x", "string"), made)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in which everything is called by markup."""
    assets.build()
    folder = tmp_path_factory.mktemp("markup")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder) as site:
        engine = site.engine
        names = {p[:64]: p for p in PAYLOADS}
        for username, payload in zip(("li", "su", "chen", "wang"), names, strict=False):
            engine.execute(ic.UpdateUser(username=username, display_name=payload, display_name_en=payload), by=SYSTEM)
        engine.execute(ic.CreateGroup(key="clerks", name=PAYLOADS[0][:60], name_en=PAYLOADS[6][:60]), by=SYSTEM)
        engine.execute(c.DeployDefinition(files={"d.dmn": _decision(PAYLOADS[0], PAYLOADS[6])}, name="d"), by=SYSTEM)
        for number, payload in enumerate(PAYLOADS):
            other = PAYLOADS[-1 - number]
            if number < 4:
                engine.execute(
                    c.DeployDefinition(files=_model(number, payload[:200], other[:200]), name=payload), by=SYSTEM
                )
            variables = {"subject": payload, "said": other, payload[:80]: [payload, {other[:60]: payload}]}
            with site.client("chen") as chen:
                started = chen.post("/api/v1/instances", json={"definition": f"p{number % 4}", "variables": {}})
                case = started.json()["instance_id"]
                file = {"file": (payload.replace("/", "_")[:100] + ".txt", b"hello", "text/plain")}
                chen.post("/api/v1/attachments", params={"instance_id": case}, files=file)
            engine.execute(c.SetVariables(instance_id=case, variables=variables), by=SYSTEM)
            note = c.Notify(key=f"n{number}", recipient="li", subject=payload, body=other, instance_id=case)
            engine.execute(note, by=SYSTEM)
            with site.client("li") as li:
                task = site.task(case)
                li.post(f"/api/v1/tasks/{task}/claim")
                li.put(f"/api/v1/tasks/{task}/draft", json={"values": {"a": payload}})
                if number % 5 == 0:
                    li.post(f"/api/v1/tasks/{task}/complete", json={"variables": {"a": payload}})
                    for job in engine.execute(
                        c.ActivateJobs(worker=payload[:60], topics=("print",), limit=9), by=SYSTEM
                    ):
                        failure = c.FailJob(job_id=job.id, lease_token=job.lease_token, message=payload, retries=0)
                        engine.execute(failure, by=SYSTEM)
                elif number % 5 == 1:
                    li.post(f"/api/v1/tasks/{task}/delegate", json={"to": "li", "reason": payload})
        yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        service_missing(f"Expected Chromium at {CHROMIUM} but it is not there; `make services` installs it.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


def _watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what it ran or was kept from running."""
    seen: list[str] = []
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + e.sample))"
    )
    page = context.new_page()
    page.on("dialog", lambda dialog: (seen.append(f"ran: {dialog.message}"), dialog.dismiss()))
    page.on(
        "console",
        lambda said: seen.append(said.text) if "CSP" in said.text or "Content Security" in said.text else None,
    )
    return page, seen


def test_the_watch_would_notice(chromium: Browser) -> None:
    context = chromium.new_context()
    page, seen = _watched(context)

    page.set_content(PAYLOADS[6])
    page.wait_for_function("window.__hit")

    assert seen == ["ran: 1"]
    assert page.evaluate(_HANDLERS)
    context.close()


@pytest.mark.parametrize("who", ["li", "su", "root", "chen"])
def test_markup_is_shown_as_it_was_written_and_never_run(town: Site, chromium: Browser, who: str) -> None:
    context = chromium.new_context(base_url=town.url)
    page, seen = _watched(context)
    page.goto("/sign-in")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    visited = 0
    todo = ["/inbox", "/cases", "/messages", "/start", "/definitions", "/incidents", "/reports", "/admin/users"]
    with town.client(who) as client:
        cases = [row["id"] for row in client.get("/api/v1/instances", params={"limit": 8}).json()["items"]]
        tasks = [row["id"] for row in client.get("/api/v1/tasks", params={"limit": 8}).json()["items"]]
    todo += [f"/cases/{each}" for each in cases] + [f"/tasks/{each}" for each in tasks]
    todo += [
        "/start/p0",
        "/definitions/p1",
        "/admin/users/li",
        "/decisions",
        f"/decisions/_fee?ask=1&in.x={quote(PAYLOADS[6])}",
        f"/decisions/_fee?ask=1&in.x={quote('=' + PAYLOADS[0])}&feel={quote(PAYLOADS[1])}",
        f"/decisions?search={quote(PAYLOADS[1])}",
        f"/cases?search={PAYLOADS[1]}",
        f"/inbox?search={PAYLOADS[6]}",
    ]
    for address in todo:
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        visited += answer.status == 200
        if page.evaluate("window.__hit"):
            seen.append(f"ran at {address}")
        seen += [f"a handler at {address}: {html}" for html in page.evaluate(_HANDLERS)]

    context.close()
    assert seen == []
    assert visited >= 10


_HANDLERS = """() => [...document.querySelectorAll('*')]
  .filter(e => [...e.attributes].some(a => /^on|^hx-on/i.test(a.name) || /^\\s*javascript:/i.test(a.value)))
  .map(e => e.outerHTML.slice(0, 120))"""

"""While a stranger's model wears itself out, everybody else is served; and afterwards too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.builders import node, process, script
from tests.site import Site, running_site

SLOW = "count(for i in 1..900000 return i)"
NAMES = [f"s{n}" for n in range(6)]
BUSY = process("busy", f"start -> {' -> '.join(NAMES)} -> end", *(script(name, SLOW, "r") for name in NAMES))
ENDLESS = process(
    "endless",
    "start -> work -> end",
    node("scriptTask", "work", "<bpmn:script>while True: pass</bpmn:script>", scriptFormat="python"),
)


@pytest.fixture
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(database_url, tmp_path_factory.mktemp("serving")) as running:
        files = {"busy.bpmn": BUSY, "endless.bpmn": ENDLESS}
        running.engine.execute(c.DeployDefinition(files=files, name="x"), by=SYSTEM)
        yield running


@pytest.mark.parametrize("key", ["busy", "endless"])
def test_others_are_served_while_a_model_wears_itself_out(site: Site, key: str) -> None:
    site.start("li", "repair")

    with ThreadPoolExecutor(1) as pool, site.client("wang") as wang, site.client("li") as li:
        li.timeout = 100
        worn = pool.submit(li.post, "/api/v1/instances", json={"definition": key})
        answered = 0
        while not worn.done():
            assert wang.get("/api/v1/tasks", params={"scope": "groups"}).status_code == 200
            assert wang.get("/healthz").status_code == 200
            answered += not worn.done()

    assert worn.result().status_code == 201
    assert answered or key == "endless", "the sandbox is a process of its own, over within a second or two"
    assert site.start("wang", "repair")
    incidents = site.engine.read(SYSTEM).figures()["open_incidents"]
    assert incidents == 1 or key == "busy", "what is stopped is shown to an operator"

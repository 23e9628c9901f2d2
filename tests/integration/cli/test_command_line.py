"""The command `civiflow` as people and scripts use it: real processes on a database of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from engine import Engine
from engine.contracts.principal import SYSTEM
from tests.builders import process, user
from tests.site import BROKEN, REPAIR

LOG = "case,activity,timestamp\n" + "".join(
    f"{case},{activity},2026-03-0{day}T0{hour}:00:00Z\n"
    for case in (1, 2)
    for day, hour, activity in ((1, 8, "受理"), (2, 9, "处置"))
)


class Console:
    """Runs `civiflow` with a data folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.env = {**os.environ, "CIVIFLOW_VAR": str(var), "COLUMNS": "160", "PYTHONUTF8": "1"}

    def __call__(self, *args: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *map(str, args)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.env,
            timeout=60,
        )

    @contextmanager
    def running(self, *args: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """A process that goes on; gives it and what it printed up to a line that holds `until`."""
        started = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *args], stdout=subprocess.PIPE, text=True, env=self.env
        )
        assert started.stdout is not None
        printed = ""
        try:
            for line in started.stdout:
                printed += line
                if until in line:
                    break
            yield started, printed
        finally:
            started.kill()
            started.wait()
            started.stdout.close()


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """The command line with an empty data folder."""
    return Console(tmp_path / "var")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A BPMN file that can be deployed."""
    path = tmp_path / "repair.bpmn"
    path.write_bytes(REPAIR)
    return path


def test_a_model_is_checked_deployed_started_and_shown(console: Console, model: Path) -> None:
    checked = console("check", model)
    deployed = console("deploy", model)
    again = console("deploy", model, "--json")
    started = console("start", "repair", "--var", "place=长桥路", "--var", "count=3")
    tasks = json.loads(console("tasks", "--json").stdout)
    cases = console("instances")

    assert checked.returncode == 0, checked.stderr
    assert "repair" in deployed.stdout
    assert json.loads(again.stdout)[0]["unchanged"] is True
    assert started.returncode == 0, started.stderr
    assert [task["element_id"] for task in tasks] == ["accept"]
    assert tasks[0]["business_key"] in started.stdout
    assert tasks[0]["business_key"] in cases.stdout
    with Engine.open(f"sqlite:///{console.var / 'civiflow.db'}") as engine:
        case = engine.read(SYSTEM).instance(tasks[0]["instance_id"])
        assert case.variables == {"place": "长桥路", "count": 3}
        assert case.row.started_by == "console"


def test_a_broken_model_is_refused_with_its_findings(console: Console, tmp_path: Path) -> None:
    path = tmp_path / "broken.bpmn"
    path.write_bytes(BROKEN)

    checked = console("check", path)
    as_json = console("check", path, "--json")
    deployed = console("deploy", path)

    assert [checked.returncode, as_json.returncode, deployed.returncode] == [1, 1, 1]
    assert "choose" in checked.stderr
    assert json.loads(as_json.stdout)["status"] == "rejected"
    assert "choose" in deployed.stderr
    assert "Traceback" not in checked.stderr + deployed.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("check", "nowhere.bpmn"), 1, "no"),
        (("start", "no-such-process"), 1, "no-such-process"),
        (("start", "x", "--var", "novalue"), 1, "name=value"),
        (("tasks", "--database", "mysql://x"), 1, "sqlite"),
        (("tasks", "--limit", "0"), 2, "limit"),
        (("no-such-command",), 2, "No such command"),
        (("mine", "nowhere.xes"), 1, "nowhere.xes"),
        (("test", "nowhere"), 1, "nowhere"),
        (("incidents", "retry", "019aa7c5-0a44-7b12-8d2c-94d2c1b7e201"), 1, "incident"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    console: Console, args: tuple[str, ...], code: int, words: str
) -> None:
    done = console(*args)

    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_where_an_error_came_from(console: Console) -> None:
    done = console("--debug", "check", "nowhere.bpmn")

    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_a_log_is_mined_in_chinese_and_as_json_with_a_map(console: Console, tmp_path: Path) -> None:
    path, svg = tmp_path / "日志.csv", tmp_path / "map.svg"
    path.write_text(LOG, encoding="utf-8")

    shown = console("mine", path, "--language", "zh")
    as_json = console("mine", path, "--json", "--svg", svg)

    assert shown.returncode == 0, shown.stderr
    assert "处置" in shown.stdout
    assert json.loads(as_json.stdout)["meta"]["cases"]["total"] == 2
    assert svg.read_text(encoding="utf-8").startswith("<svg")


def test_a_clean_database_is_verified(console: Console, model: Path) -> None:
    console("deploy", model)
    console("start", "repair")

    done = console("verify", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["clean"] is True


def test_accounts_are_made_shut_out_and_given_credentials(console: Console) -> None:
    added = console(
        "users",
        "add",
        "何清",
        "--role",
        "staff",
        "--group",
        "seats",
        "--password-stdin",
        stdin="花开堪折直须折莫待无花\n",
    )
    linked = console("users", "add", "gu.an", "--role", "citizen")
    weak = console("users", "add", "weak", "--password-stdin", stdin="1234567890\n")
    bot = console("users", "add", "render-bot", "--topic", "document.render")
    token = console("users", "token", "render-bot", "--days", "30")
    disabled = console("users", "disable", "何清")
    listed = console("users", "list", "--json")

    rows = {row["username"]: row for row in json.loads(listed.stdout)}
    assert added.returncode == 0, added.stderr
    assert re.fullmatch(r"/welcome/\S{43}", linked.stdout.splitlines()[-1])
    assert weak.returncode == 1
    assert bot.returncode == 0, bot.stderr
    assert re.fullmatch(r"civ_\S{43}", token.stdout.strip())
    assert disabled.returncode == 0
    assert set(rows) == {"何清", "gu.an", "render-bot"}
    assert rows["何清"]["disabled"] is True
    assert rows["render-bot"]["kind"] == "bot"


def test_a_first_start_asks_for_an_administrator_by_a_link_that_works_once(console: Console) -> None:
    with console.running("run", "--port", "0", until="ready at") as (server, printed):
        url, token = re.search(r"(http://127\.0\.0\.1:\d+)/welcome/(\S+)", printed).groups()  # type: ignore[union-attr]
        with httpx.Client(base_url=url, timeout=20) as client:
            ready = client.get("/readyz").json()
            refused = client.post("/api/v1/session", json={"username": "admin", "password": "admin"})
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) in {0, -signal.SIGTERM}

    assert ready == {"status": "ready", "checks": {"database": True, "schema": True, "scheduler": True}}
    assert refused.status_code == 401
    assert len(token) == 43
    assert (console.var / "secret.key").stat().st_mode & 0o077 == 0


def test_separate_processes_share_the_work(console: Console, tmp_path: Path) -> None:
    model = tmp_path / "timed.bpmn"
    timed = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition>"
    model.write_bytes(
        process(
            "timed",
            "start -> wait -> after -> end",
            f'<bpmn:intermediateCatchEvent id="wait">{timed}</bpmn:intermediateCatchEvent>',
            user("after"),
        )
    )
    console("deploy", model)
    console("start", "timed")

    with console.running("schedule", until="timers"), console.running("work", until="bots"):
        deadline = time.monotonic() + 20
        while not (tasks := json.loads(console("tasks", "--json").stdout)) and time.monotonic() < deadline:
            time.sleep(0.5)

    assert [task["element_id"] for task in tasks] == ["after"]


def test_a_port_in_use_is_said_in_words(console: Console) -> None:
    with console.running("run", "--port", "0", until="ready at") as (_server, printed):
        port = re.search(r"ready at http://127\.0\.0\.1:(\d+)", printed).group(1)  # type: ignore[union-attr]

        second = console("serve", "--port", port)

    assert second.returncode == 1
    assert f"127.0.0.1:{port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_answers_are_not_held_back(console: Console) -> None:
    """Sockets that asyncio does not take for TCP wait 40 ms before the last piece of every answer."""
    with console.running("run", "--port", "0", until="ready at") as (_server, printed):
        url = re.search(r"ready at (\S+)", printed).group(1)  # type: ignore[union-attr]
        with httpx.Client(base_url=url, timeout=20) as client:
            times = [client.get("/healthz").elapsed.total_seconds() for _ in range(40)]

    assert min(times) < 0.03

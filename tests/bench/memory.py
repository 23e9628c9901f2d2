"""What an idle site holds and uses: megabytes (shared pages by share, children included) and CPU a minute.

A real `civiflow run`, its bots and timers in the same process, on a database of 3,000 open tasks: at the start, after
twenty pages, after a bottleneck report; then left alone. Beside it a process with FastAPI, uvicorn and SQLAlchemy
that has answered a few requests.

    python tests/bench/memory.py        # CIVIFLOW_SHORT=1: 300 tasks, a shorter rest
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from tests.bench.frame import SHORT, Comparison, main, part
from tests.bench.parts.many_tasks import fill
from tests.bench.parts.served import civiflow, python
from tests.bench.parts.site import sign_in

TASKS = 300 if SHORT else 3_000
REST = 10 if SHORT else 30
PAGES = ("/inbox", "/inbox?scope=groups", "/cases", "/start", "/messages")


@part
def ours() -> dict[str, float]:
    """A site with bots and timers."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        fill(str(file), TASKS)
        with civiflow("run", "--database", f"sqlite:///{file}", var=Path(folder)) as server:
            figures["mb_started"] = server.memory()
            browser = sign_in(server)
            for _ in range(4):
                for page in PAGES:
                    assert b"<main" in browser.ask("GET", page)
            figures["mb"] = server.memory()
            time.sleep(2)
            before = server.cpu()
            time.sleep(REST)
            figures["idle_cpu_s_a_minute"] = (server.cpu() - before) / REST * 60
            chief = sign_in(server, "root")
            assert b"findings" in chief.ask("GET", "/api/v1/reports/bottlenecks?definition=queue")
            figures["mb_after_report"] = server.memory()
    return figures


@part
def bare() -> dict[str, float]:
    """FastAPI, uvicorn and SQLAlchemy with an open SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.json"
        answers.write_text(json.dumps(dict.fromkeys(("start", "list", "open", "submit"), "{}")))
        with python("tests.bench.parts.bare", str(answers), f"sqlite:///{folder}/bench.db") as server:
            client = server.client()
            for _ in range(20):
                client.ask("GET", "/api/v1/tasks")
            figures = {"mb": server.memory()}
            before = server.cpu()
            time.sleep(REST)
            return {**figures, "idle_cpu_s_a_minute": (server.cpu() - before) / REST * 60}


if __name__ == "__main__":
    main(
        Comparison(
            name="memory",
            what="an idle site, beside an idle bare FastAPI and SQLAlchemy (megabytes)",
            measured=ours,
            baseline=bare,
            by="mb",
            at_most={"mb": 200.0, "idle_cpu_s_a_minute": 0.6},
        ),
        rounds=1 if SHORT else 3,
    )

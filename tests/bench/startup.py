"""How soon something happens: the command line's help, the check of a model, a site's second start to its first page.

CPU seconds, children included, and the seconds a person waits. Beside it what `import fastapi, sqlalchemy` alone costs.

    python tests/bench/startup.py        # CIVIFLOW_SHORT=1: one round
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.frame import SHORT, Comparison, cpu, main, part
from tests.bench.parts.served import civiflow
from tests.bench.parts.site import MODEL, approval

CIVIFLOW = str(Path(sys.executable).with_name("civiflow"))


def once(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a command that ends by itself."""
    began, before = time.perf_counter(), cpu()
    subprocess.run(command, check=True, capture_output=True)
    return cpu() - before, time.perf_counter() - began


@part
def ours() -> dict[str, float]:
    """The command line and the server."""
    assert MODEL.exists()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "approval.bpmn"
        model.write_bytes(approval("feel").replace(b' camunda:formKey="review"', b""))
        for name, arguments in (("help", ["--help"]), ("check", ["check", str(model)])):
            once([CIVIFLOW, *arguments])  # what Python compiles once
            figures[f"cpu_s_{name}"], figures[f"wall_s_{name}"] = once([CIVIFLOW, *arguments])
        with civiflow("run", var=Path(folder)) as server:  # makes the database
            server.client().ask("GET", "/sign-in")
        began = time.perf_counter()
        with civiflow("run", var=Path(folder)) as server:
            assert b"<form" in server.client(Accept="text/html").ask("GET", "/sign-in")
            figures["wall_s_first_page"] = time.perf_counter() - began
            figures["cpu_s_first_page"] = server.cpu()
    return {**figures, "cpu_s": figures["cpu_s_first_page"]}


@part
def imports() -> dict[str, float]:
    """The two libraries a server of this kind cannot do without."""
    command = [sys.executable, "-c", "import fastapi, sqlalchemy"]
    once(command)
    spent, wall = once(command)
    return {"cpu_s": spent, "wall_s": wall}


if __name__ == "__main__":
    main(
        Comparison(
            name="startup",
            what="a site's second start to its first page, beside the import of FastAPI and SQLAlchemy (CPU seconds)",
            measured=ours,
            baseline=imports,
            by="cpu_s",
        ),
        rounds=1 if SHORT else 5,
    )

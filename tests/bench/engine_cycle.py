"""Engine speed beside the bare library's, in one run: start to the user task, complete it, end.

The six-node process of the speed comparison, in its script variant. Ours runs on a SQLite file with
full durability and writes receipts, variables, events and work lists; nothing live is reused between
the two halves. The library run stores one JSON blob an instance. CPU time of both processes, their
children included; several rounds, interleaved, because these machines are noisy.

    python tests/bench/engine_cycle.py        # CIVIFLOW_SHORT=1: fewer instances
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parents[3] / "shared" / "bench"
SHORT = bool(os.environ.get("CIVIFLOW_SHORT"))
COUNT = 300 if SHORT else 1500
ROUNDS = 1 if SHORT else 3


def main() -> None:
    """Run both, print a line each, and write build/bench.json."""
    if not BENCH.exists():
        print(f"skipped: {BENCH} is not there.")
        return
    rounds = []
    for _ in range(ROUNDS):
        theirs = _library()
        ours = _child("engine")
        rounds.append({"library": theirs, **ours, "ratio": ours["per_cpu_s"] / theirs})
        print(json.dumps({k: round(v, 2) for k, v in rounds[-1].items()}))
    best = sorted(rounds, key=lambda r: r["ratio"])[len(rounds) // 2]
    out = Path("build/bench.json")
    out.parent.mkdir(exist_ok=True)
    held = json.loads(out.read_text()) if out.exists() else {}
    out.write_text(json.dumps({**held, "engine_cycle": best}, indent=2))
    print(f"engine: {best['per_cpu_s']:.0f} instances a CPU second, {best['ratio']:.2f} of the library's")


def _library() -> float:
    command = [sys.executable, str(BENCH / "spiff_library_bench.py"), str(COUNT), "shared"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=BENCH).stdout
    return float(json.loads(output.splitlines()[-1])["instances_per_cpu_s"])


def _child(what: str) -> dict[str, float]:
    output = subprocess.run([sys.executable, __file__, what], check=True, capture_output=True, text=True).stdout
    measured: dict[str, float] = json.loads(output.splitlines()[-1])
    return measured


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _engine() -> None:
    """The measured half: an engine of its own in a process of its own."""
    sys.path[:0] = [str(BENCH)]
    from common import bpmn_spiff

    from engine import Engine, Principal
    from engine import commands as c
    from engine.filters import TaskFilter

    text = bpmn_spiff(0).replace("<bpmn:scriptTask ", '<bpmn:scriptTask scriptFormat="python" ')
    designer = Principal(id="dora", roles=frozenset({"designer"}))
    clerk = Principal(id="li", roles=frozenset({"staff"}))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        with Engine.open(f"sqlite:///{file}") as engine:
            engine.execute(c.DeployDefinition(files={"approval.bpmn": text.encode()}), by=designer)

            def start(n: int) -> str:
                command = c.StartInstance(definition="approval", variables={"amount": 120})
                return str(engine.execute(command, by=clerk, key=f"s{n}").instance_id)

            def finish(instance: str) -> None:
                where = TaskFilter(scope="all", instance_id=instance)
                (task,) = engine.read(clerk).tasks(where).items
                command = c.CompleteTask(task_id=task.id, variables={"approved": True})
                assert engine.execute(command, by=clerk, key=f"c{task.id}").ended

            for n in range(20):
                finish(start(-n - 1))
            begin = _cpu()
            cases = [start(n) for n in range(COUNT)]
            middle = _cpu()
            for case in cases:
                finish(case)
            end = _cpu()
            assert engine.verify(cases[-1]).clean
        size = file.stat().st_size
        figures = {
            "per_cpu_s": COUNT / (end - begin),
            "ms_start": (middle - begin) / COUNT * 1000,
            "ms_finish": (end - middle) / COUNT * 1000,
            "bytes": size / (COUNT + 20),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    if sys.argv[1:] == ["engine"]:
        _engine()
    else:
        main()

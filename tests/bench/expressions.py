"""A FEEL condition beside the same as a Python lambda and beside another FEEL engine; tokens beside SpiffWorkflow's.

The lambda and the library's tokens are floors: a lambda knows no decimals, no null and no budget; the library's run
keeps no ids, scopes or effects. feelin (Node) is the FEEL engine of bpmn.io's tools; it has no way to keep a parsed
text, so ours is handed the text each time as well, and finds what it compiled.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from frame import SHORT, Comparison, Skip, cpu, main, part

sys.path.append(str(Path(__file__).parent / "library"))

from common import bpmn_spiff

CONDITIONS = 20_000 if SHORT else 200_000
RUNS = 500 if SHORT else 3_000
CHAIN = 20
TEXT = 'amount > 100 and category = "tree"'
FEELIN = Path(__file__).parent / "feelin"


@part
def feel() -> Mapping[str, float]:
    from engine.feel import compile_expression

    condition = compile_expression(TEXT)
    context = {"amount": 120, "category": "tree"}
    now = datetime.now(UTC)
    assert condition.evaluate(context, now=now) is True
    before = cpu()
    for _ in range(CONDITIONS):
        condition.evaluate(context, now=now)
    return {"per_cpu_s": CONDITIONS / (cpu() - before)}


@part
def python_lambda() -> Mapping[str, float]:
    condition = lambda context: context["amount"] > 100 and context["category"] == "tree"  # noqa: E731
    context = {"amount": 120, "category": "tree"}
    before = cpu()
    for _ in range(CONDITIONS):
        condition(context)
    return {"per_cpu_s": CONDITIONS / (cpu() - before)}


@part
def simple() -> Mapping[str, float]:
    from engine.feel import compile_expression

    condition = compile_expression("amount > 100")
    now = datetime.now(UTC)
    before = cpu()
    for _ in range(CONDITIONS):
        condition.evaluate({"amount": 120}, now=now)
    took = cpu() - before
    return {"per_cpu_s": CONDITIONS / took, "microseconds": took / CONDITIONS * 1e6}


@part
def simple_lambda() -> Mapping[str, float]:
    condition = lambda context: context["amount"] > 100  # noqa: E731
    before = cpu()
    for _ in range(CONDITIONS):
        condition({"amount": 120})
    return {"per_cpu_s": CONDITIONS / (cpu() - before)}


@part
def feel_by_text() -> Mapping[str, float]:
    from engine.feel import compile_expression

    context = {"amount": 120, "category": "tree"}
    before = cpu()
    for _ in range(CONDITIONS):
        compile_expression(TEXT).evaluate(context)
    return {"per_cpu_s": CONDITIONS / (cpu() - before)}


@part
def feelin() -> Mapping[str, float]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Skip("feelin needs Node 20 with npm on the PATH")
    if not (FEELIN / "node_modules").is_dir():
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run([npm, "ci", *quiet], cwd=FEELIN, check=False).returncode:
            raise Skip(f"npm ci failed in {FEELIN}")
    told = subprocess.run(
        [node, "bench.mjs", str(CONDITIONS // 10)], cwd=FEELIN, check=True, capture_output=True, text=True
    )
    return {key: float(value) for key, value in json.loads(told.stdout).items()}


@part
def our_tokens() -> Mapping[str, float]:
    from engine.models import read_model
    from engine.spiff import Execution, compile_process
    from tests.host import MemoryHost

    text = bpmn_spiff(CHAIN).replace("<bpmn:scriptTask ", '<bpmn:scriptTask scriptFormat="python" ')
    program = compile_process(read_model(text.encode(), filename="a.bpmn").processes[0], functions=(), zone="UTC")
    steps, before = 0, cpu()
    for _ in range(RUNS):
        host = MemoryHost(variables={"amount": 50})
        run = Execution.start(program, host, instance=host.instance)
        run.run()
        assert run.ended
        steps += CHAIN + 5
    return {"nodes_per_cpu_s": steps / (cpu() - before)}


@part
def library_tokens() -> Mapping[str, float]:
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(bpmn_spiff(CHAIN).encode()))
    spec = parser.get_spec("approval")
    runs = RUNS // 10
    steps, before = 0, cpu()
    for _ in range(runs):
        workflow = BpmnWorkflow(spec)
        workflow.get_next_task(spec_name="start").data["amount"] = 50
        workflow.do_engine_steps()
        assert workflow.is_completed()
        steps += CHAIN + 5
    return {"nodes_per_cpu_s": steps / (cpu() - before)}


if __name__ == "__main__":
    main(
        Comparison(
            name="feel",
            what="a FEEL condition evaluated; beside a Python lambda",
            measured=feel,
            baseline=python_lambda,
            by="per_cpu_s",
        ),
        Comparison(
            name="feel_simple",
            what="the simplest FEEL condition, amount > 100; beside a Python lambda",
            measured=simple,
            baseline=simple_lambda,
            by="per_cpu_s",
            at_most={"microseconds": 5},
        ),
        Comparison(
            name="feel_feelin",
            what="a FEEL condition handed over as text; beside @bpmn-io/feelin on Node",
            measured=feel_by_text,
            baseline=feelin,
            by="per_cpu_s",
        ),
        Comparison(
            name="tokens",
            what=f"tokens through {CHAIN + 5} nodes, no database; beside SpiffWorkflow's own",
            measured=our_tokens,
            baseline=library_tokens,
            by="nodes_per_cpu_s",
        ),
    )

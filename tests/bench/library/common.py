"""Shared pieces of the peer benchmarks: the BPMN dialects, the clock and the result line."""

from __future__ import annotations

import json
import pathlib
import re
import time
from itertools import pairwise

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATE = (HERE / "approval.bpmn").read_text()


def bpmn(condition: str) -> str:
    return TEMPLATE.replace("@@CONDITION@@", condition)


def bpmn_spiff(chain: int = 0) -> str:
    """Plain scripts in place of service tasks: the same in-process work without a connector.

    `chain` adds that many script tasks in a row before the end.
    """
    text = bpmn("amount &gt; 100")
    for name, body in (("check", "checked = True"), ("book", "booked = True")):
        text = re.sub(
            rf'<bpmn:serviceTask id="{name}"[^>]*>(.*?)</bpmn:serviceTask>',
            rf'<bpmn:scriptTask id="{name}">\1<bpmn:script>{body}</bpmn:script></bpmn:scriptTask>',
            text,
            flags=re.S,
        )
    names = ["book", *(f"step{i}" for i in range(chain)), "end"]
    flows = ""
    for before, name in pairwise(names):
        flows += f'<bpmn:sequenceFlow id="to_{name}" sourceRef="{before}" targetRef="{name}"/>'
        if name != "end":
            flows += (
                f'<bpmn:scriptTask id="{name}"><bpmn:incoming>to_{name}</bpmn:incoming>'
                f"<bpmn:outgoing>to_{names[names.index(name) + 1]}</bpmn:outgoing>"
                "<bpmn:script>n = 1</bpmn:script></bpmn:scriptTask>"
            )
    text = text.replace('<bpmn:sequenceFlow id="f6" sourceRef="book" targetRef="end"/>', flows)
    text = text.replace("<bpmn:outgoing>f6<", f"<bpmn:outgoing>to_{names[1]}<")
    return text.replace("<bpmn:incoming>f6<", "<bpmn:incoming>to_end<")


class Clock:
    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu


def report(name: str, count: int, start: Clock, finish: Clock, **more) -> None:
    cpu, wall = start.cpu + finish.cpu, start.wall + finish.wall
    print(
        json.dumps(
            {
                "peer": name,
                "instances": count,
                "instances_per_cpu_s": round(count / cpu, 1),
                "instances_per_wall_s": round(count / wall, 1),
                "cpu_ms_start_to_wait": round(start.cpu * 1000 / count, 3),
                "cpu_ms_complete_to_end": round(finish.cpu * 1000 / count, 3),
                **more,
            }
        )
    )

"""SpiffWorkflow 3.2.0 as a library: one JSON blob per instance in SQLite, reloaded before the user task.

This is the floor for any platform built on SpiffWorkflow: parse once, no users, no history, no events.
`spec=shared` keeps the specs out of the blob and puts them back at load; `spec=inline` is the library's default.
"""

import io
import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

from common import Clock, bpmn_spiff, report
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
SHARED = len(sys.argv) > 2 and sys.argv[2] == "shared"
CHAIN = int(os.environ.get("BENCH_CHAIN", "0"))

path = Path(tempfile.mkdtemp()) / "spiff.sqlite3"
db = sqlite3.connect(path)
db.execute("create table instance(id integer primary key, status text, state text)")
db.execute("create table human_task(id integer primary key, instance_id int, name text, done int)")
parser = BpmnParser()
parser.add_bpmn_io(io.BytesIO(bpmn_spiff(CHAIN).encode()))
spec = parser.get_spec("approval")
serializer = BpmnWorkflowSerializer()
spec_dict = None


def dump(workflow):
    global spec_dict
    if not SHARED:
        return serializer.serialize_json(workflow)
    dct = serializer.to_dict(workflow)
    spec_dict = dct.pop("spec")
    return json.dumps(dct)


def load(text):
    if not SHARED:
        return serializer.deserialize_json(text)
    dct = json.loads(text)
    dct["spec"] = spec_dict
    return serializer.from_dict(dct)


def start_one():
    workflow = BpmnWorkflow(spec)
    workflow.task_tree.data["amount"] = 120
    workflow.data["amount"] = 120
    workflow.get_next_task(spec_name="start").data["amount"] = 120
    workflow.do_engine_steps()
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    key = db.execute("insert into instance(status, state) values('waiting', ?)", (dump(workflow),)).lastrowid
    db.execute("insert into human_task(instance_id, name, done) values(?, ?, 0)", (key, task.task_spec.name))
    db.commit()
    return key


def finish_one(key):
    workflow = load(db.execute("select state from instance where id=?", (key,)).fetchone()[0])
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.data["approved"] = True
    task.run()
    workflow.do_engine_steps()
    assert workflow.is_completed()
    db.execute("update instance set status='done', state=? where id=?", (dump(workflow), key))
    db.execute("update human_task set done=1 where instance_id=?", (key,))
    db.commit()


for k in [start_one() for _ in range(10)]:
    finish_one(k)
with Clock() as start:
    keys = [start_one() for _ in range(COUNT)]
with Clock() as finish:
    for k in keys:
        finish_one(k)
report(
    f"SpiffWorkflow 3.2.0 library, {'specs shared' if SHARED else 'specs inline'}, chain {CHAIN}",
    COUNT,
    start,
    finish,
    database="sqlite",
    bytes_per_instance=path.stat().st_size // (COUNT + 10),
)

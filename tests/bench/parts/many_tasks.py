"""A database with very many open tasks, made in seconds.

One case of each process is started through the engine; its rows in the three tables that lists read (cases, tasks,
candidates) are then copied with new ids, case numbers, subjects, deadlines, people and groups, each from a spread of
its own. The copies have no history and no token: they can be listed and counted, not completed.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from engine import SYSTEM, Engine
from engine import commands as c
from engine import identity_commands as ic
from engine.clock import to_micros
from engine.filters import TaskFilter
from engine.ids import new_id
from tests.bench.parts.site import furnish
from tests.builders import process, user

GROUPS = tuple(f"group-{number:02}" for number in range(20))
PEOPLE = tuple(f"colleague-{number:02}" for number in range(30))
QUEUE = process("queue", "start -> decide -> end", user("decide", groups=",".join(GROUPS[:2])))
_BATCH = 10_000


def fill(file: str, count: int) -> str:
    """A SQLite file with this many open tasks; gives an API token of `li`, who works in two of twenty groups.

    Half of the tasks are assigned (one in fifty of those to `li`), half wait in a group's queue; one in ten is overdue.
    """
    url = f"sqlite:///{file}"
    token = furnish(url)
    with Engine.open(url) as engine:
        for group in GROUPS:
            engine.execute(ic.CreateGroup(key=group, name=f"第{group[-2:]}组"), by=SYSTEM)
        for person in PEOPLE:
            command = ic.CreateUser(username=person, password_hash="", roles=("staff",), groups=GROUPS[2:4])
            engine.execute(command, by=SYSTEM)
        engine.execute(ic.SetMembership(username="li", groups=("clerks", *GROUPS[:2])), by=SYSTEM)
        engine.execute(c.DeployDefinition(files={"queue.bpmn": QUEUE}, name="queue"), by=SYSTEM)
        case = engine.execute(c.StartInstance(definition="queue"), by=SYSTEM).instance_id
        (task,) = engine.read(SYSTEM).tasks(TaskFilter(scope="all", instance_id=case)).items
        now = to_micros(engine.now())
    with sqlite3.connect(file) as connection:
        _copy(connection, case, task.id, now, count - 1)
    with Engine.open(url) as engine:
        engine.tidy()  # what `civiflow run` does once an hour: the database looks at how its rows are spread
    return token


def _copy(connection: sqlite3.Connection, case: str, task: str, now: int, count: int) -> None:
    chance = random.Random(7)
    cases, tasks = _row(connection, "process_instance", case), _row(connection, "user_task", task)
    done = 0
    while done < count:
        some = min(_BATCH, count - done)
        made = [_one(chance, now, done + number) for number in range(some)]
        _insert(connection, "process_instance", ({**cases, **one[0]} for one in made))
        _insert(connection, "user_task", ({**tasks, **one[1]} for one in made))
        _insert(connection, "task_candidate", (row for one in made for row in one[2]))
        connection.commit()
        done += some


def _one(chance: random.Random, now: int, number: int) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """A case, its task, and the task's place in a queue."""
    case, task = _bytes(new_id()), _bytes(new_id())
    day = int(timedelta(days=1).total_seconds() * 1e6)
    due = now + int(chance.uniform(-3, 27) * day)
    people = ("li", *(chance.choice(PEOPLE) for _ in range(49)))
    assignee = chance.choice(people) if number % 2 else None
    group = chance.choice(GROUPS)
    columns = {"business_key": f"QUEUE-20260302-{number:06}", "subject": f"长桥路 {number % 900} 号路灯不亮"}
    queue = {"kind": "group", "name": group, "claimable": assignee is None, "due_sort": due, "task_id": task}
    dates = {"created_at": now - chance.randrange(day), "due_at": due, "due_sort": due}
    row = {"id": task, "instance_id": case, "scope_id": case, "assignee": assignee, **dates}
    return {"id": case, **columns}, row, [queue]


def _row(connection: sqlite3.Connection, table: str, key: str) -> dict[str, Any]:
    cursor = connection.execute(f"select * from {table} where id = ?", [_bytes(key)])
    return dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))


def _insert(connection: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    listed = list(rows)
    names = list(listed[0])
    marks = ", ".join("?" * len(names))
    statement = f"insert into {table} ({', '.join(names)}) values ({marks})"
    connection.executemany(statement, [[row[name] for name in names] for row in listed])


def _bytes(key: str) -> bytes:
    return bytes.fromhex(key.replace("-", ""))

"""The inbox of an office with 200,000 open tasks: a page as the engine gives it, beside bare SQL for the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from frame import SHORT, Comparison, cpu, main, part_on_each

from engine import SYSTEM, Engine, Principal
from engine import commands as c
from engine.clock import to_micros
from engine.filters import TaskFilter
from engine.ids import new_id
from engine.store import tables as t

TASKS = 20_000 if SHORT else 200_000
GROUPS = 40
PAGE = 50
READS = 50 if SHORT else 200
CLERK = Principal(id="li", roles=frozenset({"staff"}), groups=frozenset({"group 1", "group 2", "group 3"}))
MODEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="https://civiflow.example/bench">
  <process id="p" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="review"/><userTask id="review" name="Review"/>
  </process>
</definitions>"""


@part_on_each
def paged(url: str) -> Mapping[str, float]:
    with Engine.open(url) as engine:
        _fill(engine, url)

        def page(scope: str, cursor: str = "") -> tuple[int, str]:
            found = engine.read(CLERK).tasks(TaskFilter(scope=scope), limit=PAGE, cursor=cursor)  # type: ignore[arg-type]
            return len(found.items), found.next_cursor

        cursor = page("groups")[1]
        assert page("groups", cursor)[0] == page("mine")[0] == PAGE
        return {
            "ms_page": _timed(lambda: page("groups")),
            "ms_next_page": _timed(lambda: page("groups", cursor)),
            "ms_mine": _timed(lambda: page("mine")),
            "ms_counts": _timed(lambda: engine.read(CLERK).inbox_counts()),
        }


@part_on_each
def bare_sql(url: str) -> Mapping[str, float]:
    """One statement on the driver that gives the columns of the same page."""
    with Engine.open(url) as engine:
        _fill(engine, url)
    marks = ", ".join(f"'{name}'" for name in sorted(CLERK.groups))
    statement = (
        "select u.*, i.business_key, i.subject from task_candidate c join user_task u on u.id = c.task_id "
        f"join process_instance i on i.id = u.instance_id where c.kind = 'group' and c.name in ({marks}) "
        f"and c.claimable order by c.due_sort, c.task_id limit {PAGE}"
    )
    made = sa.create_engine(url)
    with made.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert len(driver.execute(statement).fetchall()) == PAGE
        figures = {"ms_page": _timed(lambda: driver.execute(statement).fetchall())}
    made.dispose()
    return figures


def _timed(read: Callable[[], object]) -> float:
    """CPU milliseconds of this process for one read."""
    read()
    before = cpu()
    for _ in range(READS):
        read()
    return (cpu() - before) / READS * 1000


def _fill(engine: Engine, url: str) -> None:
    """Open tasks in the queues of forty groups, five hundred of them taken by one clerk."""
    engine.execute(c.DeployDefinition(files={"p.bpmn": MODEL}), by=SYSTEM)
    now = datetime.now(UTC)
    made = sa.create_engine(url)
    for start in range(0, TASKS, 5_000):
        cases, tasks, candidates = [], [], []
        for n in range(start, start + 5_000):
            case, task, due = new_id(), new_id(), now + timedelta(minutes=n * 7919 % 100_000)
            common = {"definition_no": 1, "revision": 1}
            cases.append(
                {
                    **common, "id": case, "business_key": f"P-{n:06}", "state": "running", "started_at": now,
                    "started_by": "wu", "changed_at": now, "variables": {}, "event_count": 0, "chain_head": b"\0" * 32,
                }
            )  # fmt: skip
            mine = n % (TASKS // 500) == 0
            tasks.append(
                {
                    **common, "id": task, "instance_id": case, "scope_id": case, "element_id": "review",
                    "name": "Review", "state": "open", "assignee": "li" if mine else None, "form_key": "",
                    "priority": 50, "created_at": now, "due_at": due, "due_sort": to_micros(due), "suspended": False,
                }
            )  # fmt: skip
            queue = {"kind": "group", "name": f"group {n % GROUPS}", "claimable": not mine}
            candidates.append({**queue, "due_sort": to_micros(due), "task_id": task})
        with made.begin() as connection:
            connection.execute(t.process_instance.insert(), cases)
            connection.execute(t.user_task.insert(), tasks)
            connection.execute(t.task_candidate.insert(), candidates)
    with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("analyze"))
    made.dispose()


if __name__ == "__main__":
    main(
        Comparison(
            name="lists",
            what=f"a page of {PAGE} from an inbox with {TASKS:,} open tasks, SQLite; beside one bare SQL statement",
            measured=paged.sqlite,
            baseline=bare_sql.sqlite,
            by="ms_page",
        ),
        Comparison(
            name="lists_postgres",
            what="the same on PostgreSQL (CPU time of the asking process)",
            measured=paged.postgres,
            baseline=bare_sql.postgres,
            by="ms_page",
        ),
        rounds=1 if SHORT else 3,
    )

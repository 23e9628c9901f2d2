"""The inbox: lists of tasks, narrowed by the address, and taking a task from the list."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.pages.visit import SignedInVisit
from engine.access import OPERATORS, OVERSEERS, may_work_on
from engine.filters import TaskFilter
from engine.views import TaskRow

router = APIRouter()

Scope = Literal["mine", "groups", "all"]
_PAGE = 40


@router.get("/inbox")
def inbox(
    visit: SignedInVisit,
    scope: Scope | None = None,
    state: Literal["open", "completed"] = "open",
    process: Annotated[str, Query(max_length=200)] = "",
    search: Annotated[str, Query(max_length=200)] = "",
    overdue: bool = False,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """One list: the person's own tasks unless the address says otherwise."""
    counts = visit.reader.inbox_counts()
    if scope is None:
        # whoever has nothing of their own starts at what waits for their groups
        scope = "groups" if not counts.mine and counts.groups and not (search or overdue) else "mine"
    where = TaskFilter(
        scope=scope,
        state=state,
        definition_key=process,
        search=search.strip(),
        overdue=overdue,
        sort="created" if state == "completed" else "due",
    )
    page = visit.reader.tasks(where, cursor=cursor, limit=_PAGE)
    kept = {"scope": scope, "state": state if state != "open" else "", "process": process}

    def may_take(task: TaskRow) -> bool:
        queues = {"candidate_users": task.candidate_users, "candidate_groups": task.candidate_groups}
        return visit.by.has(*OPERATORS) or may_work_on(visit.by, **queues)

    return visit.render(
        "inbox.html",
        may_take=may_take,
        where=where,
        page=page,
        counts=counts,
        kept=kept | {"overdue": "1" if overdue else ""},
        # citizens know the processes that they may start; the others are none of their business
        processes=visit.reader.definitions(startable=visit.is_citizen, counted=False),
        names=visit.names(task.assignee for task in page.items),
        clocks=visit.reader.stopped_clocks({task.instance_id for task in page.items if not task.due_at}),
        sees_more=visit.by.has("staff", "supervisor", "manager", "administrator"),
        oversees=visit.by.has(*OVERSEERS),
        sees_cases=visit.by.has("staff", "supervisor", "manager", "administrator", "citizen"),
    )

"""Who does a user task: vendor settings first, then BPMN's own resource roles (BPMN 2.0, 10.3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.models.bpmn_xml import Element, children, first, text_of
from engine.models.dialects import Extensions, Source
from engine.models.model import UserTask, Value

_OWNER: Final = re.compile(r"(user|group)\(([^)]*)\)")


def read_user_task(element: Element, source: Source, extensions: Extensions) -> UserTask:
    """People, deadlines and form of a user task."""
    users, groups = _candidates(element, source)
    return UserTask(
        assignee=extensions.assignee or _performer(element, source),
        candidate_users=extensions.candidate_users or users,
        candidate_groups=extensions.candidate_groups or groups,
        excluded_users=extensions.excluded_users,
        due=extensions.due,
        follow_up=extensions.follow_up,
        priority=extensions.priority,
        form_key=extensions.form_key,
    )


def _performer(element: Element, source: Source) -> Value | None:
    texts = _assignments(element, "humanPerformer", "performer")
    return source.value(next(texts, ""), "assignee", "办理人")


def _candidates(element: Element, source: Source) -> tuple[Value | None, Value | None]:
    """Potential owners as Camunda writes them: 'user(li), group(clerks)'; a bare word is a group."""
    users: list[str] = []
    groups: list[str] = []
    for text in _assignments(element, "potentialOwner"):
        found = _OWNER.findall(text)
        users += [name.strip() for kind, name in found if kind == "user"]
        groups += [name.strip() for kind, name in found if kind == "group"]
        if not found:
            groups.append(text)
    return (
        source.value(", ".join(users), "candidate users", "候选人"),
        source.value(", ".join(groups), "candidate groups", "候选组"),
    )


def _assignments(element: Element, *roles: str) -> Iterator[str]:
    for role in children(element, *roles):
        assignment = first(role, "resourceAssignmentExpression")
        text = text_of(assignment)
        if text:
            yield text

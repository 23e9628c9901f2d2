"""The pages: what people sit before all day. One module a desk; all but `session` and `verify` need a sign-in."""

from fastapi import FastAPI

from api.pages import (
    admin,
    archive,
    attachments,
    calendar,
    decision_desk,
    definitions,
    inbox,
    incidents,
    instances,
    notifications,
    reports,
    session,
    start,
    task,
    verify,
)

_DESKS = (
    session,
    verify,
    start,
    inbox,
    task,
    instances,
    archive,
    incidents,
    definitions,
    decision_desk,
    reports,
    notifications,
    attachments,
    calendar,
    admin,
)


def include_in(app: FastAPI, *, max_body_size: int) -> None:
    """Add every desk's routes; forms carry files, so the caller says how large they may be."""
    for desk in _DESKS:
        app.include_router(desk.router, include_in_schema=False, max_body_size=max_body_size)

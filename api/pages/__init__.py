"""The pages: what people sit before all day. One module a desk; all but `session` and `verify` need a sign-in."""

from fastapi import APIRouter

from api.pages import (
    admin,
    archive,
    attachments,
    calendar,
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

router = APIRouter(include_in_schema=False)
for _desk in (
    session,
    verify,
    start,
    inbox,
    task,
    instances,
    archive,
    incidents,
    definitions,
    reports,
    notifications,
    attachments,
    calendar,
    admin,
):
    router.include_router(_desk.router)

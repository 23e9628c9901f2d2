"""The pages: what people sit before all day. One module a desk; all are behind the sign-in but `session`."""

from fastapi import APIRouter

from api.pages import (
    admin,
    attachments,
    definitions,
    inbox,
    incidents,
    instances,
    notifications,
    reports,
    session,
    start,
    task,
)

router = APIRouter(include_in_schema=False)
for _desk in (
    session,
    start,
    inbox,
    task,
    instances,
    incidents,
    definitions,
    reports,
    notifications,
    attachments,
    admin,
):
    router.include_router(_desk.router)

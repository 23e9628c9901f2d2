"""The message box: what the city tells a person about their cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from api.pages.visit import SignedInVisit
from engine.commands import ReadNotification
from engine.errors import NotFound

router = APIRouter()


@router.get("/messages")
def messages(visit: SignedInVisit, cursor: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Messages, the newest first."""
    return visit.render("messages.html", page=visit.reader.notifications(cursor=cursor, limit=30))


@router.post("/messages/read")
def mark_read(visit: SignedInVisit, ids: Annotated[list[str], Form(alias="id")] = []) -> Response:  # noqa: B006
    """Mark those that were on the page as read; one that is gone by now is no problem."""
    for notification_id in ids[:100]:
        try:
            visit.execute(ReadNotification(notification_id=notification_id))
        except NotFound:
            continue
    return visit.go("/messages", notice="all-read")

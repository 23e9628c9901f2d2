"""One's own message box."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Limit, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.jobs import NotificationOut
from api.security import Person
from engine.commands import ReadNotification

router = APIRouter(tags=["notifications"], route_class=AuthenticatedRoute)


@router.get("/notifications")
def list_notifications(
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    unread_only: bool = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[NotificationOut]:
    """One's messages, the newest first."""
    page = engine.read(principal).notifications(unread_only=unread_only, cursor=cursor, limit=limit)
    return page_of(page, NotificationOut.model_validate, request, response)


@router.post("/notifications/{notification_id}/read", status_code=204, responses=refusals(404))
def mark_read(notification_id: str, principal: Person, engine: Door) -> None:
    """Mark one's own message as read."""
    engine.execute(ReadNotification(notification_id=notification_id), by=principal)

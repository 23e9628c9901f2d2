"""The native API under /api/v1, one module a noun. Additive within v1: fields come, none go."""

from fastapi import FastAPI

from api.rest import (
    attachments,
    calendar,
    decisions,
    definitions,
    documents,
    incidents,
    instances,
    jobs,
    messages,
    meta,
    notifications,
    reports,
    session,
    tasks,
    users,
)
from api.settings import MEGABYTE

_JSON_LIMIT = 4 * MEGABYTE
_UPLOAD_LIMIT = 64 * MEGABYTE

_NOUNS = (
    session.public,
    session.router,
    definitions.router,
    decisions.router,
    instances.router,
    tasks.router,
    jobs.router,
    messages.router,
    incidents.router,
    attachments.router,
    documents.router,
    documents.public,
    notifications.router,
    reports.router,
    users.router,
    calendar.router,
    meta.kinds,
)
_UPLOADS = (definitions.uploads, attachments.uploads, reports.uploads)


def include_in(app: FastAPI) -> None:
    """Add every route. Each noun by itself: the framework builds a route anew at each level of inclusion."""
    app.include_router(meta.operations, max_body_size=_JSON_LIMIT)
    for noun in _NOUNS:
        app.include_router(noun, prefix="/api/v1", max_body_size=_JSON_LIMIT)
    for noun in _UPLOADS:
        app.include_router(noun, prefix="/api/v1", max_body_size=_UPLOAD_LIMIT)


__all__ = ["include_in"]

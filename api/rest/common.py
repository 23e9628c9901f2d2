"""What the routes of the native API share: authentication first, headers, paging, entity tags."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query, Request, Response
from fastapi.routing import APIRoute

from api.one_trip import OneTripRoute, is_small
from api.routing import answering
from api.schemas.base import PageOf
from api.security import require_principal
from api.security.requests import signed_in
from engine import Engine
from engine.errors import InvalidInput
from engine.views import Page

T = TypeVar("T")
Row = TypeVar("Row")


class AuthenticatedRoute(APIRoute):
    """A route whose caller is known before anything of the body is looked at, and before more of it than
    `api.one_trip.SMALL` is taken in.

    Every router with this class is closed to strangers even where a route forgets to ask who calls.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        ready = answering(endpoint, options.get("status_code"))
        blocks = not inspect.iscoroutinefunction(endpoint)
        self._quick = OneTripRoute(path, ready, **options).handler(_ask_who_calls) if blocks else None
        super().__init__(path, ready, **options)

    @property
    def takes_one_trip(self) -> bool:
        """Whether small requests run through in one thread."""
        return self._quick is not None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler behind authentication."""
        quick, answer = self._quick, super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            if quick is not None and is_small(request.headers):
                return await quick(request)
            await require_principal(request)
            return await answer(request)

        return authenticated


async def _ask_who_calls(request: Request) -> None:
    signed_in(request)  # blocks: we are in a thread
    await require_principal(request)


async def _engine(request: Request) -> Engine:  # a plain function would be called in another thread
    engine: Engine = request.app.state.engine
    return engine


Door = Annotated[Engine, Depends(_engine)]
"""The engine."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same request gives the first answer again and changes nothing.",
    ),
]

Cursor = Annotated[str, Query(description="`next_cursor` of the page before.", max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows a page.")]


def page_of(page: Page[Row], make: Callable[[Row], T], request: Request, response: Response) -> PageOf[T]:
    """A page on the wire, with `Link: <…>; rel="next"` if there is another (RFC 8288)."""
    if page.next_cursor:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return PageOf(items=[make(row) for row in page.items], next_cursor=page.next_cursor)


def etag(revision: int) -> str:
    """The entity tag of a revision (RFC 9110, 8.8.3)."""
    return f'"{revision}"'


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The task's ETag as last seen; an older one is refused with 412."),
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip()
    if len(tag) > 2 and tag[0] == tag[-1] == '"' and tag[1:-1].isdecimal() and len(tag) < 20:
        return int(tag[1:-1])
    raise InvalidInput(f'Expected If-Match to be an ETag of this task such as "3" but it is {tag[:40]}.')


Revision = Annotated[int | None, Depends(_if_match)]
"""The revision that the header If-Match names, or None."""


def note(request: Request, **facts: str) -> None:
    """Add facts to the request's log line: `instance_id`, `command`."""
    for name, value in facts.items():
        setattr(request.state, name, value)


def listed(rows: Iterable[Row], make: Callable[[Row], T]) -> list[T]:
    """Rows on the wire."""
    return [make(row) for row in rows]

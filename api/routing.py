"""Finding a route by the parts of its address, and answering from the thread that did the work.

The framework tries one route after the other, level by level; with a hundred routes that costs more
than many of them take. `Shortcut` stands in front of them and looks the likely ones up. What it does
not find (a wrong method, a slash too many, nothing at all) goes the usual way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from fastapi import Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.one_trip import is_small

_PREFIX = "/api/v1/"
_FOUND = "civiflow.route"

Key = tuple[int, str]


class Shortcut(BaseRoute):
    """One route that stands for many.

    Args:
        routes: those of the application, in order, with all that they include.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._likely: dict[Key, list[RouteContext]] = {}
        for route in iter_route_contexts(list(routes)):
            path = route.path or ""
            if isinstance(route.original_route, APIRoute) and ":path}" not in path:
                self._likely.setdefault(_key(path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that fits address and method, as the framework would find it."""
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        path, method = scope["path"], scope["method"]
        for route in self._likely.get(_key(path), ()):
            found = route.path_regex.match(path)
            if found and method in (route.methods or ()):
                converters = route.param_convertors
                values = {name: converters[name].convert(value) for name, value in found.groupdict().items()}
                known = {"endpoint": route.endpoint, "route": route.original_route, "path_params": values}
                return Match.FULL, {**known, _FOUND: route}
        return Match.NONE, {}

    def quick(self, scope: Scope) -> ASGIApp | None:
        """Serves a small request to a route that takes it on one trip, without the layers around; None for any other.

        What they do has no part in it: its body is small, and its errors are answered by the door.
        """
        match, found = self.matches(scope)
        if match is Match.NONE or not getattr(found["route"], "takes_one_trip", False):
            return None
        if not is_small(Headers(scope=scope)):
            return None
        scope.update(found)
        return AsyncExitStackMiddleware(scope.pop(_FOUND).app)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request by the route that `matches` found."""
        await scope.pop(_FOUND).app(scope, receive, send)


def answering(endpoint: Callable[..., Any], status_code: int | None = None) -> Callable[..., Any]:
    """A blocking endpoint that gives its answer ready to send, made in the same thread.

    The framework would check the answer against its model in another thread, and write it in yet
    another step; an answer that is that model already needs no check.

    Args:
        endpoint: as it stands in the source; coroutines stay as they are.
        status_code: of a good answer, where it is not 200.
    """
    if inspect.iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    def answered(**arguments: Any) -> Any:
        result = endpoint(**arguments)
        if not isinstance(result, BaseModel):
            return result
        body = result.__pydantic_serializer__.to_json(result, by_alias=True)
        return _ready(body, status_code, arguments)

    return answered


def _ready(body: bytes, status_code: int | None, arguments: Mapping[str, Any]) -> Response:
    given = arguments.get("response")
    status = given.status_code if isinstance(given, Response) else None
    made = Response(body, status_code=status or status_code or 200, media_type="application/json")
    if isinstance(given, Response):
        made.headers.raw.extend(given.headers.raw)
    return made


def _key(path: str) -> Key:
    """How many parts an address has, and what it is about: its first part, behind the API's prefix."""
    about = path[len(_PREFIX) :] if path.startswith(_PREFIX) else path[1:]
    return path.count("/"), about.partition("/")[0]

"""The shortcut to a route finds what trying one after the other would find, and leaves the rest to the framework."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Match

from api.app import create_app
from api.routing import Shortcut
from api.settings import Settings
from engine import Engine


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """All routes of the application, in order."""
    with Engine.open("sqlite://") as engine:
        app = create_app(engine, Settings(var=tmp_path_factory.mktemp("var")))
        return list(app.router.routes)


def asked(method: str, path: str) -> dict[str, Any]:
    """What a server says of a request."""
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "query_string": b""}


def test_every_route_is_found_as_by_trying_one_after_the_other(routes: list[Any]) -> None:
    shortcut = next(route for route in routes if isinstance(route, Shortcut))
    known = [each for each in iter_route_contexts(routes) if isinstance(each.original_route, APIRoute)]
    for route in known:
        path = re.sub(r"\{(\w+)(:path)?\}", r"a-\1", route.path or "")
        for method in route.methods or ():
            first = next(r for r in known if r.path_regex.match(path) and method in (r.methods or ()))

            match, found = shortcut.matches(asked(method, path))

            if ":path}" in (first.path or ""):
                assert match is Match.NONE
            else:
                assert match is Match.FULL
                assert found["endpoint"] is first.endpoint


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/v1/tasks"),
        ("GET", "/api/v1/tasks/"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api/v1"),
        ("GET", "/static/desk.css"),
        ("GET", "//api/v1/tasks"),
        ("GET", ""),
    ],
)
def test_what_fits_no_route_is_left_to_the_framework(routes: list[Any], method: str, path: str) -> None:
    shortcut = next(route for route in routes if isinstance(route, Shortcut))

    assert shortcut.matches(asked(method, path)) == (Match.NONE, {})

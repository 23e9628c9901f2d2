"""Small requests run through in one thread; callers, errors and headers are as on the usual way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.routing import iter_route_contexts

from api.app import create_app
from api.one_trip import SMALL, OneTripRoute, is_small
from api.settings import Settings
from api.threads import THREADS, run_through
from engine import Engine
from tests.site import Site

TASKS = "/api/v1/tasks"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "small"),
    [
        ({}, True),
        ({"content-length": "0"}, True),
        ({"content-length": str(SMALL), **JSON}, True),
        ({"content-length": "7", "content-type": "Application/JSON; charset=utf-8"}, True),
        ({"content-length": str(SMALL + 1), **JSON}, False),
        ({"content-length": "7", "content-type": "multipart/form-data; boundary=x"}, False),
        ({"content-length": "7"}, False),
        ({"content-length": "-7", **JSON}, False),
        ({"transfer-encoding": "chunked", **JSON}, False),
    ],
)
def test_only_what_says_that_it_is_little_json_is_fetched_at_once(headers: Mapping[str, str], small: bool) -> None:
    assert is_small(headers) is small


def test_a_coroutine_that_never_waits_runs_without_an_event_loop() -> None:
    async def double(number: int) -> int:
        return 2 * number

    async def twice(number: int) -> int:
        return await double(await double(number))

    assert run_through(twice(3)) == 12


def test_a_coroutine_that_waits_is_refused() -> None:
    class Later:
        def __await__(self) -> Iterator[None]:
            yield

    async def wait() -> None:
        await Later()

    with pytest.raises(RuntimeError, match="never waits"):
        run_through(wait())


def test_every_blocking_route_of_the_api_takes_one_trip(tmp_path: Path) -> None:
    with Engine.open("sqlite://") as engine:
        app = create_app(engine, Settings(var=tmp_path))
        routes = [each.original_route for each in iter_route_contexts(list(app.router.routes))]

    ours = [route for route in routes if hasattr(route, "takes_one_trip")]
    waiting = [route for route in ours if not route.takes_one_trip]

    assert len(ours) > 60
    assert all(asyncio.iscoroutinefunction(route.endpoint) for route in waiting)


def test_a_route_with_a_dependency_that_blocks_is_left_to_the_framework() -> None:
    def endpoint(number: Annotated[int, Depends(_blocking)]) -> int:
        return number

    assert OneTripRoute("/", endpoint).handler(_before) is None


def test_parameters_of_every_kind_arrive_in_one_thread() -> None:
    def endpoint(
        number: int,
        path: Annotated[str, Depends(_path)],
        word: Annotated[str, Query(max_length=3)] = "",
        tag: Annotated[str | None, Header(alias="If-Match")] = None,
    ) -> list[str]:
        return [threading.current_thread().name, str(number), path, word, str(tag)]

    app = FastAPI()
    app.router.route_class = _OneTrip
    app.get("/things/{number}")(endpoint)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.example") as client:
            return await client.get("/things/7?word=abc", headers={"If-Match": "x"})

    worked, number, fetched, *others = asyncio.run(ask()).json()
    path, before = fetched.split()
    assert (number, path, others) == ("7", "/things/7", ["abc", "x"])
    assert worked == before.replace("~", " ") != threading.current_thread().name


@pytest.mark.parametrize("size", [10, SMALL + 10])
def test_nobody_learns_whether_a_body_is_good_before_it_is_known_who_asks(shared_site: Site, size: int) -> None:
    with shared_site.stranger() as client:
        answer = client.post("/api/v1/instances", content=b"{" * size, headers=JSON)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refusal_on_one_trip_is_a_whole_answer(shared_site: Site) -> None:
    with shared_site.client("li") as client:
        unreadable = client.post("/api/v1/instances", content=b"{", headers=JSON)
        unknown = client.get(f"{TASKS}/{'0' * 8}-0000-7000-8000-{'0' * 12}")
        wrong = client.get(TASKS, params={"limit": 0})

    assert [unreadable.status_code, unknown.status_code, wrong.status_code] == [400, 404, 422]
    for answer in (unreadable, unknown, wrong):
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert answer.headers["x-frame-options"] == "DENY"


def test_more_requests_than_threads_are_all_served(shared_site: Site) -> None:
    def look(_: int) -> int:
        with shared_site.client("li") as client:
            return client.get(TASKS).status_code

    with ThreadPoolExecutor(2 * THREADS) as crowd:
        answers = list(crowd.map(look, range(2 * THREADS)))

    assert set(answers) == {200}


class _OneTrip(OneTripRoute):
    """A route that does nothing but that."""

    def get_route_handler(self) -> Any:
        return self.handler(_before)


async def _before(_request: Request) -> None:
    return None


async def _path(request: Request) -> str:
    return f"{request.url.path} {threading.current_thread().name.replace(' ', '~')}"


def _blocking() -> int:
    return 1

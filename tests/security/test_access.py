"""Every route, every kind of account, somebody else's things: no unexpected success, and nothing is disclosed.

Whoever may not know that a thing is there gets, word for word, what a made-up id gets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from api.app import create_app
from tests.security.access_table import TABLE, Row
from tests.security.roster import ABSENT, MARK, ROSTER, Things, Values, filled, settle
from tests.site import Site, running_site

IDS = ("instance_id", "task_id", "job_id", "incident_id", "attachment_id", "notification_id", "token_id")
MADE_UP: Values = dict.fromkeys(IDS, ABSENT) | {
    "business_key": "repair-20200101-0001",
    "username": "no.such.person",
    "definition": "no_such",
    "definition_id": "no_such",
    "key": "no_such",
    "path": "no_such.bpmn",
    "document_id": ABSENT,
    "code": "no-such",
}


@dataclass
class Town:
    """A site, and the things that those who are refused ask for: one a route, still there afterwards."""

    site: Site
    things: Things
    shared: dict[str, Values] = field(default_factory=dict)
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, username: str) -> httpx.Client:
        """Somebody's client; kept, because making one is dear."""
        if username not in self.clients:
            self.clients[username] = self.site.client(username) if username else self.site.stranger()
        return self.clients[username]

    def thing(self, route: str, row: Row, *, fresh: bool) -> Values:
        """The values of a route's address and body."""
        if row.make is None:
            return {}
        if fresh:
            return row.make(self.things)
        if route not in self.shared:
            self.shared[route] = row.make(self.things)
        return self.shared[route]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("access")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder) as running:
        settle(running)
        made = Town(site=running, things=Things(running))
        for make in (Things.case, Things.message, Things.incident, Things.token):
            make(made.things)
        yield made
        for client in made.clients.values():
            client.close()


def test_the_table_has_a_row_for_every_route(town: Town) -> None:
    app = create_app(town.site.engine, town.site.settings)

    routes = {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.router.routes)
        for method in getattr(route, "methods", None) or ()
        if route.path and method != "HEAD"
    }

    assert sorted(routes - TABLE.keys()) == [], "say in access_table.py who may ask these"
    assert sorted(TABLE.keys() - routes) == [], "these are no more"


@pytest.mark.parametrize("route", sorted(TABLE))
def test_everybody_gets_what_is_theirs_and_learns_of_nothing_else(town: Town, route: str) -> None:
    row = TABLE[route]
    wrong = [
        f"{who}: {problem}" for who, username in ROSTER.items() if (problem := _judged(town, route, row, who, username))
    ]

    assert wrong == []


def _judged(town: Town, route: str, row: Row, who: str, username: str) -> str:
    """What is wrong with the answer somebody gets; '' if it is right."""
    changing = not route.startswith("GET ")
    made = town.thing(route, row, fresh=changing and who in row.may)
    answer = _ask(town, route, row, username, made)
    shows = (row.may | row.sees if row.make else frozenset()) if row.shows is None else row.shows
    if MARK in answer.text and who not in shows:
        return f"{answer.status_code} tells of a case of others"
    if who in row.may:
        return "" if answer.status_code < 400 else f"expected to be answered but got {_brief(answer)}"
    if answer.status_code in (row.status if isinstance(row.status, tuple) else (row.status,)):
        return ""
    if who == "anonymous":
        return "" if answer.status_code == 401 else f"expected 401 but got {_brief(answer)}"
    if who in row.sees:
        return "" if answer.status_code in {403, 404, 409, 422} else f"expected a refusal but got {_brief(answer)}"
    if answer.status_code not in {403, 404}:
        return f"expected 403 or 404 but got {_brief(answer)}"
    if row.make is None:
        return ""
    made_up = made | {name: MADE_UP[name] for name in made if name in MADE_UP}
    twin = _ask(town, route, row, username, made_up)
    same = _told(answer, made) == _told(twin, made_up)
    return "" if same else f"{_told(answer, made)} tells it from a made-up one, {_told(twin, made_up)}"


def _ask(town: Town, route: str, row: Row, username: str, made: Values) -> httpx.Response:
    method, path = route.split(" ", 1)
    path = re.sub(r":\w+}", "}", path).format(**made)
    answer = town.client(username).request(method, path, **filled(dict(row.send), made))
    if route == "DELETE /api/v1/session/all" and answer.is_success:
        town.site.tokens.pop(username, None)
        town.clients.pop(username).close()
    return answer


def _told(answer: httpx.Response, made: Values) -> tuple[int, str, str]:
    """Status, kind and words of a refusal, without what the asker sent themselves."""
    body: dict[str, Any] = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    words = str(body.get("detail", answer.text))
    for value in made.values():
        words = words.replace(str(value), "…")
    return answer.status_code, str(body.get("type", "")), words


def _brief(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:160]}"

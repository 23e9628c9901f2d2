"""The API keeps to its own document, whatever is sent: schemathesis makes requests from it, right ones and wrong ones.

Short in `make test`; `make security` asks for many more examples of each route.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.settings import Settings
from engine import Engine
from engine import commands as c
from engine.contracts.principal import SYSTEM
from tests.security.effort import LONG
from tests.site import Site, running_site

EXAMPLES = 60 if LONG else 2
"""Requests a route, of each kind."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPAQUE = {"multipart/form-data", "application/xml", "application/zip"}
"""Bodies whose inside the engine judges, not the document: a wrong one cannot be made from it."""


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document, which needs no running site."""
    with Engine.open("sqlite://") as engine:
        return create_app(
            engine, Settings(var=Path("/nonexistent"), database="sqlite://", secret_key="x" * 32)
        ).openapi()


@lru_cache(maxsize=1)
def schema() -> Any:
    """The document as schemathesis reads it."""
    return schemathesis.openapi.from_dict(document())


ROUTES = sorted((method.upper(), path) for path, methods in document()["paths"].items() for method in methods)


@dataclass
class Town:
    """A site with one of everything, so that made-up requests meet things that are there."""

    site: Site
    there: dict[str, str] = field(default_factory=dict)

    def refill(self) -> None:
        """Make anew what requests may have used up."""
        site = self.site
        case = site.start("chen")
        self.there = {
            "instance_id": case,
            "task_id": site.task(case),
            "job_id": site.job(site.start("chen")).id,
            "incident_id": site.incident(site.start("chen")),
            "definition": "repair",
            "path": "repair.bpmn",
            "username": "li",
            "key": "clerks",
            "name": "stale-task",
            "business_key": site.engine.read(SYSTEM).instance(case).row.business_key,
            "attachment_id": site.engine.execute(
                c.AddAttachment(name="a.txt", content=b"a", instance_id=case), by=SYSTEM
            ).id,
            "notification_id": site.engine.execute(
                c.Notify(key="k", recipient="root", subject="s", body="b"), by=SYSTEM
            ),
        }

    def ask(self, case: Case) -> Any:
        """Send a request as the administrator; with a fresh token if the request before ended the last."""
        answer = self._send(case)
        if answer.status_code == 401:
            self.site.tokens.pop("root")
            answer = self._send(case)
        return answer

    def _send(self, case: Case) -> Any:
        with self.site.client("root") as client:
            return case.call(base_url=self.site.url, headers={"Authorization": client.headers["Authorization"]})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("schema")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder) as site:
        made = Town(site)
        made.refill()
        yield made


def _hurry(body: object) -> None:
    """Bots may ask to be kept waiting for work for a minute; here there is no time for that."""
    wait = body.get("wait") if isinstance(body, dict) else None
    if isinstance(wait, int | float) and not isinstance(wait, bool) and 0 <= wait <= 60:
        body["wait"] = wait / 100


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_every_answer_is_one_that_the_document_names(town: Town, route: tuple[str, str], mode: GenerationMode) -> None:
    operation = schema()[route[1]][route[0]]

    @seed(20261120)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), meets=st.booleans())
    def check(case: Case, meets: bool) -> None:
        if meets:
            named = {name: town.there[name] for name in case.path_parameters or {} if name in town.there}
            case.path_parameters.update(named)
        _hurry(case.body)
        wrong = mode is GenerationMode.NEGATIVE and not meets and case.media_type not in OPAQUE
        case.validate_response(town.ask(case), checks=[*CHECKS, *([negative_data_rejection] if wrong else [])])

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "a route for which no request can be made"

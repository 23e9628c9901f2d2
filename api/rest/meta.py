"""For those who run it: health, readiness, metrics; and what kinds of problems there are."""

from __future__ import annotations

import inspect
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api import __version__
from api.problems import KINDS, slug
from api.rest.openapi import Responses, answer, refusals
from api.security import signed_in
from api.security.origin import client_address, is_loopback_address
from engine import Engine
from engine.errors import Forbidden, NotFound, NotSignedIn

operations = APIRouter(tags=["operations"])
kinds = APIRouter(tags=["operations"])

_PUBLIC = {"x-access": "public"}
_NOT_READY: Responses = {
    503: {
        "description": "Something it needs is missing.",
        "content": {"application/json": {"example": {"status": "not ready", "checks": {"database": False}}}},
    }
}


@operations.get("/healthz", openapi_extra=_PUBLIC, responses=answer({"status": "ok", "version": "0.1.0"}))
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok", "version": __version__}


@operations.get(
    "/readyz",
    openapi_extra=_PUBLIC,
    responses=answer({"status": "ready", "checks": {"database": True, "schema": True, "scheduler": True}}) | _NOT_READY,
)
def ready(request: Request, response: Response) -> dict[str, Any]:
    """Whether it can do its work: database reachable, of this release's schema; timers looked at lately."""
    state = request.app.state
    checks = _database(state.engine)
    if state.ticking is not None:
        checks["scheduler"] = bool(state.ticking())
    good = all(checks.values())
    response.status_code = 200 if good else 503
    return {"status": "ready" if good else "not ready", "checks": checks}


@operations.get(
    "/metrics",
    response_class=Response,
    responses=answer("civiflow_open_tasks 17.0\n", "text/plain") | refusals(401, 403),
)
async def metrics(request: Request) -> Response:
    """Prometheus metrics: for this machine, or with an API token of scope `metrics`."""
    if not _asked_here(request):
        found = await run_in_threadpool(signed_in, request)
        if found is None:
            raise NotSignedIn
        if "metrics" not in found.scopes and not found.principal.has("administrator"):
            raise Forbidden("Expected an API token with scope metrics.")
    text = await run_in_threadpool(request.app.state.metrics.text)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@kinds.get(
    "/problems",
    openapi_extra=_PUBLIC,
    responses=answer({"items": [{"type": "/api/v1/problems/stale-task", "title": "Stale task", "status": 409}]}),
)
async def list_problems() -> dict[str, Any]:
    """The kinds of problems that answers may carry."""
    return {"items": [_kind(kind) for kind in KINDS]}


@kinds.get(
    "/problems/{name}",
    openapi_extra=_PUBLIC,
    responses=answer({"type": "/api/v1/problems/stale-task", "title": "Stale task", "status": 409}) | refusals(404),
)
async def read_problem(name: str) -> dict[str, Any]:
    """One kind of problem: what its `type` points at."""
    for kind in KINDS:
        if slug(kind) == name:
            return _kind(kind)
    raise NotFound(f"There is no kind of problem named {name!r}.")


def _kind(kind: type[Exception]) -> dict[str, Any]:
    status, title = KINDS[kind]  # type: ignore[index]
    meaning = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
    return {
        "type": f"/api/v1/problems/{slug(kind)}",  # type: ignore[arg-type]
        "title": title,
        "status": status,
        "meaning": meaning,
    }


def _asked_here(request: Request) -> bool:
    # A proxy on this machine also comes from loopback, but says for whom it asks.
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded"))
    return is_loopback_address(client_address(request)) and not forwarded


def _database(engine: Engine) -> dict[str, bool]:
    try:
        return {"database": True, "schema": engine.schema_is_current()}
    except Exception:
        return {"database": False}

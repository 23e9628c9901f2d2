"""The web application: routes, pages, errors and headers put together."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from api import __version__, problems, rest
from api.job_news import JobNews
from api.metrics import GAUGES, Metrics
from api.middleware import Door
from api.rest.openapi import DESCRIPTION, TAGS, describe
from api.routing import Shortcut
from api.settings import MEGABYTE, Settings
from engine import Engine
from engine.contracts.principal import SYSTEM

STATIC = Path(__file__).parent / "web" / "dist"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class WebApplication(FastAPI):
    """FastAPI with the door around everything, its own error handling included."""

    def build_middleware_stack(self) -> ASGIApp:
        """The stack of FastAPI, wrapped."""
        stack = super().build_middleware_stack()
        return Door(stack, self.state.metrics, self.state.handle_error, self.state.shortcut.quick)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the native API, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(super().openapi())
        return self.openapi_schema


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    lifespan: Lifespan | None = None,
    ticking: Callable[[], bool] | None = None,
    demo_accounts: tuple[Mapping[str, str], ...] = (),
) -> WebApplication:
    """The application around an engine.

    Args:
        engine: what it serves; the caller closes it.
        settings: as `Settings.prepared()` gives them.
        lifespan: starts and stops what runs beside the web server.
        ticking: whether this process's scheduler is alive, for `/readyz`; None if it has none.
        demo_accounts: shown on the sign-in page; only ever those of the demo's own database.

    Returns:
        With `state.engine`, `state.settings`, `state.metrics`, `state.job_news` and `state.demo_accounts` set.
    """
    settings = settings.prepared()
    app = WebApplication(
        title="Civiflow",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan or _nothing,
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.ticking = ticking
    app.state.demo_accounts = demo_accounts or None
    app.state.metrics = Metrics(lambda: _figures(engine))
    app.state.job_news = JobNews(lambda topics: engine.read(SYSTEM).due_topics(topics))
    engine.on_commit(app.state.job_news.tell)
    problems.install(app, _optional("api.pages.errors", "render_problem"))
    app.add_exception_handler(Exception, app.state.handle_error)
    rest.include_in(app)
    include_pages = _optional("api.pages", "include_in")
    if include_pages is not None:
        include_pages(app, max_body_size=4 * settings.attachment_limit + MEGABYTE)
    app.router.routes.append(_static())
    app.state.shortcut = Shortcut(app.router.routes)
    app.router.routes.insert(0, app.state.shortcut)
    return app


def _figures(engine: Engine) -> Mapping[str, int]:
    figures = engine.read(SYSTEM).figures()
    return {name: figures[name] for name in GAUGES if name in figures}


class _Static(StaticFiles):
    """Built files. An address with the build's stamp in it may be kept for good: it changes when they do."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        stamped = b"v=" in scope["query_string"] and response.status_code == 200
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if stamped else "no-cache"
        return response


def _static() -> BaseRoute:
    return Mount("/static", _Static(directory=STATIC, check_dir=False), name="static")


def _optional(module: str, name: str) -> Any:
    """A part that may be missing from an installation without pages."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as missing:
        if missing.name is not None and module.startswith(missing.name):
            return None
        raise


@asynccontextmanager
async def _nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield

"""What surrounds every request: id, log line, measurement, security headers, a last net for errors."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from starlette.datastructures import FormData, State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from engine.ids import new_id

log = structlog.get_logger("civiflow.access")

Handler = Callable[[Request, Exception], Awaitable[Response]]
Quick = Callable[[Scope], ASGIApp | None]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style, nothing from elsewhere, no frames."""

HEADERS = (
    ("content-security-policy", CONTENT_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
    ("cache-control", "no-store"),
)
"""On every response, unless the response brings its own."""

Header = tuple[bytes, bytes]

_HEADERS: tuple[Header, ...] = tuple((name.encode(), value.encode()) for name, value in HEADERS)
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000")


class Door:
    """Wraps the whole application, so that errors of every layer pass through it.

    Args:
        app: the application.
        metrics: counts and times requests.
        handle_error: makes the response to an error that nothing inside answered.
        quick: serves a request without the framework's layers around a route, where none of them has a part in it.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, handle_error: Handler, quick: Quick) -> None:
        self._app = app
        self._metrics = metrics
        self._handle_error = handle_error
        self._quick = quick

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of ASGI traffic pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        visit = _Visit(scope, send, request_id)
        began = time.perf_counter()
        try:
            await self._serve(scope, receive, visit)
        finally:
            if isinstance(form := state.get("form"), FormData):
                await form.close()
            took = time.perf_counter() - began
            route = route_template(scope)
            self._metrics.observe(scope["method"], route, visit.status, took)
            _report(scope, state, route, visit.status, took)

    async def _serve(self, scope: Scope, receive: Receive, visit: _Visit) -> None:
        try:
            app = self._quick(scope) or self._app
            await app(scope, receive, visit.send)
            if not visit.too_large:
                return
            error: Exception = HTTPException(413)
        except Exception as escaped:
            # ServerErrorMiddleware raises again what it has answered, so that servers can log it.
            if visit.status:
                return
            error = escaped
        response = await self._handle_error(Request(scope, receive), error)
        visit.too_large = False
        await response(scope, receive, visit.send)


class _Visit:
    """One response on its way out."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._https = scope.get("scheme") == "https"
        self.status = 0
        self.too_large = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if _is_bare_413(message["status"], headers):
                self.too_large = True
            else:
                self.status = message["status"]
                message["headers"] = self._complete(headers)
        if not self.too_large:
            await self._send(message)

    def _complete(self, headers: list[Header]) -> list[Header]:
        """The response's headers and those of ours that it does not bring; their names are in lower case (ASGI)."""
        brought = {name for name, _ in headers}
        headers += [header for header in _HEADERS if header[0] not in brought]
        if self._https and _HSTS[0] not in brought:
            headers.append(_HSTS)
        headers.append((b"x-request-id", self._request_id.encode("latin-1")))
        return headers


def route_template(scope: Scope) -> str:
    """The address without the values in it, such as `/api/v1/tasks/{task_id}`; '' if no route matched."""
    if "endpoint" not in scope:
        return ""
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items() if value != ""}
    path = str(scope["path"])
    for value, name in names.items():
        if "/" in value and path.endswith(value):
            path = path[: -len(value)] + name
    return "/".join(names.get(part, part) for part in path.split("/"))


def _is_bare_413(status: int, headers: Iterable[Header]) -> bool:
    # A body that announces itself as too large is answered by the framework in plain text.
    return status == 413 and any(n == b"content-type" and v.startswith(b"text/plain") for n, v in headers)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    sent = next((value.decode("latin-1") for name, value in headers if name == b"x-request-id"), "")
    return sent if _REQUEST_ID.fullmatch(sent) else new_id()


def _report(scope: Scope, state: dict[str, Any] | State, route: str, status: int, took: float) -> None:
    known = state if isinstance(state, dict) else state._state
    path = scope["path"]
    write = log.debug if path in _QUIET or path.startswith("/static/") else log.info
    write(
        "request",
        method=scope["method"],
        route=route or "(none)",
        status=status,
        milliseconds=round(took * 1000, 1),
        principal=known.get("principal_id", ""),
        **{name: value for name in ("instance_id", "command") if (value := known.get(name))},
    )

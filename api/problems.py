"""Errors on the wire: the engine's error tree as problem details (RFC 9457). Status codes live only here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from engine import errors
from engine.findings import Finding

log = structlog.get_logger("civiflow.api")

TYPES_PATH = "/api/v1/problems/"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, as a client or an error page is told.

    Args:
        slug: stable name of the kind; its `type` URI is `/api/v1/problems/<slug>`.
        title: the kind in a few words.
        status: HTTP status code.
        detail: this occurrence, in words a user can act on.
        errors: fields that need another value.
        findings: what is wrong with an uploaded model.
        headers: sent along.
    """

    slug: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[errors.FieldProblem, ...] = ()
    findings: tuple[Finding, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self, request: Request) -> dict[str, object]:
        """The members of RFC 9457, `request_id` for those who look it up in the log, and the details."""
        body: dict[str, object] = {
            "type": TYPES_PATH + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.url.path,
            "request_id": getattr(request.state, "request_id", ""),
        }
        if self.errors:
            body["errors"] = [
                {"field": e.field, "code": e.code, "message": e.message, "message_zh": e.message_zh}
                for e in self.errors
            ]
        if self.findings:
            body["findings"] = [finding_dict(finding) for finding in self.findings]
        return body


KINDS: Mapping[type[errors.CiviflowError], tuple[int, str]] = {
    errors.InvalidInput: (422, "Invalid input"),
    errors.InvalidModel: (422, "Invalid model"),
    errors.InvalidForm: (422, "Invalid form"),
    errors.ExpressionError: (422, "Invalid expression"),
    errors.NotSignedIn: (401, "Not signed in"),
    errors.TooManyAttempts: (429, "Too many attempts"),
    errors.Forbidden: (403, "Forbidden"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Conflict"),
    errors.StaleTask: (409, "Stale task"),
    errors.StaleLease: (409, "Stale lease"),
    errors.WrongState: (409, "Wrong state"),
    errors.VersionMismatch: (412, "Version mismatch"),
    errors.IdempotencyMismatch: (422, "Idempotency mismatch"),
    errors.BudgetExceeded: (422, "Budget exceeded"),
    errors.ScriptFailed: (422, "Script failed"),
    errors.CorruptState: (500, "Corrupt state"),
    errors.BusinessError: (422, "Business error"),
    errors.TechnicalError: (503, "Technical error"),
    errors.DatabaseAway: (503, "Database away"),
    errors.LogFormatError: (422, "Log format error"),
    errors.CiviflowError: (500, "Internal error"),
}
"""Each error class's status and title; a subclass without an entry is reported as its parent."""


def problem_of(error: Exception) -> Problem:
    """What the client is told of an error. An unforeseen one gives nothing of its inside away."""
    match error:
        case errors.CiviflowError():
            return _known(error)
        case RequestValidationError():
            return _refused_request(error)
        case HTTPException():
            return _http(error)
        case ClientDisconnect():  # nobody hears this answer; it only is no failure of ours
            return _http(HTTPException(400, "The client went away before its request had arrived whole."))
        case _:
            detail = "Something went wrong on our side; the operators find it under this request id."
            return Problem(slug="internal-error", title="Internal error", status=500, detail=detail)


def finding_dict(finding: Finding) -> dict[str, object]:
    """A finding of the model check as JSON."""
    return {name: getattr(finding, name) for name in finding.__dataclass_fields__}


def problem_response(request: Request, problem: Problem) -> Response:
    """`application/problem+json`."""
    return Response(
        orjson.dumps(problem.to_dict(request)),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type="application/problem+json",
    )


HtmlProblem = Callable[[Request, Problem], Response]
"""Renders an error page; the pages part hands one to `install`."""


def install(app: FastAPI, html_problem: HtmlProblem | None) -> None:
    """Answer every error with a problem: as a page for browsers that look at pages, as JSON for all others.

    Args:
        html_problem: renders the page; None answers everybody with JSON.
    """

    async def handle(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if isinstance(error, errors.DatabaseAway):
            # every request says so until it is back: one line each
            log.error("database away", cause=str(error.__cause__).partition("\n")[0], path=request.url.path)
        elif problem.status >= 500:
            log.error("request failed", exc_info=error, path=request.url.path)
        elif isinstance(error, errors.CiviflowError):
            principal = getattr(request.state, "principal_id", "")
            log.info("request refused", problem=problem.slug, principal=principal)
        if not wants_html(request):
            return problem_response(request, problem)
        if isinstance(error, errors.NotSignedIn) and problem.status == 401 and html_problem is not None:
            return _to_sign_in(request)
        if html_problem is None:
            return problem_response(request, problem)
        return await run_in_threadpool(html_problem, request, problem)

    for kind in (errors.CiviflowError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)
    app.state.handle_error = handle  # for what escapes the routes: see api.middleware


def wants_html(request: Request) -> bool:
    """Whether a person looks at the answer: the address is a page's and the client takes HTML."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _known(error: errors.CiviflowError) -> Problem:
    kind = next(cls for cls in type(error).__mro__ if cls in KINDS)
    status, title = KINDS[kind]
    problem = Problem(slug=slug(kind), title=title, status=status, detail=error.message)
    match error:
        case errors.InvalidModel():
            findings = tuple(f for f in error.findings if isinstance(f, Finding))
            return replace(problem, findings=findings, errors=error.problems)
        case errors.InvalidInput():
            return replace(problem, errors=error.problems)
        case errors.TooManyAttempts():
            return replace(problem, headers={"Retry-After": str(error.wait_seconds)})
        case errors.NotSignedIn():
            return replace(problem, headers={"WWW-Authenticate": 'Bearer realm="civiflow"'})
        case errors.DatabaseAway():
            return replace(problem, headers={"Retry-After": "1"})
        case errors.TechnicalError():
            return replace(problem, headers={"Retry-After": "5"})
    return problem if status < 500 else replace(problem, detail=_opaque(error, problem.detail))


def _opaque(error: errors.CiviflowError, detail: str) -> str:
    # Stored data that cannot be read may quote what it holds; that is for the log, not for the client.
    return type(error)().message if isinstance(error, errors.CorruptState) else detail


def slug(kind: type[errors.CiviflowError]) -> str:
    """The stable name of an error class: `StaleTask` → 'stale-task'."""
    return (
        re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
        if kind is not errors.CiviflowError
        else ("internal-error")
    )


def _http(error: HTTPException) -> Problem:
    # Python 3.13 renamed this one; the name on the wire stays.
    phrase = "Content Too Large" if error.status_code == 413 else HTTPStatus(error.status_code).phrase
    detail = str(error.detail) if error.detail and error.detail != phrase else ""
    return Problem(
        slug=phrase.lower().replace(" ", "-"),
        title=phrase.capitalize(),
        status=error.status_code,
        detail=detail or _HTTP_DETAILS.get(error.status_code, phrase + "."),
        headers=error.headers or {},
    )


_HTTP_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "Expected a smaller request: it is larger than this address takes.",
}


def _refused_request(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        detail = f"Expected JSON but it cannot be read: {found[0].get('ctx', {}).get('error', '')}."
        return Problem(slug="bad-request", title="Bad request", status=400, detail=detail)
    problems = tuple(errors.FieldProblem(field=_path(e["loc"]), code=e["type"], message=_words(e)) for e in found)
    detail = " ".join(f"{p.field}: {p.message}." for p in problems[:5])
    return Problem(slug="invalid-input", title="Invalid input", status=422, detail=detail, errors=problems)


def _path(location: tuple[int | str, ...]) -> str:
    parts = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    return path or str(location[0] if location else "")


def _words(error: Mapping[str, Any]) -> str:
    return "Expected no such field" if error["type"] == "extra_forbidden" else str(error["msg"])


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        current = urlsplit(request.headers.get("hx-current-url", "")).path or "/"
        return Response(status_code=401, headers={"HX-Redirect": f"/sign-in?next={quote(current)}"})
    page = urlsplit(str(request.url))
    if request.method not in {"GET", "HEAD"}:
        # what was sent is lost, but the page it was typed on can be opened again
        referrer = urlsplit(request.headers.get("referer", ""))
        page = referrer if referrer.netloc == page.netloc else page._replace(path="/", query="")
    target = page.path + (f"?{page.query}" if page.query else "")
    return RedirectResponse(f"/sign-in?next={quote(target)}", status_code=303)

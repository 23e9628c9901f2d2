"""Errors as pages: what happened in plain words, and a way on."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from api.i18n import mark
from api.pages.environment import environment
from api.pages.visit import Visit
from api.security import current_principal

log = structlog.get_logger("civiflow.pages")

_WORDS: dict[int, tuple[str, str]] = {
    400: (mark("The request cannot be understood"), mark("Go back, reload the page and try once more.")),
    401: (mark("You are not signed in"), mark("Sign in and try again.")),
    403: (mark("You may not do this"), mark("Your role does not allow it. If it should, ask an administrator.")),
    404: (mark("There is nothing here"), mark("The address is wrong, or what was here is not visible to you.")),
    405: (mark("That does not work at this address"), mark("Go back and use the buttons of the page.")),
    409: (
        mark("Somebody was faster"),
        mark("Things have changed since you opened the page. Nothing of yours was saved here."),
    ),
    412: (mark("This has changed meanwhile"), mark("Open it again to see how it stands, then decide anew.")),
    413: (mark("That is too large"), mark("Send a smaller file, or fewer at once.")),
    422: (mark("That cannot be right"), mark("Something that was sent has another form than expected.")),
    429: (mark("Too many tries"), mark("Wait a little and try again.")),
    503: (mark("Not available for the moment"), mark("Try again in a minute; nothing is lost.")),
}
_OTHERWISE = (
    mark("Something went wrong on our side"),
    mark("It has been noted. Try again; if it happens again, tell the operators the reference below."),
)


def render_problem(request: Request, problem: Any) -> Response:
    """The page for a problem.

    Args:
        request: what went wrong.
        problem: an `api.problems.Problem`.
    """
    try:
        return _page(Visit(request, current_principal(request)), problem)
    except Exception:
        # the page of an error must not become one: whatever broke may break the bar around it as well
        log.exception("error page failed", status=problem.status)
        return _bare(request, problem)


def _page(visit: Visit, problem: Any) -> Response:
    status = int(problem.status)
    heading, explanation = _WORDS.get(status, _OTHERWISE)
    # the engine's own sentence (English) names what is wrong; at 404 and from 500 on it would help nobody
    detail = str(problem.detail) if 400 <= status < 500 and status not in (404,) else ""
    return visit.render(
        "error.html",
        status=status,
        code=status,
        heading=visit.gettext(heading),
        explanation=visit.gettext(explanation),
        detail=detail,
        items=[_item(visit, entry) for entry in problem.errors],
        ways_on=_ways_on(visit, status),
        request_id=getattr(visit.request.state, "request_id", "") if status >= 500 else "",
    )


def _item(visit: Visit, entry: Any) -> str:
    return str(entry.message_zh if visit.language == "zh" and entry.message_zh else entry.message)


def _ways_on(visit: Visit, status: int) -> list[tuple[str, str]]:
    if visit.principal is None:
        return [("/sign-in", visit.gettext("Sign in"))]
    ways = [("/", visit.gettext("Back to my work"))]
    parts = visit.request.url.path.strip("/").split("/")
    if status in (409, 412, 422) and parts[0] in ("tasks", "cases", "incidents") and len(parts) > 2:
        ways.insert(0, (f"/{parts[0]}/{parts[1]}", visit.gettext("See how it stands now")))
    return ways


def _bare(request: Request, problem: Any) -> Response:
    markup = (
        environment("en")
        .get_template("bare_error.html")
        .render(status=problem.status, title=problem.title, request_id=getattr(request.state, "request_id", ""))
    )
    return HTMLResponse(markup, status_code=problem.status)

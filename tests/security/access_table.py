"""Who may ask what: a row for every route of the application, pages included. A route without one fails the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.security.roster import ABSENT, FEES, ROSTER, Make, Things
from tests.site import REPAIR, TOPIC

Roles = frozenset[str]

NOBODY: Roles = frozenset()
EVERYBODY: Roles = frozenset(ROSTER)
BOTS: Roles = frozenset({"bot of the topic", "bot of another topic"})
SIGNED_IN: Roles = EVERYBODY - {"anonymous"}
PEOPLE: Roles = SIGNED_IN - BOTS
STAFF: Roles = PEOPLE - {"citizen", "another citizen"}
ADMIN: Roles = frozenset({"administrator"})
OPERATORS: Roles = ADMIN | {"supervisor"}
OVERSEERS: Roles = OPERATORS | {"manager"}
DESIGNERS: Roles = ADMIN | {"designer"}
OWNER: Roles = frozenset({"citizen"})
CLERK: Roles = frozenset({"staff of the group"})
SEES_CASE: Roles = OVERSEERS | CLERK | OWNER
SEES_TASK: Roles = OVERSEERS | CLERK
DOES_TASK: Roles = OPERATORS | CLERK
STARTERS: Roles = (STAFF & frozenset(who for who in ROSTER if who.startswith("staff"))) | (PEOPLE - STAFF) | ADMIN
"""Whom the process `repair` names as those who may start it."""
DOES_JOB: Roles = ADMIN | {"bot of the topic"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One route.

    Args:
        may: who gets what they ask for.
        sees: who may know that the thing is there, beside them; all others get what a made-up id gets.
        make: makes the thing; gives the values of the address and the body.
        send: arguments for the client.
        shows: whom the answer may tell of the marked case; `may` and `sees` of a thing if not given.
        status: of an answer that tells nothing but is none of these, such as a link that is not good.
    """

    may: Roles
    sees: Roles = NOBODY
    make: Make | None = None
    send: Mapping[str, Any] = field(default_factory=dict)
    shows: Roles | None = None
    status: int | tuple[int, ...] = ()


def _json(**body: Any) -> dict[str, Any]:
    return {"json": body}


_FILE = {"files": {"file": ("note.txt", b"hello", "text/plain")}}
_LOG = {
    "files": {"file": ("log.csv", b"case,activity,timestamp\n1,a,2026-01-01T08:00:00Z\n1,b,2026-01-01T09:00:00Z\n")}
}
_MODEL = {"files": {"files": ("repair.bpmn", REPAIR, "application/xml")}}
_LEASE = {"lease_token": "{lease_token}"}
_PASSWORD = {"json": {"current_password": "not it at all", "password": "quite another passphrase"}}
_DEFINITION = Row(may=STARTERS, make=lambda _: {"definition": "repair", "definition_id": "repair", "key": "repair"})
_SECRET_DEFINITION = Row(
    may=STAFF, make=lambda _: {"definition": "news", "definition_id": "news", "path": "news.bpmn", "key": "news"}
)

_DECISION = Row(may=STAFF, make=lambda _: {"key": "_fee"})

_NO_DOCUMENT = Row(
    may=NOBODY,
    make=lambda _: {"document_id": ABSENT, "code": "AAAA-AAAA-AAAA-AAAA"},
    send=_json(reason="r"),
    status=(404, 422),
)

API: dict[str, Row] = {
    "GET /api/v1/openapi.json": Row(may=EVERYBODY),
    "GET /healthz": Row(may=EVERYBODY),
    "GET /readyz": Row(may=EVERYBODY),
    "GET /metrics": Row(may=EVERYBODY),  # from the machine itself
    "GET /api/v1/problems": Row(may=EVERYBODY),
    "GET /api/v1/problems/{name}": Row(may=EVERYBODY, make=lambda _: {"name": "stale-task"}),
    "GET /api/v1/session": Row(may=SIGNED_IN),
    "POST /api/v1/session": Row(may=NOBODY, send=_json(username="li", password="no"), status=(401, 429)),
    "DELETE /api/v1/session": Row(may=EVERYBODY),
    "GET /api/v1/session/all": Row(may=PEOPLE),
    "DELETE /api/v1/session/all": Row(may=PEOPLE),
    "PUT /api/v1/session/password": Row(may=NOBODY, sees=PEOPLE, send=_PASSWORD, status=422),
    "GET /api/v1/definitions": Row(may=PEOPLE),
    "POST /api/v1/definitions": Row(may=DESIGNERS, send=_MODEL),
    "POST /api/v1/definitions/check": Row(may=DESIGNERS, send=_MODEL),
    "GET /api/v1/definitions/{definition}": _SECRET_DEFINITION,
    "GET /api/v1/definitions/{definition}/xml": _SECRET_DEFINITION,
    "GET /api/v1/definitions/{definition}/start-form": _SECRET_DEFINITION,
    "GET /api/v1/definitions/{definition}/resources/{path:path}": _SECRET_DEFINITION,
    "GET /api/v1/decisions": Row(may=STAFF),
    "POST /api/v1/decisions/{key}/evaluate": Row(
        may=STAFF, make=lambda _: {"key": "_fee"}, send=_json(inputs={"area": 80})
    ),
    "GET /api/v1/instances": Row(may=PEOPLE, shows=SEES_CASE),
    "POST /api/v1/instances": Row(may=STAFF, send=_json(definition="news", variables={"key": "k"})),
    "GET /api/v1/instances/{instance_id}": Row(may=SEES_CASE, make=Things.case),
    "GET /api/v1/instances/by-number/{business_key}": Row(may=SEES_CASE, make=Things.case_number),
    "GET /api/v1/instances/{instance_id}/events": Row(may=SEES_CASE, make=Things.case),
    "GET /api/v1/instances/{instance_id}/decisions": Row(may=SEES_CASE, make=Things.case),
    "PATCH /api/v1/instances/{instance_id}/variables": Row(
        may=OPERATORS, sees=SEES_CASE, make=Things.case, send=_json(variables={"unit": "x"})
    ),
    "POST /api/v1/instances/{instance_id}/cancel": Row(
        may=OPERATORS, sees=SEES_CASE, make=Things.case, send=_json(reason="r")
    ),
    "POST /api/v1/instances/{instance_id}/suspend": Row(may=OPERATORS, sees=SEES_CASE, make=Things.case, send=_json()),
    "POST /api/v1/instances/{instance_id}/resume": Row(may=OPERATORS, sees=SEES_CASE, make=Things.suspended),
    "GET /api/v1/tasks": Row(may=PEOPLE, send={"params": {"scope": "all"}}, shows=SEES_TASK),
    "GET /api/v1/tasks/counts": Row(may=PEOPLE),
    "GET /api/v1/tasks/{task_id}": Row(may=SEES_TASK, make=Things.task),
    "POST /api/v1/tasks/{task_id}/claim": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.task),
    "POST /api/v1/tasks/{task_id}/unclaim": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.claimed),
    "POST /api/v1/tasks/{task_id}/delegate": Row(
        may=DOES_TASK, sees=SEES_TASK, make=Things.claimed, send=_json(to="wang")
    ),
    "PUT /api/v1/tasks/{task_id}/draft": Row(
        may=DOES_TASK, sees=SEES_TASK, make=Things.claimed, send=_json(values={"a": 1})
    ),
    "POST /api/v1/tasks/{task_id}/complete": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.claimed, send=_json()),
    "GET /api/v1/jobs": Row(may=PEOPLE),
    "POST /api/v1/jobs/activate": Row(
        may=ADMIN | BOTS, send=_json(worker="w", topics=[TOPIC], limit=1), shows=DOES_JOB
    ),
    "POST /api/v1/jobs/{job_id}/complete": Row(may=DOES_JOB, make=Things.job, send=_json(**_LEASE)),
    "POST /api/v1/jobs/{job_id}/fail": Row(may=DOES_JOB, make=Things.job, send=_json(**_LEASE, message="m")),
    "POST /api/v1/jobs/{job_id}/error": Row(may=DOES_JOB, make=Things.job, send=_json(**_LEASE, code="c")),
    "POST /api/v1/jobs/{job_id}/extend": Row(may=DOES_JOB, make=Things.job, send=_json(**_LEASE, lease_seconds=30)),
    "POST /api/v1/messages": Row(may=OPERATORS | BOTS, send=_json(name="later", ttl_seconds=60)),
    "POST /api/v1/signals": Row(may=OPERATORS | BOTS, send=_json(name="storm")),
    "GET /api/v1/incidents": Row(may=PEOPLE, shows=SEES_CASE),
    "GET /api/v1/incidents/{incident_id}": Row(may=SEES_TASK, make=Things.incident),
    "POST /api/v1/incidents/{incident_id}/retry": Row(
        may=OPERATORS, sees=SEES_TASK, make=Things.incident, send=_json(retries=2)
    ),
    "POST /api/v1/attachments": Row(may=SIGNED_IN, send=_FILE),
    "GET /api/v1/attachments/{attachment_id}": Row(may=SEES_CASE, make=Things.file),
    "GET /api/v1/notifications": Row(may=PEOPLE, shows=OWNER),
    "POST /api/v1/notifications/{notification_id}/read": Row(may=OWNER, make=Things.message),
    "GET /api/v1/reports/bottlenecks": Row(may=OVERSEERS | DESIGNERS),
    "POST /api/v1/reports/bottlenecks": Row(may=OVERSEERS | DESIGNERS, send=_LOG),
    "GET /api/v1/users": Row(may=ADMIN),
    "POST /api/v1/users": Row(may=ADMIN, send=_json(username="he.qing", roles=["staff"])),
    "GET /api/v1/users/{username}": Row(may=ADMIN, make=Things.account),
    "PATCH /api/v1/users/{username}": Row(may=ADMIN, make=Things.account, send=_json(display_name="x")),
    "POST /api/v1/users/{username}/one-time-link": Row(may=ADMIN, make=Things.account),
    "GET /api/v1/people": Row(may=PEOPLE),
    "GET /api/v1/groups": Row(may=PEOPLE),
    "PUT /api/v1/groups/{key}": Row(may=ADMIN, make=lambda _: {"key": "seats"}, send=_json(name="x")),
    "GET /api/v1/departments": Row(may=PEOPLE),
    "PUT /api/v1/departments/{key}": Row(may=ADMIN, make=lambda _: {"key": "center"}, send=_json(name="x")),
    "GET /api/v1/tokens": Row(may=PEOPLE, shows=OWNER),
    "POST /api/v1/tokens": Row(may=PEOPLE, send=_json(name="another")),
    "GET /api/v1/calendar": Row(may=PEOPLE),
    "PUT /api/v1/calendar": Row(may=NOBODY, sees=PEOPLE, send=_json(), status=422),
    "GET /api/v1/calendar/versions": Row(may=PEOPLE),
    "GET /api/v1/archive": Row(may=PEOPLE, shows=SEES_CASE),
    "GET /api/v1/documents": Row(may=PEOPLE, shows=SEES_CASE),
    "GET /api/v1/documents/{code}": _NO_DOCUMENT,
    "POST /api/v1/documents/{document_id}/revoke": _NO_DOCUMENT,
    "DELETE /api/v1/tokens/{token_id}": Row(may=OWNER | ADMIN, make=Things.token),
}

PAGES: dict[str, Row] = {
    "GET /": Row(may=EVERYBODY),
    "GET /sign-in": Row(may=EVERYBODY),
    "POST /sign-in": Row(may=NOBODY, send={"data": {"username": "nobody", "password": "no"}}, status=(401, 429)),
    "POST /sign-out": Row(may=PEOPLE),
    "GET /welcome/{token}": Row(may=NOBODY, make=lambda _: {"token": "x" * 43}, status=404),
    "POST /welcome/{token}": Row(may=NOBODY, make=lambda _: {"token": "x" * 43}, status=404),
    "GET /inbox": Row(may=PEOPLE, shows=SEES_TASK),
    "GET /start": Row(may=PEOPLE),
    "GET /start/{key}": _DEFINITION,
    "POST /start/{key}": _DEFINITION,
    "POST /start/{key}/visibility": _DEFINITION,
    "GET /started/{instance_id}": Row(may=SEES_CASE, make=Things.case),
    "GET /tasks/{task_id}": Row(may=SEES_TASK, make=Things.task),
    "POST /tasks/{task_id}/claim": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.task),
    "POST /tasks/{task_id}/unclaim": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.claimed),
    "POST /tasks/{task_id}/delegate": Row(
        may=DOES_TASK, sees=SEES_TASK, make=Things.claimed, send={"data": {"to": "wang"}}
    ),
    "POST /tasks/{task_id}/draft": Row(may=SEES_TASK, make=Things.task),  # a task without a form keeps nothing
    "POST /tasks/{task_id}/visibility": Row(may=SEES_TASK, make=Things.task),
    "POST /tasks/{task_id}/complete": Row(may=DOES_TASK, sees=SEES_TASK, make=Things.claimed),
    "GET /cases": Row(may=PEOPLE, shows=SEES_CASE),
    "GET /cases/find": Row(may=PEOPLE, shows=SEES_CASE),
    "GET /cases/{instance_id}": Row(may=SEES_CASE, make=Things.case),
    "POST /cases/{instance_id}/cancel": Row(
        may=OPERATORS, sees=SEES_CASE, make=Things.case, send={"data": {"reason": "r"}}
    ),
    "POST /cases/{instance_id}/suspend": Row(may=OPERATORS, sees=SEES_CASE, make=Things.case),
    "POST /cases/{instance_id}/resume": Row(may=OPERATORS, sees=SEES_CASE, make=Things.suspended),
    "POST /cases/{instance_id}/variables": Row(may=OPERATORS, sees=SEES_CASE, make=Things.case),
    "GET /files/{attachment_id}": Row(may=SEES_CASE, make=Things.file),
    "POST /files": Row(may=PEOPLE, send=_FILE),
    "GET /incidents": Row(may=OPERATORS),
    "GET /incidents/{incident_id}": Row(may=OPERATORS, sees=SEES_TASK, make=Things.incident),
    "POST /incidents/{incident_id}/retry": Row(may=OPERATORS, sees=SEES_TASK, make=Things.incident),
    "POST /incidents/retry": Row(may=PEOPLE),  # of none; each one chosen is asked for by itself
    "GET /definitions": Row(may=PEOPLE),
    "GET /definitions/new": Row(may=DESIGNERS),
    "POST /definitions/new": Row(may=DESIGNERS, send=_MODEL),
    "GET /definitions/{definition_id}": _SECRET_DEFINITION,
    "GET /definitions/{definition_id}/file": Row(
        may=STAFF, make=_SECRET_DEFINITION.make, send={"params": {"path": "news.bpmn"}}
    ),
    "GET /decisions": Row(may=STAFF),
    "GET /decisions/{key}": _DECISION,
    "POST /decisions/{key}": _DECISION,
    "GET /decisions/{key}/file": _DECISION,
    "POST /decisions/draft/try": Row(
        may=DESIGNERS,
        send={"data": {"key": "_fee", "draft.path": "fees.dmn", "draft.content": FEES.decode()}},
    ),
    "GET /reports": Row(may=OVERSEERS),
    "GET /reports/import": Row(may=OVERSEERS),
    "POST /reports/import": Row(may=OVERSEERS, send=_LOG),
    "GET /reports/{key}": Row(may=OVERSEERS, make=lambda _: {"key": "repair"}),
    "GET /messages": Row(may=PEOPLE, shows=OWNER),
    "POST /messages/read": Row(may=PEOPLE),
    "GET /archive": Row(may=STAFF, shows=SEES_CASE),
    "GET /archive/documents/{document_id}": _NO_DOCUMENT,
    "POST /archive/documents/{document_id}/revoke": _NO_DOCUMENT,
    "GET /documents/verify": Row(may=EVERYBODY),
    "GET /documents/verify/{code}": _NO_DOCUMENT,
    "POST /documents/verify/{code}": _NO_DOCUMENT,
    "GET /admin/calendar": Row(may=ADMIN),
    "POST /admin/calendar": Row(may=NOBODY, sees=PEOPLE, status=422),
    "POST /admin/calendar/preview": Row(may=NOBODY, sees=PEOPLE, status=422),
    "GET /admin/calendar/versions/{number}": Row(may=NOBODY, make=lambda _: {"number": 987654}, status=404),
    "GET /admin/users": Row(may=ADMIN),
    "POST /admin/users": Row(may=ADMIN, send={"data": {"username": "qian.yi", "roles": "staff"}}),
    "GET /admin/users/{username}": Row(may=ADMIN, make=Things.account),
    "POST /admin/users/{username}": Row(may=ADMIN, make=Things.account, send={"data": {"roles": "staff"}}),
    "POST /admin/users/{username}/disable": Row(may=ADMIN, make=Things.account),
    "POST /admin/users/{username}/link": Row(may=ADMIN, make=Things.account),
}

TABLE: dict[str, Row] = API | PAGES

"""The OpenAPI document: what FastAPI derives, plus problem responses and an example on every body."""

from __future__ import annotations

from typing import Any

from api.problems import KINDS, TYPES_PATH, slug
from api.schemas.base import ProblemOut

DESCRIPTION = """
Business processes for city services.

**Sign in** with `POST /api/v1/session` (browsers: a cookie, and its `csrf_token` in the header
`X-CSRF-Token` on every change) or send an API token: `Authorization: Bearer civ_…`.

**Errors** are problem details (RFC 9457, `application/problem+json`). **Lists** are paged by `cursor`
and `limit`. **Changes** take an `Idempotency-Key`; tasks have an `ETag` for `If-Match`.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "session", "description": "Sign in, sign out, who am I."},
    {"name": "definitions", "description": "Upload, check and read process models."},
    {"name": "instances", "description": "Start, follow and steer cases."},
    {"name": "tasks", "description": "What people do."},
    {"name": "jobs", "description": "What bots do: leased, fenced, at least once."},
    {"name": "decisions", "description": "Ask decision tables; what was decided in cases, and why."},
    {"name": "messages", "description": "News for waiting cases."},
    {"name": "incidents", "description": "What needs an operator."},
    {"name": "attachments", "description": "Files of cases."},
    {"name": "documents", "description": "Issued documents, their verification, the archive."},
    {"name": "notifications", "description": "One's own message box."},
    {"name": "reports", "description": "Where the time goes."},
    {"name": "users", "description": "Accounts, groups, departments, API tokens."},
    {"name": "calendar", "description": "When the site works: hours, holidays, days that differ."},
    {"name": "operations", "description": "Health, metrics, kinds of problems."},
]

_TITLES = {status: (slug(kind), title) for kind, (status, title) in reversed(list(KINDS.items()))} | {
    400: ("bad-request", "Bad request"),
    413: ("content-too-large", "Content too large"),
}
_DETAILS = {
    400: "Expected JSON but it cannot be read.",
    401: "Sign in first, or send a valid API token.",
    403: "You may see this but not do this.",
    404: "There is no such thing, or it is not visible to you.",
    409: "The task is already done, or taken by somebody else.",
    412: "The thing has changed since you read it; read it again and decide anew.",
    413: "Expected a smaller request: it is larger than this address takes.",
    422: "decision: Field required.",
    429: "Too many tries to sign in; wait 8 seconds.",
}


Responses = dict[int | str, dict[str, Any]]
"""What FastAPI takes as `responses=`."""


def answer(example: Any, media: str = "application/json") -> Responses:
    """The documented answer of a route whose shape has no schema of its own."""
    return {200: {"content": {media: {"example": example}}}}


def refusals(*statuses: int) -> Responses:
    """The problem responses of a route, for `responses=`. 401, 403 and 422 stand on every closed route."""
    return {status: _refusal(status) for status in statuses}


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Put security schemes and examples on FastAPI's document; gives the same document."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token: `civ_…`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-civiflow"},
    }
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= _problem_schemas()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _complete(path, operation, schemas)
    return document


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemOut": schema}


def _complete(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    public = "public" in operation.pop("x-access", "")
    operation["security"] = [] if public else [{"token": []}, {"session": []}]
    responses = operation["responses"]
    if not public:
        responses |= {str(s): _refusal(s) for s in (401, 403) if str(s) not in responses}
    if "requestBody" in operation:
        responses |= {str(s): _refusal(s) for s in (400, 413) if str(s) not in responses}
    if "422" in responses or "requestBody" in operation:
        responses["422"] = _refusal(422)
    for status, response in responses.items():
        if "application/problem+json" in response.get("content", {}):
            example = response["content"]["application/problem+json"].setdefault("example", _sample(int(status)))
            example["instance"] = path
        _exemplify(response.get("content", {}), schemas)
    _exemplify(operation.get("requestBody", {}).get("content", {}), schemas)


def _exemplify(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    for media in content.values():
        if "example" not in media and "examples" not in media:
            found = _example_of(media.get("schema", {}), schemas)
            if found is not None:
                media["example"] = found


def _example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("title", "").startswith("PageOf"):
        item = _example_of(schema["properties"]["items"]["items"], schemas)
        return {"items": [item], "next_cursor": "WzE3NjM3MTM4MDAwMDAwMDAsIjAxOWFhN2M1Il0"}
    return None


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": _TITLES[status][1],
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/ProblemOut"},
                "example": _sample(status),
            }
        },
    }


def _sample(status: int) -> dict[str, Any]:
    name, title = _TITLES[status]
    sample: dict[str, Any] = {
        "type": TYPES_PATH + name,
        "title": title,
        "status": status,
        "detail": _DETAILS.get(status, title + "."),
        "instance": "",
        "request_id": "019aa7c5-0a60-7d11-8c3a-2f9d0c8e4b11",
    }
    if status == 422:
        sample["errors"] = [
            {"field": "decision", "code": "required", "message": "Field required", "message_zh": "请填写“处理意见”"}
        ]
    return sample

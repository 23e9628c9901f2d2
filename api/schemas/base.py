"""What all shapes on the wire share."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")

Variables = dict[str, Any]


def example(**values: Any) -> dict[str, Any]:
    """The example of a schema, which the OpenAPI document puts on every body that has this shape."""
    return {"examples": [values]}


class Body(BaseModel):
    """A request's body: an unknown field is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """A response's body, made from the engine's view of the same name."""

    model_config = ConfigDict(from_attributes=True)


class PageOf(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` is empty on the last page. The header `Link` says the same."""

    items: list[T]
    next_cursor: str = Field(default="", description="Hand in as `cursor` for the next page.")


class FieldError(BaseModel):
    """One thing wrong with one field."""

    field: str
    code: str
    message: str
    message_zh: str


class FindingOut(Out):
    """Something about a model that its author should know."""

    severity: str
    code: str
    element: str
    element_name: str
    message: str
    message_zh: str
    mend: str
    mend_zh: str


class ProblemOut(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldError] | None = None
    findings: list[FindingOut] | None = None

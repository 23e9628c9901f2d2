"""Ask deployed decisions, and read what was decided in cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.rest.common import AuthenticatedRoute, Cursor, Door, Limit, listed, page_of
from api.rest.openapi import refusals
from api.schemas.base import PageOf
from api.schemas.decisions import DecisionOut, DecisionsOut, EvaluatedOut, EvaluateIn, EvaluationOut
from api.security import Person

router = APIRouter(tags=["decisions"], route_class=AuthenticatedRoute)


@router.get("/decisions", responses=refusals(403))
def list_decisions(
    principal: Person,
    engine: Door,
    all_versions: Annotated[bool, Query(description="Also versions that are no longer the latest.")] = False,
) -> DecisionsOut:
    """Deployed decisions by key; for those who work for the city."""
    rows = engine.read(principal).decisions(latest_only=not all_versions)
    return DecisionsOut(items=listed(rows, DecisionOut.model_validate))


@router.post("/decisions/{key}/evaluate", responses=refusals(403, 404, 422))
def evaluate(key: str, body: EvaluateIn, principal: Person, engine: Door) -> EvaluatedOut:
    """What a deployed decision says of these inputs, and which rules made it say so; nothing is stored."""
    answer = engine.read(principal).evaluate_decision(key, body.inputs, version=body.version)
    return EvaluatedOut(
        decision=DecisionOut.model_validate(answer.row),
        value=answer.value,
        trace=[dict(step) for step in answer.trace],
        warnings=list(answer.warnings),
        failure=answer.failure,
    )


@router.get("/instances/{instance_id}/decisions", responses=refusals(404))
def list_evaluations(
    instance_id: str,
    principal: Person,
    engine: Door,
    request: Request,
    response: Response,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[EvaluationOut]:
    """What was decided in a case and why, the newest first; visible as its variables are."""
    page = engine.read(principal).evaluations(instance_id, cursor=cursor, limit=limit)
    return page_of(page, EvaluationOut.model_validate, request, response)

"""News for waiting cases: messages to one, signals to all."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from api.rest.common import AuthenticatedRoute, Door, Key
from api.rest.openapi import refusals
from api.schemas.jobs import MessageIn, PublishedOut, SignalIn
from api.security import Caller
from engine import commands as c

router = APIRouter(tags=["messages"], route_class=AuthenticatedRoute)


@router.post("/messages", responses=refusals(404, 409))
def publish(body: MessageIn, principal: Caller, engine: Door, key: Key = None) -> PublishedOut:
    """Deliver a message to the one case that waits for it; an early one is kept for `ttl_seconds`."""
    command = c.PublishMessage(
        name=body.name,
        correlation_key=body.correlation_key,
        variables=body.variables,
        ttl=timedelta(seconds=body.ttl_seconds),
        message_id=body.message_id,
    )
    return PublishedOut.model_validate(engine.execute(command, by=principal, key=key))


@router.post("/signals")
def broadcast(body: SignalIn, principal: Caller, engine: Door, key: Key = None) -> PublishedOut:
    """Deliver a signal to every case that waits for it."""
    command = c.BroadcastSignal(name=body.name, variables=body.variables)
    return PublishedOut.model_validate(engine.execute(command, by=principal, key=key))

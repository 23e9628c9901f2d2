"""What a decision leaves behind in its case: the row that says why it came out, and its digest in the log."""

from __future__ import annotations

import secrets
from typing import Any, Final

import orjson

from engine.decisions import Taken
from engine.handlers.case import Case
from engine.ids import new_id
from engine.spiff.effects import DecisionTaken
from engine.store.history import value_digest

EVALUATED: Final = "decision-evaluated"
"""The event that tells of an evaluation; its data names the row and holds the digest of its content."""

MAX_BODY: Final = 200_000
"""Bytes of one evaluation; of a longer one the last steps are kept."""

_LARGEST: Final = 2**63


def evaluation_row(case: Case, effect: DecisionTaken) -> dict[str, Any]:
    """The row of an evaluation, which is told in the log."""
    taken, salt = effect.taken, secrets.token_bytes(12)
    body = body_of(taken)
    digest = value_digest(salt, body)
    row = {
        "id": new_id(),
        "instance_id": case.record.id,
        "definition_no": case.record.definition_no,
        "activity_id": effect.activity,
        "element_id": effect.node,
        "decision_id": taken.id,
        "decision_name": taken.name,
        "path": taken.path,
        "file_digest": bytes.fromhex(taken.digest),
        "at": case.now(),
        "failed": bool(taken.failure),
        "body": body,
        "salt": salt,
        "digest": digest,
    }
    case.note(
        EVALUATED,
        element=effect.node,
        activity=effect.activity,
        decision=taken.id,
        evaluation=row["id"],
        file=taken.digest,
        digest=digest.hex(),
    )
    return row


def body_of(taken: Taken) -> bytes:
    """An evaluation as JSON: inputs, outputs, trace, warnings, failure; `cut` says that steps were left out."""
    record = taken.record
    body = _json(record)
    while len(body) > MAX_BODY and record["trace"]:
        steps = record["trace"]
        record = {**record, "trace": steps[len(steps) // 2 + 1 :], "cut": True}
        body = _json(record)
    if len(body) > MAX_BODY:
        body = _json({**record, "inputs": {}, "outputs": None, "warnings": record["warnings"][:10], "cut": True})
    return body


def _json(record: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(record)
    except TypeError:
        return orjson.dumps(_written(record))


def _written(value: Any) -> Any:
    """What JSON cannot hold, written out: whole numbers of more than 64 bits, halves of characters."""
    if isinstance(value, dict):
        return {_written(str(key)): _written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_written(item) for item in value]
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    return value.encode(errors="replace").decode() if isinstance(value, str) else value

"""Decisions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas import samples as s
from api.schemas.base import Body, Out, Variables, example

_DIGEST = "0f9a1c5d4b7e2a3648c1d0e5f6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f"
_TRACE = [
    {
        "kind": "decision",
        "id": "dispatch_unit",
        "name": "责任单位",
        "inputs": {"category": "road", "area": 80},
        "value": "roads",
        "tables": [
            {
                "id": "units",
                "hit_policy": "U",
                "inputs": [{"id": "c1", "label": "面积", "expression": "area", "value": 80}],
                "rules": [
                    {
                        "number": 3,
                        "id": "large",
                        "description": "",
                        "conditions": ["> 50"],
                        "outputs": {"责任单位": "roads"},
                    }
                ],
                "value": "roads",
            }
        ],
        "warnings": [],
    }
]
_ROW = {
    "key": "dispatch_unit",
    "version": 2,
    "name": "责任单位",
    "path": "dispatch.dmn",
    "digest": _DIGEST,
    "deployment_id": s.INSTANCE,
    "application": "repair_dispatch",
    "deployed_at": s.AT,
    "deployed_by": "gu.an",
    "is_latest": True,
}
_EVALUATION = {
    "id": s.TASK,
    "instance_id": s.INSTANCE,
    "activity_id": s.TASK,
    "element_id": "Task_dispatch",
    "element_name": "派单",
    "decision_id": "dispatch_unit",
    "decision_name": "责任单位",
    "path": "dispatch.dmn",
    "file_digest": _DIGEST,
    "at": s.AT,
    "inputs": {"category": "road", "area": 80},
    "outputs": "roads",
    "trace": _TRACE,
    "warnings": [],
    "failure": "",
    "is_cut": False,
    "is_erased": False,
}


class DecisionOut(Out):
    """A deployed version of a decision; `digest` is the SHA-256 of its file."""

    model_config = ConfigDict(json_schema_extra=example(**_ROW))

    key: str
    version: int
    name: str
    path: str
    digest: str
    deployment_id: str
    application: str
    deployed_at: datetime
    deployed_by: str
    is_latest: bool


class DecisionsOut(Out):
    """Deployed decisions by key."""

    model_config = ConfigDict(json_schema_extra=example(items=[_ROW]))

    items: list[DecisionOut]


class EvaluateIn(Body):
    """What a decision is asked with; texts are read as dates and times where the model declares them."""

    model_config = ConfigDict(json_schema_extra=example(inputs={"category": "road", "area": 80}))

    inputs: Variables = Field(default={}, description="Input data by name.")
    version: int | None = Field(default=None, ge=1, description="The latest if left out.")


class EvaluatedOut(Out):
    """What came out, and why. A `failure` says why there is no result; no rule that matches is a result: null."""

    model_config = ConfigDict(
        json_schema_extra=example(decision=_ROW, value="roads", trace=_TRACE, warnings=[], failure="")
    )

    decision: DecisionOut
    value: Any
    trace: list[Variables]
    warnings: list[str]
    failure: str


class EvaluationOut(Out):
    """What was decided in a case, by which file, and why: `trace` names the rules that matched."""

    model_config = ConfigDict(json_schema_extra=example(**_EVALUATION))

    id: str
    instance_id: str
    activity_id: str
    element_id: str
    element_name: str
    decision_id: str
    decision_name: str
    path: str
    file_digest: str
    at: datetime
    inputs: Variables
    outputs: Any
    trace: list[Variables]
    warnings: list[str]
    failure: str
    is_cut: bool
    is_erased: bool

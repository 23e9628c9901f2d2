"""Process definitions on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict

from api.schemas import samples as s
from api.schemas.base import Body, FindingOut, Out, Variables, example
from api.schemas.decisions import DecisionOut

_ROW = {
    "id": s.DEFINITION,
    "key": "repair_dispatch",
    "version": 3,
    "name": "市政维修派单",
    "application": "repair_dispatch",
    "deployed_at": s.AT,
    "deployed_by": "lin.yue",
    "is_latest": True,
    "has_start_form": True,
    "startable_by": ["citizen", "staff"],
    "running": 128,
    "documentation": "",
    "warnings": 0,
}


class DefinitionOut(Out):
    """A deployed process definition."""

    model_config = ConfigDict(json_schema_extra=example(**_ROW))

    id: str
    key: str
    version: int
    name: str
    application: str
    deployed_at: datetime
    deployed_by: str
    is_latest: bool
    has_start_form: bool
    startable_by: list[str]
    running: int
    documentation: str
    warnings: int


class ElementOut(Out):
    """A flow node of a definition."""

    id: str
    name: str
    type: str


class DefinitionDetailOut(DefinitionOut):
    """A definition with its elements, findings and the names of the files that came with it."""

    model_config = ConfigDict(
        json_schema_extra=example(
            **_ROW,
            elements=[{"id": "Task_accept", "name": "受理", "type": "userTask"}],
            findings=[],
            resources=["repair_dispatch.bpmn", "forms/report.json"],
        )
    )

    elements: list[ElementOut]
    findings: list[FindingOut]
    resources: list[str]


class DefinitionsOut(Out):
    """Definitions."""

    model_config = ConfigDict(json_schema_extra=example(items=[_ROW]))

    items: list[DefinitionOut]


class DeploymentOut(Out):
    """The outcome of a deployment; `unchanged` if the same files were deployed before."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="019aa7c4-5cf0-7a11-8e0d-4e1a7f0f8c00",
            name="维修派单",
            definitions=[_ROW],
            decisions=[],
            findings=[],
            unchanged=False,
        )
    )

    id: str
    name: str
    definitions: list[DefinitionOut]
    decisions: list[DecisionOut]
    findings: list[FindingOut]
    unchanged: bool


class CheckOut(Out):
    """What was found in models that were checked but not deployed."""

    model_config = ConfigDict(json_schema_extra=example(deployable=False, findings=[s.FINDING]))

    deployable: bool
    findings: list[FindingOut]


class StartIn(Body):
    """Start a process.

    `definition` is a definition's id, or a key for its latest version.
    """

    model_config = ConfigDict(json_schema_extra=example(definition="repair_dispatch", variables=s.VARIABLES))

    definition: str
    variables: Variables = {}
    business_key: str = ""
    start_node: str = ""

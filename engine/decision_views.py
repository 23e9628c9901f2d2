"""What the engine gives back about decisions: plain data, as reads return it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.decisions.changes import Change
from engine.decisions.inputs import InputField
from engine.decisions.model import DecisionModel
from engine.decisions.references import Reference
from engine.decisions.run import Step
from engine.findings import Finding
from engine.models.dmn.model import Element


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """A deployed version of a decision. `digest` is the SHA-256 of its file, as hex."""

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


@dataclass(frozen=True, kw_only=True)
class DecisionAnswer:
    """What came out of a decision that was asked outside of any case; nothing of it is stored.

    Args:
        value: plain data.
        feel: the same as FEEL has it (`engine.feel.values`).
        trace: why, as `DecisionResult.trace`.
        steps: the same as FEEL has it, with the tables themselves.
        failure: why there is no result; '' if there is one. No rule that matches is a result: null.
    """

    row: DecisionRow
    value: Any
    feel: object
    trace: Sequence[Mapping[str, Any]]
    steps: Sequence[Step]
    warnings: Sequence[str]
    failure: str


@dataclass(frozen=True, kw_only=True)
class DecisionSummary:
    """A deployed decision as lists show it.

    Args:
        definition_id: a process of the same deployment, whose texts translate names; '' if there is none.
        is_read: whether there was time to look into the file; else nothing is known but the row.
        hit_policy: with the aggregation, 'C+'; '' for what is no table.
        rules: how many the table has.
        is_service: whether it is a decision service.
        findings: how many the check has of it; None where there was no time to look.
    """

    row: DecisionRow
    definition_id: str
    is_read: bool = False
    hit_policy: str = ""
    rules: int = 0
    is_service: bool = False
    findings: int | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionUse:
    """A business rule task that asks a decision."""

    definition_id: str
    definition_name: str
    version: int
    element_id: str
    element_name: str


@dataclass(frozen=True, kw_only=True)
class DecisionDetail:
    """A deployed decision as its author wrote it, with all around it.

    Args:
        definition_id: a process of the same deployment, whose texts translate names; '' if there is none.
        element: the decision or decision service.
        fields: what it has to be given.
        requires: what it requires directly.
        neighbours: decisions of the same deployment by key: where requirements lead.
        findings: of this decision; `other_findings`: of the rest of its file.
        versions: all of its key, the latest first.
        uses: which tasks of the same deployment ask it; `required_by`: which decisions of its file do.
        against: the version that `changes` are counted from; None for a first version.
        changed_below: names of what it rests on that changed since then, at any distance.
    """

    row: DecisionRow
    definition_id: str
    model: DecisionModel
    element: Element
    fields: Sequence[InputField]
    requires: Sequence[Reference]
    neighbours: Mapping[str, DecisionRow]
    findings: Sequence[Finding]
    other_findings: Sequence[Finding]
    versions: Sequence[DecisionRow]
    uses: Sequence[DecisionUse]
    required_by: Sequence[DecisionRow]
    against: int | None
    changes: Sequence[Change]
    changed_below: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class DecisionEvaluation:
    """What was decided in a case, and why.

    Args:
        decision_id, decision_name, path, file_digest: which decision, in which file of the deployment.
        inputs, outputs, trace, warnings, failure: see `engine.decisions.library.Taken`; empty once erased.
        is_cut: whether steps were left out of the trace, or values, because there were too many.
        is_erased: whether the content was taken out; its digest is still in the chain.
    """

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
    inputs: Mapping[str, Any]
    outputs: Any
    trace: Sequence[Mapping[str, Any]]
    warnings: Sequence[str]
    failure: str
    is_cut: bool
    is_erased: bool

"""What the engine gives back about decisions: plain data, as reads return it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
        trace: why, as `DecisionResult.trace`.
        failure: why there is no result; '' if there is one. No rule that matches is a result: null.
    """

    row: DecisionRow
    value: Any
    trace: Sequence[Mapping[str, Any]]
    warnings: Sequence[str]
    failure: str


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

"""Deployed decisions with all around them: what reads of pages need beside the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any, Final

from engine.contracts.errors import CiviflowError
from engine.decision_views import DecisionDetail, DecisionRow, DecisionSummary, DecisionUse
from engine.decisions import DecisionLibrary, DecisionModel
from engine.decisions.changes import changes_between, differ
from engine.errors import NotFound
from engine.findings import Finding
from engine.handlers.bundle import Bundle, Bundles
from engine.models.dmn.model import Decision, DecisionService, DecisionTable, Element
from engine.models.model import runs_decision
from engine.store import decisions as stored
from engine.store import definitions
from engine.store.queries.decisions import decision_row

BundleOf = Callable[[Any, int], Bundle]

_PATIENCE: Final = 1.0
"""Seconds that one list may spend on checking tables for the first time; the rest is checked when it is next asked."""


def read_decision(
    connection: Any, bundles: Bundles, row: DecisionRow, bundle_of: BundleOf, *, against: int | None
) -> DecisionDetail:
    """A deployed decision with its requirements, findings, versions, and the tasks that ask it.

    Args:
        bundle_of: the compiled definition of a number.
        against: the version that changes are counted from; None for the one before.

    Raises:
        NotFound: there is no version `against`.
    """
    _, model = bundles.decisions(connection, row.deployment_id).find(row.key)
    element = model.element(row.key)
    own, other = _findings(model, element)
    versions = tuple(map(decision_row, stored.versions(connection, row.key)))
    earlier = _earlier(row, versions, against)
    processes = definitions.of_deployment(connection, row.deployment_id)
    neighbours = {one.key: decision_row(one) for one in stored.of_deployment(connection, row.deployment_id)}
    before = None if earlier is None else _earlier_model(connection, bundles, earlier)
    return DecisionDetail(
        row=row,
        definition_id=processes[0].id if processes else "",
        model=model,
        element=element,
        fields=model.fields(row.key),
        requires=model.requirements(row.key),
        neighbours=neighbours,
        findings=own,
        other_findings=other,
        versions=versions,
        uses=tuple(_uses(connection, processes, row.key, bundle_of)),
        required_by=tuple(neighbours[key] for key in _requiring(model, row.key) if key in neighbours),
        against=None if before is None or earlier is None else earlier.version,
        changes=() if before is None else changes_between(before.element(row.key), element),
        changed_below=() if before is None else _changed_below(before, model, row.key),
    )


def read_draft(library: DecisionLibrary, key: str, *, now: datetime, by: str) -> DecisionDetail:
    """A decision of files that are not deployed: version 0, by nobody asked yet.

    Raises:
        NotFound: none of the files holds it.
    """
    path, model = library.find(key)
    element = model.element(key)
    own, other = _findings(model, element)
    row = DecisionRow(
        key=key,
        version=0,
        name=model.keys[key],
        path=path,
        digest=model.digest,
        deployment_id="",
        application="",
        deployed_at=now,
        deployed_by=by,
        is_latest=True,
    )
    return DecisionDetail(
        row=row,
        definition_id="",
        model=model,
        element=element,
        fields=model.fields(key),
        requires=model.requirements(key),
        neighbours={},
        findings=own,
        other_findings=other,
        versions=(),
        uses=(),
        required_by=(),
        against=None,
        changes=(),
        changed_below=(),
    )


def summaries(connection: Any, bundles: Bundles, rows: Sequence[DecisionRow]) -> tuple[DecisionSummary, ...]:
    """Decisions as lists show them; what was not yet read and searched, as far as a second goes."""
    until, found = monotonic() + _PATIENCE, []
    processes = definitions.of_deployments(connection, {row.deployment_id for row in rows})
    named = {process.deployment_id: process.id for process in reversed(processes)}
    for row in rows:
        bare = DecisionSummary(row=row, definition_id=named.get(row.deployment_id, ""))
        has_time = monotonic() < until
        try:
            if has_time or bundles.has_decisions(row.deployment_id):
                library = bundles.decisions(connection, row.deployment_id)
                bare = _summary(bare, library, has_time=has_time)
        except CiviflowError:
            pass  # a file that this release no longer reads: its page says so
        found.append(bare)
    return tuple(found)


def _summary(bare: DecisionSummary, library: DecisionLibrary, *, has_time: bool) -> DecisionSummary:
    _, model = library.find(bare.row.key)
    element = model.element(bare.row.key)
    logic = element.logic if isinstance(element, Decision) else None
    table = logic if isinstance(logic, DecisionTable) else None
    looks = has_time or "findings" in vars(model)  # the property is kept once it was asked
    return replace(
        bare,
        is_read=True,
        hit_policy=table.hit_policy + table.aggregation if table else "",
        rules=len(table.rules) if table else 0,
        is_service=isinstance(element, DecisionService),
        findings=len(_findings(model, element)[0]) if looks else None,
    )


def _findings(model: DecisionModel, element: Element) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Those of a decision with all inside it, and those of the rest of its file."""
    inside = set(_ids(element))
    own = tuple(one for one in model.findings if one.element in inside)
    return own, tuple(one for one in model.findings if one.element not in inside)


def _ids(value: Any) -> Iterator[str]:
    """Ids of an element and everything in it."""
    if isinstance(value, tuple):
        for item in value:
            yield from _ids(item)
    elif is_dataclass(value) and not isinstance(value, type):
        if getattr(value, "id", ""):
            yield value.id  # type: ignore[attr-defined]
        for one in fields(value):
            yield from _ids(getattr(value, one.name))


def _uses(connection: Any, processes: Sequence[Any], key: str, bundle_of: BundleOf) -> Iterator[DecisionUse]:
    for process in processes:
        bundle = bundle_of(connection, process.no)
        for node in bundle.program.process.nodes.values():
            if node.decision is None or not runs_decision(node):
                continue
            asked = node.decision.decision
            if not asked.is_feel and asked.text == key:
                yield DecisionUse(
                    definition_id=process.id,
                    definition_name=process.name,
                    version=process.version,
                    element_id=node.id,
                    element_name=node.name,
                )


def _earlier(row: DecisionRow, versions: Sequence[DecisionRow], against: int | None) -> DecisionRow | None:
    if against is not None and against != row.version:
        found = next((one for one in versions if one.version == against), None)
        if found is None:
            raise NotFound(f"There is no decision {row.key!r} in version {against}.")
        return found
    return next((one for one in versions if one.version < row.version), None)


def _earlier_model(connection: Any, bundles: Bundles, earlier: DecisionRow) -> DecisionModel | None:
    try:
        return bundles.decisions(connection, earlier.deployment_id).find(earlier.key)[1]
    except CiviflowError:
        return None  # a file that this release no longer reads


def _changed_below(before: DecisionModel, model: DecisionModel, key: str) -> tuple[str, ...]:
    needed = (one.element for one in model.needs(key) if not one.path)
    return tuple(one.name for one in needed if differ(before.own(one.id), one))


def _requiring(model: DecisionModel, key: str) -> Iterator[str]:
    for other in model.keys:
        if any(not one.path and one.element.id == key for one in model.requirements(other)):
            yield other

"""Reading decisions: which are deployed, and what was decided in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from engine.access import STAFF, require
from engine.decision_views import DecisionEvaluation, DecisionRow
from engine.errors import NotFound
from engine.store import decisions as stored
from engine.store.decision_tables import decision_evaluation
from engine.store.queries.base import BaseReader, clamp, decode_cursor, page_of
from engine.views import Page


class DecisionQueries(BaseReader):
    """Reads about decisions."""

    def decisions(self, *, latest_only: bool = True) -> tuple[DecisionRow, ...]:
        """Deployed decisions by key, the latest version first; for those who work for the city."""
        require(self.by, *STAFF, to="see decisions")
        with self.connection() as connection:
            rows = stored.definitions(connection)
        found = map(decision_row, rows)
        return tuple(row for row in found if row.is_latest or not latest_only)

    def _deployed_decision(self, connection: sa.Connection, key: str, version: int | None) -> DecisionRow:
        """The latest version of a decision, or a certain one.

        Raises:
            NotFound: there is none.
        """
        row = stored.definition(connection, key, version)
        if row is None:
            wanted = f"decision {key!r}" + ("" if version is None else f" in version {version}")
            raise NotFound(f"There is no {wanted}.")
        return decision_row(row)

    def evaluations_of(
        self, connection: sa.Connection, instance_id: str, names: Mapping[str, str], *, cursor: str, limit: int
    ) -> Page[DecisionEvaluation]:
        """A page of what was decided in a case, the newest first; the case is known to be visible."""
        table = decision_evaluation
        after = decode_cursor(cursor, str)
        statement = sa.select(table).where(table.c.instance_id == instance_id)
        if after is not None:
            statement = statement.where(table.c.id < sa.literal(after[0], table.c.id.type))
        rows = connection.execute(statement.order_by(table.c.id.desc()).limit(clamp(limit) + 1)).all()
        return page_of(rows, clamp(limit), lambda row: _evaluation(row, names), lambda row: [row.id])


def decision_row(row: Any) -> DecisionRow:
    """A deployed decision as views show it."""
    return DecisionRow(
        key=row.key,
        version=row.version,
        name=row.name,
        path=row.path,
        digest=bytes(row.digest).hex(),
        deployment_id=row.deployment_id,
        application=row.application,
        deployed_at=row.deployed_at,
        deployed_by=row.deployed_by,
        is_latest=row.version == row.latest,
    )


def _evaluation(row: Any, names: Mapping[str, str]) -> DecisionEvaluation:
    body: dict[str, Any] = {} if row.body is None else orjson.loads(bytes(row.body))
    return DecisionEvaluation(
        id=row.id,
        instance_id=row.instance_id,
        activity_id=row.activity_id,
        element_id=row.element_id,
        element_name=names.get(row.element_id, ""),
        decision_id=row.decision_id,
        decision_name=row.decision_name,
        path=row.path,
        file_digest=bytes(row.file_digest).hex(),
        at=row.at,
        inputs=body.get("inputs", {}),
        outputs=body.get("outputs"),
        trace=body.get("trace", []),
        warnings=body.get("warnings", []),
        failure=body.get("failure", ""),
        is_cut=bool(body.get("cut")),
        is_erased=row.body is None,
    )

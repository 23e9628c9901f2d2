"""Looking: `Engine.read(principal)` gives one of these; all it returns is visible to that principal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.access import OPERATORS, STAFF, may_work_on, require
from engine.calendar import WorkCalendar
from engine.calendar_views import CalendarVersion
from engine.clock import on_site
from engine.contracts.principal import Principal
from engine.decision_views import DecisionAnswer, DecisionDetail, DecisionEvaluation, DecisionRow, DecisionSummary
from engine.decisions import DecisionLibrary
from engine.errors import NotFound
from engine.filters import IncidentFilter, JobFilter, TaskFilter
from engine.handlers.asking import with_decisions
from engine.handlers.bundle import Bundle, Bundles, form_schema
from engine.handlers.case import facts
from engine.handlers.decision_details import read_decision, read_draft, summaries
from engine.handlers.functions import feel_functions
from engine.handlers.in_force import Calendars
from engine.handlers.milestones import read_milestones
from engine.models.forms import Host, asker
from engine.models.model import EventKind
from engine.store import calendars
from engine.store import decisions as stored_decisions
from engine.store import definitions as stored
from engine.store.cases import visible_variables
from engine.store.database import Database
from engine.store.figures import FigureQueries
from engine.store.identity import IdentityQueries
from engine.store.queries import (
    DecisionQueries,
    DefinitionQueries,
    DocumentQueries,
    FileQueries,
    IncidentQueries,
    InstanceQueries,
    JobQueries,
    NotificationQueries,
    TaskQueries,
)
from engine.store.queries.decisions import decision_row
from engine.store.queries.definitions import definition_row, findings_of
from engine.store.queries.instances import instance_row
from engine.store.unit_of_work import UnitOfWork
from engine.views import DefinitionDetail, InstanceDetail, Page, TaskDetail

_PAGE = 200


class Reader(
    DefinitionQueries,
    DecisionQueries,
    TaskQueries,
    InstanceQueries,
    IncidentQueries,
    JobQueries,
    FileQueries,
    DocumentQueries,
    NotificationQueries,
    IdentityQueries,
    FigureQueries,
):
    """A principal's view of everything.

    Args:
        database: where to look.
        by: who looks.
        now: the current instant.
        zone: the site's time zone.
        bundles: compiled definitions, for names, forms and documentation.
        calendars: working time, for milestones.
    """

    def __init__(
        self,
        database: Database,
        by: Principal,
        now: datetime,
        zone: ZoneInfo,
        bundles: Bundles,
        calendars: Calendars,
    ) -> None:
        super().__init__(database, by, now, zone)
        self._bundles = bundles
        self._calendars = calendars

    def definition(self, reference: str) -> DefinitionDetail:
        """A definition by id, or the latest of a key."""
        with self.connection() as connection:
            row = self._readable(connection, reference)
            xml = stored.resource(connection, row.deployment_id, row.path) or b""
            bundle = self._bundle(connection, row.no)
            return DefinitionDetail(
                row=definition_row(connection, row),
                xml=xml.decode("utf-8", errors="replace"),
                findings=findings_of(row),
                resources=tuple(stored.paths(connection, row.deployment_id)),
                elements={n.id: (n.name, n.type) for n in bundle.program.process.nodes.values()},
            )

    def start_form(self, reference: str) -> Mapping[str, Any] | None:
        """The form-js schema of a definition's none start event, with this principal's choices; None without a form."""
        with self.connection() as connection:
            bundle = self._bundle(connection, self._readable(connection, reference).no)
        for node in bundle.program.start_events:
            if node.event is None or node.event.kind is EventKind.NONE:
                return form_schema(bundle.resources, node, asker(self.by), self._form_host(bundle).functions)
        return None

    def form_host(self, reference: str) -> Host:
        """What FEEL in a definition's forms has beside values: the site's clock and its functions."""
        with self.connection() as connection:
            return self._form_host(self._bundle(connection, self._definition(connection, reference).no))

    def case_facts(self, instance_id: str, definition_id: str) -> Mapping[str, object]:
        """What forms of a case see beside its variables (`engine.handlers.case.facts`); of one that the principal
        may not see, the settings of its definition alone."""
        with self.connection() as connection:
            bundle = self._bundle(connection, self._definition(connection, definition_id).no)
            try:
                return facts(self.visible_instance_row(connection, instance_id), bundle)
            except NotFound:
                return {"settings": bundle.settings}

    def texts(self, reference: str, language: str) -> Mapping[str, str]:
        """Translations that came with a definition (`texts/<language>.yaml`); {} if there are none."""
        with self.connection() as connection:
            bundle = self._bundle(connection, self._definition(connection, reference).no)
        return bundle.texts(language)

    def settings(self, reference: str) -> Mapping[str, object]:
        """The settings that came with a definition, as its forms see them; {} if there are none."""
        with self.connection() as connection:
            return self._bundle(connection, self._definition(connection, reference).no).settings

    def task(self, task_id: str) -> TaskDetail:
        """A task with its form, the variables it sees, and what the principal may do."""
        with self.connection() as connection:
            opened = self.opened_task(connection, task_id)
            stored_row, row = opened.row, opened.view
            bundle = self._bundle(connection, stored_row.definition_no)
            variables = opened.root
            if opened.has_scopes:
                variables = visible_variables(connection, row.instance_id, stored_row.scope_id)
        node = bundle.program.node(row.element_id)
        operator = self.by.has(*OPERATORS)
        allowed = self.by.id not in (stored_row.excluded_users or ()) and (
            operator or may_work_on(self.by, candidate_users=row.candidate_users, candidate_groups=row.candidate_groups)
        )
        usable = row.state == "open" and not row.suspended
        return TaskDetail(
            row=row,
            form=form_schema(bundle.resources, node, asker(self.by), self._form_host(bundle).functions),
            variables=variables,
            draft=stored_row.draft or {},
            documentation=node.documentation,
            may_claim=usable and row.assignee is None and allowed,
            may_complete=usable and (row.assignee == self.by.id or (row.assignee is None and allowed)),
            attachments=opened.files,
        )

    def instance(self, instance_id: str) -> InstanceDetail:
        """A case with its history and all that is open in it."""
        with self.connection() as connection:
            row = self.visible_instance_row(connection, instance_id)
            bundle = self._bundle(connection, row.definition_no)
            names = {n.id: n.name for n in bundle.program.process.nodes.values()}
            functions = feel_functions(self.zone, lambda: self._calendars.current(connection))
            functions = with_decisions(functions, bundle.decisions, self._local_now)
            stages = read_milestones(bundle, row, now=self.now, zone=self.zone, functions=functions)
            follows = bundle.program.deadline_names or bundle.due_names
            return InstanceDetail(
                row=instance_row(connection, instance_id),
                variables=dict(row.variables),
                activities=self.activities_of(connection, instance_id, names),
                tasks=self.tasks(TaskFilter(scope="all", instance_id=instance_id), limit=_PAGE).items,
                jobs=self.jobs(JobFilter(instance_id=instance_id), limit=_PAGE).items,
                timers=self.timers_of(connection, instance_id, names),
                subscriptions=self.subscriptions_of(connection, instance_id),
                incidents=self.incidents(IncidentFilter(state="", instance_id=instance_id), limit=_PAGE).items,
                attachments=self.attachments_of(connection, instance_id),
                milestones=stages.found,
                milestones_problem=stages.problem,
                deadline_changes=self.deadline_changes_of(connection, instance_id, names) if follows else (),
            )

    def evaluations(self, instance_id: str, *, cursor: str = "", limit: int = 50) -> Page[DecisionEvaluation]:
        """A page of what was decided in a visible case, and why, the newest first."""
        with self.connection() as connection:
            row = self.visible_instance_row(connection, instance_id)
            names = self._bundle(connection, row.definition_no).element_names
            return self.evaluations_of(connection, instance_id, names, cursor=cursor, limit=limit)

    def evaluate_decision(
        self, key: str, inputs: Mapping[str, object], *, version: int | None = None, explains: bool = False
    ) -> DecisionAnswer:
        """Ask a deployed decision outside of any case; for those who work for the city. Nothing is stored.

        Args:
            key: its id.
            inputs: plain data by name.
            version: None for the latest.
            explains: whether the answer's tables tell why rules did not match.

        Raises:
            NotFound: there is no such decision.
            BudgetExceeded: it takes too long.
            InvalidInput: inputs hold something that is not data.
        """
        require(self.by, *STAFF, to="ask a decision")
        with self.connection() as connection:
            row = self._deployed_decision(connection, key, version)
            library = self._bundles.decisions(connection, row.deployment_id)
        return self._answer(row, library, inputs, explains=explains)

    def draft_decision(self, files: Mapping[str, bytes], key: str) -> DecisionDetail:
        """A decision of files that are not deployed; for those who may deploy them. Nothing is stored.

        Raises:
            NotFound: none of the files holds it.
        """
        require(self.by, "designer", "administrator", to="try a decision before it is deployed")
        return read_draft(DecisionLibrary(files, functions=self._bundles.functions), key, now=self.now, by=self.by.id)

    def evaluate_draft(
        self, files: Mapping[str, bytes], row: DecisionRow, inputs: Mapping[str, object]
    ) -> DecisionAnswer:
        """Ask a decision of files that are not deployed; its tables tell why rules did not match.

        Args:
            row: as `draft_decision` gave it for the same files.
        """
        require(self.by, "designer", "administrator", to="try a decision before it is deployed")
        return self._answer(row, DecisionLibrary(files, functions=self._bundles.functions), inputs, explains=True)

    def _answer(
        self, row: DecisionRow, library: DecisionLibrary, inputs: Mapping[str, object], *, explains: bool
    ) -> DecisionAnswer:
        with self.connection() as connection:
            calendar = self._calendars.current(connection)
        functions = feel_functions(self.zone, lambda: calendar)
        taken = library.decide(row.key, inputs, now=self._local_now(), functions=functions, explains=explains)
        record = taken.record
        return DecisionAnswer(
            row=row,
            value=taken.result.value,
            feel=taken.result.feel,
            trace=record["trace"],
            steps=taken.result.steps,
            warnings=record["warnings"],
            failure=record["failure"],
        )

    def decision(self, key: str, *, version: int | None = None, against: int | None = None) -> DecisionDetail:
        """A deployed decision with all around it; for those who work for the city.

        Args:
            version: None for the latest.
            against: the version that changes are counted from; None for the one before.

        Raises:
            NotFound: there is no such decision, or no such version.
        """
        require(self.by, *STAFF, to="see decisions")
        with self.connection() as connection:
            row = self._deployed_decision(connection, key, version)
            return read_decision(connection, self._bundles, row, self._bundle, against=against)

    def decision_summaries(self, rows: Sequence[DecisionRow]) -> tuple[DecisionSummary, ...]:
        """Deployed decisions as lists show them; for those who work for the city."""
        if not rows:
            return ()
        require(self.by, *STAFF, to="see decisions")
        with self.connection() as connection:
            return summaries(connection, self._bundles, rows)

    def decisions_of(self, reference: str) -> tuple[DecisionRow, ...]:
        """The decisions that came with a definition; none for those who do not work for the city."""
        if not self.by.has(*STAFF):
            return ()
        with self.connection() as connection:
            row = self._readable(connection, reference)
            return tuple(map(decision_row, stored_decisions.of_deployment(connection, row.deployment_id)))

    def decision_file(self, key: str, *, version: int | None = None) -> tuple[DecisionRow, bytes]:
        """The file that a deployed decision stands in, as it was uploaded; for those who work for the city.

        Raises:
            NotFound: there is no such decision, or no such version.
        """
        require(self.by, *STAFF, to="see decisions")
        with self.connection() as connection:
            row = self._deployed_decision(connection, key, version)
            return row, stored.resource(connection, row.deployment_id, row.path) or b""

    def calendar_versions(self, limit: int = 100) -> tuple[CalendarVersion, ...]:
        """The published versions of the site's calendar, the newest first: which was in force when."""
        with self.connection() as connection:
            return calendars.versions(connection, limit)

    def _form_host(self, bundle: Bundle) -> Host:
        def calendar() -> WorkCalendar:
            with self.connection() as connection:
                return self._calendars.current(connection)

        functions = with_decisions(feel_functions(self.zone, calendar), bundle.decisions, self._local_now, lenient=True)
        return Host(now=self._local_now(), functions=functions)

    def _local_now(self) -> datetime:
        return on_site(self.now, self.zone)

    def _bundle(self, connection: Any, no: int) -> Bundle:
        uow = UnitOfWork(connection=connection, now=self.now, by=self.by, is_postgres=False)
        return self._bundles.get(uow, no)

"""`tasks`, `instances`, `incidents`: what is going on."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import CONSOLE, AsJson, Database, Limit, open_engine
from api.cli.models import variables_of
from api.cli.output import local, print_json, say, table
from engine.filters import IncidentFilter, InstanceFilter, TaskFilter


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(tasks)
    app.command()(instances)
    app.add_typer(incidents, name="incidents")


def tasks(
    group: Annotated[str, typer.Option("--group", help="One candidate group's.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Past their deadline.")] = False,
    search: Annotated[str, typer.Option("--search", help="Part of case number, subject or name.")] = "",
    limit: Limit = 50,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Open user tasks, the most urgent first."""
    with open_engine(database) as engine:
        where = TaskFilter(scope="all", group=group, overdue=overdue, search=search)
        page = engine.read(CONSOLE).tasks(where, limit=limit)
    if as_json:
        print_json(page.items)
        return
    rows = [
        (
            t.business_key,
            t.name,
            t.assignee or ", ".join(t.candidate_groups),
            local(t.due_at, engine.zone),
            t.subject,
            t.id,
        )
        for t in page.items
    ]
    table(("Case", "Task", "With", "Due", "Subject", "Id"), rows, empty="No open tasks.")
    _more(page.next_cursor)


def instances(
    state: Annotated[
        str, typer.Option("--state", help="active, running, suspended, completed, terminated, cancelled.")
    ] = "",
    definition: Annotated[str, typer.Option("--definition", help="A process's key.")] = "",
    search: Annotated[str, typer.Option("--search", help="Part of case number or subject.")] = "",
    limit: Limit = 50,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Cases, the newest first."""
    where = InstanceFilter(state=state, definition_key=definition, search=search)  # type: ignore[arg-type]
    with open_engine(database) as engine:
        page = engine.read(CONSOLE).instances(where, limit=limit)
    if as_json:
        print_json(page.items)
        return
    rows = [
        (
            i.business_key,
            i.definition_name,
            i.state,
            local(i.started_at, engine.zone),
            i.incidents or "",
            i.subject,
            i.id,
        )
        for i in page.items
    ]
    columns = ("Case", "Process", "State", "Started", "Incidents", "Subject", "Id")
    table(columns, rows, empty="No cases.")
    _more(page.next_cursor)


incidents = typer.Typer(help="What needs a person before its case can go on.")


@incidents.callback(invoke_without_command=True)
def list_incidents(
    context: typer.Context,
    state: Annotated[str, typer.Option("--state", help="open or resolved.")] = "open",
    limit: Limit = 50,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Incidents, the newest first."""
    if context.invoked_subcommand is not None:
        return
    with open_engine(database) as engine:
        where = IncidentFilter(state=state)  # type: ignore[arg-type]
        page = engine.read(CONSOLE).incidents(where, limit=limit)
    if as_json:
        print_json(page.items)
        return
    rows = [
        (i.business_key, i.element_name or i.element_id, local(i.created_at, engine.zone), i.message, i.id)
        for i in page.items
    ]
    table(("Case", "Element", "Since", "What", "Id"), rows, empty=f"No {state} incidents.")
    _more(page.next_cursor)


@incidents.command()
def retry(
    incident_id: Annotated[str, typer.Argument(metavar="ID")],
    var: Annotated[list[str] | None, typer.Option("--var", help="name=value to correct first.")] = None,
    retries: Annotated[int, typer.Option("--retries", min=1, max=100, help="Attempts its job gets.")] = 1,
    database: Database = None,
) -> None:
    """The cause is mended: try again."""
    from engine.commands import RetryIncident

    with open_engine(database) as engine:
        command = RetryIncident(incident_id=incident_id, variables=variables_of(var), retries=retries)
        row = engine.execute(command, by=CONSOLE)
    say(f"{row.business_key}: {row.state}")


def _more(cursor: str) -> None:
    if cursor:
        say("… and more; see --limit and --search.")

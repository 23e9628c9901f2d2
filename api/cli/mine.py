"""`mine`: the bottleneck report of an event log in a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import AsJson, Language, choose_language
from api.cli.output import err, hint, print_json
from engine.errors import NotFound

_COLUMN = "Name of the column; recognised if left out."


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(mine)


def mine(
    file: Annotated[Path, typer.Argument(help="XES or CSV, gzipped or not.")],
    as_json: AsJson = False,
    language: Language = "en",
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the map of its activities there.")] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="Of times that name none.")] = "UTC",
    case: Annotated[str, typer.Option("--case", help=_COLUMN)] = "",
    activity: Annotated[str, typer.Option("--activity", help=_COLUMN)] = "",
    timestamp: Annotated[str, typer.Option("--timestamp", help=_COLUMN)] = "",
    start: Annotated[str, typer.Option("--start", help=_COLUMN)] = "",
    enabled: Annotated[str, typer.Option("--enabled", help=_COLUMN)] = "",
    lifecycle: Annotated[str, typer.Option("--lifecycle", help=_COLUMN)] = "",
    resource: Annotated[str, typer.Option("--resource", help=_COLUMN)] = "",
    group: Annotated[str, typer.Option("--group", help=_COLUMN)] = "",
    department: Annotated[str, typer.Option("--department", help=_COLUMN)] = "",
    due: Annotated[str, typer.Option("--due", help=_COLUMN)] = "",
    instance: Annotated[str, typer.Option("--instance", help=_COLUMN)] = "",
) -> None:
    """Where the time goes in an event log: counts, waiting and working times, rework, missed deadlines."""
    from api.reports import imported_report
    from mining.readers import CsvColumns
    from mining.svg import render_map
    from mining.text import render_text

    language = choose_language(language)
    if not file.is_file():
        raise NotFound(f"Expected an event log at {file} but there is no such file.")
    columns = CsvColumns(
        case=case,
        activity=activity,
        timestamp=timestamp,
        start=start,
        enabled=enabled,
        lifecycle=lifecycle,
        resource=resource,
        group=group,
        department=department,
        due=due,
        instance=instance,
    )
    began = time.perf_counter()
    with err.status(f"Reading {file.name} …"):
        report = imported_report(file, columns=columns, zone=timezone, language=language)
    if svg is not None:
        svg.write_text(render_map(report, language), encoding="utf-8")
        hint(f"The map is in {svg}.")
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo(render_text(report, language), nl=False)
    hint(f"{time.perf_counter() - began:.1f} s")

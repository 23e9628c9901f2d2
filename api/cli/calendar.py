"""`calendar show`, `calendar publish`, `calendar export`: when the site works."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.columns import Columns
from rich.panel import Panel
from rich.progress import Progress
from rich.text import Text

from api.cli.local import CONSOLE, AsJson, Database, Language, choose_language, open_engine
from api.cli.output import err, hint, local, out, print_json, say, table
from engine.calendar_commands import PublishCalendar
from engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from engine import Engine
    from engine.calendar import Day, Year
    from engine.calendar_views import CalendarVersion, Recalculation

calendar = typer.Typer(help="The site's working days: hours, holidays, days that differ.")

_STYLES = {
    "work": "",
    "rest": "dim",
    "holiday": "red",
    "shifted": "bold green",
    "site-off": "bold white on red",
    "site-work": "bold white on green",
    "site-hours": "bold black on yellow",
}
_SIGNS = {
    "work": " ",
    "rest": " ",
    "holiday": "*",
    "shifted": "+",
    "site-off": "×",
    "site-work": "!",
    "site-hours": "~",
}
_LEGEND = "* holiday   + shifted workday   of this site: × off   ! worked   ~ other hours"
_FIRST, _LAST = 1900, 2200


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(calendar, name="calendar", no_args_is_help=True)


@calendar.command()
def show(
    year: Annotated[int | None, typer.Argument(help="This one if left out.", min=_FIRST, max=_LAST)] = None,
    history: Annotated[
        bool, typer.Option("--history", help="The published versions: which was in force when.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Show a year: holidays, shifted workdays, days that the site changed."""
    from engine.calendar import year_of

    language = choose_language(language)
    with open_engine(database) as engine:
        if history:
            _show_history(engine, as_json)
            return
        in_force = engine.calendar
        shown = year_of(in_force.rules, year or engine.now().astimezone(engine.zone).year)
        if as_json:
            print_json({"version": in_force.version, "year": _plain(shown)})
        else:
            _show(shown, in_force.version, language)


@calendar.command()
def publish(
    file: Annotated[Path, typer.Argument(help="A calendar in YAML.")],
    note: Annotated[str, typer.Option("--note", help="Why, for the history.")] = "",
    recalculate: Annotated[
        bool, typer.Option("--recalculate", help="Move the open deadlines that follow their data, too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it and say what would change.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Put a calendar in force; the versions before stay in the history."""
    content = _read(file)
    with open_engine(database) as engine:
        changed = _changed_days(engine, content, file.name)
        if dry_run:
            _say_published(None, changed, None, as_json)
            return
        version = engine.execute(PublishCalendar(content=content, note=note), by=CONSOLE)
        _say_published(version, changed, _recalculated(engine) if recalculate else None, as_json)


@calendar.command()
def export(
    version: Annotated[int, typer.Option("--version", help="A version of the history; the one in force if 0.")] = 0,
    database: Database = None,
) -> None:
    """Write the calendar as YAML, as it was published."""
    from engine.calendar import Document, write_calendar

    with open_engine(database) as engine:
        versions = engine.read(CONSOLE).calendar_versions(limit=10_000)
    found = next((each for each in versions if version in (0, each.version)), None)
    if found is None and version:
        raise NotFound(f"There is no version {version} of the calendar.")
    typer.echo(found.content if found else write_calendar(Document()), nl=False)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"Expected a calendar in YAML at {file} but it cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file.name}: Expected YAML in UTF-8 but byte {error.start} is none.") from error


def _changed_days(engine: Engine, content: str, file: str) -> list[tuple[Day, Day]]:
    """The days of this year and the next that a calendar would change."""
    from engine.calendar import read_calendar, year_of

    rules, this = read_calendar(content, file).rules, engine.now().astimezone(engine.zone).year
    pairs: list[tuple[Day, Day]] = []
    for number in (this, this + 1):
        before, after = year_of(engine.calendar.rules, number).days, year_of(rules, number).days
        pairs += [(old, new) for old, new in zip(before, after, strict=True) if old.spans != new.spans]
    return pairs


def _recalculated(engine: Engine) -> Recalculation:
    with Progress(console=err, transient=True) as progress:
        bar = progress.add_task("Recalculating deadlines …", total=None)
        return engine.recalculate_deadlines(
            by=CONSOLE, progress=lambda done, total: progress.update(bar, completed=done, total=total)
        )


def _say_published(
    version: CalendarVersion | None, changed: list[tuple[Day, Day]], done: Recalculation | None, as_json: bool
) -> None:
    if as_json:
        days = [{"day": new.day.isoformat(), "before": _hours(old), "after": _hours(new)} for old, new in changed]
        print_json({"version": version and version.version, "changed_days": days, "recalculation": done})
        return
    for old, new in changed[:40]:
        say(f"  {new.day} {_hours(old)} → {_hours(new)}{f'  {new.name}' if new.name else ''}")
    if len(changed) > 40:
        say(f"  … and {len(changed) - 40} more days of this year and the next")
    if version is None:
        hint("Nothing was published (--dry-run).")
        return
    say(f"Version {version.version} of the calendar is in force.")
    if done is not None:
        say(f"{done.changed} deadlines changed in {done.cases} running cases.")
        if done.failed:
            hint(f"{len(done.failed)} cases could not be recalculated: {', '.join(done.failed[:5])}")
            raise typer.Exit(1)


def _hours(day: Day) -> str:
    return ", ".join(map(str, day.spans)) or "off"


def _show_history(engine: Engine, as_json: bool) -> None:
    versions = engine.read(CONSOLE).calendar_versions(limit=500)
    if as_json:
        print_json(versions)
        return
    rows = [(v.version, local(v.published_at, engine.zone), v.published_by, v.note) for v in versions]
    table(
        ("Version", "In force since", "By", "Note"),
        rows,
        empty="None was published: the calendar built in is in force.",
    )


def _show(year: Year, version: int, language: str) -> None:
    title = f"{year.number}, {year.workdays} working days, " + (f"version {version}" if version else "built in")
    out.print(Text(title, style="bold"))
    if year.provisional:
        out.print(Text("Provisional: no notice on holidays is known for this year; only the law's own days are off."))
    out.print(Columns([_month(year, number) for number in range(1, 13)]))
    out.print(Text(_LEGEND, style="dim"))
    for day in year.days:
        if day.kind not in ("work", "rest"):
            name = day.name_zh if language == "zh" else day.name
            out.print(Text.assemble((f"{_SIGNS[day.kind]} {day.day} ", _STYLES[day.kind]), f" {_hours(day)}  {name}"))


def _month(year: Year, month: int) -> Panel:
    days = {day.day: day for day in year.days if day.day.month == month}
    weeks = months.Calendar().monthdatescalendar(year.number, month)
    lines = [Text("Mo  Tu  We  Th  Fr  Sa  Su", style="dim")]
    lines += [Text("").join(_cells(week, days)) for week in weeks]
    return Panel(Text("\n").join(lines), title=f"{year.number}-{month:02}", width=33)


def _cells(week: list[date], days: dict[date, Day]) -> Iterator[Text]:
    for day in week:
        found = days.get(day)
        yield (
            Text("    ")
            if found is None
            else Text.assemble((f"{day.day:2}{_SIGNS[found.kind]}", _STYLES[found.kind]), " ")
        )


def _plain(year: Year) -> dict[str, Any]:
    days = [
        {
            "day": d.day.isoformat(),
            "kind": d.kind,
            "hours": [str(span) for span in d.spans],
            "name": d.name,
            "name_zh": d.name_zh,
        }
        for d in year.days
    ]
    return {"number": year.number, "provisional": year.provisional, "workdays": year.workdays, "days": days}

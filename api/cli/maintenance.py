"""`verify`, `migrate`, `test`, `demo`, `app`, `assets`, `version`: looking after an installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import CONSOLE, AsJson, Database, Language, choose_language, open_engine, part
from api.cli.output import err, findings, print_json, say, table
from engine.errors import NotFound

applications = typer.Typer(help="Process applications: models, forms, texts and settings in a folder.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(verify)
    app.command()(migrate)
    app.command()(test)
    app.command()(demo)
    app.add_typer(applications, name="app", no_args_is_help=True)
    app.command()(assets)
    app.command()(version)


def verify(
    instance: Annotated[str, typer.Argument(metavar="[ID]", help="One case; all if left out.")] = "",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Check that state, lists, history and its hash chain agree; exit code 1 if something does not."""
    with open_engine(database) as engine, err.status("Verifying …"):
        outcome = engine.verify(instance)
    if as_json:
        print_json({"clean": outcome.clean, "outcome": outcome})
    else:
        rows = [(p.check, p.instance_id, p.subject, p.message) for p in outcome.problems]
        cases = f"{outcome.instances} cases, {outcome.events} events"
        table(("Check", "Case", "Subject", "What"), rows, empty=f"{cases}: all agree.")
    raise typer.Exit(0 if outcome.clean else 1)


def migrate(database: Database = None) -> None:
    """Bring the database's schema up to date; every start does so too."""
    with open_engine(database):
        say("The schema is up to date.")


def test(
    folder: Annotated[Path, typer.Argument(help="An application's folder, with scenarios/*.yaml.")],
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Play an application's scenarios in memory; report failures and which elements were covered."""
    language = choose_language(language)
    run_tests = part("engine.scenarios", "run_application_tests")
    if not folder.is_dir():
        raise NotFound(f"Expected an application's folder at {folder} but there is none.")
    with err.status("Playing scenarios …"):
        report = run_tests(folder)
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo(report.text(language))
    raise typer.Exit(0 if report.passed else 1)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the main job headless, in memory.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play the main job once: upload, do the work, let a bot help, see where the time goes."""
    if not once:
        say("`civiflow demo --once` plays the main job; `civiflow run --demo` starts the site with demo data.")
        raise typer.Exit(2)
    from api.settings import Settings

    play = part("api.demo", "play_once")
    with err.status("Playing …"):
        done = play(site_url=Settings.from_environment().site_url)
    if as_json:
        print_json(done, compact=True)
        return
    for name, value in done.items():
        say(f"{name}: {value}")


@applications.command()
def install(folder: Annotated[Path, typer.Argument(help="A folder with app.yaml.")], database: Database = None) -> None:
    """Install an application, or its new version; installing the same again changes nothing."""
    if not folder.is_dir():
        raise NotFound(f"Expected an application's folder at {folder} but there is none.")
    with open_engine(database) as engine:
        deployment = part("engine.applications", "install")(engine, folder, CONSOLE)
    findings(deployment.findings)
    state = "unchanged" if deployment.unchanged else "installed"
    table(("Key", "Version", ""), [(d.key, d.version, state) for d in deployment.definitions], empty=state)


def assets(
    force: Annotated[bool, typer.Option("--force", help="Build even if nothing changed.")] = False,
) -> None:
    """Build the pages' scripts and styles if their sources changed."""
    from api import assets as pages

    with err.status("Building …"):
        built = pages.build(force=force)
    say(("Built " if built.built else "Up to date: ") + built.stamp)
    if built.problem:
        say(built.problem)
        raise typer.Exit(1)


def version() -> None:
    """Print the version."""
    from api import __version__

    typer.echo(__version__)

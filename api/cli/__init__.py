"""The command `civiflow`: serve, work, deploy, check, look, mine, mend.

Exit codes: 0 done; 1 refused, or problems were found; 2 the command line is wrong; 70 a fault of ours.
"""

from __future__ import annotations

import sys

import typer

from api.cli import calendar, cases, check, decide, maintenance, mine, models, serving, users
from api.cli.output import complain, fault

app = typer.Typer(
    name="civiflow",
    help="Business processes for city services: models, tasks, bots, and where the time goes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (serving, models, check, decide, cases, mine, users, calendar, maintenance):
    part.add_to(app)


@app.callback()
def options(
    context: typer.Context,
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    """Business processes for city services: models, tasks, bots, and where the time goes."""
    context.obj = {"debug": debug}


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        sys.exit(complain(error) or fault(error))

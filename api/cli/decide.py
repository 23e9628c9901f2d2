"""`decide`: evaluate the decisions of DMN files, without a database."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import AsJson
from api.cli.output import REFUSED, findings, hint, print_json, say, table
from engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from engine.decisions import DecisionModel, DecisionResult

Files = Annotated[list[Path], typer.Argument(help="The DMN file; after it those that it imports.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(decide)


def decide(
    paths: Files,
    decision: Annotated[str, typer.Option("--decision", "-d", help="Name or id of a decision.")] = "",
    service: Annotated[str, typer.Option("--service", help="Name or id of a decision service.")] = "",
    given: Annotated[str, typer.Option("--input", "-i", help="A JSON object; @FILE reads a file, - stdin.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong with the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Evaluate a decision and say which rules decided. Without a name: the only decision, or a list of them.

    What is wrong elsewhere in the file is told and does not stand in the way.

    Exit codes: 0 done; 1 the file, the input or the name was refused, or a part that the decision needs.
    """
    from engine.decisions import load_decisions

    model = load_decisions(paths)
    if check:
        _check(model, as_json)
        return
    if decision and service:
        raise InvalidInput("Expected --decision or --service, but got both.")
    findings(model.errors)
    name = service or decision or _only(model)
    if not name:
        _list(model, as_json)
        return
    if service and not model.is_service(service):
        raise NotFound(f"Expected a decision service named «{service}», but the file has {_named(model.services)}.")
    result = model.evaluate(name, read_input(given))
    if as_json:
        answer = {
            "value": result.value,
            "warnings": result.warnings,
            "refusals": result.refusals,
            "trace": result.trace,
        }
        print_json(answer)
    else:
        _show(result)
    if result.refusals:
        raise typer.Exit(REFUSED)


def read_input(text: str) -> dict[str, Any]:
    """The object of `--input`.

    Raises:
        NotFound: a file that is not there.
        InvalidInput: it is no JSON object.
    """
    if not text:
        return {}
    source = "--input"
    data: bytes | str = text
    if text == "-":
        source, data = "stdin", sys.stdin.buffer.read()
    elif text.startswith("@"):
        source, path = text[1:], Path(text[1:])
        if not path.is_file():
            raise NotFound(f"Expected a JSON file at {path} but there is none.")
        data = path.read_bytes()
    try:
        value = json.loads(data, parse_float=Decimal)
    except ValueError as error:
        raise InvalidInput(f"Expected JSON in {source} but: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidInput(f'Expected a JSON object in {source}, such as {{"amount": 120}}.')
    return value


def _check(model: DecisionModel, as_json: bool) -> None:
    errors = len(model.errors)
    if as_json:
        print_json({"usable": not errors, "findings": model.findings})
    else:
        findings(model.findings)
        others = len(model.findings) - errors
        say(f"Errors: {errors}; other findings: {others}." if model.findings else "Nothing found: can be used.")
    raise typer.Exit(REFUSED if errors else 0)


def _only(model: DecisionModel) -> str:
    return model.decisions[0] if len(model.decisions) == 1 else ""


def _list(model: DecisionModel, as_json: bool) -> None:
    """What can be asked for, and what each needs."""
    made = [("decision", name) for name in model.decisions] + [("service", name) for name in model.services]
    rows = [
        {"kind": kind, "name": name, "inputs": [{"name": one, "type": type_} for one, type_ in model.inputs(name)]}
        for kind, name in made
    ]
    if as_json:
        print_json(rows)
        return
    shown = [(row["kind"], row["name"], ", ".join(_typed(one) for one in row["inputs"])) for row in rows]
    table(("Kind", "Name", "Inputs"), shown, empty="The file holds no decision.")
    if rows:
        hint("Choose one with --decision or --service.")


def _typed(one: Any) -> str:
    return f"{one['name']}: {one['type']}" if one["type"] else str(one["name"])


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f"«{name}»" for name in names) or "none"


def _show(result: DecisionResult) -> None:
    say(_text(result.value))
    rows = [
        (step["name"], _text(step["value"]), "; ".join(_rules(one) for one in step["tables"])) for step in result.trace
    ]
    table(("Decided", "Value", "Rules"), rows, empty="Nothing was evaluated.")
    for warning in result.warnings:
        hint(f"note: {warning}")


def _rules(one: dict[str, Any]) -> str:
    numbers = ", ".join(str(rule["number"]) for rule in one["rules"]) or "none"
    return f"{one['hit_policy']}: {numbers}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

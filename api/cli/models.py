"""`deploy`, `start`: process models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from api.archives import placed, read_zip
from api.cli.local import CONSOLE, AsJson, Database, open_engine, part
from api.cli.output import findings, print_json, say, table
from engine.errors import InvalidInput, NotFound

Files = Annotated[list[Path], typer.Argument(help="BPMN files with their forms, ZIP archives, application folders.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(deploy)
    app.command()(start)


def deploy(paths: Files, database: Database = None, as_json: AsJson = False) -> None:
    """Check models and make them startable. Files given together belong together; folders stand alone."""
    from engine.commands import DeployDefinition

    made: list[Any] = []
    with open_engine(database) as engine:
        for path, files in _bundles(paths):
            if (path / "app.yaml").is_file():
                made.append(part("engine.applications", "install")(engine, path, CONSOLE))
                continue
            command = DeployDefinition(files=files, name=path.name)
            made.append(engine.execute(command, by=CONSOLE))
    if as_json:
        print_json(made)
        return
    for deployment in made:
        findings(deployment.findings)
    rows = [
        (row.key, row.version, row.name, "unchanged" if deployment.unchanged else "new")
        for deployment in made
        for row in (*deployment.definitions, *deployment.decisions)
    ]
    table(("Key", "Version", "Name", ""), rows, empty="Nothing was deployed.")


def start(
    key: Annotated[str, typer.Argument(help="The process's key, or a definition's id.")],
    var: Annotated[list[str] | None, typer.Option("--var", help="name=value; the value is JSON, or text.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="A JSON object; - reads stdin.")] = None,
    business_key: Annotated[str, typer.Option("--business-key", help="The case number; made up if left out.")] = "",
    database: Database = None,
) -> None:
    """Start a process."""
    from engine.commands import StartInstance

    variables = _json_object(json_file) | variables_of(var)
    with open_engine(database) as engine:
        command = StartInstance(definition=key, variables=variables, business_key=business_key)
        started = engine.execute(command, by=CONSOLE)
    say(f"{started.business_key}  {started.instance_id}" + ("  (ended)" if started.ended else ""))


def _bundles(paths: list[Path]) -> list[tuple[Path, dict[str, bytes]]]:
    """Folders and archives each by itself, all loose files together."""
    bundles: list[tuple[Path, dict[str, bytes]]] = []
    loose: dict[str, bytes] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"Expected a file or folder at {path} but there is none.")
        if path.is_dir():
            bundles.append((path, _folder(path)))
        elif path.suffix.lower() == ".zip":
            bundles.append((path, placed(read_zip(path.read_bytes()))))
        else:
            loose[path.name] = path.read_bytes()
    if loose:
        first = next(p for p in paths if p.is_file() and p.suffix.lower() != ".zip")
        bundles.append((first, placed(loose)))
    return bundles


def _folder(folder: Path) -> dict[str, bytes]:
    kept = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
    files = {p.relative_to(folder).as_posix(): p for p in kept}
    return {name: p.read_bytes() for name, p in files.items() if not any(s.startswith(".") for s in name.split("/"))}


def variables_of(texts: list[str] | None) -> dict[str, Any]:
    """Variables of `--var name=value` options.

    Raises:
        InvalidInput: one has no name or no equals sign.
    """
    return dict(_variable(text) for text in texts or ())


def _variable(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput(f"Expected --var name=value but got {text!r}.")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


def _json_object(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        value = orjson.loads(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"Expected a JSON file at {path} but there is none.") from error
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Expected JSON in {path} but: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"Expected a JSON object in {path}.")
    return value

"""`check`: what every file is, and what keeps it from running."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.archives import placed, read_zip
from api.cli.local import AsJson
from api.cli.output import findings, print_json, say
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from api.checking import Item
    from engine.inspection import Inspection

_MODELS = (".bpmn", ".bpmn2", ".xml", ".dmn")
_COMPANIONS = (".dmn", ".form", ".json", ".yaml", ".yml")

Checked = Annotated[list[Path], typer.Argument(help="BPMN, DMN and form files, ZIP archives, folders.")]
Seconds = Annotated[float, typer.Option("--seconds", min=0.1, help="How long one file may take.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(check)


def check(context: typer.Context, paths: Checked, as_json: AsJson = False, seconds: Seconds = 20.0) -> None:
    """Say of every file whether it is runnable, a draft or rejected, and why; exit code 1 if anything has errors.

    With --json one object a line: file, status, processes (flow nodes in the XML and compiled), findings.
    """
    from api import logs
    from api.checking import Limits, inspect_all

    logs.configure("warning", "console")
    if context.obj and context.obj.get("debug"):
        logging.getLogger("engine.inspection").setLevel(logging.DEBUG)
        logging.getLogger("api.checking").setLevel(logging.DEBUG)
    items, bundles = _gather(paths)
    if not items:
        raise InvalidInput("Expected at least one .bpmn file (or .dmn file) but found none.")
    files: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    for found in inspect_all(items, bundles, limits=Limits(seconds=seconds)):
        files[found.status] += 1
        severities.update(str(finding.severity) for finding in found.findings)
        if as_json:
            print_json(found, compact=True)
        else:
            _show(found)
    if not as_json:
        _sum_up(files, severities)
    raise typer.Exit(1 if severities["error"] else 0)


def _show(found: Inspection) -> None:
    counts = [f"{p.id or '-'}: {p.flow_nodes_compiled} of {p.flow_nodes_xml} flow nodes" for p in found.processes]
    say("  ".join([f"{found.status:<8}", found.file, *counts]))
    findings(found.findings)


def _sum_up(files: Counter[str], severities: Counter[str]) -> None:
    errors, others = severities["error"], severities.total() - severities["error"]
    if files.total() > 1:
        say("; ".join(f"{status}: {count}" for status, count in sorted(files.items())) + ".")
    say(f"Errors: {errors}; other findings: {others}." if severities else "Nothing found: can be deployed.")


def _gather(paths: list[Path]) -> tuple[list[Item], list[dict[str, bytes]]]:
    """The files in the order given, and what lies beside them: folders and archives each for itself.

    Loose files belong together and are checked whatever they are called; of folders and archives, models and
    decisions are.
    """
    from api.checking import Item

    loose: dict[str, bytes] = {}
    items: list[Item] = []
    bundles = [loose]
    for path in paths:
        if path.is_dir():
            items += _folder(path, bundles)
        elif path.suffix.lower() == ".zip" and path.is_file():
            items += _archive(path, bundles)
        else:
            items.append(Item(name=_shown(path), path=path))
            if path.suffix.lower() in _COMPANIONS and path.is_file():
                loose |= placed({path.name: path.read_bytes()})
    return items, bundles


def _shown(path: Path) -> str:
    """A path as JSON can hold it: names that are no UTF-8 have a mark where a byte cannot be read."""
    return os.fsencode(path).decode("utf-8", "replace")


def _folder(folder: Path, bundles: list[dict[str, bytes]]) -> Iterator[Item]:
    from api.checking import Item

    names = {path: path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*"))}
    kept = {path: name for path, name in names.items() if not any(part.startswith(".") for part in name.split("/"))}
    files = {path: name for path, name in kept.items() if path.is_file() and not path.is_symlink()}
    beside = {name: path.read_bytes() for path, name in files.items() if path.suffix.lower() in _COMPANIONS}
    bundles.append(placed(beside))
    for path in files:
        if path.suffix.lower() in _MODELS:
            yield Item(name=_shown(path), path=path, bundle=len(bundles) - 1)


def _archive(path: Path, bundles: list[dict[str, bytes]]) -> list[Item]:
    from api.checking import Item
    from engine.inspection import failed
    from engine.models.labels import Words

    try:
        files = placed(read_zip(path.read_bytes()))
    except InvalidInput as refused:
        zh = refused.problems[0].message_zh if refused.problems else ""
        says = Words(f"was not taken: {refused.message.rstrip('.')}", f"未被接受：{zh.rstrip('。')}")
        return [Item(name=_shown(path), inspection=failed(_shown(path), "zip-not-taken", says))]
    bundles.append({name: content for name, content in files.items() if name.lower().endswith(_COMPANIONS)})
    return [
        Item(name=f"{_shown(path)}/{name}", content=content, bundle=len(bundles) - 1)
        for name, content in files.items()
        if name.lower().endswith(_MODELS)
    ]

"""How the command line speaks: tables that fit Chinese, errors without tracebacks, JSON on request."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.errors import CiviflowError, InvalidInput, InvalidModel

REFUSED, FAULT = 1, 70

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under headings; wide characters count as two columns. Says `empty` if there are none."""
    rows = list(rows)
    if not rows:
        out.print(empty)
        return
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out.print(shown)


def say(text: str) -> None:
    """A line for people, exactly as it is."""
    out.print(Text(text))


def hint(text: str) -> None:
    """A line that is no result: to stderr, so that results can be piped on."""
    err.print(Text(text))


def print_json(value: object, *, compact: bool = False) -> None:
    """A result for programs; UTF-8 whatever the terminal is set to."""
    option = 0 if compact else orjson.OPT_INDENT_2
    try:
        data = orjson.dumps(value, default=_plain, option=option | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # whole numbers of more than 64 bits
        data = json.dumps(value, default=_plain, ensure_ascii=False, indent=None if compact else 2).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    """An instant in the site's time, to the minute; '' for none."""
    return "" if instant is None else instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def findings(found: Iterable[Any]) -> None:
    """What was found in models: severity, element, what is wrong, how to mend it."""
    for finding in found:
        severity = str(finding.severity)
        style = {"error": "bold red", "warning": "yellow"}.get(severity, "cyan")
        where = " ".join(filter(None, (finding.element, f"({finding.element_name})" if finding.element_name else "")))
        err.print(Text.assemble((severity, style), f" {where}: " if where else ": ", finding.message))
        if finding.mend:
            err.print(Text(f"    {finding.mend}"))


def complain(error: Exception) -> int:
    """Say what was refused and why; gives the exit code, or 0 if the error is not one of ours."""
    if not isinstance(error, CiviflowError):
        return 0
    err.print(Text.assemble(("Error: ", "bold red"), error.message))
    if isinstance(error, InvalidModel):
        findings(error.findings)
    elif isinstance(error, InvalidInput):
        for problem in error.problems:
            if problem.message not in error.message:
                err.print(Text(f"  {problem.field}: {problem.message}"))
    return REFUSED


def fault(error: Exception) -> int:
    """Say that something of ours is broken; gives the exit code."""
    err.print(Text.assemble(("Fault: ", "bold red"), f"{type(error).__name__}: {error}"))
    err.print(Text("This should not happen. Run it again as `civiflow --debug …` to see where."))
    return FAULT


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)

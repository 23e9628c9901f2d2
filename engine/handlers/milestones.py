"""Milestones: the stages by which a case is measured, as its model describes them (`civiflow:milestones`).

They are evaluated when somebody looks, and change nothing. An expression that fails gives no milestones and
says why; it never keeps anybody from seeing the case.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.calendar_views import Milestone
from engine.clock import on_site
from engine.contracts.errors import CiviflowError
from engine.errors import ExpressionError
from engine.handlers.bundle import Bundle
from engine.handlers.case import facts
from engine.handlers.stopped import as_instant, open_reason, shown

_MOST: Final = 50
_FIELDS: Final = ("name", "name_en", "due", "reached", "stopped")


@dataclass(frozen=True, kw_only=True)
class Milestones:
    """What was found, and what kept it from being found."""

    found: tuple[Milestone, ...] = ()
    problem: str = ""


def read_milestones(
    bundle: Bundle, row: Any, *, now: datetime, zone: ZoneInfo, functions: Mapping[str, Callable[..., object]]
) -> Milestones:
    """The milestones of a case.

    Args:
        bundle: its definition.
        row: the instance's row.
        now: the current instant.
        zone: the site's, for texts that name none.
        functions: host functions for FEEL.
    """
    expression = bundle.milestones
    if expression is None:
        return Milestones()
    context = ChainMap(row.variables, facts(row, bundle))
    try:
        value = expression.evaluate(context, now=on_site(now, zone), functions=functions)
        entries = [] if value is None else value if isinstance(value, list) else [value]
        if len(entries) > _MOST:
            raise ExpressionError(f"Expected at most {_MOST} milestones but got {len(entries)}.")
        stands = open_reason(context.get(name) for name in sorted(expression.names)) or ""
        return Milestones(found=tuple(_one(n, entry, zone, stands) for n, entry in enumerate(entries, start=1)))
    except CiviflowError as error:
        return Milestones(problem=error.message)
    except Exception as error:  # a stranger's expression may cost its own milestones, never the page
        return Milestones(problem=f"{type(error).__name__}: {error}")


def _one(number: int, entry: object, zone: ZoneInfo, stands: str) -> Milestone:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"].strip():
        raise ExpressionError(f"Expected milestone {number} to be {{{', '.join(_FIELDS)}}} but got {shown(entry)}.")
    name_en, due_at, reached_at = entry.get("name_en"), _instant(entry, "due", zone), _instant(entry, "reached", zone)
    stopped = ""
    if due_at is None and reached_at is None:
        said = entry.get("stopped")
        stopped = said if isinstance(said, str) else (open_reason([said]) or "") if "stopped" in entry else stands
    return Milestone(
        name=entry["name"].strip(),
        name_en=name_en.strip() if isinstance(name_en, str) else "",
        due_at=due_at,
        reached_at=reached_at,
        stopped=stopped,
    )


def _instant(entry: Mapping[str, object], key: str, zone: ZoneInfo) -> datetime | None:
    value = entry.get(key)
    found = as_instant(value, zone)
    if found is None and value is not None:
        raise ExpressionError(
            f"Expected a date and time, or null, as '{key}' of milestone '{entry['name']}' but got {shown(value)}."
        )
    return found

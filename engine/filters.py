"""What lists can be narrowed by: plain data, turned into indexed queries by the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """Which user tasks.

    Args:
        scope: 'mine' assigned to me; 'groups' open to one of my groups and not taken; 'all' visible to me.
        state: 'open' or 'completed'.
        definition_key, element_id, instance_id: exact, '' for any.
        group: one candidate group, '' for any.
        overdue: due before now.
        search: part of the case number, subject or task name.
        sort: 'due' (earliest first, without a due date last) or 'created' (newest first).
    """

    scope: Literal["mine", "groups", "all"] = "mine"
    state: Literal["open", "completed"] = "open"
    definition_key: str = ""
    element_id: str = ""
    instance_id: str = ""
    group: str = ""
    overdue: bool = False
    search: str = ""
    sort: Literal["due", "created"] = "due"


@dataclass(frozen=True, kw_only=True)
class InstanceFilter:
    """Which process instances.

    Args:
        state: '' for any; 'active' means running or suspended.
        definition_key, version, business_key, started_by: exact, empty for any.
        with_incidents: only those that need help.
        search: part of the case number or subject.
    """

    state: Literal["", "active", "running", "suspended", "completed", "terminated", "cancelled"] = ""
    definition_key: str = ""
    version: int | None = None
    business_key: str = ""
    started_by: str = ""
    with_incidents: bool = False
    search: str = ""


@dataclass(frozen=True, kw_only=True)
class IncidentFilter:
    """Which incidents; '' for any."""

    state: Literal["", "open", "resolved"] = "open"
    definition_key: str = ""
    instance_id: str = ""


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs; '' for any."""

    state: str = ""
    topic: str = ""
    instance_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RegisterFilter:
    """Which entries of the register of documents, or of the archive.

    Args:
        search: part of the number, title or case number.
        year: of the document's date, or of filing; None for any.
    """

    search: str = ""
    year: int | None = None

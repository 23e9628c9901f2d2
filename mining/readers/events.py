"""The events of a file as columns, before they are paired into activity instances."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from mining.words import Sentence


@dataclass(kw_only=True)
class CaseTable:
    """Cases in the order of their first appearance.

    Attributes:
        ids: case ids, unique.
        due: the case's deadline, UTC microseconds, or None.
        attributes: name -> {case index: value}; a case without the attribute has no entry.
    """

    ids: list[str] = field(default_factory=list)
    due: dict[int, int] = field(default_factory=dict)
    attributes: dict[str, dict[int, Any]] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)

    def index_of(self, case_id: str) -> int:
        """The case's index; a new id gets the next one."""
        found = self._index.get(case_id)
        if found is None:
            found = self._index[case_id] = len(self.ids)
            self.ids.append(case_id)
        return found

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._index

    def set_attribute(self, name: str, case: int, value: Any) -> None:
        """Keep a case attribute; the first value stays."""
        self.attributes.setdefault(name, {}).setdefault(case, value)


@dataclass(kw_only=True)
class EventTable:
    """One entry an event, in file order. Times are UTC microseconds.

    Attributes:
        cases: the cases that `case` points into.
        case: index of the event's case.
        activity: the activity's name.
        at: the event's time.
        transition: lifecycle transition in lower case; '' means complete.
        started, enabled: for files with several times a row, else -1.
        instance, performer, group, department: None where the file does not say.
        due: the activity's own deadline, or -1.
        notes: what the reader had to assume or leave out.
    """

    cases: CaseTable = field(default_factory=CaseTable)
    case: array[int] = field(default_factory=lambda: array("q"))
    activity: list[str] = field(default_factory=list)
    at: array[int] = field(default_factory=lambda: array("q"))
    transition: list[str] = field(default_factory=list)
    started: array[int] = field(default_factory=lambda: array("q"))
    enabled: array[int] = field(default_factory=lambda: array("q"))
    instance: list[str | None] = field(default_factory=list)
    performer: list[str | None] = field(default_factory=list)
    group: list[str | None] = field(default_factory=list)
    department: list[str | None] = field(default_factory=list)
    due: array[int] = field(default_factory=lambda: array("q"))
    notes: list[Sentence] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.activity)

    def add(
        self,
        case: int,
        activity: str,
        at: int,
        *,
        transition: str = "",
        started: int | None = None,
        enabled: int | None = None,
        instance: str | None = None,
        performer: str | None = None,
        group: str | None = None,
        department: str | None = None,
        due: int | None = None,
    ) -> None:
        """Append one event. Repeated texts are interned: a log says the same few names a million times."""
        self.case.append(case)
        self.activity.append(intern(activity))
        self.at.append(at)
        self.transition.append(intern(transition))
        self.started.append(-1 if started is None else started)
        self.enabled.append(-1 if enabled is None else enabled)
        self.instance.append(instance or None)
        self.performer.append(intern(performer) if performer else None)
        self.group.append(intern(group) if group else None)
        self.department.append(intern(department) if department else None)
        self.due.append(-1 if due is None else due)

    def note(self, en: str, zh: str) -> None:
        """Keep a warning for whoever reads the log."""
        self.notes.append(Sentence(en=en, zh=zh))

    def in_order(self) -> Sequence[int]:
        """Event positions by case and time; events at the same moment keep the order of the file."""
        return sorted(range(len(self)), key=lambda i: (self.case[i], self.at[i]))

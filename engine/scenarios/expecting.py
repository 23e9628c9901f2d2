"""What a scenario expects of its case, compared with what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from engine.contracts.principal import SYSTEM
from engine.scenarios.reading import Step
from engine.scenarios.report import Failure
from engine.views import InstanceDetail, TaskRow
from engine.yaml_files import Section, plain, shown

if TYPE_CHECKING:
    from engine.engine import Engine


class Mismatch(Exception):
    """The scenario did not go as written; carries the failure for the report."""

    def __init__(self, step: Step, expected: str, found: str, *, key: str = "") -> None:
        section = step.section.section("expect") if key else step.section
        what = f"{step.verb} {key or step.target}".strip()
        line = section.line_of(key) if key else step.line
        self.failure = Failure(file=section.file, line=line, what=what, expected=expected, found=found)
        super().__init__(f"{section.file}, line {line}, {what}: expected {expected} but found {found}")


class Stage(Protocol):
    """What is needed to look: the engine, the case, and how moments are written."""

    engine: Engine
    instance: str

    def tasks(self) -> tuple[TaskRow, ...]: ...
    def moment(self, section: Section, key: str) -> datetime: ...


def check(stage: Stage, step: Step) -> None:
    """Compare everything a step expects.

    Raises:
        Mismatch: the first thing that differs.
    """
    wanted = step.section.section("expect")
    case = stage.engine.read(SYSTEM).instance(stage.instance)
    lists = {
        "tasks": [each.element_id for each in stage.tasks()],
        "jobs": [each.element_id for each in case.jobs if each.state in {"available", "leased", "waiting"}],
        "timers": [each.element_id for each in case.timers],
        "waits": [each.element_id for each in case.subscriptions],
        "incidents": [each.element_id for each in case.incidents if each.state == "open"],
    }
    for key in wanted:
        if key in lists:
            _compare(step, key, sorted(wanted.texts(key)), sorted(lists[key]))
        elif key == "due":
            _check_due(stage, step, wanted.section("due"), case)
        else:
            _check_value(stage, step, key, wanted, case)


def differences(wanted: Section, found: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Key, expected and found of everything that differs; a text `~part` expects a text that holds the part."""
    for key, value in wanted.items():
        actual = found.get(key)
        if isinstance(value, str) and value.startswith("~"):
            if not isinstance(actual, str) or value[1:] not in actual:
                yield key, f"a text with {value[1:]!r}", shown(actual)
        elif plain(value) != actual:
            yield key, shown(value), shown(actual)


def _check_value(stage: Stage, step: Step, key: str, wanted: Section, case: InstanceDetail) -> None:
    if key == "variables":
        for name, expected, found in differences(wanted.section(key), case.variables):
            raise Mismatch(step, f"{name} = {expected}", found, key=key)
    elif key == "ended":
        _compare(step, key, wanted[key], case.row.state if case.row.ended_at is not None else False)
    elif key == "subject":
        _compare(step, key, wanted.text(key), case.row.subject)
    elif key == "candidates":
        groups = wanted.section(key)
        for element in groups:
            there = _task(stage, step, key, element).candidate_groups
            _compare(step, key, sorted(groups.texts(element)), sorted(there))
    elif key == "assignee":
        people = wanted.section(key)
        for element in people:
            _compare(step, key, people[element], _task(stage, step, key, element).assignee)


def _check_due(stage: Stage, step: Step, due: Section, case: InstanceDetail) -> None:
    """Deadlines of open tasks and timers by element, and of the case itself under 'case'."""
    found = {
        "case": case.row.due_at,
        **{timer.element_id: timer.due_at for timer in case.timers},
        **{task.element_id: task.due_at for task in stage.tasks()},
    }
    for element in due:
        if element not in found:
            raise Mismatch(step, f"an open task or timer {element}", shown(sorted(found)), key="due")
        expected = None if due[element] is None else stage.moment(due, element)
        actual = found[element]
        if actual != expected:
            at, there = (_said(each, stage.engine.zone) for each in (expected, actual))
            raise Mismatch(step, f"{element} due at {at}", there, key="due")


def _said(due: datetime | None, zone: ZoneInfo) -> str:
    return "none" if due is None else due.astimezone(zone).isoformat(timespec="seconds")


def _task(stage: Stage, step: Step, key: str, element: str) -> TaskRow:
    open_ = stage.tasks()
    for each in open_:
        if each.element_id == element:
            return each
    raise Mismatch(step, f"an open task {element}", shown([each.element_id for each in open_]), key=key)


def _compare(step: Step, key: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise Mismatch(step, shown(expected), shown(found), key=key)

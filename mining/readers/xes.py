"""XES files (IEEE 1849-2023) -> events, streaming, in bounded memory.

The XML comes from strangers: no document type, no entities, nothing fetched, and libxml2's
limits on depth and text size stay on. A file with a document type is refused before the
parser expands anything in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, BinaryIO, cast

from lxml import etree

from engine.contracts.errors import LogFormatError
from mining.readers.columns import NAMES, CsvColumns, plain
from mining.readers.events import EventTable
from mining.readers.sources import open_bytes
from mining.readers.times import EPOCH, TimeParser, is_null_date, micros
from mining.readers.xml_guard import refuse_doctype, xml_errors_told
from mining.words import counted

_DUE = frozenset(NAMES["due"])
_TRUE = frozenset(("true", "1"))


@dataclass(kw_only=True)
class _Keys:
    """The attribute keys that stand for an event's fields."""

    activity: str
    timestamp: str
    lifecycle: str
    resource: str
    group: str
    department: str
    instance: str
    case: str


def read_xes(path: Path, columns: CsvColumns, zone: tzinfo) -> EventTable:
    """The events of an XES file.

    In: the file (gzipped or not); keys that differ from the standard's; the zone of times without one.

    Raises:
        LogFormatError: not well-formed, not XES, with a document type, or an event that cannot be
            placed (no activity, unreadable time); the message names the line.
    """
    keys = _Keys(
        activity=columns.activity or "concept:name",
        timestamp=columns.timestamp or "time:timestamp",
        lifecycle=columns.lifecycle or "lifecycle:transition",
        resource=columns.resource or "org:resource",
        group=columns.group or "org:group",
        department=columns.department or "org:department",
        instance=columns.instance or "concept:instance",
        case=columns.case or "concept:name",
    )
    reader = _Reader(path.name, keys, columns.due, zone)
    with xml_errors_told(path.name):
        with open_bytes(path) as stream:
            refuse_doctype(stream, path.name)
        with open_bytes(path) as stream:
            reader.read(stream)
    return reader.finish()


class _Reader:
    """Collects one file's events; one object a file."""

    def __init__(self, name: str, keys: _Keys, due_key: str, zone: tzinfo) -> None:
        self._name, self._keys, self._due_key = name, keys, due_key
        self._times = TimeParser(zone)
        self._events = EventTable()
        self._pending: list[dict[str, Any]] = []
        self._open: list[str] = []
        self._traces = self._stray = self._unnamed = self._timeless = self._null_dates = self._shared = 0

    def read(self, stream: BinaryIO) -> None:
        context = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=("{*}log", "{*}trace", "{*}event"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for action, element in context:
            tag = etree.QName(element).localname
            if action == "start":
                self._open.append(tag)
                self._check_root(self._open[0])
                continue
            self._open.pop()
            if tag == "event" and "trace" in self._open:
                self._pending.append(self._attributes(element))
            elif tag == "event":
                self._stray += 1
            elif tag == "trace":
                self._end_trace(element)
            element.clear()
            # What is done is forgotten, so that memory holds one trace at a time. Inside a trace
            # only the emptied events stay: its attributes may stand before and after them.
            while tag == "trace" and element.getprevious() is not None:
                del element.getparent()[0]
        self._check_root(etree.QName(context.root).localname)

    def _check_root(self, root: str) -> None:
        if root != "log":
            raise LogFormatError(f"{self._name}: expected an XES log (root element <log>), but the root is <{root}>.")

    def _attributes(self, element: etree._Element) -> dict[str, Any]:
        """An element's direct XES attributes, typed; nested ones belong to other attributes."""
        found: dict[str, Any] = {"": element.sourceline}
        for child in element:
            key, value = child.get("key"), child.get("value")
            line = cast("int | None", child.sourceline)
            if key is None or value is None:
                continue
            kind = etree.QName(child).localname
            if kind == "date":
                found[key] = self._date(value, key, line)
            elif kind == "string" or kind == "id":
                found[key] = value
            elif kind in _TYPED:
                found[key] = self._typed(kind, value, key, line)
        return found

    def _date(self, value: str, key: str, line: int | None) -> datetime | None:
        at = self._times.parse(value)
        if at is None:
            raise LogFormatError(
                f"{self._name}, line {line}: expected a date such as 2024-05-31T09:30:00+08:00 in {key!r}, "
                f"but got {value!r}. Correct the value or remove it."
            )
        if is_null_date(at):
            self._null_dates += 1
            return None
        return EPOCH + timedelta(microseconds=at)

    def _typed(self, kind: str, value: str, key: str, line: int | None) -> Any:
        try:
            return _TYPED[kind](value.strip())
        except ValueError as exc:
            raise LogFormatError(
                f"{self._name}, line {line}: expected a value of type {kind} in {key!r}, but got {value!r}."
            ) from exc

    def _end_trace(self, element: etree._Element) -> None:
        self._traces += 1
        attributes = self._attributes(element)
        line = attributes.pop("")
        name = attributes.pop(self._keys.case, None)
        if name is None or name == "":
            self._unnamed += 1
            name = f"trace at line {line}" if line else f"trace {self._traces}"
        cases = self._events.cases
        self._shared += str(name) in cases
        case = cases.index_of(str(name))
        for key, value in attributes.items():
            if isinstance(value, datetime) and self._is_due(key):
                cases.due.setdefault(case, micros(value))
            cases.set_attribute(key, case, value)
        for event in self._pending:
            self._add(case, event)
        self._pending = []

    def _is_due(self, key: str) -> bool:
        return key == self._due_key if self._due_key else plain(key) in _DUE

    def _add(self, case: int, event: dict[str, Any]) -> None:
        keys = self._keys
        line = event.pop("")
        activity = event.get(keys.activity)
        if activity is None or activity == "":
            known = ", ".join(repr(key) for key in sorted(event)) or "none"
            raise LogFormatError(
                f"{self._name}, line {line}: expected the event's activity in the key {keys.activity!r}, "
                f"but its keys are: {known}. Name the right one with --activity KEY."
            )
        at = event.get(keys.timestamp)
        if at is not None and not isinstance(at, datetime):
            at = self._date(str(at), keys.timestamp, line)
        if at is None:
            self._timeless += 1
            return
        due = next((micros(v) for k, v in event.items() if isinstance(v, datetime) and self._is_due(k)), None)
        self._events.add(
            case,
            str(activity),
            micros(at),
            transition=str(event.get(keys.lifecycle) or "").lower(),
            instance=_text(event.get(keys.instance)),
            performer=_text(event.get(keys.resource)),
            group=_text(event.get(keys.group)) or _text(event.get("org:role")),
            department=_text(event.get(keys.department)),
            due=due,
        )

    def finish(self) -> EventTable:
        """The events, with notes on what was assumed or left out."""
        events = self._events
        for count, en, zh in (
            (
                self._times.naive,
                f"No time zone in {counted(self._times.naive, 'date')}: read as {self._times.zone_name}.",
                f"{self._times.naive:,} 个日期没有时区，按 {self._times.zone_name} 解释。",
            ),
            (
                self._null_dates,
                f"Read as empty: {counted(self._null_dates, 'date')} such as 1970-01-01.",
                f"{self._null_dates:,} 个日期（如 1970-01-01）表示“无”，按空值处理。",
            ),
            (
                self._timeless,
                f"Left out: {counted(self._timeless, 'event')} without a time.",
                f"{self._timeless:,} 个事件没有时间，未计入。",
            ),
            (
                self._unnamed,
                f"Named after their line: {counted(self._unnamed, 'trace')} without {self._keys.case!r}.",
                f"{self._unnamed:,} 个案件没有 {self._keys.case!r}，以所在行命名。",
            ),
            (
                self._shared,
                f"Read into an earlier case of the same name: {counted(self._shared, 'trace')}.",
                f"{self._shared:,} 个案件与之前的案件同名，合并为同一案件。",
            ),
            (
                self._stray,
                f"Left out: {counted(self._stray, 'event')} outside any trace.",
                f"{self._stray:,} 个事件不属于任何案件，未计入。",
            ),
        ):
            if count:
                events.note(en, zh)
        return events


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_TYPED: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "boolean": lambda text: text.lower() in _TRUE,
}

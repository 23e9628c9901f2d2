"""State of one file's reading: ids, definitions to refer to, and what was already read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.models.bpmn_xml import Element, attribute, is_bpmn, local, unprefixed
from engine.models.dialects import Extensions, Source, read_extensions
from engine.models.dialects.spiff import NAMESPACE as SPIFF
from engine.models.expressions import Expressions
from engine.models.findings import Report, Subject, describe
from engine.models.labels import Words

_REFERABLE: Final = frozenset({"message", "signal", "error", "escalation", "interface", "operation", "itemDefinition"})
_EVENT_DEFINITION: Final = "EventDefinition"


class Reading:
    """What the readers of nodes, flows and events share while one file is normalised."""

    def __init__(self, root: Element, report: Report) -> None:
        self.report = report
        self.expressions = Expressions(report)
        self.python_by_default = SPIFF in root.nsmap.values()
        self.seen: set[Element] = set()
        self._ids: set[str] = set()
        self._definitions: dict[tuple[str, str], Element] = {}
        self._event_definitions: dict[str, Element] = {}
        self._names: dict[str, str] = {}
        self._last_number: dict[str, int] = {}
        self._known_ids = {e.get("id") or "" for e in root.iter("{*}*")}
        for element in root.iter("{*}*"):
            self._index(element)

    def _index(self, element: Element) -> None:
        id_, tag = attribute(element, "id"), local(element)
        if not id_ or not is_bpmn(element):
            return
        if tag in _REFERABLE:
            self._definitions.setdefault((tag, id_), element)
        if tag.endswith(_EVENT_DEFINITION):
            self._event_definitions.setdefault(id_, element)
        if tag in ("dataObject", "dataObjectReference", "dataInput", "dataOutput", "property"):
            self._names.setdefault(id_, attribute(element, "name"))

    def definition(self, kind: str, ref: str) -> Element | None:
        """The message, signal, error or other root element a reference means; None if there is none."""
        found = self._definitions.get((kind, ref))
        return self._definitions.get((kind, unprefixed(ref))) if found is None else found

    def event_definition(self, ref: str) -> Element | None:
        """The reusable event definition of any kind with this id."""
        found = self._event_definitions.get(ref)
        return self._event_definitions.get(unprefixed(ref)) if found is None else found

    def data_name(self, ref: str) -> str:
        """The name of a data object or property; the reference itself where nothing has that id."""
        return self._names.get(unprefixed(ref)) or ref

    def take_id(self, element: Element, process: str) -> str:
        """The element's id, made unique: one is made up where it is missing or already taken."""
        id_, tag = attribute(element, "id"), local(element)
        if id_ and id_ not in self._ids:
            self._ids.add(id_)
            return id_
        fresh = self._fresh(id_ or tag)
        subject = describe(tag, fresh, element.get("name") or "", process=process)
        if id_:
            self.report.error(
                "duplicate-id",
                subject,
                Words(f"has the id '{id_}', which another element already has", f"的编号“{id_}”与另一个元素重复"),
                Words("Give it an id of its own.", "请使用唯一的编号。"),
            )
        else:
            self.report.note(
                "id-made-up",
                subject,
                Words("had no id in the file; this one was made up", "在文件中没有编号，已自动编号"),
                Words("Save the file with a modelling tool that writes ids.", "请用会写入编号的建模工具保存。"),
            )
        return fresh

    def _fresh(self, stem: str) -> str:
        number = self._last_number.get(stem, 1 if stem in self._known_ids else 0) + 1
        while f"{stem}_{number}" in self._ids or f"{stem}_{number}" in self._known_ids:
            number += 1
        self._last_number[stem] = number
        self._ids.add(f"{stem}_{number}")
        return f"{stem}_{number}"

    def source(self, element: Element, subject: Subject) -> Source:
        """The element with all that is needed to read it."""
        return Source(element=element, subject=subject, expressions=self.expressions, report=self.report)

    def extensions(self, element: Element, subject: Subject) -> Extensions:
        """The element's extensions; listeners and settings without a meaning here are reported."""
        source = self.source(element, subject)
        found = read_extensions(source)
        if found.listeners:
            self._report_listeners(found.listeners, subject)
        if found.ignored:
            listed = ", ".join(sorted(set(found.ignored)))
            self.report.warning(
                "extension-ignored",
                subject,
                Words(f"has settings that have no effect here: {listed}", f"有在此处不生效的设置：{listed}"),
                Words("Check that nothing depends on them.", "请确认没有任何环节依赖这些设置。"),
            )
        return found

    def _report_listeners(self, listeners: Iterable[str], subject: Subject) -> None:
        listed = ", ".join(listeners)
        self.report.warning(
            "listener-ignored",
            subject,
            Words(f"has listeners that will not run: {listed}", f"的监听器不会运行：{listed}"),
            Words("Make what they do a task of its own.", "请把监听器的工作改为单独的任务。"),
        )

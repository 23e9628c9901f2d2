"""What the dialects bring together: one record an element, filled from any vendor's extensions."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.models.bpmn_xml import Element
from engine.models.expressions import Expressions
from engine.models.findings import Report, Subject
from engine.models.labels import Words
from engine.models.model import ResultShape, Value, VariableMapping


@dataclass(frozen=True, kw_only=True)
class Source:
    """An element being read, with what is needed to read it and to complain about it."""

    element: Element
    subject: Subject
    expressions: Expressions
    report: Report

    def value(self, text: str, en: str, zh: str) -> Value | None:
        """A literal or FEEL; None if empty. `en` and `zh` say what the text is for."""
        return self.expressions.value(text, self.subject, Words(en, zh))

    def expression(self, text: str, en: str, zh: str) -> Value | None:
        """FEEL even where it is a bare name; None if empty."""
        return self.expressions.expression(text, self.subject, Words(en, zh))


@dataclass(kw_only=True)
class Extensions:
    """Extension attributes and elements of one BPMN element, vendor-neutral.

    Args:
        assignee, candidate_users, candidate_groups, excluded_users, due, follow_up, priority,
            form_key: see `UserTask`.
        form: a form-js schema as JSON text, for forms that are written inside the model.
        topic, retries, headers, job_priority: see `ServiceTask`.
        implementation: what the other engine would run here, such as 'Java class org.x.Y'.
        script, result_variable: a FEEL script and where its result goes.
        called, binding, propagate_all: see `Call`; None where nothing is said.
        decision, result_shape: id of a DMN decision, and what of its result is kept; see `Decision`.
        collection, element_variable, output_collection, output_element: see `Loop`.
        message: a message name for throw events and send tasks without a message element.
        correlation_key: of the message element, or of a throwing event.
        inputs, outputs: variable mappings.
        properties: name-value pairs, as written.
        listeners: what listens here, as text.
        ignored: extensions that mean nothing to us, by qualified name.
    """

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    excluded_users: Value | None = None
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    form_key: str = ""
    form: str = ""
    topic: Value | None = None
    retries: Value | None = None
    headers: dict[str, str] = field(default_factory=dict)
    job_priority: Value | None = None
    implementation: str = ""
    script: str = ""
    result_variable: str = ""
    called: Value | None = None
    binding: str = ""
    propagate_all: bool | None = None
    decision: Value | None = None
    result_shape: ResultShape = ""
    collection: Value | None = None
    element_variable: str = ""
    output_collection: str = ""
    output_element: Value | None = None
    message: Value | None = None
    correlation_key: Value | None = None
    inputs: list[VariableMapping] = field(default_factory=list)
    outputs: list[VariableMapping] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    listeners: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def map_in(self, source: Value | None, target: str, of: Source) -> None:
        """Add an input mapping, or complain that half of it is missing."""
        self._map(self.inputs, source, target, of, "input mapping", "输入映射")

    def map_out(self, source: Value | None, target: str, of: Source) -> None:
        """Add an output mapping, or complain that half of it is missing."""
        self._map(self.outputs, source, target, of, "output mapping", "输出映射")

    @staticmethod
    def _map(to: list[VariableMapping], source: Value | None, target: str, of: Source, en: str, zh: str) -> None:
        if source is not None and target:
            to.append(VariableMapping(source=source, target=target))
            return
        missing = Words("target", "目标变量") if source is not None else Words("source", "来源")
        shown = target or (source.source if source else "")
        of.report.error(
            "mapping-incomplete",
            of.subject,
            Words(
                f"has an {en} without {missing.en}: {shown or '(empty)'}",
                f"的{zh}缺少{missing.zh}:{shown or '(空)'}",
            ),
            Words("Give both a source and a target variable.", "请同时填写来源和目标变量。"),
        )

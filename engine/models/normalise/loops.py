"""Loop characteristics (BPMN 2.0, 13.3.6 and 13.3.7)."""

from __future__ import annotations

from engine.models.bpmn_xml import Element, attribute, first, flag, reference, text_of
from engine.models.dialects import Extensions, Source
from engine.models.labels import Words
from engine.models.model import Loop, Value
from engine.models.normalise.reading import Reading


def read_loop(element: Element, source: Source, reading: Reading) -> Loop | None:
    """The loop of an activity; None if it has none."""
    standard = first(element, "standardLoopCharacteristics")
    if standard is not None:
        return _standard(standard, source)
    multiple = first(element, "multiInstanceLoopCharacteristics")
    return None if multiple is None else _multiple(multiple, source, reading)


def _standard(element: Element, source: Source) -> Loop:
    condition = first(element, "loopCondition")
    return Loop(
        kind="standard",
        condition=_condition(condition, source),
        test_before=flag(element, "testBefore", default=False),
        maximum=source.value(attribute(element, "loopMaximum"), "loop maximum", "循环上限"),
    )


def _multiple(element: Element, source: Source, reading: Reading) -> Loop:
    extensions = reading.extensions(element, source.subject)
    _report_behaviour(element, source)
    completion = first(element, "completionCondition")
    cardinality = text_of(first(element, "loopCardinality"))
    return Loop(
        kind="sequential" if flag(element, "isSequential", default=False) else "parallel",
        cardinality=source.expression(cardinality, "loop cardinality", "循环次数"),
        collection=extensions.collection or _data(element, "loopDataInputRef", source, reading),
        element_variable=extensions.element_variable or _item(element, "inputDataItem"),
        output_collection=extensions.output_collection or _output(element, reading),
        output_element=extensions.output_element or _output_element(element, extensions),
        completion_condition=_condition(completion, source),
    )


def _condition(element: Element | None, source: Source) -> Value | None:
    language = attribute(element, "language")
    return source.expressions.condition(text_of(element), source.subject, language=language)


def _data(element: Element, name: str, source: Source, reading: Reading) -> Value | None:
    ref = reference(element, name)
    return source.expression(reading.data_name(ref), "loop collection", "循环集合") if ref else None


def _item(element: Element, name: str) -> str:
    item = first(element, name)
    return attribute(item, "name") or attribute(item, "id")


def _output(element: Element, reading: Reading) -> str:
    ref = reference(element, "loopDataOutputRef")
    return reading.data_name(ref) if ref else ""


def _output_element(element: Element, extensions: Extensions) -> Value | None:
    item = "" if extensions.output_collection else _item(element, "outputDataItem")
    return Value(text=item, is_feel=True, source=item) if item else None


def _report_behaviour(element: Element, source: Source) -> None:
    behaviour = attribute(element, "behavior") or "All"
    if behaviour == "All":
        return
    source.report.error(
        "multi-instance-behaviour",
        source.subject,
        Words(
            f"throws events while its instances complete (behavior='{behaviour}'), which is not supported",
            f"在各实例完成时抛出事件(behavior='{behaviour}')，不受支持",
        ),
        Words(
            "Set the behaviour to 'All', and throw events inside the activity.",
            "请将 behavior 设为 'All'，并在活动内部抛出事件。",
        ),
    )

"""Event definitions: what an event waits for or does (BPMN 2.0, 10.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.models.bpmn_xml import (
    Element,
    attribute,
    children,
    first,
    local,
    reference,
    text_of,
    unprefixed,
)
from engine.models.dialects import Extensions
from engine.models.findings import Subject, describe
from engine.models.labels import Words
from engine.models.model import Event, EventKind, Value
from engine.models.normalise.reading import Reading
from engine.models.timers import read_timer

_SUFFIX: Final = "EventDefinition"


def event_definitions(element: Element, subject: Subject, reading: Reading) -> list[Element]:
    """The event's definitions, written inside it or referred to; an unresolved reference is reported."""
    found = [child for child in children(element) if local(child).endswith(_SUFFIX)]
    for ref in (text_of(child) for child in children(element, "eventDefinitionRef")):
        definition = reading.event_definition(ref)
        if definition is None:
            _unresolved(reading, subject, Words("event definition", "事件定义"), ref)
        else:
            found.append(definition)
    return found


def read_event(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    """The event definition of a start, intermediate, boundary or end event."""
    definitions = event_definitions(element, subject, reading)
    if not definitions:
        if extensions.message is not None:
            return Event(kind=EventKind.MESSAGE, name=extensions.message, correlation_key=extensions.correlation_key)
        return Event()
    if len(definitions) > 1:
        return Event(kind=EventKind.MULTIPLE)
    definition = definitions[0]
    reader = _READERS.get(local(definition).removesuffix(_SUFFIX))
    return Event() if reader is None else reader(definition, subject, extensions, reading)


def read_message(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    """A message: of a message event definition, a receive task or a send task."""
    ref = reference(element, "messageRef") or _message_of_operation(element, reading)
    message = reading.definition("message", ref) if ref else None
    if ref and message is None:
        _unresolved(reading, subject, Words("message", "消息"), ref)
    name = extensions.message
    key = extensions.correlation_key
    if message is not None:
        source = reading.source(message, describe("message", attribute(message, "id"), attribute(message, "name")))
        name = name or source.value(attribute(message, "name"), "name", "名称")
        if name is None:
            _nameless(reading, subject, Words("message", "消息"), ref)
        key = key or reading.extensions(message, source.subject).correlation_key
    elif ref:
        name = name or Value(text=ref, source=ref)
    return Event(kind=EventKind.MESSAGE, name=name, correlation_key=key)


def _message_of_operation(element: Element, reading: Reading) -> str:
    ref = reference(element, "operationRef")
    operation = reading.definition("operation", ref) if ref else None
    return "" if operation is None else text_of(first(operation, "inMessageRef"))


def _signal(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    ref = reference(element, "signalRef")
    signal = reading.definition("signal", ref) if ref else None
    if ref and signal is None:
        _unresolved(reading, subject, Words("signal", "信号"), ref)
        return Event(kind=EventKind.SIGNAL, name=Value(text=ref, source=ref))
    name = reading.source(element, subject).value(attribute(signal, "name"), "signal name", "信号名称")
    if signal is not None and name is None:
        _nameless(reading, subject, Words("signal", "信号"), ref)
    return Event(kind=EventKind.SIGNAL, name=name)


def _error(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    code = _code(element, "error", "errorCode", Words("error", "错误"), subject, reading)
    return Event(kind=EventKind.ERROR, code=code)


def _escalation(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    code = _code(element, "escalation", "escalationCode", Words("escalation", "升级"), subject, reading)
    return Event(kind=EventKind.ESCALATION, code=code)


def _code(element: Element, kind: str, code_attribute: str, what: Words, subject: Subject, reading: Reading) -> str:
    """The code thrown or caught; '' without a reference, which catches every code."""
    ref = reference(element, f"{kind}Ref")
    if not ref:
        return ""
    definition = reading.definition(kind, ref)
    if definition is None:
        _unresolved(reading, subject, what, ref)
        return unprefixed(ref)
    code = attribute(definition, code_attribute)
    if code.startswith(("=", "${", "#{")):
        reading.report.error(
            "computed-code",
            subject,
            Words(
                f"uses an {what.en} whose code is an expression: {code}",
                f"引用的{what.zh}代码是表达式：{code}",
            ),
            Words("Give the code as plain text.", "请把代码写成普通文字。"),
        )
    # Without a code the element itself is what is thrown and caught.
    return code or attribute(definition, "name") or attribute(definition, "id")


def _timer(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    kind, value = read_timer(element, reading.source(element, subject))
    return Event(kind=EventKind.TIMER, timer_kind=kind, timer=value)


def _conditional(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    condition = first(element, "condition")
    language = attribute(condition, "language")
    value = reading.expressions.condition(text_of(condition), subject, language=language)
    return Event(kind=EventKind.CONDITIONAL, condition=value)


def _link(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    # A throw may name its target by reference; then the target's name holds, whatever the throw is called.
    ref = text_of(first(element, "target"))
    target = reading.event_definition(ref) if ref else None
    end = element if target is None else target
    name = attribute(end, "name") or (attribute(end, "id") if first(end, "source") is not None else "")
    return Event(kind=EventKind.LINK, name=Value(text=name, source=name) if name else None)


def _compensation(element: Element, subject: Subject, extensions: Extensions, reading: Reading) -> Event:
    activity = reference(element, "activityRef")
    return Event(kind=EventKind.COMPENSATION, name=Value(text=activity, source=activity) if activity else None)


def _plain(kind: EventKind) -> Callable[[Element, Subject, Extensions, Reading], Event]:
    return lambda element, subject, extensions, reading: Event(kind=kind)


def _nameless(reading: Reading, subject: Subject, what: Words, ref: str) -> None:
    reading.report.error(
        f"{what.en}-without-name",
        subject,
        Words(f"uses the {what.en} '{ref}', which has no name", f"使用的{what.zh}“{ref}”没有名称"),
        Words(f"Give the {what.en} a name; it is found by its name.", f"请为该{what.zh}命名：{what.zh}按名称匹配。"),
    )


def _unresolved(reading: Reading, subject: Subject, what: Words, ref: str) -> None:
    reading.report.error(
        "unresolved-reference",
        subject,
        Words(
            f"refers to the {what.en} '{ref}', which the file does not define",
            f"引用了文件中没有定义的{what.zh}“{ref}”",
        ),
        Words(
            f"Choose or create the {what.en} in the properties panel.",
            f"请在属性面板中选择或新建该{what.zh}。",
        ),
    )


_READERS: Final[dict[str, Callable[[Element, Subject, Extensions, Reading], Event]]] = {
    "message": read_message,
    "signal": _signal,
    "error": _error,
    "escalation": _escalation,
    "timer": _timer,
    "conditional": _conditional,
    "link": _link,
    "compensate": _compensation,
    "cancel": _plain(EventKind.CANCEL),
    "terminate": _plain(EventKind.TERMINATE),
}

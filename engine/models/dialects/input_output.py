"""Camunda 7's `inputOutput`: parameters written as text, lists, maps or scripts → FEEL mappings."""

from __future__ import annotations

from engine.models.bpmn_xml import Element, attribute, local, text_of
from engine.models.dialects.extensions import Extensions, Source
from engine.models.findings import shorten
from engine.models.juel import quote
from engine.models.labels import Words
from engine.models.model import Value


def read_input_output(element: Element, source: Source, to: Extensions) -> None:
    """Add the input and output parameters to `to`."""
    for parameter in element:
        name = attribute(parameter, "name")
        if local(parameter) == "inputParameter":
            to.map_in(_value(parameter, source), name, source)
        elif local(parameter) == "outputParameter":
            to.map_out(_value(parameter, source), name, source)


def _value(holder: Element, source: Source) -> Value | None:
    """What a parameter, list entry or map entry is worth. An empty one is the empty text in Camunda."""
    inner = next((child for child in holder if isinstance(child.tag, str)), None)
    if inner is None:
        return source.value(text_of(holder), "variable mapping", "变量映射") or Value(text="")
    kind = local(inner)
    if kind == "list":
        return _feel("[" + ", ".join(_source_of(entry, source) for entry in inner) + "]")
    if kind == "map":
        entries = (f"{quote(attribute(entry, 'key'))}: {_source_of(entry, source)}" for entry in inner)
        return _feel("{" + ", ".join(entries) + "}")
    if kind == "script":
        return _script(inner, source)
    source.report.error(
        "mapping-not-supported",
        source.subject,
        Words(f"has a variable mapping of kind <{kind}>", f"的变量映射类型 <{kind}> 不受支持"),
        Words("Use a FEEL expression instead.", "请改用 FEEL 表达式。"),
    )
    return Value(text="")


def _source_of(entry: Element, source: Source) -> str:
    """FEEL source for one entry of a list or map; both nest."""
    if local(entry) in ("list", "map", "script"):
        return _as_feel(_nested(entry, source))
    return _as_feel(_value(entry, source))


def _nested(entry: Element, source: Source) -> Value | None:
    if local(entry) == "script":
        return _script(entry, source)
    if local(entry) == "list":
        return _feel("[" + ", ".join(_source_of(child, source) for child in entry) + "]")
    pairs = (f"{quote(attribute(child, 'key'))}: {_source_of(child, source)}" for child in entry)
    return _feel("{" + ", ".join(pairs) + "}")


def _as_feel(value: Value | None) -> str:
    if value is None:
        return "null"
    return value.text if value.is_feel else quote(value.text)


def _feel(text: str) -> Value:
    return Value(text=text, is_feel=True, source=text)


def _script(element: Element, source: Source) -> Value:
    language, text = attribute(element, "scriptFormat"), text_of(element)
    if language.lower() in ("feel", "juel", "") and text:
        return source.expression(text, "variable mapping", "变量映射") or Value(text="")
    shown = shorten(text or attribute(element, "resource"))
    source.report.error(
        "mapping-in-script",
        source.subject,
        Words(
            f"computes a variable mapping by a script in {language or 'an unnamed language'}: `{shown}`",
            f"的变量映射使用了{language or '未注明语言的'}脚本：`{shown}`",
        ),
        Words("Write it in FEEL, starting with '='.", "请改用以“=”开头的 FEEL 表达式。"),
    )
    return Value(text="")

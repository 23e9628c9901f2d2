"""Compiling the expressions of a model, and saying what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Final

from engine.errors import ExpressionError
from engine.feel import compile_expression
from engine.models.model import Flow, Node, Process, Value, VariableMapping
from engine.spiff.expressions import Formula, Mapped

PLACES: Final = {
    "assignee": "受理人",
    "candidate groups": "候选组",
    "candidate users": "候选人",
    "cardinality": "实例数",
    "collection": "集合",
    "completion condition": "完成条件",
    "condition": "条件",
    "correlation key": "关联键",
    "decision": "决策",
    "due": "到期时间",
    "excluded users": "排除人员",
    "follow up": "跟进时间",
    "maximum": "最多轮数",
    "name": "名称",
    "output element": "输出元素",
    "priority": "优先级",
    "process": "被调用流程",
    "retries": "重试次数",
    "script": "脚本",
    "source": "变量映射",
    "timer": "时间",
    "topic": "主题",
}
"""Where an expression may stand, in English and Chinese."""


class Formulas:
    """Compiles the values of a model.

    Args:
        functions: names of the host's functions; names with spaces can be read only when known.
    """

    def __init__(self, functions: Collection[str] = ()) -> None:
        self._functions = tuple(sorted(functions))

    def compile(self, value: Value, place: str, element: str) -> Formula:
        """One value.

        Args:
            value: literal or FEEL.
            place: a key of `PLACES`.
            element: id of the element it belongs to.

        Raises:
            ExpressionError: it is not FEEL.
        """
        feel = compile_expression(value.text, functions=self._functions) if value.is_feel else None
        return Formula(text=value.text, place=f"{place} of {element}", feel=feel)

    def optional(self, value: Value | None, place: str, element: str) -> Formula | None:
        """One value that may be missing."""
        return None if value is None else self.compile(value, place, element)

    def mappings(self, mappings: Sequence[VariableMapping], element: str) -> tuple[Mapped, ...]:
        """Input or output mappings."""
        return tuple(Mapped(source=self.compile(m.source, "source", element), target=m.target) for m in mappings)


def all_values(process: Process) -> Iterator[tuple[Node | Flow, str, Value]]:
    """Every expression of a process: its element, its place, the value; found wherever the model may hold one."""
    for flow in process.flows.values():
        yield from ((flow, place, value) for place, value in _values(flow))
    for node in process.nodes.values():
        yield from ((node, place, value) for place, value in _values(node))
        if node.script is not None and node.script.language == "feel":
            yield node, "script", Value(text=node.script.text, is_feel=True)


def _values(thing: object) -> Iterator[tuple[str, Value]]:
    for item in fields(thing):  # type: ignore[arg-type]
        held = getattr(thing, item.name)
        for part in held if isinstance(held, tuple) else (held,):
            if isinstance(part, Value):
                yield item.name.replace("_", " "), part
            elif is_dataclass(part):
                yield from _values(part)


def expression_error(value: Value, functions: Collection[str]) -> ExpressionError | None:
    """What keeps a value from being compiled, if anything."""
    try:
        Formulas(functions).compile(value, "", "")
    except ExpressionError as error:
        return error
    return None

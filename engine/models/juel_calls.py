"""What JUEL calls, as FEEL: methods of texts, lists, maps, dates and JSON that have a counterpart.

A method is looked up by its name and how many arguments it is given; what has no entry is refused, as are all
methods of beans. Targets and arguments come as FEEL source; a target is an operand that needs no brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["HINTS", "call_function", "call_method", "item", "operand", "variable_name"]

_SIMPLE: Final = re.compile(r'[\w.]+|"(?:[^"\\]|\\.)*"')
_NUMBER: Final = re.compile(r"\d{1,9}")
_PLAIN_NAME: Final = re.compile("[A-Za-z_\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff]*")
_FEEL_WORDS: Final = frozenset(
    {
        "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance",
        "not", "null", "of", "or", "return", "satisfies", "some", "then", "true",
    }
)  # fmt: skip
_UNITS: Final = {
    "Years": "P1Y",
    "Months": "P1M",
    "Weeks": "P7D",
    "Days": "P1D",
    "Hours": "PT1H",
    "Minutes": "PT1M",
    "Seconds": "PT1S",
}
_SAME: Final = ("value", "stringValue", "numberValue", "boolValue", "elements", "unwrap", "toDate")
"""Methods that unwrap what here is plain data anyway: of Camunda Spin's JSON, and of a date."""

HINTS: Final = {
    "setVariable": (
        "set variables with an output mapping or a script task",
        "请用输出映射或脚本任务设置变量",
    ),
    "setVariableLocal": (
        "set variables with an input mapping or a script task",
        "请用输入映射或脚本任务设置变量",
    ),
    "format": (
        "put text together with string join(…)",
        "请用 string join(…) 拼接文字",
    ),
    "jsonPath": (
        "read JSON by a path of names, such as order.lines[1].price",
        "请用名称路径读取 JSON，例如 order.lines[1].price",
    ),
}
"""The way out, for methods people often meet: English and Chinese."""

_Method = Callable[..., str]

_METHODS: Final[dict[tuple[str, int], _Method]] = {
    ("equals", 1): lambda target, other: f"({target} = {operand(other)})",
    ("equalsIgnoreCase", 1): lambda target, other: f"(lower case({target}) = lower case({other}))",
    ("contains", 1): lambda target, part: (
        f"(if {target} instance of string then contains({target}, {part}) else list contains({target}, {part}))"
    ),
    ("startsWith", 1): lambda target, part: f"starts with({target}, {part})",
    ("endsWith", 1): lambda target, part: f"ends with({target}, {part})",
    ("matches", 1): lambda target, pattern: f'matches({target}, "^(?:" + {operand(pattern)} + ")$")',
    ("replace", 2): lambda target, old, new: f'replace({target}, {old}, {new}, "q")',
    ("replaceAll", 2): lambda target, pattern, new: f"replace({target}, {pattern}, {new})",
    ("split", 1): lambda target, delimiter: f"split({target}, {delimiter})",
    ("substring", 1): lambda target, start: f"substring({target}, {_plus_one(start)})",
    ("substring", 2): lambda target, start, end: (
        f"substring({target}, {_plus_one(start)}, {operand(end)} - {operand(start)})"
    ),
    ("toUpperCase", 0): lambda target: f"upper case({target})",
    ("toLowerCase", 0): lambda target: f"lower case({target})",
    ("trim", 0): lambda target: f"trim({target})",
    ("concat", 1): lambda target, more: f"({target} + {operand(more)})",
    ("toString", 0): lambda target: f"string({target})",
    ("length", 0): lambda target: f"string length({target})",
    ("size", 0): lambda target: f"count({target})",
    ("isEmpty", 0): lambda target: f'list contains(["", [], {{}}], {target})',
    ("isBlank", 0): lambda target: f"is blank({target})",
    ("get", 1): lambda target, key: item(target, key),
    ("containsKey", 1): lambda target, key: f"list contains(get entries({target}).key, {key})",
    ("hasProp", 1): lambda target, key: f"list contains(get entries({target}).key, {key})",
    ("prop", 1): lambda target, key: f"get value({target}, {key})",
    **{(name, 0): lambda target: target for name in _SAME},
}


def call_method(target: str, method: str, arguments: Sequence[str]) -> str | None:
    """FEEL for `target.method(arguments)`; None where there is no counterpart.

    Args:
        target: FEEL source; `execution` for the running instance, of which variables can be asked for.
        arguments: FEEL sources.
    """
    if target == "execution":
        return _of_execution(method, arguments)
    shift = re.fullmatch(r"(plus|minus)(Weeks|Years|Months|Days|Hours|Minutes|Seconds)", method)
    if shift is not None and len(arguments) == 1:
        return f"({target} {'+' if shift[1] == 'plus' else '-'} {_duration(arguments[0], shift[2])})"
    make = _METHODS.get((method, len(arguments)))
    return None if make is None else make(target, *arguments)


def call_function(name: str, arguments: Sequence[str]) -> str | None:
    """FEEL for a function that Camunda gives to expressions; None where there is no counterpart."""
    if name in ("now", "dateTime") and not arguments:
        return "now()"
    return arguments[0] if name in ("S", "JSON") and len(arguments) == 1 and _SIMPLE.fullmatch(arguments[0]) else None


def item(target: str, index: str) -> str:
    """FEEL for `target[index]`: lists count from 0 in JUEL and from 1 in FEEL, maps have keys."""
    if _NUMBER.fullmatch(index):
        return f"{target}[{int(index) + 1}]"
    if index.startswith('"') and _SIMPLE.fullmatch(index):
        return f"get value({target}, {index})"
    # Not a filter, inside which the entries of the items would hide variables of the same name.
    at = operand(index)
    return f"(if {at} instance of number then sublist({target}, {at} + 1, 1)[1] else get value({target}, {at}))"


def variable_name(name: str) -> str:
    """FEEL for a variable or an entry: in backticks where its letters or FEEL's words need them."""
    return name if _PLAIN_NAME.fullmatch(name) and name not in _FEEL_WORDS else f"`{name}`"


def operand(source: str) -> str:
    """FEEL source as part of a larger expression."""
    return source if _SIMPLE.fullmatch(source) else f"({source})"


def _plus_one(index: str) -> str:
    return str(int(index) + 1) if _NUMBER.fullmatch(index) else f"{operand(index)} + 1"


def _duration(amount: str, unit: str) -> str:
    one = _UNITS[unit]
    if _NUMBER.fullmatch(amount) and unit != "Weeks":
        return f'@"{one[:-2]}{amount}{one[-1]}"'
    return f'@"{one}" * {operand(amount)}'  # an amount may be negative, which a duration's text cannot hold inside


def _of_execution(method: str, arguments: Sequence[str]) -> str | None:
    name = re.fullmatch(r'"([^"\\`]+)"', arguments[0]) if len(arguments) == 1 else None
    if name is None:
        return None
    variable = variable_name(name[1])
    if method in ("getVariable", "getVariableLocal"):
        return variable
    return f"({variable} != null)" if method in ("hasVariable", "hasVariableLocal") else None

"""The plainest Python scripts, carried out in process: assignments and conditions over literals, names and arithmetic.

`checked = True`, `total = price * count`, `if amount > 100: level = "high"`. Most script tasks are no more than this,
and a sandbox in another process costs them a hundred times what they do.

What makes it safe: there is no loop, no call, no attribute and nothing that changes a value in place, so a script
takes at most as many steps as it has characters; each operation is carried out only on values of exactly the types
listed for it, numbers of at most 64 bits and texts of limited length; and lists and dictionaries hold only what is
neither, so nothing grows by being repeated; what is searched or ordered is short, and what leaves is counted as often
as it is written out. What makes it exact: whatever is not listed, goes beyond a limit or raises is left to the
sandbox, which runs the script from its beginning. A script has no side effects, so nobody can tell where it ran.
`docs/adr/0010-plain-scripts-run-in-process.md` weighs this.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, Final

Names = dict[str, Any]
Value = Callable[[Names], Any]
Step = Callable[[Names], None]

_LONGEST_TEXT: Final = 10_000
_LONGEST_LIST: Final = 1_000
"""Of those that are searched."""
_MOST: Final = 1_000_000
"""Characters and items that leave a script: a value that several names share leaves several times."""
_DEEPEST: Final = 20
_LARGEST: Final = 2**63
_EXACT: Final = 2**53
"""Up to here an integer is exactly a float, so that both can meet without rounding."""
_SCALARS: Final = frozenset({type(None), bool, int, float, str})
_HELD: Final = _SCALARS | {list, dict}
_NUMBERS: Final = frozenset({int, float})
_SIZED: Final = frozenset({str, list, dict})
_ITEMS: Final = frozenset({(list, int), (dict, str)})


class Elsewhere(Exception):
    """This script, or what it does with these values, is for the sandbox."""


def run_plain(source: str, variables: Mapping[str, object], wanted: Collection[str]) -> dict[str, Any] | None:
    """Run a script if it is plain.

    Args:
        source: Python.
        variables: those that the script names; they are not changed.
        wanted: names whose values are asked for.

    Returns:
        Those of the wanted names that the script knows at its end, as copies; None if it is for the sandbox.
    """
    steps = _compiled(source)
    if steps is None or any(name.startswith("_") for name in variables):
        return None
    names: Names = dict(variables)
    try:
        for step in steps:
            step(names)
        room = [_MOST]
        return {name: _copy(names[name], 0, room) for name in wanted if name in names}
    except (Elsewhere, LookupError, ArithmeticError, TypeError, ValueError):
        return None


@lru_cache(maxsize=1024)
def _compiled(source: str) -> tuple[Step, ...] | None:
    try:
        return _steps(ast.parse(source).body, 0)
    except (Elsewhere, SyntaxError, RecursionError, MemoryError, ValueError):
        return None


# statements -------------------------------------------------------------------------------------------------


def _steps(body: Sequence[ast.stmt], depth: int) -> tuple[Step, ...]:
    return tuple(_step(node, depth) for node in body)


def _step(node: ast.stmt, depth: int) -> Step:
    if depth > _DEEPEST:
        raise Elsewhere
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return _assignment(name, _value(value, depth))
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return _assignment(name, _arithmetic(op, _name(name), _value(value, depth)))
        case ast.If(test=test, body=body, orelse=orelse):
            return _condition(_value(test, depth), _steps(body, depth + 1), _steps(orelse, depth + 1))
        case ast.Pass():
            return lambda names: None
    raise Elsewhere


def _assignment(name: str, value: Value) -> Step:
    if name.startswith("__"):
        raise Elsewhere

    def assign(names: Names) -> None:
        names[name] = value(names)

    return assign


def _condition(test: Value, then: Sequence[Step], otherwise: Sequence[Step]) -> Step:
    def choose(names: Names) -> None:
        for step in then if test(names) else otherwise:
            step(names)

    return choose


# expressions ------------------------------------------------------------------------------------------------


def _value(node: ast.expr, depth: int) -> Value:
    if depth > _DEEPEST:
        raise Elsewhere
    deeper = depth + 1
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.Name(id=name):
            return _name(name)
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, _value(left, deeper), _value(right, deeper))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _value(operand, deeper)
            return lambda names: not inner(names)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, deeper)
            return lambda names: _number(-_typed(inner(names), _NUMBERS))
        case ast.BoolOp(op=op, values=values):
            return _logic(isinstance(op, ast.And), [_value(one, deeper) for one in values])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(op, _value(left, deeper), _value(right, deeper))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            asked, yes, no = (_value(one, deeper) for one in (test, body, orelse))
            return lambda names: yes(names) if asked(names) else no(names)
        case ast.List(elts=elts):
            items = [_value(one, deeper) for one in elts]
            return lambda names: [_typed(item(names), _SCALARS) for item in items]
        case ast.Dict(keys=keys, values=values):
            pairs = [(_key(key), _value(one, deeper)) for key, one in zip(keys, values, strict=True)]
            return lambda names: {key: _typed(one(names), _SCALARS) for key, one in pairs}
        case ast.Subscript(value=holder, slice=ast.Constant(value=key)):
            return _item(_value(holder, deeper), key)
    raise Elsewhere


def _constant(value: object) -> Value:
    if type(value) is str:
        value.encode()  # half a character is for the sandbox
        if len(value) > _LONGEST_TEXT:
            raise Elsewhere
    elif type(value) in _NUMBERS:
        _number(value)
    elif value is not None and type(value) is not bool:
        raise Elsewhere
    return lambda names: value


def _name(name: str) -> Value:
    if name.startswith("__"):
        raise Elsewhere
    return lambda names: _typed(names[name], _HELD)


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and type(node.value) is str:
        node.value.encode()  # half a character is for the sandbox
        return node.value
    raise Elsewhere


def _item(holder: Value, key: Any) -> Value:
    def get(names: Names) -> Any:
        held = holder(names)
        if (type(held), type(key)) not in _ITEMS:
            raise Elsewhere
        return _typed(held[key], _HELD)

    return get


def _logic(all_: bool, values: Sequence[Value]) -> Value:
    def decide(names: Names) -> Any:
        for value in values[:-1]:
            found = value(names)
            if bool(found) is not all_:
                return found
        return values[-1](names)

    return decide


_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_WHOLE: Final = (ast.FloorDiv, ast.Mod)


def _arithmetic(op: ast.operator, left: Value, right: Value) -> Value:
    apply, adds, whole = _ARITHMETIC.get(type(op)), isinstance(op, ast.Add), isinstance(op, _WHOLE)
    divides = isinstance(op, ast.Div)
    if apply is None:
        raise Elsewhere

    def compute(names: Names) -> Any:
        a, b = left(names), right(names)
        if adds and type(a) is str and type(b) is str:
            if len(a) + len(b) > _LONGEST_TEXT:
                raise Elsewhere
            return a + b
        if whole and not type(a) is type(b) is int:
            raise Elsewhere
        return _number(apply(*_pair(a, b, exact=divides)))

    return compute


_EQUAL: Final = (ast.Eq, ast.NotEq)
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def _comparison(op: ast.cmpop, left: Value, right: Value) -> Value:
    apply = _COMPARE[type(op)]

    def compare(names: Names) -> bool:
        a, b = left(names), right(names)
        if isinstance(op, ast.Is | ast.IsNot):
            fits = a is None or b is None
        elif isinstance(op, ast.In | ast.NotIn):
            fits = type(a) is str and type(b) in {str, list, dict} and _short(a) and _short(b)
        elif type(a) in _NUMBERS and type(b) in _NUMBERS:
            a, b = _pair(a, b)
            fits = True
        elif isinstance(op, _EQUAL):
            fits = type(a) is type(b) in _SCALARS or a is None or b is None
        else:
            fits = type(a) is type(b) is str and _short(a) and _short(b)
        if not fits:
            raise Elsewhere
        return apply(a, b)

    return compare


# values -----------------------------------------------------------------------------------------------------


def _typed(value: Any, types: frozenset[type]) -> Any:
    if type(value) not in types:
        raise Elsewhere
    return value


def _short(value: str | list[Any] | dict[str, Any]) -> bool:
    """Whether looking through it takes no time worth counting; a dictionary is not looked through."""
    if type(value) is dict:
        return True
    return len(value) <= (_LONGEST_TEXT if type(value) is str else _LONGEST_LIST)


def _number(value: Any) -> Any:
    """A number that any JSON reader understands: finite, at most 64 bits."""
    if type(value) is int and -_LARGEST <= value < _LARGEST:
        return value
    if type(value) is float and isfinite(value):
        return value
    raise Elsewhere


def _pair(a: Any, b: Any, *, exact: bool = False) -> tuple[Any, Any]:
    """Two numbers that meet without an integer being rounded to a float.

    Args:
        exact: they become floats even if both are integers.
    """
    kinds = {type(a), type(b)}
    if not kinds <= _NUMBERS:
        raise Elsewhere
    if (exact or len(kinds) == 2) and any(type(n) is int and abs(n) > _EXACT for n in (a, b)):
        raise Elsewhere
    return a, b


def _copy(value: Any, depth: int, room: list[int]) -> Any:
    """A value as it leaves the script; what is nested more than once comes from the variables given.

    Args:
        room: how many characters and items may still leave.
    """
    room[0] -= 1 + (len(value) if type(value) in _SIZED else 0)
    if depth > _DEEPEST or room[0] < 0:
        raise Elsewhere
    if type(value) is list:
        return [_copy(item, depth + 1, room) for item in value]
    if type(value) is dict:
        room[0] -= sum(map(len, value))
        return {key: _copy(item, depth + 1, room) for key, item in value.items()}
    return _typed(value, _SCALARS)

"""The public face: compile once, evaluate many times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeGuard, TypeVar

from engine.errors import BudgetExceeded
from engine.feel import ast
from engine.feel.budget import DEFAULT_BUDGET, Budget
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.compiler import Compiler
from engine.feel.errors import FeelError
from engine.feel.free_names import FreeNames, free_names
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.runtime import Frame, HostFunctions, Run
from engine.feel.unary import SUBJECT, compile_tests

__all__ = ["Expression", "UnaryTests", "check_size", "compile_expression", "compile_unary_tests"]

_Result = TypeVar("_Result")
_CHECK_CLOCK_EVERY = 1024
_CLOCK = frozenset({"now", "today"})
_Node = TypeVar("_Node", bound=ast.Node)


class _Compiled:
    """What expressions and unary tests have in common.

    Attributes:
        source: the FEEL text.
        names: variables the text reads and does not bind itself.
        filter_names: those of `names` that are read inside filters only, where they may be
            entries of the filtered items instead.
        functions: functions called that are neither built in nor bound in the text.
        reads_clock: whether it calls `now()` or `today()`.
    """

    def __init__(self, source: str, free: FreeNames) -> None:
        self.source = source
        self.names = frozenset(free.variables - {SUBJECT})
        self.filter_names = frozenset(free.in_filters - {SUBJECT})
        self.functions = frozenset(free.functions - BUILTIN_NAMES)
        self.reads_clock = not _CLOCK.isdisjoint(free.functions)

    def _run(self, run: Run, work: Callable[[], _Result]) -> _Result:
        try:
            value = work()
            check_size(value, run)
        except RecursionError:
            raise BudgetExceeded("Expected values and calls that nest less deeply; check that recursion ends") from None
        finally:
            run.end()
        return value


class Expression(_Compiled):
    """A compiled FEEL expression. Made by `compile_expression`; safe to share between threads."""

    def __init__(self, source: str, node: ast.Node) -> None:
        super().__init__(source, free_names(node))
        self.node = node
        self._code = Compiler().code(node)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(
        self,
        context: Mapping[str, object],
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
    ) -> object:
        """The expression's value.

        Args:
            context: variables as plain data (None, bool, int, float, Decimal, str, date, datetime,
                time, timedelta, lists and mappings of these) or FEEL values; read, never changed.
            budget: limits; None for the defaults of `Budget`.
            now: an aware datetime, what `now()` and `today()` tell; None for the machine's clock.
            functions: functions the expression may call besides the built-ins; they take and
                return FEEL values. Names may hold spaces.

        Returns:
            A FEEL value (see `engine.feel.values`); None where the standard says null.

        Raises:
            BudgetExceeded: steps, depth, size or time ran out.
            FeelError: the context holds something that is not data, or a host function failed.
        """
        run = Run(budget or DEFAULT_BUDGET, now, functions)
        return self._run(run, lambda: self._code(Frame(context, None, run)))

    def evaluate_with_warnings(
        self,
        context: Mapping[str, object],
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
    ) -> tuple[object, tuple[str, ...]]:
        """Like `evaluate`, with the reasons why values inside the expression became null."""
        run = Run(budget or DEFAULT_BUDGET, now, functions)
        value = self._run(run, lambda: self._code(Frame(context, None, run)))
        return value, tuple(run.warnings)


class UnaryTests(_Compiled):
    """A compiled decision table cell. Made by `compile_unary_tests`; safe to share between threads."""

    def __init__(self, source: str, node: ast.UnaryTests) -> None:
        super().__init__(source, free_names(node))
        self.node = node
        self._test = compile_tests(node, Compiler())

    def __repr__(self) -> str:
        return f"UnaryTests({self.source!r})"

    def matches(
        self,
        input_value: object,
        context: Mapping[str, object],
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
    ) -> bool | None:
        """Whether the value passes; None where it cannot be told. Arguments and errors as `evaluate`."""
        return self.matches_with_warnings(input_value, context, budget=budget, now=now, functions=functions)[0]

    def matches_with_warnings(
        self,
        input_value: object,
        context: Mapping[str, object],
        *,
        budget: Budget | None = None,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
    ) -> tuple[bool | None, tuple[str, ...]]:
        """Like `matches`, with the reasons why values inside the tests became null."""
        run = Run(budget or DEFAULT_BUDGET, now, functions)
        frame = Frame(context, None, run)
        result = self._run(run, lambda: self._test(frame, run.to_feel(input_value)))
        return result, tuple(run.warnings)


def compile_expression(source: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> Expression:
    """Compile FEEL text; the same text and names give the same object from a cache.

    Args:
        source: a FEEL expression.
        names: variables in scope. Names of words alone are understood without; names that hold
            operators or keywords (`a-b`, `profit and loss`) must be given or written in backticks.
        functions: names of host functions, needed if they hold operators or keywords.

    Raises:
        FeelError: the text is not FEEL; it tells the position.
    """
    return _expression(source, frozenset(names), frozenset(functions))


def compile_unary_tests(source: str, *, names: Collection[str] = (), functions: Collection[str] = ()) -> UnaryTests:
    """Compile a table cell (`> 5`, `[1..10)`, `"a", "b"`, `not(3)`, `-`); as `compile_expression`."""
    return _unary_tests(source, frozenset(names), frozenset(functions))


@lru_cache(maxsize=2048)
def _expression(source: str, names: frozenset[str], functions: frozenset[str]) -> Expression:
    return _shallow(source, lambda: Expression(source, parse_expression(source, names=names, functions=functions)))


@lru_cache(maxsize=4096)
def _unary_tests(source: str, names: frozenset[str], functions: frozenset[str]) -> UnaryTests:
    return _shallow(source, lambda: UnaryTests(source, parse_unary_tests(source, names=names, functions=functions)))


def _shallow(source: str, work: Callable[[], _Result]) -> _Result:
    try:
        return work()
    except RecursionError:
        raise FeelError("Expected an expression that nests less deeply", source=source, position=0) from None


def check_size(value: object, run: Run) -> None:
    """Charge the parts of a result that share structure as often as they will be written out.

    `[x, x]` nested sixty times is small in memory and 2**60 items long as JSON; a long text a million
    times over is one text in memory.
    """
    if not isinstance(value, list | dict):
        return
    sizes: dict[int, int] = {}
    stack: list[tuple[list[object] | dict[str, object], bool]] = [(value, False)]
    while stack:
        whole, parts_done = stack.pop()
        if id(whole) in sizes:
            continue
        if not parts_done:
            stack.append((whole, True))
            stack.extend((part, False) for part in _parts(whole) if _holds(part) and id(part) not in sizes)
            continue
        size = len(whole) if isinstance(whole, list) else sum(map(len, whole)) + len(whole)
        for part in _parts(whole):
            if isinstance(part, str):
                size += len(part)
            elif _holds(part):
                size += sizes[id(part)]
        run.check_size(size)
        sizes[id(whole)] = size
        if len(sizes) % _CHECK_CLOCK_EVERY == 0:
            run.seconds_left()


def _holds(part: object) -> TypeGuard[list[object] | dict[str, object]]:
    return isinstance(part, list | dict)


def _parts(whole: list[object] | dict[str, object]) -> Collection[object]:
    return whole if isinstance(whole, list) else whole.values()

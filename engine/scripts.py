"""Python script tasks, in a sandbox with hard time and memory limits (pydantic-monty in worker processes).

Scripts of nothing but assignments and conditions do without it: `engine.plain_python`.

A script sees the variables it names and no others; it has no files, no network, no host functions, and the clock it
is given. Variables it assigns (also inside `if`, `for`, `with`, `try`) are its result, and so are variables it was
given and changed in place. Names that begin with an underscore, loop variables, functions and classes stay inside.
Where a script calls a name, Python's built-in is meant: a process variable called `len` does no harm.
"""

from __future__ import annotations

import ast
import atexit
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from pydantic_monty import (
    CollectString,
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
)

from engine.errors import ScriptFailed
from engine.plain_python import run_plain

LONGEST_SCRIPT: Final = 20_000
"""Characters."""

_RECURSION: Final = 200
_DEEPEST: Final = 64
_GRACE: Final = 0.5
_WORKERS: Final = 4
_RESULT: Final = "__civiflow_result__"
_WRITTEN: Final = "__civiflow_written__"
_MOST: Final = 5_000_000
"""Characters of all that leaves a script: what several variables share is written out for each of them."""
_LARGEST: Final = 2**63


def check_python(source: str) -> None:
    """See whether a script can be read at all; nothing runs.

    Raises:
        ScriptFailed: it has a syntax error, which is named with its line, or is too long.
    """
    _read(source)


def run_python(
    source: str,
    variables: Mapping[str, object],
    *,
    seconds: float = 1.0,
    memory_mb: int = 64,
    now: datetime | None = None,
) -> dict[str, object]:
    """Run a script: the plainest here, all others in a worker process, which nobody can tell from the outcome.

    Args:
        source: Python, as far as Monty knows it.
        variables: plain data by name; only those that the script names are handed over, as copies.
        seconds: time limit; a worker that overruns it by half a second is killed.
        memory_mb: limit of the script's memory, MiB.
        now: what the script's clock says; None is the machine's.

    Returns:
        The variables it set, as plain JSON-like data.

    Raises:
        ScriptFailed: it raised, broke a limit, or set something that is no plain data; names line and reason.
    """
    script = _read(source)
    inputs = {name: variables[name] for name in script.reads if name in variables}
    plain = run_plain(source, inputs, script.sets)
    return _sandboxed(source, script, inputs, seconds, memory_mb, now) if plain is None else plain


def _sandboxed(
    source: str,
    script: _Script,
    inputs: dict[str, object],
    seconds: float,
    memory_mb: int,
    now: datetime | None,
) -> dict[str, object]:
    limits: Any = {
        "max_feed_duration_secs": seconds,
        "max_memory": memory_mb << 20,
        "max_recursion_depth": _RECURSION,
    }
    policy: Any = {"sleep": "zero", **({"datetime": now} if now else {})}
    try:
        with _pool().checkout(limits=limits, os_policy=policy, script_name="script") as session:
            names = sorted(script.sets | inputs.keys())
            result = session.feed_run(source + _epilogue(names), inputs=inputs, print_callback=CollectString())
    except MontyCrashedError as error:
        raise ScriptFailed(
            f"Expected the script to end within {seconds:g} s and {memory_mb} MiB but its process was stopped."
        ) from error
    except MontyRuntimeError as error:
        raise ScriptFailed(_raised(error)) from error
    except (MontyError, TimeoutError) as error:
        raise ScriptFailed(f"Expected a script that the sandbox can run, but: {error}") from error
    if result is None:
        raise ScriptFailed(f"Expected variables of at most {_MOST:,} characters together but the script sets more.")
    values = {name: _plain(name, value) for name, value in result.items()}
    return {name: value for name, value in values.items() if name in script.sets or value != inputs[name]}


# reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Script:
    reads: frozenset[str]
    sets: frozenset[str]


@lru_cache(maxsize=1024)
def _read(source: str) -> _Script:
    if len(source) > LONGEST_SCRIPT:
        raise ScriptFailed(f"Expected a script of at most {LONGEST_SCRIPT} characters but it has {len(source)}.")
    try:
        tree = ast.parse(source)
        called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        sets = {name for target in _targets(tree.body) for name in _roots(target)}
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise ScriptFailed(f"Expected a Python script but {where}{error.msg}.") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ScriptFailed("Expected a Python script but it is nested too deeply.") from error
    return _Script(
        reads=frozenset(n for n in names - called if not n.startswith("__")),
        sets=frozenset(n for n in sets if not n.startswith("_")),
    )


def _targets(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """What module-level code assigns; not what functions and classes assign inside."""
    todo: list[ast.AST] = [*body]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Lambda):
            yield from node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            yield node.target
        todo += ast.iter_child_nodes(node)


def _roots(target: ast.expr) -> Iterator[str]:
    """The variables an assignment changes: `a`, `b` of `a, b[0].c = …`."""
    todo = [target]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Tuple | ast.List):
            todo += node.elts
        elif isinstance(node, ast.Starred | ast.Subscript | ast.Attribute):
            todo.append(node.value)
        elif isinstance(node, ast.Name):
            yield node.id


def _epilogue(names: list[str]) -> str:
    """What collects the result, in the sandbox; None stands for one that is too large once it is written out.

    It calls nothing: a script may have given any built-in another meaning.
    """
    kept = "".join(
        f"try:\n    {_RESULT}[{name!r}] = {name}\n    {_WRITTEN} += f'{{{name}!r}}'\nexcept NameError:\n    pass\n"
        for name in names
    )
    return f"\n{_RESULT} = {{}}\n{_WRITTEN} = ''\n{kept}None if {_WRITTEN}[{_MOST}:] else {_RESULT}\n"


# results ----------------------------------------------------------------------------------------------------


def _plain(name: str, value: object, depth: int = 0) -> object:
    """A copy as JSON-like data."""
    if depth > _DEEPEST:
        raise ScriptFailed(f"Expected variable '{name}' to be nested at most {_DEEPEST} deep.")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if -_LARGEST <= value < _LARGEST:
            return value
        raise ScriptFailed(f"Expected variable '{name}' to fit into 64 bits but it is larger.")
    if isinstance(value, float | Decimal):
        if isfinite(value):
            return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else float(value)
        raise ScriptFailed(f"Expected variable '{name}' to be a finite number but it is {value}.")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(name, item, depth + 1) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, item, depth + 1) for key, item in value.items()}
    raise ScriptFailed(
        f"Expected variable '{name}' to be plain data (text, number, truth value, list, dictionary with text keys) but "
        f"it is a {type(value).__name__}. Give it a name that begins with an underscore to keep it inside the script."
    )


def _raised(error: MontyRuntimeError) -> str:
    inner = error.exception()
    if isinstance(inner, TimeoutError):
        return f"Expected the script to end in time, but: {inner}."
    frames = error.traceback()
    where = f"line {frames[0].line}: " if frames else ""
    return f"Expected the script to end without an error, but {where}{type(inner).__name__}: {inner}"


# workers ----------------------------------------------------------------------------------------------------


class _Workers:
    """The pool of this process: made when first needed, so that processes forked before then get their own.

    The library's threads do not survive a fork: a child of a process that has a pool would wait for ever, and is
    refused instead.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pool: Monty | None = None
        self.inherited: Monty | None = None

    def get(self) -> Monty:
        if self.inherited is not None:
            raise ScriptFailed(
                "Expected a process that was started before its parent ran a script, but this one was forked later. "
                "Start worker processes first, or by 'spawn'."
            )
        with self.lock:
            if self.pool is None:
                pool = Monty(
                    max_processes=_WORKERS,
                    checkout_timeout=30.0,
                    request_timeout=60.0,
                    max_checkouts_per_worker=1000,
                    feed_duration_limit_grace=_GRACE,
                )
                pool.__enter__()
                self.pool = pool
            return self.pool

    def forget(self) -> None:
        """In a forked child: the workers are the parent's; leave them alone."""
        self.lock = threading.Lock()
        self.inherited = self.inherited or self.pool
        self.pool = None

    def close(self) -> None:
        with self.lock:
            if self.pool is not None:
                self.pool.__exit__(None, None, None)
                self.pool = None


_workers: Final = _Workers()
_pool: Final = _workers.get
os.register_at_fork(after_in_child=_workers.forget)
atexit.register(_workers.close)

"""The decisions that came with a process: looked up by id over all files, evaluated, their results put in shape."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.decisions.model import DecisionModel
from engine.decisions.result import DecisionResult, brief
from engine.decisions.run import TableRecord
from engine.errors import InvalidInput, NotFound
from engine.feel.runtime import HostFunctions
from engine.findings import Finding
from engine.models.dmn import read_decision_file
from engine.models.findings import FILE, Report
from engine.models.labels import Words
from engine.models.model import ResultShape

__all__ = ["DecisionLibrary", "Taken", "is_decision_file", "shaped", "watched"]

ENDINGS = (".dmn", ".DMN")
_MOST_REASONS = 3
_MOST_WARNINGS = 100


def is_decision_file(path: str) -> bool:
    """Whether a file is taken for DMN, by its name."""
    return path.endswith(ENDINGS)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A decision that was evaluated for a case.

    Args:
        id, name: of the decision.
        path, digest: the file it stands in, and the SHA-256 of its bytes as hex.
        columns, gives_rows: see `DecisionModel`.
        result: value, trace and warnings.
    """

    id: str
    name: str
    path: str
    digest: str
    columns: tuple[str, ...]
    gives_rows: bool
    result: DecisionResult

    @property
    def failure(self) -> str:
        """Why there is no result, naming decisions and tables; '' if there is one.

        A null because no rule matches is a result; a null for any other reason is none.
        """
        result = self.result
        if result.feel is not None:
            return ""
        unmatched = sum(not record.hits for step in result.steps for record in step.tables)
        if not result.refusals and len(result.warnings) <= unmatched:
            return ""
        reasons = [
            f"decision «{step.name}»{_tables(step.tables)}: {warning}"
            for step in result.steps
            for warning in step.warnings
        ]
        return "; ".join((reasons or list(result.warnings))[:_MOST_REASONS])

    @property
    def record(self) -> dict[str, Any]:
        """Why it came out, as plain data for storing: inputs, outputs, trace, warnings, failure.

        Inputs are what the evaluation read: input data by name; where a model declares none, the columns
        of its tables by their expressions. Values of many parts are cut as in `DecisionResult.trace`.
        """
        result = self.result
        return {
            "inputs": _inputs(result.trace),
            "outputs": brief(result.feel),
            "trace": list(result.trace),
            "warnings": list(result.warnings[:_MOST_WARNINGS]),
            "failure": self.failure,
        }


_watcher: ContextVar[Callable[[Taken], None] | None] = ContextVar("civiflow_decisions_watched", default=None)


@contextmanager
def watched(watch: Callable[[Taken], None]) -> Iterator[None]:
    """Be told of every decision that libraries take inside, in this thread: for tests of tables."""
    token = _watcher.set(watch)
    try:
        yield
    finally:
        _watcher.reset(token)


class DecisionLibrary:
    """The DMN files among others. Safe to keep and to share between threads.

    Args:
        files: path → content; files of other kinds are passed over. Each is a model with the others to import.
        functions: names of host functions that expressions may call.
    """

    def __init__(self, files: Mapping[str, bytes], *, functions: Collection[str] = ()) -> None:
        self._contents = {path: content for path, content in sorted(files.items()) if is_decision_file(path)}
        self._functions = frozenset(functions)

    def __bool__(self) -> bool:
        return bool(self._contents)

    @cached_property
    def models(self) -> Mapping[str, DecisionModel]:
        """Path → model of each file that can be read."""
        read = {path: read_decision_file(content, filename=path) for path, content in self._contents.items()}
        readable = {path: file for path, file in read.items() if file.readable}
        return {
            path: DecisionModel(
                (file, *(other for other in readable.values() if other is not file)),
                digest=hashlib.sha256(self._contents[path]).hexdigest(),
                functions=self._functions,
            )
            for path, file in readable.items()
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of all files, and of them together."""
        found: list[Finding] = []
        for path, content in self._contents.items():
            if path not in self.models:
                found += read_decision_file(content, filename=path).findings
        for model in self.models.values():
            found += model.findings
        return (*dict.fromkeys(found), *self._doubles())

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """Id of a decision → the file it stands in."""
        return {key: path for path, model in self.models.items() for key in model.keys}

    @property
    def keys(self) -> tuple[str, ...]:
        """Ids of all decisions and services."""
        return tuple(key for model in self.models.values() for key in model.keys)

    def find(self, key: str) -> tuple[str, DecisionModel]:
        """The file and the model that hold a decision or service of this id.

        Raises:
            NotFound: none does.
        """
        path = self._paths.get(key)
        if path is None:
            there = ", ".join(self.keys[:20]) or "none"
            raise NotFound(f"Expected a decision '{key}' among the DMN files of the process, but there are: {there}.")
        return path, self.models[path]

    def decide(
        self,
        key: str,
        variables: Mapping[str, object],
        *,
        now: datetime | None = None,
        functions: HostFunctions | None = None,
        explains: bool = False,
    ) -> Taken:
        """Evaluate a decision.

        Args:
            key: its id.
            variables: plain data by name; a decision takes from it what it requires.
            now, functions: what expressions see of the host.
            explains: whether tables record why rules did not match.

        Raises:
            NotFound: there is no such decision.
            BudgetExceeded: it takes too long.
            FeelError: variables hold something that is not data, or a host function failed.
        """
        path, model = self.find(key)
        taken = Taken(
            id=key,
            name=model.keys[key],
            path=path,
            digest=model.digest,
            columns=model.columns(key),
            gives_rows=model.gives_rows(key),
            result=model.evaluate(key, variables, now=now, functions=functions, explains=explains),
        )
        watch = _watcher.get()
        if watch is not None:
            watch(taken)
        return taken

    def _doubles(self) -> list[Finding]:
        report = Report()
        for key, count in Counter(self.keys).items():
            if count > 1:
                there = [path for path, model in self.models.items() if key in model.keys]
                report.error(
                    "decision-twice",
                    FILE,
                    Words(
                        f"{there[0]} holds decision '{key}', and so does {', '.join(there[1:])}",
                        f"{there[0]} 与 {'、'.join(there[1:])} 都包含决策“{key}”",
                    ),
                    Words(
                        "Give each decision an id of its own, or leave one file out.",
                        "请使编号唯一，或去掉其中一个文件。",
                    ),
                )
        return [finding for finding, _ in report.found()]


def shaped(taken: Taken, shape: ResultShape) -> object:
    """What a business rule task keeps of a result, as plain data.

    Args:
        shape: see `engine.models.model.Decision`; Camunda 7's are those of its `mapDecisionResult`.

    Returns:
        The value; for 'columns' a dictionary by column.

    Raises:
        InvalidInput: there are more rows or columns than the shape holds.
    """
    value = taken.result.value
    if not shape:
        return value
    rows = _rows(taken, value)
    if shape == "resultList":
        return rows
    if shape == "columns":
        names = dict.fromkeys(name for row in rows for name in row) or dict.fromkeys(taken.columns)
        if taken.gives_rows:
            return {name: [row.get(name) for row in rows] for name in names}
        return {name: (rows[0].get(name) if rows else None) for name in names}
    if shape == "collectEntries":
        return [_entry(row, shape) for row in rows]
    if len(rows) > 1:
        raise InvalidInput(
            f"Expected at most one row for '{shape}', but {len(rows)} rules match. "
            "Choose 'resultList' or 'collectEntries', or another hit policy."
        )
    if not rows:
        return None
    return rows[0] if shape == "singleResult" else _entry(rows[0], shape)


def _rows(taken: Taken, value: object) -> list[dict[str, object]]:
    """The result as Camunda 7 has it: a list of rows, each its columns by name."""
    if value is None:
        return []
    items = value if taken.gives_rows and isinstance(value, list) else [value]
    return [item if isinstance(item, dict) and _is_row(taken, item) else {taken.columns[0]: item} for item in items]


def _is_row(taken: Taken, item: dict[str, object]) -> bool:
    """Whether a context is a row of columns, and not the value of the only column."""
    return len(taken.columns) > 1 or set(item) == set(taken.columns)


def _entry(row: dict[str, object], shape: str) -> object:
    if len(row) != 1:
        raise InvalidInput(
            f"Expected one column for '{shape}', but the row has {', '.join(row) or 'none'}. "
            "Choose 'singleResult' or 'resultList'."
        )
    return next(iter(row.values()))


def _inputs(trace: Sequence[dict[str, Any]]) -> dict[str, Any]:
    results = {step["name"] for step in trace}
    given = {name: value for step in trace for name, value in step["inputs"].items() if name not in results}
    columns = {column["expression"]: column for step in trace for table in step["tables"] for column in table["inputs"]}
    return given or {text: column["value"] for text, column in columns.items()}


def _tables(records: Iterable[TableRecord]) -> str:
    ids = dict.fromkeys(record.table.id for record in records if record.table.id)
    return f", table {', '.join(ids)}" if ids else ""

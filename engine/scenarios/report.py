"""What came out of an application's scenarios: for programs, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where a scenario went another way than written.

    Args:
        file, line: the line of the scenario file.
        what: the step or expectation, as in the file: 'complete accept', 'expect tasks'.
        expected, found: in words of the file.
    """

    file: str
    line: int
    what: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class ScenarioResult:
    """One scenario's outcome.

    Args:
        steps: how many steps it has; `done` of them went as written.
        failure: None if all did.
    """

    name: Mapping[str, str]
    file: str
    line: int
    steps: int
    done: int
    failure: Failure | None = None

    @property
    def passed(self) -> bool:
        """Whether everything went as written."""
        return self.failure is None


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A flow node or sequence flow that no scenario has reached."""

    id: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What of one process all scenarios together have reached.

    Args:
        nodes, flows: how many there are.
        missed_nodes, missed_flows: those that were never entered or taken, in document order.
    """

    process: str
    nodes: int
    flows: int
    missed_nodes: tuple[Missed, ...] = ()
    missed_flows: tuple[Missed, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missed_nodes and not self.missed_flows


@dataclass(frozen=True, kw_only=True)
class FiredRule:
    """A rule of a decision table, and how many times it fired in all scenarios."""

    number: int
    id: str
    times: int


@dataclass(frozen=True, kw_only=True)
class MissedRule:
    """A rule that never fired; `text` is the row on one line."""

    number: int
    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TableCoverage:
    """Which rules of one decision table all scenarios together have made fire.

    Args:
        file: path in the application.
        decision, decision_id: the decision or knowledge model that holds the table.
        table: the table's id, or ''.
        rules: how many there are.
        fired: all rules in order, with the times.
        missed: those that never fired.
    """

    file: str
    decision: str
    decision_id: str
    table: str
    rules: int
    fired: tuple[FiredRule, ...]
    missed: tuple[MissedRule, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every rule has fired."""
        return not self.missed


@dataclass(frozen=True, kw_only=True)
class TestReport:
    """All scenarios of an application.

    Args:
        application, version: as in its app.yaml.
        coverage, tables: of each process and of each decision table.
        seconds: wall time.
    """

    __test__ = False  # not a test case, whatever pytest thinks of its name

    application: str
    version: str
    scenarios: tuple[ScenarioResult, ...] = ()
    coverage: tuple[Coverage, ...] = field(default=())
    tables: tuple[TableCoverage, ...] = field(default=())
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether there are scenarios and all went as written; coverage is told, not judged."""
        return bool(self.scenarios) and all(each.passed for each in self.scenarios)

    def to_dict(self) -> dict[str, object]:
        """As JSON data."""
        return {
            "application": self.application,
            "version": self.version,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "scenarios": [_result(each) for each in self.scenarios],
            "coverage": [_coverage(each) for each in self.coverage],
            "tables": [_table(each) for each in self.tables],
        }

    def text(self, language: Language = "zh") -> str:
        """In words, one line a scenario, then what was not reached."""
        words = _WORDS[language]
        lines = [line for each in self.scenarios for line in _in_words(each, words, language)]
        failed = sum(not each.passed for each in self.scenarios)
        lines.append("")
        lines.append(words["sum"].format(all=len(self.scenarios), failed=failed, seconds=self.seconds))
        for each in self.coverage:
            lines += _coverage_in_words(each, words)
        for table in self.tables:
            lines += _table_in_words(table, words)
        return "\n".join(lines)


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "failed": "    {file}, line {line}, {what}: expected {expected} but found {found}",
        "sum": "{all} scenarios, {failed} failed, {seconds:.1f} s",
        "covered": "{process}: {nodes} of {all_nodes} nodes and {flows} of {all_flows} flows were reached",
        "node": "    node never reached: {name}",
        "flow": "    flow never taken: {name}",
        "fired": "{decision} ({file}): {fired} of {rules} rules fired",
        "rule": "    rule never fired: {number}: {text}",
        "steps": "{steps} steps",
    },
    "zh": {
        "failed": "    {file} 第 {line} 行，{what}：应为 {expected}，实际为 {found}",
        "sum": "共 {all} 个场景，{failed} 个未通过，用时 {seconds:.1f} 秒",
        "covered": "{process}：覆盖节点 {nodes}/{all_nodes}，覆盖流向 {flows}/{all_flows}",
        "node": "    未到达的节点：{name}",
        "flow": "    未经过的流向：{name}",
        "fired": "{decision}（{file}）：命中规则 {fired}/{rules}",
        "rule": "    从未命中的规则：第 {number} 条：{text}",
        "steps": "{steps} 步",
    },
}


def _in_words(result: ScenarioResult, words: Mapping[str, str], language: Language) -> list[str]:
    mark = "✓" if result.passed else "✗"
    name = result.name.get(language) or next(iter(result.name.values()), result.file)
    lines = [f"{mark} {name} ({words['steps'].format(steps=result.steps)})"]
    if result.failure is not None:
        lines.append(words["failed"].format(**vars(result.failure)))
    return lines


def _coverage_in_words(found: Coverage, words: Mapping[str, str]) -> list[str]:
    lines = [
        words["covered"].format(
            process=found.process,
            nodes=found.nodes - len(found.missed_nodes),
            all_nodes=found.nodes,
            flows=found.flows - len(found.missed_flows),
            all_flows=found.flows,
        )
    ]
    lines += [words["node"].format(name=_named(each)) for each in found.missed_nodes]
    lines += [words["flow"].format(name=_named(each)) for each in found.missed_flows]
    return lines


def _table_in_words(found: TableCoverage, words: Mapping[str, str]) -> list[str]:
    fired = found.rules - len(found.missed)
    line = words["fired"].format(decision=found.decision, file=found.file, fired=fired, rules=found.rules)
    return [line, *(words["rule"].format(number=each.number, text=each.text) for each in found.missed)]


def _named(missed: Missed) -> str:
    return f"{missed.name} ({missed.id})" if missed.name else missed.id


def _result(result: ScenarioResult) -> dict[str, object]:
    return {
        "name": dict(result.name),
        "file": result.file,
        "line": result.line,
        "steps": result.steps,
        "done": result.done,
        "passed": result.passed,
        "failure": None if result.failure is None else vars(result.failure),
    }


def _coverage(found: Coverage) -> dict[str, object]:
    return {
        "process": found.process,
        "nodes": found.nodes,
        "flows": found.flows,
        "missed_nodes": [vars(each) for each in found.missed_nodes],
        "missed_flows": [vars(each) for each in found.missed_flows],
        "complete": found.complete,
    }


def _table(found: TableCoverage) -> dict[str, object]:
    return {
        "file": found.file,
        "decision": found.decision,
        "decision_id": found.decision_id,
        "table": found.table,
        "rules": found.rules,
        "fired": [vars(each) for each in found.fired],
        "missed_rules": [vars(each) for each in found.missed],
        "complete": found.complete,
    }

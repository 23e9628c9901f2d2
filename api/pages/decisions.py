"""Why decisions came out as they did, in words: the rules that matched, with what they ask and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.pages.decision_words import DecisionWords
from api.pages.environment import path_part, query
from api.pages.facts import in_words
from api.pages.visit import Visit
from engine.decision_views import DecisionEvaluation
from engine.views import InstanceDetail

_MOST: Final = 20
_MOST_LINES: Final = 12
_TEXTS: Final = re.compile(r'"[^"\\]*"(?:\s*,\s*"[^"\\]*")*')
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?|true|false")
_COMPARES: Final = ("<", ">", "=", "!")


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One decision of a case in words.

    Args:
        name: of the decision.
        step: where in the process it was asked.
        outcome: the result.
        lines: one for each rule that matched, and for what was reckoned without a table.
        problem: why there was no result; '' if there was one.
        address: of the decision's page with the values of this case; '' for those who may not see it.
    """

    name: str
    step: str
    at: datetime
    outcome: str
    lines: Sequence[str]
    problem: str
    address: str


def of_case(visit: Visit, case: InstanceDetail) -> list[Explained]:
    """What was decided in a case, the newest first; asks for nothing where the case came by no such task."""
    if not any(activity.element_type == "businessRuleTask" for activity in case.activities):
        return []
    found = [each for each in visit.reader.evaluations(case.row.id, limit=_MOST).items if not each.is_erased]
    deployed = visit.reader.decisions_of(case.row.definition_id) if found else ()
    versions = {row.key: row.version for row in deployed}
    return [_explained(visit, case.row.definition_id, each, versions) for each in found]


def _explained(visit: Visit, definition_id: str, found: DecisionEvaluation, versions: Mapping[str, int]) -> Explained:
    version = versions.get(found.decision_id)
    asked: dict[str, object] = {"version": version, "case": found.instance_id, "evaluation": found.id}
    words = _Words(visit, definition_id)
    return Explained(
        name=words.said(found.decision_name),
        step=visit.element_name(definition_id, found.element_id, found.element_name),
        at=found.at,
        outcome=words.value(found.outputs),
        lines=list(words.lines(found.trace))[:_MOST_LINES],
        problem=found.failure,
        address=f"/decisions/{path_part(found.decision_id)}{query(asked)}" if version else "",
    )


class _Words:
    """A trace in the reader's language, with the words the process has for its values."""

    def __init__(self, visit: Visit, definition_id: str) -> None:
        self.visit = visit
        self.words = DecisionWords.of(visit, definition_id)

    def said(self, text: str) -> str:
        return self.words.said(text)

    def value(self, value: Any) -> str:
        return in_words(self.visit, self._named(value))

    def _named(self, value: Any) -> Any:
        """The value with the process's words for its texts and keys, however deep."""
        if isinstance(value, str):
            return self.said(value)
        if isinstance(value, list):
            return [self._named(item) for item in value]
        if isinstance(value, Mapping):
            return {name: self._named(item) for name, item in self.words.own(value)}
        return value

    def lines(self, trace: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for step in trace:
            for table in step["tables"]:
                yield from self.rules(table)
            if not step["tables"] and len(trace) > 1:
                yield f"{self.said(step['name'])} = {self.value(step['value'])}"

    def rules(self, table: Mapping[str, Any]) -> Iterator[str]:
        gettext = self.visit.gettext
        for rule in table["rules"]:
            outputs = rule["outputs"]
            outcome = self.value(next(iter(outputs.values())) if len(outputs) == 1 else outputs)
            line = gettext("Rule %(number)s: %(conditions)s → %(outcome)s") % {
                "number": rule["number"],
                "conditions": self.conditions(table, rule),
                "outcome": outcome,
            }
            yield f"{line} ({self.said(rule['description'])})" if rule["description"] else line
        if not table["rules"]:
            yield gettext("No rule matches → %(outcome)s") % {"outcome": self.value(table["value"])}

    def conditions(self, table: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
        columns = zip(table["inputs"], rule.get("conditions", ()), strict=False)
        asked = [self.condition(column["label"] or column["expression"], text) for column, text in columns]
        return self.visit.gettext(", ").join(filter(None, asked)) or self.visit.gettext("in any case")

    def condition(self, label: str, text: str) -> str:
        """A cell as people read it: '面积 > 50', '区域 = 城区'; '' for one that asks nothing."""
        label, text = self.said(label), text.strip()
        if text in ("", "-"):
            return ""
        if text.startswith(_COMPARES):
            return f"{label} {text}"
        if _TEXTS.fullmatch(text):
            return f"{label} = " + " / ".join(self.said(part) for part in re.findall(r'"([^"]*)"', text))
        return f"{label} = {text}" if _PLAIN.fullmatch(text) else f"{label}{self.visit.gettext(': ')}{text}"

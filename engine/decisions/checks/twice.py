"""Names that stand twice where each may stand once: entries of contexts, columns of relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.decisions.references import clean
from engine.decisions.space import Space
from engine.models.dmn.model import ContextExpression, Relation
from engine.models.dmn.subjects import of_element
from engine.models.dmn.walk import expressions_of
from engine.models.findings import Report, Subject, shorten
from engine.models.labels import Words

__all__ = ["check_twice", "in_text"]

_OTHER_NAME = Words("Give each its own name.", "请使名称各不相同。")


def check_twice(space: Space, report: Report) -> None:
    """Check the boxed contexts and relations of a compiled model."""
    for element in space.members.values():
        for boxed in expressions_of(element):
            if isinstance(boxed, ContextExpression):
                names = (entry.variable.name for entry in boxed.entries if entry.variable is not None)
                _report(_twice(names), of_element(element), Words("a context", "上下文"), report)
            elif isinstance(boxed, Relation):
                names = (column.name for column in boxed.columns)
                _report(_twice(names), of_element(element), Words("a relation", "关系表"), report)


def in_text(subject: Subject, text: str, keys: Iterable[str], report: Report) -> None:
    """Report keys that a context literal in a text has twice.

    Args:
        keys: those of `repeated_keys`.
    """
    where = f"`{shorten(text)}`"
    _report(keys, subject, Words(where, where), report)


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(map(clean, names)).items() if times > 1]


def _report(names: Iterable[str], subject: Subject, where: Words, report: Report) -> None:
    for name in names:
        report.error(
            "entry-twice",
            subject,
            Words(
                f"has «{shorten(name)}» twice in {where.en}, so its value is null",
                f"的{where.zh}中“{shorten(name)}”出现了两次，其值为 null",
            ),
            _OTHER_NAME,
        )

"""What changed between two versions of a decision, said of its rules rather than of its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from engine.models.dmn.model import Cell, Decision, DecisionService, DecisionTable, Element, Rule

__all__ = ["Change", "changes_between", "differ"]

What = Literal["added", "removed", "changed", "order", "columns", "policy", "logic", "description"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference.

    Args:
        what: rules 'added', 'removed', 'changed', or in another 'order'; the table's 'columns' or hit 'policy';
            'logic' of a decision that is no table, or of a service; 'description' for what people read only.
        old, new: the rule before and after, where it is about one.
        cells: of a changed rule: column (from 0, inputs first), its text before and after.
    """

    what: What
    old: Rule | None = None
    new: Rule | None = None
    cells: tuple[tuple[int, str, str], ...] = ()


def changes_between(old: Element, new: Element) -> tuple[Change, ...]:
    """The differences, those of the whole first; () if both decide alike and say the same."""
    before, after = _logic(old), _logic(new)
    found: list[Change] = []
    if isinstance(old, Decision) and isinstance(new, Decision):
        said = (old.name, old.question, old.description), (new.name, new.question, new.description)
        found += [Change(what="description")] if said[0] != said[1] else []
    if isinstance(before, DecisionTable) and isinstance(after, DecisionTable):
        return (*found, *_of_tables(before, after))
    if _meaning(before) != _meaning(after):
        found.append(Change(what="logic"))
    return tuple(found)


def differ(old: Element | None, new: Element) -> bool:
    """Whether an element that others rest on has come to mean something else, or is new."""
    return old is None or _meaning(old) != _meaning(new)


def _logic(element: Element) -> object:
    if isinstance(element, DecisionService):
        return element.outputs, element.encapsulated, element.input_decisions, element.input_data
    return element.logic if isinstance(element, Decision) else None


def _meaning(value: Any) -> Any:
    """A boxed expression without the ids that modelers give anew."""
    if isinstance(value, tuple):
        return tuple(map(_meaning, value))
    if is_dataclass(value) and not isinstance(value, type):
        parts = tuple(_meaning(getattr(value, one.name)) for one in fields(value) if one.name != "id")
        return type(value).__name__, parts
    return value


def _of_tables(old: DecisionTable, new: DecisionTable) -> list[Change]:
    found: list[Change] = []
    if (old.hit_policy, old.aggregation) != (new.hit_policy, new.aggregation):
        found.append(Change(what="policy"))
    same_columns = _meaning((old.inputs, old.outputs)) == _meaning((new.inputs, new.outputs))
    if not same_columns:
        found.append(Change(what="columns"))
    if (len(old.inputs), len(old.outputs)) != (len(new.inputs), len(new.outputs)):
        return found  # rules of another width have nothing to be held against
    pairs = _paired(old.rules, new.rules)
    found += [
        Change(what="changed", old=a, new=b, cells=_cells(a, b)) for a, b in pairs if a and b and _row(a) != _row(b)
    ]
    found += [Change(what="added", new=b) for a, b in pairs if a is None]
    found += [Change(what="removed", old=a) for a, b in pairs if b is None]
    kept = [a.number for a, b in pairs if a and b]
    if kept != sorted(kept):
        found.append(Change(what="order"))
    return found


def _paired(old: Sequence[Rule], new: Sequence[Rule]) -> list[tuple[Rule | None, Rule | None]]:
    """Rules that are the same one, in the order of the new table; then those that are gone.

    By their ids; where a modeler gave none, or new ones, by what they say, and what stands between two rules that
    say the same is held against what stood there.
    """
    by_id = {rule.id: rule for rule in old if rule.id}
    ids = [rule.id for rule in new if rule.id in by_id]
    if len(by_id) == len(old) and len(ids) == len(set(ids)) and 2 * len(ids) >= min(len(old), len(new)):
        pairs: list[tuple[Rule | None, Rule | None]] = [(by_id.get(rule.id), rule) for rule in new]
        gone = set(by_id) - set(ids)
        return pairs + [(rule, None) for rule in old if rule.id in gone]
    pairs, lost = [], []
    matcher = SequenceMatcher(None, [_row(rule) for rule in old], [_row(rule) for rule in new], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        both = min(b - a, d - c)
        pairs += list(zip(old[a : a + both], new[c : c + both], strict=True))
        pairs += [(None, rule) for rule in new[c + both : d]]
        lost += [(rule, None) for rule in old[a + both : b]]
    return [*pairs, *lost]


def _row(rule: Rule) -> tuple[str, ...]:
    return (*map(_text, (*rule.inputs, *rule.outputs)), rule.description)


def _cells(old: Rule, new: Rule) -> tuple[tuple[int, str, str], ...]:
    both = zip((*old.inputs, *old.outputs), (*new.inputs, *new.outputs), strict=True)
    return tuple((at, _text(a), _text(b)) for at, (a, b) in enumerate(both) if _text(a) != _text(b))


def _text(cell: Cell) -> str:
    return " ".join(cell.text.split())

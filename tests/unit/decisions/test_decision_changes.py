"""What changed between two versions of a decision is told by its rules."""

from __future__ import annotations

from engine.decisions.changes import Change, changes_between, differ
from tests.builders_dmn import context, decision, input_data, literal, load, service, table


def changes(old: str, new: str) -> list[tuple[object, ...]]:
    before, after = (load(input_data("n", "number"), one).element("d") for one in (old, new))
    return [_brief(one) for one in changes_between(before, after)]


def _brief(one: Change) -> tuple[object, ...]:
    return (
        one.what,
        one.old.number if one.old else None,
        one.new.number if one.new else None,
        one.cells,
    )


def rules(*lines: str, policy: str = "FIRST", outputs: tuple[str, ...] = ("out",), ids: str = "") -> str:
    made = decision("d", table(["n"], outputs, *lines, policy=policy), inputs=["n"])
    for number, id_ in enumerate(ids.split(), 1):
        made = made.replace(f'<rule id="r{number}">', f'<rule id="{id_}">')
    return made


def test_nothing_changed_though_ids_did() -> None:
    assert changes(rules("> 1 | 1", "- | 2"), rules("> 1 | 1", "- | 2", ids="x y")) == []


def test_rules_are_told_apart_by_their_ids() -> None:
    old = rules("> 9 | 1", "> 5 | 2", "- | 3", ids="a b c")
    new = rules("> 9 | 1", "> 6 | 2", "- | 4", "< 0 | 5", ids="a b d e")

    assert changes(old, new) == [
        ("changed", 2, 2, ((0, "> 5", "> 6"),)),
        ("added", None, 3, ()),
        ("added", None, 4, ()),
        ("removed", 3, None, ()),
    ]


def test_without_ids_by_what_they_say() -> None:
    old = rules("> 9 | 1", "> 5 | 2", "- | 3", ids="a b c")
    new = rules("> 9 | 1", "> 7 | 9", "> 5 | 2", "- | 4", ids="w x y z")

    assert changes(old, new) == [("changed", 3, 4, ((1, "3", "4"),)), ("added", None, 2, ())]


def test_order_policy_and_columns_are_told() -> None:
    old = rules("> 9 | 1", "> 5 | 2", ids="a b")

    assert changes(old, rules("> 5 | 2", "> 9 | 1", ids="b a")) == [("order", None, None, ())]
    assert changes(old, rules("> 9 | 1", "> 5 | 2", policy="COLLECT", ids="a b"))[0][0] == "policy"
    assert [one[0] for one in changes(old, rules("> 9 | 1 | 1", outputs=("out", "more")))] == ["columns"]


def test_other_expressions_and_what_people_read() -> None:
    assert changes(decision("d", literal("n"), inputs=["n"]), decision("d", literal("n + 1"), inputs=["n"])) == [
        ("logic", None, None, ())
    ]
    assert changes(decision("d", literal("n")), decision("d", context(("a", literal("n")))))[0][0] == "logic"
    said = decision("d", literal("n")).replace("<variable", "<question>why?</question><variable")
    assert changes(decision("d", literal("n")), said) == [("description", None, None, ())]


def test_what_others_rest_on_differs_by_its_meaning() -> None:
    old, same, other = (
        load(*(input_data("n", kind), decision("d", literal("n"), inputs=["n"]))).own("_n")
        for kind in ("number", "number", "string")
    )

    assert same is not None and other is not None
    assert not differ(old, same)
    assert differ(old, other) and differ(None, same)


def test_a_service_changes_with_what_it_gives() -> None:
    both = decision("two", literal("2")) + decision("seven", literal("7"))
    old, same, other = (load(both, service("d", outputs=[name])).element("d") for name in ("two", "two", "seven"))

    assert changes_between(old, same) == ()
    assert [one.what for one in changes_between(old, other)] == ["logic"]

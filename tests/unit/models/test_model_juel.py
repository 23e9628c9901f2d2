"""Camunda's ${…} becomes FEEL, or is refused with the reason."""

from __future__ import annotations

import pytest

from engine.feel import compile_expression, from_feel
from engine.models.juel import NotTranslatable, translate

CONTEXT = {
    "amount": 12,
    "name": "李雷",
    "approved": True,
    "nothing": None,
    "empty": "",
    "items": ["a", "b"],
    "order": {"lines": [{"price": 3}], "odd key": 7, "status": "open"},
    "金额": 200,
}


@pytest.mark.parametrize(
    ("juel", "value"),
    [
        ("${amount}", 12),
        ("#{amount > 10}", True),
        ("${!approved}", False),
        ("${not approved}", False),
        ("${!(amount == 12)}", False),
        ("${amount == 12 && approved}", True),
        ("${amount ne 12 or approved}", True),
        ("${amount ge 12 and amount le 12}", True),
        ("${amount lt 3 || amount gt 3}", True),
        ("${order.status == 'open'}", True),
        ('${order.status != "open"}', False),
        ("${order['odd key']}", 7),
        ("${order.lines[0].price}", 3),
        ("${items[1]}", "b"),
        ("${empty nothing}", True),
        ("${empty amount}", False),
        ("${not empty items}", True),
        ("${nothing == null}", True),
        ("${amount + 3 * 2 - 8 / 4}", 16),
        ("${amount % 5}", 2),
        ("${amount mod 5 + 1}", 3),
        ("${-amount}", -12),
        ("${- -amount}", 12),
        ("${amount > 10 ? 'big' : 'small'}", "big"),
        ("${amount > 100 ? 'a' : amount > 10 ? 'b' : 'c'}", "b"),
        ("${(amount > 10) == approved}", True),
        ("Case ${amount}: ${name}!", "Case 12: 李雷!"),
        ("${nothing}x", "x"),
        ("${'it\\'s }'}", "it's }"),
        ("${name.equals('李雷')}", True),
        ("${!name.equals('李雷')}", False),
        ("${execution.getVariable('amount') == 12}", True),
        ("${金额 > 100}", True),
        ("${true}", True),
        ("${1.5}", 1.5),
        ("${ 'a \"b\" \\\\ c' }", 'a "b" \\ c'),
    ],
)
def test_expressions_keep_their_meaning(juel: str, value: object) -> None:
    feel = translate(juel)

    result = from_feel(compile_expression(feel).evaluate(CONTEXT))

    assert result == value


@pytest.mark.parametrize(
    ("juel", "reason"),
    [
        ("${bean.invoke()}", "bean.invoke(…)"),
        ("${order.lines.size() > 3}", "order.lines.size(…)"),
        ("${now()}", "now(…)"),
        ("${date:format(x)}", ":"),
        ("${items[i]}", "index"),
        ("${amount > }", "not complete"),
        ("${amount 3}", "'3' is not expected"),
        ("${", "'}'"),
        ("${}", "not complete"),
        ("${a ? b}", "expected ':'"),
        ("${a = b}", "'= b' is not understood"),
        ("${a; b}", "'; b' is not understood"),
        ("${for}", "'for' cannot be a name"),
        ("${" + "(" * 200 + "a" + ")" * 200 + "}", "levels deep"),
        ("${" + "!" * 200 + "a}", "signs in a row"),
        ("${a" + " + a" * 3000 + "}", "longer than"),
        ("${'" + "\\'" * 1_000_000, "longer than"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_the_reason(juel: str, reason: str) -> None:
    with pytest.raises(NotTranslatable) as refused:
        translate(juel)

    assert reason in refused.value.why.en
    assert refused.value.why.zh

"""Camunda's ${…} becomes FEEL, or is refused with the reason."""

from __future__ import annotations

import html
import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import compile_expression, from_feel
from engine.models.juel import NotTranslatable, translate
from tests.shared_data import shared

CONTEXT = {
    "amount": 12,
    "name": "李雷",
    "approved": True,
    "nothing": None,
    "empty": "",
    "items": ["a", "b"],
    "order": {"lines": [{"price": 3}], "odd key": 7, "status": "open"},
    "金额": 200,
    "odd name": 8,
    "status": "open",
    "for": {"return": 5},
    "a$b": 6,
    "élan": 7,
    "keyed": {"open": "kept"},
    "nobody": {},
    "at": 1,
    "lines": [{"at": 0}, {"at": "second"}],
}
NOW = datetime.fromisoformat("2026-11-21T10:30:00+08:00")


@pytest.mark.parametrize(
    ("juel", "value"),
    [
        ("${amount}", 12),
        ("#{amount > 10}", True),
        ("${!approved}", False),
        ("${for.return + a$b + élan}", 18),
        ("${for.get('return')}", 5),
        ("${for['return'] > 4 ? for.return : 0}", 5),
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
        ("${execution.getVariable('odd name') + 1}", 9),
        ("${execution.getVariableLocal('amount')}", 12),
        ("${execution.hasVariable('amount') && !execution.hasVariable('nothing')}", True),
        ("${items[amount - 11]}", "b"),
        ("${items[amount]}", None),
        ("${order['od' == 'od' ? 'odd key' : 'x']}", 7),
        ("${keyed[status]}", "kept"),
        ("${lines[at].at}", "second"),
        ("${items.get(0)}", "a"),
        ("${order.get('odd key')}", 7),
        ("${items.size() == 2}", True),
        ("${items.isEmpty()}", False),
        ("${empty order}", False),
        ("${empty nobody}", True),
        ("${items.contains('b')}", True),
        ("${name.contains('雷')}", True),
        ("${order.containsKey('status')}", True),
        ("${order.containsKey('nothing')}", False),
        ("${order.status.length()}", 4),
        ("${order.status.toUpperCase()}", "OPEN"),
        ("${'ABC'.toLowerCase()}", "abc"),
        ("${order.status.startsWith('op') and order.status.endsWith('en')}", True),
        ("${order.status.substring(1)}", "pen"),
        ("${order.status.substring(1, 3)}", "pe"),
        ("${order.status.substring(amount - 11, amount - 9)}", "pe"),
        ("${order.status.equalsIgnoreCase('OPEN')}", True),
        ("${order.status.matches('o.*')}", True),
        ("${order.status.matches('pe')}", False),
        ("${order.status.replace('p', '.')}", "o.en"),
        ("${'a.b'.replace('.', '-')}", "a-b"),
        ("${order.status.replaceAll('[aeiou]', '_')}", "_p_n"),
        ("${'a,b'.split(',')[1]}", "b"),
        ("${order.status.concat('!')}", "open!"),
        ("${' a '.trim()}", "a"),
        ("${amount.toString()}", "12"),
        ("${amount.equals(10 + 2)}", True),
        ("${approved.equals(amount > 100 || approved)}", True),
        ("${S(order).prop('lines').elements()[0].prop('price').numberValue() < 4}", True),
        ("${order.hasProp('status')}", True),
        ("${dateTime().plusDays(3).toDate()}", "2026-11-24T10:30:00+08:00"),
        ("${now().plusWeeks(2).minusHours(1)}", "2026-12-05T09:30:00+08:00"),
        ("${now().plusDays(-1)}", "2026-11-20T10:30:00+08:00"),
        ("${now().plusWeeks(amount - 13)}", "2026-11-14T10:30:00+08:00"),
        ("${now().minusMonths(10 - amount)}", "2027-01-21T10:30:00+08:00"),
        ("${now().plusMonths(amount)}", "2027-11-21T10:30:00+08:00"),
        ("${1.5e3}", 1500),
        ("${金额 > 100}", True),
        ("${true}", True),
        ("${1.5}", 1.5),
        ("${ 'a \"b\" \\\\ c' }", 'a "b" \\ c'),
    ],
)
def test_expressions_keep_their_meaning(juel: str, value: object) -> None:
    feel = translate(juel)

    result = from_feel(compile_expression(feel).evaluate(CONTEXT, now=NOW))

    assert result == value


@pytest.mark.parametrize(
    ("juel", "reason"),
    [
        ("${bean.invoke()}", "bean.invoke(…)"),
        ("${order.getStatus()}", "order.getStatus(…)"),
        ("${name.substring(1, 2, 3)}", "name.substring(…)"),
        ("${name.indexOf('雷') > 0}", "name.indexOf(…)"),
        ("${format(name)}", "format(…)"),
        ("${execution.setVariable('a', 1)}", "output mapping or a script task"),
        ("${execution.processBusinessKey}", "execution.processBusinessKey"),
        ("${execution.id == 'x'}", "only the engine it was written for"),
        ("${execution['a']}", "only the engine it was written for"),
        ("${execution}", "'execution'"),
        ("${bean.run(execution)}", "'execution'"),
        ("${S(order).jsonPath('$.a')}", "path of names"),
        ("${execution.getVariable(name)}", "execution.getVariable(…)"),
        ("${execution.getVariable('a`b')}", "execution.getVariable(…)"),
        ("${amount.plusDays(1, 2)}", "amount.plusDays(…)"),
        ("${date:format(x)}", ":"),
        ("${items[", "'}'"),
        ("${items[}", "not complete"),
        ("${items[1}", "expected ']'"),
        ("${items.get(1}", "expected ','"),
        ("${amount > }", "not complete"),
        ("${amount 3}", "'3' is not expected"),
        ("${", "'}'"),
        ("${}", "not complete"),
        ("${a ? b}", "expected ':'"),
        ("${a = b}", "'= b' is not understood"),
        ("${a; b}", "'; b' is not understood"),
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


def test_what_foreign_models_write_becomes_feel_or_is_refused_with_the_call_it_makes() -> None:
    models = (path for path in shared("corpora").rglob("*") if path.suffix in (".bpmn", ".dmn", ".xml"))
    texts = [path.read_text("utf-8", errors="replace") for path in models]
    written = sorted({html.unescape(found) for text in texts for found in re.findall(r"[$#]\{[^}]*\}", text)})

    refused = {juel: why for juel in written if (why := reason_against(juel))}

    assert len(written) > 100
    assert len(refused) < len(written) / 4
    assert all("it calls the" in why or "it reads 'execution" in why for why in refused.values()), refused


def reason_against(juel: str) -> str:
    """Why the text is not translated; '' if it is, and FEEL reads the result."""
    try:
        compile_expression(translate(juel))
    except NotTranslatable as problem:
        return problem.why.en
    return ""


PIECES = st.sampled_from(
    [
        *["${", "#{", "}", "(", ")", "[", "]", ".", ",", " ", "?", ":", "!", "-", "+", "*", "/", "%", "=="],
        *["!=", "<", ">=", "&&", "||", " and ", " or ", " not ", " eq ", " lt ", " div ", " mod ", "empty ", " if "],
        *["a", "a b", "金额", "execution", "task", "return", "'x'", '"y"', "1", "2.5", "1e3", "null", "\\", "'"],
        *[".size()", ".get(0)", ".prop('k')", ".plusDays(2)", "S(a)", "getVariable('a')", ".format(", "`", "{", "\n"],
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=16).map("".join),
    st.lists(PIECES, max_size=16).map(lambda pieces: "${" + "".join(pieces) + "}"),
    st.text(max_size=30).map(lambda text: "${" + text + "}"),
)


@settings(max_examples=600, deadline=None)
@given(TEXTS)
def test_any_text_is_translated_into_feel_or_refused(text: str) -> None:
    try:
        source = translate(text)
    except NotTranslatable as refused:
        assert refused.why.zh and str(refused)
        return

    expression = compile_expression(source)

    expression.evaluate({"a": [1, {"k": "x"}], "a b": "s", "金额": 3})

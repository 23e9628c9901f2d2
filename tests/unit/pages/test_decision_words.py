"""Values, cells and reasons of decisions in words, and what people type for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from api.i18n import Language, texts
from api.pages.decision_fields import BadValue, read_value
from api.pages.decision_inputs import TrialForm, typed_as
from api.pages.decision_reasons import not_given, reason_in
from api.pages.decision_words import DecisionWords
from engine.decisions import DecisionModel
from engine.decisions.inputs import InputField
from engine.feel import compile_expression
from tests.builders_dmn import decision, input_data, item, literal, load, table


def speaking(language: Language = "zh") -> DecisionWords:
    return DecisionWords(texts(language), {})


def feel(text: str) -> object:
    return compile_expression(text).evaluate({})


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("true", "是", "yes"),
        ("null", "空", "empty"),
        ("1.50", "1.50", "1.50"),
        ("10 * 2.8", "28", "28"),
        ("10 ** 6000", "1" + "0" * 299 + " …", "1" + "0" * 299 + " …"),
        ('@"2026-11-22"', "2026年11月22日", "22 November 2026"),
        ('@"2026-11-22T08:30:00"', "2026年11月22日 08:30", "22 November 2026 08:30"),
        ('@"08:30:15+08:00"', "08:30:15+08:00", "08:30:15+08:00"),
        ('@"P1DT4H30M"', "1 天 4 小时 30 分钟", "1 day 4 hours 30 min"),
        ('-@"P1Y2M"', "−1 年 2 个月", "−1 year 2 months"),
        ('@"PT0S"', "0 秒", "0 s"),
        ('["a", false]', "a、否", "a, no"),
        ('{"k": 1, "t": @"12:00:00"}', "k：1；t：12:00", "k: 1; t: 12:00"),
        ("[1..5)", "≥ 1 且 < 5", "≥ 1 and < 5"),
        ('{"reason": "理由", "reason_en": "because"}', "reason：理由", "reason: because"),
    ],
)
def test_values_are_said_in_words(text: str, chinese: str, english: str) -> None:
    assert speaking("zh").value(feel(text)) == chinese
    assert speaking("en").value(feel(text)) == english


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("-", "any"),
        ('"城区", "郊区"', "城区, 郊区"),
        (">= 18", "≥ 18"),
        ("[18..65)", "≥ 18 and < 65"),
        ('not("a")', "not: a"),
        ("true", "yes"),
        ('> date("2026-01-01")', "> 1 January 2026"),
        ("? > other", "? > other"),
        ("not readable (", "not readable ("),
    ],
)
def test_cells_are_said_in_words_where_they_have_any(cell: str, said: str) -> None:
    shown = speaking("en").asked(cell)

    assert shown.text == said
    assert shown.is_code == (said == cell)


def a_field(type_ref: str, *more: str) -> InputField:
    (found,) = load(*more, input_data("x", type_ref), decision("d", literal("x"), inputs=["x"])).fields("d")
    return found


@pytest.mark.parametrize(
    ("type_ref", "typed", "value"),
    [
        ("number", " 12,5 ".replace(",", "."), "12.5"),
        ("number", "１２", "12"),
        ("string", "0101", '"0101"'),
        ("boolean", "false", "false"),
        ("date", "2026-02-28", '@"2026-02-28"'),
        ("time", "14:30", '@"14:30:00"'),
        ("date and time", "2026-11-22T14:30", '@"2026-11-22T14:30:00"'),
        ("date and time", "2026-11-22 14:30:05+08:00", '@"2026-11-22T14:30:05+08:00"'),
        ("days and time duration", "PT8H", '@"PT8H"'),
        ("days and time duration", "2 天 4小时", '@"P2DT4H"'),
        ("days and time duration", "3 days", '@"P3D"'),
        ("years and months duration", "1年6个月", '@"P1Y6M"'),
        ("date", '=@"2026-02-27" + @"P1D"', '@"2026-02-28"'),
        ("Any", "0101", '"0101"'),
        ("Any", "80", "80"),
        ("Any", '"80"', '"80"'),
        ("Any", "长桥路", '"长桥路"'),
    ],
)
def test_what_is_typed_is_read_by_its_type(type_ref: str, typed: str, value: str) -> None:
    assert read_value(a_field(type_ref), typed) == feel(value)


@pytest.mark.parametrize(
    ("type_ref", "typed"),
    [
        *(("number", bad) for bad in ("", "1,200", "NaN", "Infinity", "1e99999", "十", "1" * 35, "0x1f", "1_000")),
        *(("date", bad) for bad in ("2026-02-30", "tomorrow", "20260222")),
        *(("time", bad) for bad in ("25:00", "8:30")),
        ("date and time", "2026-11-22T25:00"),
        *(("days and time duration", bad) for bad in ("P1Y", "3 years", "long", "4 hours 2 days", "3天吧")),
        ("years and months duration", "P3D"),
        ("boolean", "maybe"),
        ("number", '="text"'),
        ("number", "=1 +"),
        ("number", "=no such name"),
    ],
)
def test_what_cannot_be_meant_is_refused(type_ref: str, typed: str) -> None:
    with pytest.raises(BadValue):
        read_value(a_field(type_ref), typed)


def test_lists_and_structures_are_json_or_feel() -> None:
    numbers = a_field("tNumbers", item("tNumbers", "number", collection=True))

    assert read_value(numbers, "[1, 2]") == [1, 2]
    assert read_value(numbers, "for i in 1..3 return i") == [1, 2, 3]
    assert read_value(numbers, "7") == [7]
    with pytest.raises(BadValue):
        read_value(numbers, '["a"]')
    with pytest.raises(BadValue):
        read_value(numbers, "[1, 2")


TYPED: dict[str, Any] = {
    "n": Decimal("1.5"),
    "code": "0101",
    "any": "80",
    "person": {"name": "=王", "zones": ["甲", "乙"]},
}


def every_kind() -> DecisionModel:
    return load(
        item("tZones", "string", collection=True, allowed='"甲", "乙", "丙"'),
        item(
            "tPerson", parts=item("name", "string", tag="itemComponent") + item("zones", "tZones", tag="itemComponent")
        ),
        *(input_data("n", "number"), input_data("code", "string"), input_data("any"), input_data("person", "tPerson")),
        decision("d", literal("n"), inputs=["n", "code", "any", "person"]),
    )


def test_values_given_elsewhere_come_back_out_of_the_form_as_they_went_in() -> None:
    fields = every_kind().fields("d")

    trial = TrialForm(fields, speaking()).read(typed_as(TYPED, fields))

    assert trial.problems == []
    assert trial.inputs == TYPED
    assert TrialForm(fields, speaking()).read(parse_qs(trial.query)).inputs == TYPED


def test_every_reason_of_the_engines_decisions_has_its_chinese_words() -> None:
    said = [
        *_warnings(decision("d", literal("n"), inputs=["n"]), {}),
        *_warnings(decision("d", table(["n"], ["o"], "> 1 | 1", "> 2 | 2"), inputs=["n"]), {"n": 3}),
        *_warnings(decision("d", table(["n"], ["o"], "> 1 | 1", "> 2 | 2", policy="ANY"), inputs=["n"]), {"n": 3}),
        *_warnings(decision("d", table(["n"], ["o"], "> 1 | 1"), inputs=["n"]), {"n": 0}),
        *_warnings(decision("d", table(["n"], ["o"], "- | 1", input_values=["[1..2]"]), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", table(["n"], ["o"], "- | 3", output_values=["1, 2"]), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", table(["n"], ["o: string"], "- | 3"), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", literal("n"), inputs=["n"], type_ref="string"), {"n": 9}),
        *_warnings(decision("d", literal('n + "a"'), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", literal("n.a"), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", literal("{a: 1}.b")), {}),
        *_warnings(decision("d", literal("[1, 2][5]")), {}),
        *_warnings(decision("d", literal("nonesuch + 1")), {}),
        *_warnings(decision("d", literal("nonesuch(1)")), {}),
        *_warnings(decision("d", literal('n < "a"'), inputs=["n"]), {"n": 9}),
        *_warnings(decision("d", literal("-true")), {}),
        *_warnings(decision("d", literal("substring(1, 2)")), {}),
        *_warnings(decision("d", literal("n"), inputs=["n"]), {"n": "many"}),
    ]
    speak = speaking()

    left = [one for one in said if speak.reason(one) == one]

    assert len(set(said)) >= 17
    assert left == []


def _warnings(made: str, inputs: dict[str, object]) -> tuple[str, ...]:
    found = load(input_data("n", "number"), made).evaluate("d", inputs).warnings
    assert found, made
    return found


def test_reasons_name_types_and_rules_in_chinese() -> None:
    chinese = speaking()

    assert chinese.reason("Expected input 'n' to be of type number, but found string many; it counts as null") == (
        "“n”的类型应为数字，实际为文本 many，按空值处理"
    )
    assert chinese.reason("Expected at most one rule to match (hit policy Unique), but 1, 2 and 4 do").endswith(
        "但规则 1、2、4 都符合"
    )
    assert chinese.reason(compile_expression("1 / 0").evaluate_with_warnings({})[1][0]) == "除数不能为 0"
    assert chinese.reason(compile_expression("10 ** 7000").evaluate_with_warnings({})[1][0]).startswith("“**”的结果")
    assert chinese.reason("something else entirely") == "something else entirely"
    assert not_given('No value was given for input "it\'s"') == "it's"
    assert reason_in("No rule of the table matches", texts("en"), str, str) == "No rule of the table matches"

"""Plain data in and out, and functions of the host."""

from __future__ import annotations

from collections import ChainMap
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from engine.errors import ExpressionError, NotFound
from engine.feel import FeelError, compile_expression, convert, from_feel, parse_duration, prepare, to_feel


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (0.1, Decimal("0.1")),
        (3.0, 3),
        (float("nan"), None),
        (float("inf"), None),
        (10**40, Decimal(10) ** 40),
        (True, True),
        ((1, 2.5), [1, Decimal("2.5")]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
    ],
)
def test_plain_data_becomes_feel(plain: object, expected: object) -> None:
    value = to_feel(plain)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("plain", "json"),
    [
        (Decimal("2.00"), 2),
        (Decimal("2.5"), 2.5),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC), "2026-01-02T03:04:05.0006Z"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
        (timedelta(days=1, seconds=3), "P1DT3S"),
        ({"中": [None, "x"]}, {"中": [None, "x"]}),
    ],
)
def test_feel_becomes_json(plain: object, json: object) -> None:
    value = from_feel(to_feel(plain))

    assert value == json
    assert type(value) is type(json)


@pytest.mark.parametrize("source", ["[1..2]", "function(x) x", "{a: [(> 3)]}", "[-1e500]"])
def test_json_cannot_hold_ranges_functions_and_endless_numbers(source: str) -> None:
    value = compile_expression(source).evaluate({})

    with pytest.raises(FeelError, match="JSON"):
        from_feel(value)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": {3}}, [b"bytes"]])
def test_other_objects_are_refused_by_name(value: object) -> None:
    with pytest.raises(ExpressionError, match="Expected"):
        to_feel(value)


def test_data_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)

    with pytest.raises(FeelError, match="nests"):
        compile_expression("count(x)").evaluate({"x": loop})


def test_the_context_is_never_changed() -> None:
    context = {"items": [3, 1.5, {"a": (1, 2)}], "c": {"x": 1}}
    before = deepcopy(context)

    compile_expression(
        '[append(items, 4), sort(sublist(items, 1, 2)), context put(c, "x", 2), '
        "context merge([c, {y: 1}]), reverse(items)]"
    ).evaluate(context)

    assert context == before


def test_only_what_is_read_is_converted() -> None:
    context = {"wanted": 1, "odd": object(), "deep": {"wanted": 2, "odd": object()}}

    result = compile_expression("wanted + deep.wanted").evaluate(context)

    assert result == 3


def test_attributes_of_python_objects_are_out_of_reach() -> None:
    sources = ["x.__class__", "x.real", "f.__globals__", "{}.keys", "[].append", '"".format']

    values = [compile_expression(source).evaluate({"x": 1}, functions={"f": len}) for source in sources]

    assert values == [None, None, None, None, [], None]


def test_a_host_function_is_called_by_its_name_with_spaces() -> None:
    expression = compile_expression('add working time(start, @"PT4H")', functions=["add working time"])

    result = expression.evaluate(
        {"start": datetime(2026, 1, 2, 8, tzinfo=UTC)},
        functions={"add working time": lambda start, duration: [from_feel(start), duration]},
    )

    assert result == ["2026-01-02T08:00:00Z", parse_duration("PT4H")]


def test_a_host_function_takes_named_arguments() -> None:
    expression = compile_expression("join(right: 2, left: 1)")

    result = expression.evaluate({}, functions={"join": lambda left, right: f"{left}-{right}"})

    assert result == "1-2"


def test_wrong_arguments_for_a_host_function_give_null() -> None:
    expression = compile_expression("join(1)")

    value, reasons = expression.evaluate_with_warnings({}, functions={"join": lambda left, right: 1})

    assert value is None
    assert "join(left, right)" in reasons[0]


def test_a_failing_host_function_is_named() -> None:
    def fail(value: object) -> object:
        raise KeyError(value)

    with pytest.raises(FeelError, match=r"lookup\(…\)"):
        compile_expression("lookup(1)").evaluate({}, functions={"lookup": fail})


def test_civiflows_own_errors_pass_through_host_functions() -> None:
    def fail() -> object:
        raise NotFound

    with pytest.raises(NotFound):
        compile_expression("lookup()").evaluate({}, functions={"lookup": fail})


def test_a_variable_does_not_hide_a_function() -> None:
    expression = compile_expression("count(count)")

    result = expression.evaluate({"count": [1, 2]})

    assert result == 2


def test_prepared_data_is_converted_once_for_all_evaluations_and_forgotten_with_it() -> None:
    before = len(convert._ready)
    data = prepare({"rows": [{"code": "a", "hours": 2.5}], "plain": [1, 2]})
    rows = compile_expression('settings.rows[code = "a"]')

    first, again = (compile_expression("settings.rows").evaluate({"settings": data}) for _ in range(2))

    assert first is again
    assert first == [{"code": "a", "hours": Decimal("2.5")}]
    assert rows.evaluate(ChainMap({}, {"settings": data})) == [{"code": "a", "hours": Decimal("2.5")}]
    assert data["rows"] == [{"code": "a", "hours": 2.5}]
    assert compile_expression("settings.plain").evaluate({"settings": data}) is data["plain"]
    assert len(convert._ready) > before

    del data

    assert len(convert._ready) == before


def test_data_that_cannot_be_converted_cannot_be_prepared() -> None:
    with pytest.raises(FeelError, match="key of a mapping"):
        prepare({"a": {1: 2}})

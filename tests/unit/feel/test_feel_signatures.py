"""Every built-in function of the standard takes the parameters the standard names, and nothing else."""

from __future__ import annotations

import pytest

from engine.feel import compile_expression
from engine.feel.builtins import BUILTIN_NAMES, BUILTINS

# DMN 1.5, 10.3.4: parameter names in order; `?` may be left out, `…` may be repeated.
STANDARD = {
    "date": ["from", "year, month, day"],
    "date and time": ["from", "date, time"],
    "time": ["from", "hour, minute, second, offset?"],
    "number": ["from", "from, grouping separator?, decimal separator?"],
    "string": ["from"],
    "duration": ["from"],
    "years and months duration": ["from, to"],
    "range": ["from"],
    "not": ["negand"],
    "substring": ["string, start position, length?"],
    "string length": ["string"],
    "upper case": ["string"],
    "lower case": ["string"],
    "substring before": ["string, match"],
    "substring after": ["string, match"],
    "replace": ["input, pattern, replacement, flags?"],
    "contains": ["string, match"],
    "starts with": ["string, match"],
    "ends with": ["string, match"],
    "matches": ["input, pattern, flags?"],
    "split": ["string, delimiter"],
    "string join": ["list, delimiter?"],
    "list contains": ["list, element"],
    "count": ["list"],
    "min": ["list", "list…"],
    "max": ["list", "list…"],
    "sum": ["list", "list…"],
    "mean": ["list", "list…"],
    "all": ["list", "list, more…"],
    "any": ["list", "list, more…"],
    "sublist": ["list, start position, length?"],
    "append": ["list, item…"],
    "concatenate": ["list…"],
    "insert before": ["list, position, newItem"],
    "remove": ["list, position"],
    "list replace": ["list, position, newItem", "list, match, newItem"],
    "reverse": ["list"],
    "index of": ["list, match"],
    "union": ["list…"],
    "distinct values": ["list"],
    "flatten": ["list"],
    "product": ["list", "list…"],
    "median": ["list", "list…"],
    "stddev": ["list", "list…"],
    "mode": ["list", "list, more…"],
    "sort": ["list, precedes?"],
    "decimal": ["n, scale"],
    "floor": ["n", "n, scale"],
    "ceiling": ["n", "n, scale"],
    "round up": ["n, scale"],
    "round down": ["n, scale"],
    "round half up": ["n, scale"],
    "round half down": ["n, scale"],
    "abs": ["n"],
    "modulo": ["dividend, divisor"],
    "sqrt": ["number"],
    "log": ["number"],
    "exp": ["number"],
    "odd": ["number"],
    "even": ["number"],
    "before": ["point1, point2", "point, range", "range, point", "range1, range2"],
    "after": ["point1, point2", "point, range", "range, point", "range1, range2"],
    "meets": ["range1, range2"],
    "met by": ["range1, range2"],
    "overlaps": ["range1, range2"],
    "overlaps before": ["range1, range2"],
    "overlaps after": ["range1, range2"],
    "finishes": ["point, range", "range1, range2"],
    "finished by": ["range, point", "range1, range2"],
    "includes": ["range, point", "range1, range2"],
    "during": ["point, range", "range1, range2"],
    "starts": ["point, range", "range1, range2"],
    "started by": ["range, point", "range1, range2"],
    "coincides": ["point1, point2", "range1, range2"],
    "day of year": ["date"],
    "day of week": ["date"],
    "month of year": ["date"],
    "week of year": ["date"],
    "now": [""],
    "today": [""],
    "is": ["value1, value2"],
    "get value": ["m, key"],
    "get entries": ["m"],
    "context": ["entries"],
    "context put": ["context, key, value", "context, keys, value"],
    "context merge": ["contexts"],
}
OWN = {
    "duplicate values",
    "extract",
    "get or else",
    "is blank",
    "is defined",
    "is empty",
    "last day of month",
    "partition",
    "trim",
}
TAKE_ANYTHING = {"concatenate", "union"}


@pytest.mark.parametrize("name", STANDARD)
def test_a_function_takes_the_parameters_the_standard_names(name: str) -> None:
    signatures = BUILTINS[name].signatures()

    missing = [wanted for wanted in STANDARD[name] if f"({wanted})" not in signatures]

    assert not missing, signatures


def test_there_are_no_functions_besides_the_standards_and_the_ones_listed() -> None:
    assert STANDARD.keys() | OWN == BUILTIN_NAMES


@pytest.mark.parametrize("name", sorted((STANDARD.keys() | OWN) - TAKE_ANYTHING - {"now", "today"}))
def test_no_argument_gives_null_and_a_reason(name: str) -> None:
    expression = compile_expression(f"{name}()")

    value, reasons = expression.evaluate_with_warnings({})

    assert value is None
    assert name in reasons[0]


@pytest.mark.parametrize("name", sorted(STANDARD.keys() | OWN))
def test_a_name_that_no_parameter_has_gives_null_and_a_reason(name: str) -> None:
    expression = compile_expression(f"{name}(no such parameter: 1)")

    value, reasons = expression.evaluate_with_warnings({})

    assert value is None
    assert "no such parameter" in reasons[0]


@pytest.mark.parametrize("name", sorted(name for name, forms in STANDARD.items() if "…" not in "".join(forms)))
def test_more_arguments_than_there_are_parameters_give_null_and_a_reason(name: str) -> None:
    expression = compile_expression(f"{name}(1, 1, 1, 1, 1)")

    value, reasons = expression.evaluate_with_warnings({})

    assert value is None
    assert f"{name} was called with" in reasons[0]

"""FEEL, the expression language of BPMN and DMN (DMN 1.5, chapter 10); the only one in Civiflow.

    compile_expression("申请 金额 > 1000").evaluate({"申请 金额": 1200})      # True
    compile_unary_tests("[1..10), > 100").matches(5, {})                    # True

Text is parsed once (`parser`), compiled to closures (`compiler`, `compile_…`) over plain data and
FEEL's own values (`values`, `temporal`), and run within a budget (`budget`, `runtime`). Errors
become null, as the standard has it; the reasons are kept (`evaluate_with_warnings`).
"""

from __future__ import annotations

from engine.feel.budget import Budget, allowance
from engine.feel.convert import add_duration, from_feel, prepare, to_datetime, to_feel
from engine.feel.errors import FeelError
from engine.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.printer import print_expression
from engine.feel.temporal import DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import FeelFunction, Range, format_value

__all__ = [
    "Budget",
    "DaysDuration",
    "Expression",
    "FeelDate",
    "FeelDateTime",
    "FeelError",
    "FeelFunction",
    "FeelTime",
    "MonthsDuration",
    "Range",
    "UnaryTests",
    "add_duration",
    "allowance",
    "compile_expression",
    "compile_unary_tests",
    "format_value",
    "from_feel",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "prepare",
    "print_expression",
    "to_datetime",
    "to_feel",
]

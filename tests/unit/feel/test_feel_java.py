"""External functions of Java: Java's semantics by signature, and everything else refused by name."""

from __future__ import annotations

import pytest

from engine.errors import BudgetExceeded
from engine.feel import compile_expression, format_value
from engine.feel.java import METHODS
from tests.builders_dmn import bkm, context, decision, literal, load

# class | signature | arguments in FEEL → value as FEEL writes it. The expected values are what the Java SE
# documentation of each method says.
TABLE = r"""
Math | cos(double) | 0 → 1
Math | sin(double) | 0 → 0
Math | pow(double, double) | 2, 0.5 → 1.4142135623730951
Math | pow(double, double) | 0, -1 → null
Math | sqrt(double) | -1 → null
Math | log(double) | 0 → null
Math | log10(double) | 1000 → 3
Math | cbrt(double) | -27 → -3
Math | hypot(double, double) | 3, 4 → 5
Math | atan2(double, double) | 0, 1 → 0
Math | toDegrees(double) | 0 → 0
Math | ceil(double) | -1.5 → -1
Math | floor(double) | -1.5 → -2
Math | rint(double) | 2.5 → 2
Math | round(double) | 2.5 → 3
Math | round(double) | -2.5 → -2
Math | round(double) | 0.49999999999999994 → 0
Math | round(double) | 1e30 → 9223372036854775807
Math | round(float) | 1e30 → 2147483647
Math | signum(double) | -3 → -1
Math | IEEEremainder(double, double) | 5, 3 → -1
Math | fma(double, double, double) | 2, 3, 4 → 10
Math | ulp(double) | 1 → 0.0000000000000002220446049250313
Math | ulp(float) | 1 → 0.00000011920929
Math | scalb(double, int) | 3, 4 → 48
Math | getExponent(float) | 8 → 3
Math | nextUp(float) | 0 → 0.000000000000000000000000000000000000000000001
Math | copySign(double, double) | 3, -1 → -3
Math | max(int, int) | 3.9, 2 → 3
Math | max(long, long) | 123, 456 → 456
Math | max(float, float) | 1.1, 2.2 → 2.2
Math | max(double, double) | 123.5, 456.25 → 456.25
Math | min(double, double) | 1e400, 1 → 1
Math | max(double, double) | 1e400, 1 → null
Math | abs(int) | -2147483648 → -2147483648
Math | abs(long) | -2147483648 → 2147483648
Math | abs(double) | -0.1 → 0.1
Math | abs(float) | 16777217 → 16777216
Math | abs(int) | 4294967297 → 1
Math | addExact(int, int) | 2147483647, 1 → null
Math | addExact(long, long) | 2147483647, 1 → 2147483648
Math | multiplyExact(int, int) | 65536, 65536 → null
Math | negateExact(int) | -2147483648 → null
Math | toIntExact(long) | 2147483648 → null
Math | floorDiv(int, int) | -7, 2 → -4
Math | floorDiv(int, int) | 1, 0 → null
Math | floorMod(int, int) | -7, 3 → 2
Math | floorMod(long, int) | -7, 3 → 2
Math | ceilDiv(int, int) | 7, 2 → 4
Math | divideExact(int, int) | -7, 2 → -3
Math | multiplyFull(int, int) | 65536, 65536 → 4294967296
Math | clamp(long, int, int) | 12, 0, 10 → 10
StrictMath | max(int, int) | 1, 2 → 2
String | valueOf(int) | 7.9 → "7"
String | valueOf(double) | 123 → "123.0"
String | valueOf(double) | 12345678 → "1.2345678E7"
String | valueOf(double) | 0.0001 → "1.0E-4"
String | valueOf(float) | 1.1 → "1.1"
String | valueOf(boolean) | true → "true"
String | valueOf(char) | "甲" → "甲"
String | valueOf(char) | "ab" → null
String | valueOf(char) | "😀" → null
String | valueOf(char[]) | ["a", "b"] → "ab"
String | valueOf(Object) | [1, null, "a"] → "[1, null, a]"
String | valueOf(Object) | {a: 1.50} → "{a=1.50}"
String | valueOf(java.lang.Object) | null → "null"
String | join(CharSequence, Iterable) | "-", ["a", "b"] → "a-b"
String | join(CharSequence, CharSequence...) | "-", "a", null → "a-null"
String | format(java.lang.String, [Ljava.lang.Object;) | "%s", "a" → "a"
String | format(String, Object...) | "%2$s %1$s %<s", "a", "b" → "b a a"
String | format(String, Object[]) | "%5s|%-5s|%.1s", "ab", "cd", "ef" → "   ab|cd   |e"
String | format(String, Object...) | "%,.2f", 1234567.895 → "1,234,567.90"
String | format(String, Object...) | "%08.2f|%+.0f|% .0f|%(.1f", -1.5, 2.5, 3, -4 → "-0001.50|+3| 3|(4.0)"
String | format(String, Object...) | "%e %E %.0e", 12345.678, 0, 15 → "1.234568e+04 0.000000E+00 2e+01"
String | format(String, Object...) | "%g %.3g", 0.0001, 12345 → "0.000100000 1.23e+04"
String | format(String, Object...) | "%b %B %b %h", null, true, 5, "hello" → "false TRUE true 5e918d2"
String | format(String, Object...) | "%S 100%%", "abc" → "ABC 100%"
String | format(String, Object...) | "%s %s", "a" → null
String | format(String, Object...) | "%d", 5 → null
String | format(String, Object...) | "%q", 5 → null
String | format(String, Object...) | "%.2f", "a" → null
String | format(String, Object...) | "50%", 5 → null
String | format(String, Object...) | "%d", null → "null"
String | format(String, Object...) | "%-s", "a" → null
Integer | parseInt(String) | "-42" → -42
Integer | parseInt(String) | "2147483648" → null
Integer | parseInt(String) | " 1" → null
Integer | parseInt(String) | null → null
Integer | parseInt(String, int) | "ff", 16 → 255
Integer | valueOf(java.lang.String) | "+7" → 7
Integer | valueOf(String, int) | "101", 2 → 5
Integer | decode(String) | "-0x1F" → -31
Integer | decode(String) | "010" → 8
Integer | toBinaryString(int) | -1 → "11111111111111111111111111111111"
Integer | toHexString(int) | 255 → "ff"
Integer | toString(int, int) | -255, 16 → "-ff"
Integer | sum(int, int) | 2147483647, 1 → -2147483648
Integer | bitCount(int) | -1 → 32
Integer | reverse(int) | 1 → -2147483648
Integer | highestOneBit(int) | 100 → 64
Integer | lowestOneBit(int) | 100 → 4
Integer | numberOfLeadingZeros(int) | 1 → 31
Integer | numberOfTrailingZeros(int) | 0 → 32
Integer | rotateLeft(int, int) | 1, 33 → 2
Integer | divideUnsigned(int, int) | -1, 2 → 2147483647
Integer | compare(int, int) | 1, 2 → -1
Integer | parseUnsignedInt(String) | "4294967295" → -1
Long | parseLong(String) | "2147483648" → 2147483648
Long | valueOf(long) | 9223372036854775808 → -9223372036854775808
Long | hashCode(long) | 4294967296 → 1
Short | parseShort(String) | "32768" → null
Byte | valueOf(byte) | 200 → -56
Double | parseDouble(String) | " 1.5e3 " → 1500
Double | valueOf(String) | "NaN" → null
Double | valueOf(String) | "-Infinity" → null
Double | valueOf(String) | "1.5d" → 1.5
Double | valueOf(String) | "abc" → null
Double | toString(double) | 100 → "100.0"
Double | isNaN(double) | 1 → false
Double | isInfinite(double) | 1e400 → true
Double | doubleToLongBits(double) | 1 → 4607182418800017408
Float | parseFloat(String) | "0.1" → 0.1
Float | sum(float, float) | 0.1, 0.2 → 0.3
Float | valueOf(String) | "1e40" → null
Boolean | parseBoolean(String) | "TRUE" → true
Boolean | parseBoolean(String) | null → false
Boolean | logicalXor(boolean, boolean) | true, false → true
Boolean | valueOf(boolean) | "true" → null
Character | isDigit(char) | "٣" → true
Character | isLetter(char) | "王" → true
Character | isUpperCase(char) | "a" → false
Character | isWhitespace(char) | " " → true
Character | toUpperCase(char) | "ß" → "ß"
Character | getNumericValue(char) | "z" → 35
Character | digit(char, int) | "f", 16 → 15
Character | forDigit(int, int) | 11, 16 → "b"
Character | isAlphabetic(int) | 65 → true
Character | toString(int) | 128512 → "😀"
BigDecimal | valueOf(long, int) | 12345, 2 → 123.45
BigDecimal | valueOf(double) | 0.1 → 0.1
BigInteger | valueOf(long) | 5 → 5
"""


def _cases() -> list[tuple[str, str, str, str]]:
    cases = []
    for line in TABLE.strip().splitlines():
        left, _, expected = line.rpartition(" → ")
        class_name, signature, arguments = left.split(" | ")
        cases.append((class_name, signature, arguments, expected))
    return cases


def _source(class_name: str, signature: str, arguments: str, *, named: str = "x, y, z") -> str:
    package = "java.math" if class_name.startswith("Big") else "java.lang"
    java = f'{{java: {{class: "{package}.{class_name}", method signature: "{signature}"}}}}'
    return f"(function({named}) external {java})({arguments})"


def _count(class_name: str, arguments: str) -> str:
    """As many parameters as there are arguments."""
    items = compile_expression(f"[{arguments}]").evaluate({})
    assert isinstance(items, list)
    return ", ".join("xyzuvw"[: len(items)])


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else format_value(value) or "null"


@pytest.mark.parametrize(("class_name", "signature", "arguments", "expected"), _cases())
def test_a_method_gives_what_java_gives(class_name: str, signature: str, arguments: str, expected: str) -> None:
    source = _source(class_name, signature, arguments, named=_count(class_name, arguments))

    value, reasons = compile_expression(source).evaluate_with_warnings({})

    assert _written(value) == expected
    assert value is not None or reasons


@pytest.mark.parametrize("method", METHODS.values(), ids=str)
def test_no_argument_makes_a_method_fail_otherwise_than_with_null(method: object) -> None:
    samples = ["null", "true", "0", "-1", "1e400", "2.5", "-2147483648", '""', '"a"', '"7"', '"😀"', "[]", "{}"]
    samples += ['["a", 1]', '@"2026-01-31"', "1e-400", "1e30"]
    class_name, name, count = method.class_name, method.name, len(method.parameters)  # type: ignore[attr-defined]
    signature = f"{name}({', '.join(method.parameters)})"  # type: ignore[attr-defined]
    java = f'{{java: {{class: "{class_name}", method signature: "{signature}"}}}}'
    parameters = ", ".join("xyz"[:count])

    for sample in samples:
        source = f"(function({parameters}) external {java})({', '.join([sample] * count)})"
        value, reasons = compile_expression(source).evaluate_with_warnings({})

        assert value is not None or reasons, source


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ('{java: {class: "java.lang.System", method signature: "getenv(String)"}}', "java.lang.System.getenv"),
        ('{java: {class: "java.lang.Math", method signature: "random()"}}', "random()"),
        ('{java: {class: "java.lang.Math", method signature: "cos(int)"}}', "there is java.lang.Math.cos(double)"),
        ('{java: {class: "java.lang.Math", method signature: "cos"}}', "java.lang.Math.cos"),
        ('{java: {class: "Math", method signature: "cos(double)"}}', "Math.cos(double)"),
        ('{java: {class: 1, method signature: "cos(double)"}}', "class: …"),
        ('{java: {method signature: "cos(double)"}}', "class: …"),
        ('{pmml: {document: "a.pmml", model: "m"}}', "PMML"),
        ("{python: 1}", "class: …"),
    ],
)
def test_what_is_not_in_the_table_is_refused_by_name_with_the_way_out(definition: str, told: str) -> None:
    model = load(decision("D", literal(f"(function(x) external {definition})(1)")))

    result = model.evaluate("D", {})

    assert result.value is None
    assert any(told in refusal and "FEEL" in refusal for refusal in result.refusals)


@pytest.mark.parametrize(
    "call", ["f(1)", "f(1, 2, 3)", "f(a: 1, c: 2)", "f(1, b: 2)", 'f("a", 2)', "f(null, 2)", "f([1, 2], 2)"]
)
def test_calls_that_do_not_fit_are_null_and_no_refusal(call: str) -> None:
    body = context(("class", literal('"java.lang.Math"')), ("method signature", literal('"max(int,int)"')))
    model = load(bkm("f", ["a: number", "b: number"], body, kind="Java"), decision("D", literal(call), knows=["f"]))

    result = model.evaluate("D", {})

    assert result.value is None
    assert result.refusals == () or "cannot be read" in result.refusals[0]


def test_a_knowledge_model_in_java_is_called_by_position_and_by_name() -> None:
    body = context(("class", literal('"java.lang.Math"')), ("method signature", literal('"floorMod(int, int)"')))
    model = load(
        bkm("mod", ["a: number", "b: number"], body, kind="Java"),
        decision("D", literal("[mod(-7, 3), mod(b: 3, a: -7)]"), knows=["mod"]),
    )

    assert model.evaluate("D", {}).value == [2, 2]
    assert model.evaluate("mod", {"a": 8, "b": 3}).value == 2


def test_signatures_of_another_number_of_parameters_than_the_function_are_null() -> None:
    value, reasons = compile_expression(_source("Math", "max(int, int)", "1", named="x")).evaluate_with_warnings({})

    assert value is None
    assert "2 arguments" in reasons[0]


@pytest.mark.parametrize("pattern", ["%2000000000s", "%.2000000000f", "%.2000000000e"])
def test_widths_stay_within_the_budget(pattern: str) -> None:
    expression = compile_expression(_source("String", "format(String, Object...)", f'"{pattern}", 1', named="x, y"))

    with pytest.raises(BudgetExceeded):
        expression.evaluate({})

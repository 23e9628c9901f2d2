"""No text crashes the parser, and printing and re-parsing gives the same tree."""

from __future__ import annotations

from decimal import Decimal
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BudgetExceeded
from engine.feel import FeelError, ast, compile_expression, print_expression
from engine.feel.parser import parse_expression, parse_unary_tests

PIECES = st.sampled_from(
    [
        *"()[]{}<>=+-*/.,:@?'\"`\\ \n",
        *["..", "**", "->", "!=", "<=", "//", "/*", "*/", "金额", "a", "x y", '"s"', '@"P1D"'],
        *["1", "2.5", "1e5", "2E-3"],
        *["if ", "then ", "else ", "for ", "in ", "return ", "some ", "satisfies ", "and ", "or ", "between ", "not("],
        *["function(", "instance of ", "list<", "date and time", "null", "true", "external ", "partial", "item", "?"],
    ]
)
names = st.one_of(
    st.sampled_from(["a", "申请 金额", "profit and loss", "a-b", "if", "date and time", "é", "?", "1st", " x "]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="`"), min_size=1, max_size=6),
).map(lambda name: normalize("NFC", name))
texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
types = st.recursive(
    st.sampled_from(["number", "date and time", "days and time duration", "Any", "tLoan"]).map(
        lambda name: ast.NamedType(name=name)
    ),
    lambda inner: st.one_of(
        inner.map(lambda element: ast.ListType(element=element)),
        inner.map(lambda element: ast.RangeType(element=element)),
        st.lists(inner, max_size=2).map(
            lambda parts: ast.FunctionType(parameters=tuple(parts), result=ast.NamedType(name="Any"))
        ),
        st.lists(st.tuples(st.sampled_from(["a", "b c"]), inner), min_size=1, max_size=2).map(
            lambda entries: ast.ContextType(entries=tuple(entries))
        ),
    ),
    max_leaves=3,
)
leaves = st.one_of(
    st.integers(0, 10**30).map(lambda value: ast.Literal(value=value)),
    st.decimals(0, 10**6, places=3).map(lambda value: ast.Literal(value=Decimal(value))),
    st.builds("{}e{}".format, st.integers(1, 10**33), st.integers(-6000, 6000)).map(parse_expression),
    texts.map(lambda value: ast.Literal(value=value)),
    st.sampled_from([True, False, None]).map(lambda value: ast.Literal(value=value)),
    texts.map(lambda text: ast.AtLiteral(text=text)),
    names.map(lambda name: ast.Name(name=name)),
)


def compound(inner: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    many = st.lists(inner, max_size=3).map(tuple)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    entries = st.lists(st.tuples(names, inner), min_size=1, max_size=3).map(tuple)
    keyed = st.lists(st.tuples(names, inner), min_size=1, max_size=3, unique_by=lambda entry: entry[0]).map(tuple)
    iterators = st.lists(
        st.builds(ast.Iterator, name=names, source=inner, end=st.none() | inner), min_size=1, max_size=2
    ).map(tuple)
    parameters = st.lists(st.builds(ast.Parameter, name=names, type=st.none() | types), max_size=2).map(tuple)
    flags = st.booleans()
    return st.one_of(
        st.builds(ast.ListLiteral, items=many),
        st.builds(ast.ContextLiteral, entries=entries),
        st.builds(ast.Interval, start=inner, end=inner, start_included=flags, end_included=flags),
        st.builds(ast.UnaryComparison, op=st.sampled_from(["<", ">=", "=", "!="]), operand=inner),
        st.builds(ast.Negation, operand=inner),
        st.builds(ast.Arithmetic, op=st.sampled_from(["+", "-", "*", "/", "**"]), left=inner, right=inner),
        st.builds(ast.Comparison, op=st.sampled_from(["=", "!=", "<", ">="]), left=inner, right=inner),
        st.builds(ast.Between, value=inner, low=inner, high=inner),
        st.builds(ast.Membership, value=inner, tests=some),
        st.builds(
            ast.Logical, op=st.sampled_from(["and", "or"]), operands=st.lists(inner, min_size=2, max_size=3).map(tuple)
        ),
        st.builds(ast.If, condition=inner, then=inner, otherwise=inner),
        st.builds(ast.For, iterators=iterators, body=inner),
        st.builds(ast.Quantified, kind=st.sampled_from(["some", "every"]), iterators=iterators, condition=inner),
        st.builds(ast.InstanceOf, value=inner, type=types),
        st.builds(ast.Path, base=inner, name=names),
        st.builds(ast.Filter, base=inner, condition=inner),
        st.builds(ast.Call, function=inner, arguments=many),
        st.builds(ast.NamedCall, function=inner, arguments=keyed),
        st.builds(ast.Function, parameters=parameters, body=inner),
    )


trees = st.recursive(leaves, compound, max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_is_parsed_or_refused_with_a_feel_error(source: str) -> None:
    try:
        expression = compile_expression(source)
    except FeelError as error:
        assert error.position is None or 0 <= error.position <= len(source)
        return

    try:
        expression.evaluate({"a": 1, "金额": [1, {"x": 2.5}], "x y": "s"})
    except (FeelError, BudgetExceeded) as error:
        assert error.message.startswith("Expected")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=400, deadline=None)
@given(trees)
def test_a_printed_tree_parses_to_the_same_tree(tree: ast.Node) -> None:
    text = print_expression(tree)

    again = parse_expression(text)

    assert again == tree, text


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=200, deadline=None)
@given(st.lists(trees, max_size=3), st.booleans())
def test_printed_unary_tests_parse_to_the_same_tests(tests: list[ast.Node], negated: bool) -> None:
    cell = ast.UnaryTests(tests=tuple(tests), negated=negated and bool(tests))

    again = parse_unary_tests(print_expression(cell))

    assert again == cell

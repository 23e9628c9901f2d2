"""Scripts that are carried out in process do exactly what the sandbox does, or are left to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import scripts
from engine.errors import ScriptFailed
from engine.plain_python import run_plain

# Half of the scripts mean something: numbers meet numbers, texts meet texts. The others try what comes.
NUMBERS, TEXTS, OTHERS = ("n", "金额", "count"), ("t", "名称"), ("a", "_kept")
numbers = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
data = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from(["x", "y"]), scalars, max_size=2)
)
variables_ = st.fixed_dictionaries(
    {**dict.fromkeys(NUMBERS, numbers), **dict.fromkeys(TEXTS, texts), "a": data}, optional={"_kept": scalars}
)
Texts = st.SearchStrategy[str]


def _both(left: Texts, between: str, right: Texts) -> Texts:
    return st.tuples(left, st.sampled_from(between.split(",")), right).map(lambda x: f"({x[0]} {x[1]} {x[2]})")


calculated = st.recursive(
    st.one_of(st.sampled_from(NUMBERS), numbers.map(repr)),
    lambda inner: st.one_of(_both(inner, "+,-,*,/,//,%", inner), inner.map(lambda x: f"(-{x})")),
    max_leaves=4,
)
written = st.one_of(st.sampled_from(TEXTS), texts.map(repr))
joined = st.one_of(written, _both(written, "+", written))
asked = st.recursive(
    st.one_of(
        _both(calculated, "==,!=,<,<=,>,>=", calculated),
        _both(joined, "==,!=,<,<=,>,>=,in,not in", joined),
        _both(st.just("a"), "is,is not,==,!=", st.just("None")),
    ),
    lambda inner: st.one_of(_both(inner, "and,or", inner), inner.map(lambda x: f"(not {x})")),
    max_leaves=3,
)
chosen = st.tuples(calculated, asked, joined).map(lambda x: f"({x[0]} if {x[1]} else {x[2]})")
gathered = st.tuples(calculated, asked).map(lambda x: f"[{x[0]}, {{'k': {x[1]}}}['k']]")
sensible = st.one_of(calculated, joined, asked, chosen, gathered, st.just("a"), scalars.map(repr))

anything = st.recursive(
    st.one_of(st.sampled_from(NUMBERS + TEXTS + OTHERS), scalars.map(repr)),
    lambda inner: st.one_of(
        _both(inner, "+,-,*,/,//,%,==,!=,<,<=,>,>=,in,not in,is,is not,and,or", inner),
        inner.map(lambda x: f"(not {x})"),
        inner.map(lambda x: f"(-{x})"),
        st.lists(inner, max_size=3).map(lambda x: f"[{', '.join(x)}]"),
        st.lists(inner, max_size=2).map(lambda x: "{" + ", ".join(f"'k{n}': {v}" for n, v in enumerate(x)) + "}"),
        st.tuples(inner, st.sampled_from(["0", "1", "'x'", "'k0'"])).map(lambda x: f"{x[0]}[{x[1]}]"),
    ),
    max_leaves=6,
)


def _programs(expressions: Texts, into: tuple[str, ...]) -> Texts:
    assignments = st.tuples(st.sampled_from(into), expressions).map(" = ".join)
    more = st.tuples(st.sampled_from(NUMBERS), st.sampled_from(["+=", "-=", "*="]), calculated).map(" ".join)
    branches = st.tuples(expressions, assignments, assignments).map(
        lambda x: f"if {x[0]}:\n    {x[1]}\nelse:\n    {x[2]}",
    )
    return st.lists(st.one_of(assignments, more, branches), min_size=1, max_size=3).map("\n".join)


programs = st.one_of(_programs(sensible, ("x", "结果", "_own")), _programs(anything, ("x", *NUMBERS, *OTHERS)))


@settings(max_examples=600, deadline=None)
@given(source=programs, variables=variables_)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_a_plain_script_does_what_it_does_in_the_sandbox(source: str, variables: dict[str, object]) -> None:
    script = scripts._read(source)
    inputs = {name: value for name, value in variables.items() if name in script.reads}

    here = run_plain(source, inputs, script.sets)

    if here is not None:
        there = scripts._sandboxed(source, script, inputs, 1.0, 64, None)
        assert _exactly(here) == _exactly(there)


def _exactly(value: object) -> object:
    """A value with its types: 1, 1.0 and True are not the same, nor are 0.0 and -0.0."""
    if isinstance(value, dict):
        return {key: _exactly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exactly(item) for item in value]
    return type(value).__name__, repr(value)


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("checked = True", {"checked": True}),
        ("total = price * count", {"total": 36.0}),
        ("level = 'high' if price > 10 else 'low'", {"level": "high"}),
        ("if count >= 3:\n    bulk = True\nelse:\n    bulk = False", {"bulk": True}),
        ("_half = count / 2\nhalf = _half", {"half": 1.5}),
        ("text = '共' + name", {"text": "共路灯"}),
        ("first = lamp['poles'][0]", {"first": 7}),
        ("count += 1", {"count": 4}),
        ("pass", {}),
    ],
)
def test_everyday_scripts_need_no_sandbox(source: str, outcome: dict[str, object]) -> None:
    variables = {"price": 12.0, "count": 3, "name": "路灯", "lamp": {"poles": [7, 8]}}
    script = scripts._read(source)

    here = run_plain(source, variables, script.sets)

    assert here == outcome


@pytest.mark.parametrize(
    "source",
    [
        "x = len(name)",
        "x = name.upper()",
        "x = [n for n in range(3)]",
        "while True: pass",
        "import os",
        "x = __import__",
        "def f(): pass",
        "x = name * 1000000",
        "x = 9 ** 9 ** 9",
        "x = 1 << 100000",
        "x = 9223372036854775807 + 1",
        "x = 1e308 * 10",
        "x = 1 / 0",
        "x = missing",
        "x = name + 1",
        "x = [[1], [2]]",
        "x = lamp['nothing']",
        "lamp['poles'] = 1",
        "x = moment",
        "x = b'bytes'",
        "x = '\\ud800'",
        "del name",
        "x, y = 1, 2",
        "(" * 30 + "1" + ")" * 30 + " + " + "(1 + " * 30 + "1" + ")" * 30,
    ],
)
def test_anything_else_is_for_the_sandbox(source: str) -> None:
    variables = {"name": "路灯", "lamp": {"poles": [7]}, "moment": object()}

    here = run_plain(source, variables, {"x", "name", "lamp"})

    assert here is None


def test_texts_that_double_are_stopped_long_before_they_fill_the_memory() -> None:
    source = "x = 'abcdefgh'\n" + "x = x + x\n" * 40

    with pytest.raises(ScriptFailed):
        scripts.run_python(source, {})


def test_what_a_script_is_given_stays_as_it_was() -> None:
    given_ = {"rows": [{"a": 1}]}

    outcome = scripts.run_python("copy = rows", given_)

    outcome["copy"][0]["a"] = 2
    assert given_ == {"rows": [{"a": 1}]}


@pytest.mark.parametrize(
    ("source", "variables"),
    [
        (f"x = [{'a, ' * 2_000}]", {"a": "x" * 100_000}),
        ("; ".join(f"x{n} = a" for n in range(500)), {"a": [1] * 100_000}),
        ("; ".join(f"x{n} = a" for n in range(500)), {"a": {"k" * 1_000_000: 1}}),
        ("x = b in a", {"a": "a" * 100_000, "b": "b"}),
        ("x = b in a", {"a": ["a"] * 100_000, "b": "b"}),
        ("x = a < b", {"a": "a" * 100_000, "b": "a" * 100_000 + "中"}),
        ("x = {'\\ud800': 1}", {}),
    ],
)
def test_what_would_grow_or_take_long_is_left_to_the_sandbox(source: str, variables: dict[str, object]) -> None:
    script = scripts._read(source)

    here = run_plain(source, variables, script.sets)

    assert here is None


def test_a_value_that_leaves_by_many_names_meets_a_limit_instead_of_filling_the_memory() -> None:
    source = "; ".join(f"x{n} = a" for n in range(500))

    with pytest.raises(ScriptFailed, match="at most 5,000,000 characters together"):
        scripts.run_python(source, {"a": [1] * 5_000})


def test_a_script_cannot_talk_its_way_past_the_limit_of_its_result() -> None:
    source = "def repr(x): return ''\ndef len(x): return 0\n" + "; ".join(f"x{n} = a" for n in range(500))

    with pytest.raises(ScriptFailed, match="at most 5,000,000 characters together"):
        scripts.run_python(source, {"a": [1] * 5_000})

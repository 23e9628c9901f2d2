"""Python scripts in the sandbox."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from engine.errors import ScriptFailed
from engine.scripts import LONGEST_SCRIPT, check_python, run_python


def test_the_variables_a_script_assigns_are_its_result() -> None:
    source = """
total = 0
for amount in amounts:
    total += amount
if total > 5:
    label = f"{total:.1f}"
else:
    other = 1
(first, *rest) = amounts
def helper(x):
    inner = x
    return inner
_hidden = helper(3)
class Thing:
    kind = "x"
"""

    result = run_python(source, {"amounts": [1, 2, 3], "unused": object()})

    assert result == {"total": 6, "label": "6.0", "first": 1, "rest": [2, 3]}


def test_a_variable_that_is_changed_in_place_is_a_result_too() -> None:
    given = {"order": {"sum": 1}, "items": [1], "same": [1]}

    result = run_python("order['sum'] = 2\nitems.append(len(same))", given)

    assert result == {"order": {"sum": 2}, "items": [1, 1]}
    assert given == {"order": {"sum": 1}, "items": [1], "same": [1]}


def test_names_of_any_script_and_odd_names_do_no_harm() -> None:
    assert run_python("总计 = 金额 * 2", {"金额": 21}) == {"总计": 42}
    assert run_python("n = len(items)", {"len": 3, "items": [1], "__builtins__": 1, "typename": "set"}) == {"n": 1}
    assert run_python("n = id + 1", {"id": 6}) == {"n": 7}
    assert run_python("typename = {'typename': 1}", {}) == {"typename": {"typename": 1}}


def test_values_come_back_as_plain_data() -> None:
    source = "import datetime\nd = datetime.date(2026, 3, 1)\ns = {1}\nt = (1, (2, 3))\nn = None\nf = 1.5"

    assert run_python(source, {}) == {"d": "2026-03-01", "s": [1], "t": [1, [2, 3]], "n": None, "f": 1.5}


@pytest.mark.parametrize(
    "source",
    [
        "x = 10 ** 30",
        "x = float('nan')",
        "x = float('inf')",
        "class A: pass\nx = A()",
        "x = {1: 2}",
        "x = b'1'",
        "x = []\nfor i in range(80):\n    x = [x]",
    ],
)
def test_what_is_no_plain_data_is_refused_and_names_the_variable(source: str) -> None:
    with pytest.raises(ScriptFailed, match="variable 'x'"):
        run_python(source, {})


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a = 1\nraise ValueError('too small')", "line 2: ValueError: too small"),
        ("a = 1\n\nb = a / 0", "line 3: ZeroDivisionError"),
        ("print(missing)", "line 1: NameError"),
        ("x = 1\ndel x", "del"),
        ("import os\nos.listdir('/')", "PermissionError"),
        ("open('/etc/passwd').read()", "PermissionError"),
        ("import socket", "socket"),
        ("().__class__.__bases__", "__class__"),
        ("import subprocess", "subprocess"),
    ],
)
def test_a_script_that_fails_says_in_which_line_and_why(source: str, says: str) -> None:
    with pytest.raises(ScriptFailed) as raised:
        run_python(source, {})

    assert says in raised.value.message


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "try:\n    while True: pass\nexcept BaseException:\n    pass\nwhile True: pass",
        "x = 9 ** 9 ** 8",
        "x = [i for i in range(10 ** 9)]",
        "x = 'a' * 10 ** 10",
        "def f(n):\n    return f(n + 1)\nf(0)",
    ],
)
@pytest.mark.timeout(20)
def test_a_script_that_takes_too_much_is_stopped_and_the_next_one_runs(source: str) -> None:
    with pytest.raises(ScriptFailed):
        run_python(source, {}, seconds=0.3)

    assert run_python("x = 1", {}) == {"x": 1}


def test_a_script_does_not_sleep_and_knows_no_clock_but_the_one_it_is_given() -> None:
    source = "import time, datetime\ntime.sleep(3600)\nseen = datetime.datetime.now().isoformat()"

    result = run_python(source, {}, now=datetime(2026, 3, 2, 4, tzinfo=UTC))

    assert result == {"seen": "2026-03-02T04:00:00"}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = (", "line 1"),
        ("x = 1\nif x\n    y = 2", "line 2"),
        ("(" * 5000, "nested"),
        ("x = " + "-" * 15_000 + "1", "nested"),
        ("x" * (LONGEST_SCRIPT + 1), "at most 20000 characters"),
        ("x = '\0'", "null bytes"),
    ],
)
def test_a_script_that_cannot_be_read_is_refused_before_it_runs(source: str, says: str) -> None:
    with pytest.raises(ScriptFailed, match=says):
        check_python(source)


def test_a_variable_the_sandbox_cannot_take_is_refused() -> None:
    with pytest.raises(ScriptFailed, match="sandbox"):
        run_python("y = x", {"x": object()})


def test_reading_a_script_does_not_run_it() -> None:
    check_python("while True: pass")


# A script that calls something is for the sandbox.
_IN_A_CHILD = """
import os, sys
from engine.errors import ScriptFailed
from engine.scripts import run_python

if sys.argv[1] == "late":
    run_python("x = int(1)", {})
if os.fork() == 0:
    try:
        print(run_python("x = int(2)", {}), flush=True)
    except ScriptFailed as error:
        print(error.message, flush=True)
    os._exit(0)
os.wait()
print(run_python("x = int(3)", {}))
"""


@pytest.mark.timeout(30)
@pytest.mark.parametrize(("when", "says"), [("early", "{'x': 2}"), ("late", "forked later")])
def test_a_forked_child_has_workers_of_its_own_or_is_refused_but_never_hangs(when: str, says: str) -> None:
    done = subprocess.run([sys.executable, "-c", _IN_A_CHILD, when], capture_output=True, text=True, timeout=20)

    child, parent = done.stdout.splitlines()

    assert says in child
    assert parent == "{'x': 3}"

"""A decision table of 100 rules over four inputs, beside the same rules as a chain of Python ifs.

The chain is a floor: it knows no decimals, no null, no types, and does not say which rule decided. What is asked for
is the last rule, so that every rule is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from frame import SHORT, Comparison, cpu, main, part

ASKED = 500 if SHORT else 5_000
RULES = 100
INPUTS = ("面积", "类别", "年数", "会员")
CATEGORIES = ("甲", "乙", "丙", "丁")
LAST: Mapping[str, Any] = {"面积": 995, "类别": "丁", "年数": 200, "会员": True}


def rules() -> list[tuple[int, str, int | None, bool | None, int]]:
    """From what area, which category, more than how many years, whether a member, and what comes out."""
    return [(at * 10, CATEGORIES[at % 4], at if at % 2 else None, True if at % 3 else None, at) for at in range(RULES)]


@part
def decision_table() -> Mapping[str, float]:
    from engine.decisions import load_decisions
    from tests.builders_dmn import decision, dmn, input_data, table

    types = ("number", "string", "number", "boolean")
    lines = [
        f'[{low}..{low + 10}) | "{category}" | {"-" if years is None else f"> {years}"}'
        f" | {'-' if member is None else 'true'} | {out}"
        for low, category, years, member, out in rules()
    ]
    logic = table(INPUTS, ["结果"], *lines, policy="FIRST", input_types=types)
    data = [input_data(name, type_) for name, type_ in zip(INPUTS, types, strict=True)]
    model = load_decisions(dmn(*data, decision("D", logic, inputs=INPUTS)))
    assert model.evaluate("D", LAST).value == RULES - 1
    before = cpu()
    for _ in range(ASKED):
        model.evaluate("D", LAST)
    took = cpu() - before
    return {"per_cpu_s": ASKED / took, "microseconds": took / ASKED * 1e6}


@part
def python_chain() -> Mapping[str, float]:
    decide = _chain()
    assert decide(**LAST) == RULES - 1
    before = cpu()
    for _ in range(ASKED):
        decide(**LAST)
    took = cpu() - before
    return {"per_cpu_s": ASKED / took, "microseconds": took / ASKED * 1e6}


def _chain() -> Callable[..., int | None]:
    """The rules as one function of ifs."""
    lines = ["def decide(面积, 类别, 年数, 会员):"]
    for low, category, years, member, out in rules():
        tests = [f"{low} <= 面积 < {low + 10}", f"类别 == {category!r}"]
        tests += [] if years is None else [f"年数 > {years}"]
        tests += [] if member is None else ["会员 is True"]
        lines += [f"    if {' and '.join(tests)}:", f"        return {out}"]
    made: dict[str, Any] = {}
    exec("\n".join([*lines, "    return None"]), made)
    return made["decide"]  # type: ignore[no-any-return]


@part
def load() -> Mapping[str, float]:
    from engine.decisions import load_decisions
    from tests.builders_dmn import decision, dmn, input_data, table

    lines = [f"[{low}..{low + 10}) | {out}" for low, _, _, _, out in rules()]
    data = dmn(input_data("面积", "number"), decision("D", table(["面积"], ["结果"], *lines), inputs=["面积"]))
    load_decisions(data)
    times = max(1, ASKED // 250)
    before = cpu()
    for _ in range(times):
        load_decisions(data)
    return {"per_cpu_s": times / (cpu() - before)}


@part
def load_and_check() -> Mapping[str, float]:
    from engine.decisions import load_decisions
    from tests.builders_dmn import decision, dmn, input_data, table

    lines = [f"[{low}..{low + 10}) | {out}" for low, _, _, _, out in rules()]
    data = dmn(input_data("面积", "number"), decision("D", table(["面积"], ["结果"], *lines), inputs=["面积"]))
    times = max(1, ASKED // 250)
    before = cpu()
    for _ in range(times):
        assert len(load_decisions(data).findings) == 1
    return {"per_cpu_s": times / (cpu() - before)}


if __name__ == "__main__":
    main(
        Comparison(
            name="decision_table",
            what=f"a table of {RULES} rules and four inputs, the last rule decides; beside a chain of Python ifs",
            measured=decision_table,
            baseline=python_chain,
            by="per_cpu_s",
            at_most={"microseconds": 1_000},
        ),
        Comparison(
            name="decision_load",
            what=f"reading and searching a table of {RULES} rules for gaps and overlaps; beside reading it alone",
            measured=load_and_check,
            baseline=load,
            by="per_cpu_s",
        ),
    )

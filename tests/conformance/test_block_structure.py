"""Processes built of nested blocks are sound: whatever is chosen, they end once, and every join fires once a pass.

Soundness of block-structured nets is the textbook property (van der Aalst, 1998): option to complete, proper
completion, no dead tokens. A join that fires early, twice or never breaks it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from engine.spiff import Execution, compile_process
from engine.spiff.effects import IncidentOpened, Left, ProcessEnded
from tests.builders_model import Part, exclusive, flow, inclusive, parallel, process, script, user
from tests.host import MemoryHost


@dataclass
class Grower:
    """Grows a random block between two nodes."""

    random: random.Random
    parts: list[Part] = field(default_factory=list)
    count: int = 0

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def block(self, before: str, after: str, depth: int) -> None:
        kind = self.random.choice(["task", "task", "seq", "and", "or", "xor", "loop"]) if depth else "task"
        getattr(self, f"_{kind}")(before, after, depth)

    def _task(self, before: str, after: str, depth: int) -> None:
        task = self.fresh("t")
        self.parts += [flow(f"{before} -> {task} -> {after}"), user(task)]

    def _seq(self, before: str, after: str, depth: int) -> None:
        middle = self.fresh("pass")
        self.block(before, middle, depth - 1)
        self.block(middle, after, depth - 1)

    def _branches(self, split: str, join: str, depth: int, conditions: list[str | None]) -> None:
        for index, condition in enumerate(conditions):
            first = self.fresh("pass")
            is_default = condition == "default"
            self.parts.append(flow(f"{split} -> {first}", when=None if is_default else condition, default=is_default))
            if index or self.random.random() < 0.8:
                self.block(first, join, depth - 1)
            else:
                self.parts.append(flow(f"{first} -> {join}"))

    def _and(self, before: str, after: str, depth: int) -> None:
        split, join = self.fresh("andS"), self.fresh("andJ")
        self.parts += [flow(f"{before} -> {split}"), flow(f"{join} -> {after}"), parallel(split, join)]
        self._branches(split, join, depth, [None] * self.random.randint(2, 3))

    def _or(self, before: str, after: str, depth: int) -> None:
        split, join = self.fresh("orS"), self.fresh("orJ")
        self.parts += [flow(f"{before} -> {split}"), flow(f"{join} -> {after}"), inclusive(split, join)]
        self._branches(split, join, depth, ["toss(1)", "toss(2)", "default"])

    def _xor(self, before: str, after: str, depth: int) -> None:
        split, join = self.fresh("xorS"), self.fresh("xorJ")
        self.parts += [flow(f"{before} -> {split}"), flow(f"{join} -> {after}"), exclusive(split), exclusive(join)]
        self._branches(split, join, depth, ["toss(1)", "default"])

    def _loop(self, before: str, after: str, depth: int) -> None:
        entry, leave = self.fresh("loopE"), self.fresh("loopL")
        self.parts += [flow(f"{before} -> {entry}"), exclusive(entry), exclusive(leave)]
        counter = self.fresh("n")
        self.parts += [script(f"set{counter}", f"if {counter} = null then 1 else {counter} + 1", counter)]
        self.block(entry, f"set{counter}", depth - 1)
        self.parts += [flow(f"set{counter} -> {leave}"), flow(f"{leave} -> {entry}", when=f"modulo({counter}, 3) > 0")]
        self.parts.append(flow(f"{leave} -> {after}", default=True))


class TossingHost(MemoryHost):
    """Conditions are tosses of a coin."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def functions(self):  # type: ignore[no-untyped-def]
        return {"toss": lambda _: self.random.random() < 0.5}


@pytest.mark.parametrize("seed", range(150))
def test_a_block_structured_process_ends_once_and_leaves_nothing_behind(seed: int) -> None:
    order = random.Random(seed)
    grower = Grower(order)
    grower.block("start", "end", 4)
    program = compile_process(process(*grower.parts), functions=("toss",))
    host = TossingHost(seed)

    execution = Execution.start(program, host, instance="instance")
    execution.run()
    happened = list(execution.effects)
    for _ in range(5_000):
        if execution.ended:
            break
        execution = Execution.load(program, execution.dump(), host)
        tasks = [w for w in execution.waiting() if w.kind == "user-task"]
        assert tasks, [(w.node, w.kind) for w in execution.waiting()]
        execution.complete(order.choice(tasks).id, {})
        execution.run()
        happened += execution.effects

    left = [e.node for e in happened if isinstance(e, Left)]
    assert execution.ended
    assert [e for e in happened if isinstance(e, ProcessEnded | IncidentOpened)] == [ProcessEnded(outcome="completed")]
    assert left.count("end") == 1
    for split in {node for node in left if "S" in node}:
        join = join_of(split)
        assert left.count(join) == left.count(split), f"{join} fired {left.count(join)} times for {split}"


def join_of(split: str) -> str:
    kind, number = split.split("S")
    return f"{kind}J{int(number) + 1}"

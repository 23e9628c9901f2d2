"""A host may refuse a value (too large, no JSON): wherever it came from, its token is parked and can be retried."""

from __future__ import annotations

import pytest

from engine.models.model import Process
from engine.spiff import Execution, compile_process
from engine.spiff.effects import IncidentOpened
from engine.spiff.expressions import Stuck
from tests.builders_model import each, end, flow, message, process, script, service, sub, throw, user
from tests.host import MemoryHost


class StrictHost(MemoryHost):
    """Refuses the text 'bad', alone or inside a list, until told otherwise."""

    strict = True

    def write(self, scope: str, name: str, value: object) -> None:
        self._look(value)
        super().write(scope, name, value)

    def write_local(self, scope: str, name: str, value: object) -> None:
        self._look(value)
        super().write_local(scope, name, value)

    def _look(self, value: object) -> None:
        if self.strict and (value == "bad" or (isinstance(value, list) and "bad" in value)):
            raise Stuck("expression", "Expected a good value but got a bad one.")


def _each(**fields: object) -> object:
    return each("items", output_collection="results", output_element="result", **fields)


MODELS: dict[str, Process] = {
    "script": process(flow("start -> a -> after"), script("a", '"bad"', "x"), user("after")),
    "input": process(flow("start -> a -> after"), script("a", "1", "x", inputs={"y": '"bad"'}), user("after")),
    "output": process(flow("start -> a -> after"), script("a", "1", "x", outputs={"y": '"bad"'}), user("after")),
    "message": process(flow("start -> a -> after"), throw("a", message("m"), inputs={"y": '"bad"'}), user("after")),
    "items": process(flow("start -> a -> after"), script("a", "item", "result", loop=_each()), user("after")),
    "items in turn": process(
        flow("start -> a -> after"), script("a", "item", "result", loop=_each(sequential=True)), user("after")
    ),
    "result": process(
        flow("start -> a -> after"),
        script(
            "a", '"bad"', "result", loop=each("[1, 2]", output_collection="r", output_element="result", sequential=True)
        ),
        user("after"),
    ),
    "gathered": process(
        flow("start -> a -> after"),
        service("a", loop=each("[1]", output_collection="r", output_element='"b" + "ad"')),
        user("after"),
    ),
    "sub-process": process(
        flow("start -> s -> after"),
        sub("s", flow("startS -> endS"), end("endS"), inputs={"y": '"bad"'}, outputs={"z": "y"}),
        user("after"),
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_refused_value_parks_its_token_and_a_retry_goes_on_from_there(name: str) -> None:
    program = compile_process(MODELS[name])
    host = StrictHost("instance", {"items": ["fine", "bad"]})
    execution = Execution.start(program, host, instance="instance")
    incidents: list[IncidentOpened] = []

    for _ in range(20):
        assert execution.run()
        incidents += [e for e in execution.effects if isinstance(e, IncidentOpened)]
        for waiting in execution.waiting():
            if waiting.kind == "job":
                execution.complete(waiting.id, {})
        execution = Execution.load(program, execution.dump(), host)
        parked = [w.id for w in execution.waiting() if w.kind == "incident"]
        host.strict = len(incidents) < 2  # the first retry meets the same refusal
        for token in parked:
            execution.retry(token)
    execution.run()

    assert len(incidents) >= 2
    assert {e.kind for e in incidents} == {"expression"}
    assert [(w.node, w.kind) for w in execution.waiting()] == [("after", "user-task")]
    assert set(host.scopes) == {"instance"}
    if "items" in name:
        assert host.scopes["instance"]["results"] == ["fine", "bad"]


def test_a_refused_item_parks_its_own_instance_only() -> None:
    class ItemHost(StrictHost):
        def _look(self, value: object) -> None:
            if self.strict and value == "bad":
                raise Stuck("expression", "Expected a good value but got a bad one.")

    program = compile_process(process(flow("start -> a -> after"), user("a", loop=each("items")), user("after")))
    host = ItemHost("instance", {"items": ["fine", "bad", "good"]})
    execution = Execution.start(program, host, instance="instance")

    execution.run()
    kinds = [w.kind for w in execution.waiting()]
    host.strict = False
    execution.retry(next(w.id for w in execution.waiting() if w.kind == "incident"))
    execution.run()

    assert sorted(kinds) == ["incident", "loop", "user-task", "user-task"]
    assert [host.context(w.id).get("item") for w in execution.waiting() if w.kind == "user-task"] == [
        "fine",
        "bad",
        "good",
    ]

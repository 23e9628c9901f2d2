"""From the checked model to a program: one task spec a flow node, wired by sequence flows, boundaries and links.

One pass over the nodes, one over the flows: the work is linear in the size of the model.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any, cast
from zoneinfo import ZoneInfo

from SpiffWorkflow.specs import WorkflowSpec

from engine.errors import CiviflowError, InvalidModel
from engine.findings import Finding, Severity
from engine.models.model import Node, Process
from engine.spiff.check import check, is_link, is_process_start, link_key
from engine.spiff.formulas import Formulas
from engine.spiff.program import Contents, Program
from engine.spiff.specs.activities import SubProcessSpec
from engine.spiff.specs.base import FlowNodeSpec, OutFlow
from engine.spiff.specs.joins import InclusiveSpec
from engine.spiff.specs.listeners import HandlerStartSpec, ListenerSpec
from engine.spiff.specs.loops import LoopSpec
from engine.spiff.specs.make import make_loop, make_spec
from engine.spiff.supported import SUPPORTED
from engine.spiff.timers import DEFAULT_ZONE


def compile_process(process: Process, *, zone: str = DEFAULT_ZONE, functions: Collection[str] = ()) -> Program:
    """Compile a process so that it can be run.

    Args:
        process: the normalised model.
        zone: the site's IANA time zone, for dates and times without offset.
        functions: names of the host's functions that expressions may call.

    Raises:
        InvalidModel: `check` found errors; they are its `findings`.
    """
    errors = tuple(f for f in check(process, functions=functions) if f.severity is Severity.ERROR)
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise InvalidModel(f"Process {process.key} cannot be run: {errors[0].message}{more}", findings=errors)
    return _Compiler(process, Formulas(functions)).program(ZoneInfo(zone))


def compiled_nodes(process: Process, *, functions: Collection[str] = ()) -> frozenset[str]:
    """Ids of the flow nodes that compile: all of them, unless some are refused.

    Args:
        process: the normalised model, with errors or without.
        functions: names of the host's functions that expressions may call.
    """
    try:
        return compile_process(process, functions=functions).flow_nodes
    except InvalidModel as refused:
        faulty = {finding.element for finding in refused.findings if isinstance(finding, Finding)}
    compiler = _Compiler(process, Formulas(functions))
    made = set()
    for node in process.nodes.values():
        if node.id in faulty or node.type not in SUPPORTED:
            continue
        # A node that cannot be made without what another lacks is not compiled either; the caller names it.
        with suppress(CiviflowError, LookupError, AttributeError, TypeError, ValueError):
            compiler._spec(node)
            made.add(node.id)
    return frozenset(made)


class _Compiler:
    def __init__(self, process: Process, formulas: Formulas) -> None:
        self.process = process
        self.formulas = formulas
        self.workflow_spec = WorkflowSpec(name=process.key)
        self.contents: dict[str, Contents] = {"": Contents()}
        for node in process.nodes.values():
            if node.type == "subProcess":
                self.contents[node.id] = Contents()
        self.specs: dict[str, FlowNodeSpec] = {}
        self.link_catches = {
            link_key(node): node.id for node in process.nodes.values() if is_link(node, "intermediateCatchEvent")
        }

    def program(self, zone: ZoneInfo) -> Program:
        for node in self.process.nodes.values():
            self.specs[node.id] = self._spec(node)
        for node in self.process.nodes.values():
            self._connect(node)
        starts = tuple(node for node in self.process.nodes.values() if is_process_start(node))
        self.workflow_spec.start = self.specs[starts[0].id]
        return Program(
            process=self.process,
            start_events=starts,
            zone=zone,
            workflow_spec=self.workflow_spec,
            contents=self.contents[""],
        )

    def _spec(self, node: Node) -> FlowNodeSpec:
        common: dict[str, Any] = {
            "inputs": self.formulas.mappings(node.inputs, node.id),
            "outputs": self.formulas.mappings(node.outputs, node.id),
        }
        if node.type == "subProcess":
            common["contents"] = self.contents[node.id]
        if node.loop is None:
            return make_spec(self.workflow_spec, self.process, node, self.formulas, common)
        body = make_loop(self.workflow_spec, node, node.loop, self.formulas)
        body.inside = make_spec(self.workflow_spec, self.process, node, self.formulas, {**common, "loop": body})
        return body

    def _connect(self, node: Node) -> None:
        spec, around = self.specs[node.id], self.contents[node.parent]
        spec.flows = tuple(self._ways_out(node))
        for flow in spec.flows:
            spec.connect(flow.target)
        if isinstance(spec, LoopSpec):
            spec.connect(spec.inside)
        if node.type == "boundaryEvent":
            self._attach(self.specs[node.attached_to], cast(ListenerSpec, spec))
        elif isinstance(spec, HandlerStartSpec):
            self._handle(spec)
        elif node.type == "startEvent" and node.parent:
            around.start = spec
        elif isinstance(spec, InclusiveSpec) and len(node.incoming) > 1:
            around.inclusive_joins.append(spec)

    def _ways_out(self, node: Node) -> list[OutFlow]:
        flows = []
        for id_ in node.outgoing:
            flow = self.process.flows[id_]
            condition = self.formulas.optional(flow.condition, "condition", f"sequenceFlow {id_}")
            target = self.specs[flow.target]
            flows.append(OutFlow(id=id_, target=target, condition=condition, is_default=flow.is_default))
        if is_link(node, "intermediateThrowEvent"):
            flows.append(OutFlow(id="", target=self.specs[self.link_catches[link_key(node)]]))
        return flows

    def _attach(self, host: FlowNodeSpec, boundary: ListenerSpec) -> None:
        if boundary.trigger is not None:
            host.boundaries += (boundary,)
        else:
            host.catchers += (boundary,)
        host.connect(boundary)

    def _handle(self, start: HandlerStartSpec) -> None:
        handler = cast(SubProcessSpec, self.specs[start.node.parent])
        start.handler = handler
        around = self.contents[handler.node.parent]
        (around.handlers if start.trigger is not None else around.catchers).append(start)

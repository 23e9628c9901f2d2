"""What of a process the scenarios have reached, told from the event log.

A node is reached when a token entered it. A flow is taken when an activity at its target came from
one at its source; two flows between the same two nodes cannot be told apart and count together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.contracts.eventlog import LogFilter
from engine.contracts.principal import SYSTEM
from engine.models.model import Flow, Process
from engine.scenarios.report import Coverage, Missed

if TYPE_CHECKING:
    from engine.engine import Engine


@dataclass(kw_only=True)
class Reached:
    """Nodes entered, and pairs (source, target) between which a token went."""

    nodes: set[str] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)

    def add(self, engine: Engine, process: str) -> None:
        """Add what an engine's cases of a process have reached."""
        log = engine.event_log(SYSTEM).activities(LogFilter(definition_key=process))
        elements = dict(zip(log["activity_id"], log["element_id"], strict=True))
        self.nodes.update(log["element_id"])
        for element, predecessors in zip(log["element_id"], log["predecessors"], strict=True):
            self.steps.update((elements[each], element) for each in predecessors if each in elements)


def coverage_of(process: Process, reached: Reached) -> Coverage:
    """How much of the process that is."""
    missed_nodes = [node for node in process.nodes.values() if node.id not in reached.nodes]
    missed_flows = [flow for flow in process.flows.values() if (flow.source, flow.target) not in reached.steps]
    return Coverage(
        process=process.name or process.key,
        nodes=len(process.nodes),
        flows=len(process.flows),
        missed_nodes=tuple(Missed(id=node.id, name=node.name) for node in missed_nodes),
        missed_flows=tuple(Missed(id=flow.id, name=_flow_name(process, flow)) for flow in missed_flows),
    )


def _flow_name(process: Process, flow: Flow) -> str:
    ends = [process.nodes[end].name or end for end in (flow.source, flow.target) if end in process.nodes]
    named = f"{flow.name}: " if flow.name else ""
    return named + " → ".join(ends)

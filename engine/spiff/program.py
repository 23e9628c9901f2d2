"""A compiled process: immutable, shared by all its instances and by all threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from SpiffWorkflow.specs import WorkflowSpec

from engine.errors import NotFound
from engine.models.model import Node, Process
from engine.spiff.deadlines import deadline_names

if TYPE_CHECKING:
    from engine.spiff.specs.base import FlowNodeSpec
    from engine.spiff.specs.joins import InclusiveSpec
    from engine.spiff.specs.listeners import HandlerStartSpec


@dataclass(kw_only=True)
class Contents:
    """What the model says is in a scope; filled by the compiler, then left alone.

    Args:
        start: the none start event of a sub-process.
        handlers: starts of event sub-processes that listen: timer, message, signal, conditional.
        catchers: starts of event sub-processes that catch: error, escalation.
        inclusive_joins: inclusive gateways with several ways in.
    """

    start: FlowNodeSpec | None = None
    handlers: list[HandlerStartSpec] = field(default_factory=list)
    catchers: list[HandlerStartSpec] = field(default_factory=list)
    inclusive_joins: list[InclusiveSpec] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process that can be run.

    Args:
        process: the model it was compiled from.
        start_events: nodes by which an instance can begin, in document order.
        zone: the site's zone, for local dates in timers.
        workflow_spec: the SpiffWorkflow spec; for `engine.spiff` alone.
        contents: what is at process level; for `engine.spiff` alone.
    """

    process: Process
    start_events: tuple[Node, ...]
    zone: ZoneInfo
    workflow_spec: WorkflowSpec
    contents: Contents

    @cached_property
    def deadline_names(self) -> frozenset[str]:
        """The variables that deadlines of open tasks and timers follow; empty for most processes."""
        return deadline_names(self.workflow_spec)

    @property
    def flow_nodes(self) -> frozenset[str]:
        """Ids of all flow nodes that were compiled; equal to those of the process."""
        return frozenset(spec.node.id for spec in self.workflow_spec.task_specs.values())

    def node(self, id: str) -> Node:
        """The model's node of an id.

        Raises:
            NotFound: there is none.
        """
        try:
            return self.process.nodes[id]
        except KeyError:
            raise NotFound(f"Expected a flow node of process {self.process.key} but there is no '{id}'.") from None

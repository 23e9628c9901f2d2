"""Vendors' extensions of BPMN, read into one vendor-neutral record."""

from __future__ import annotations

from engine.models.dialects import camunda7, civiflow, flowable, spiff, zeebe
from engine.models.dialects.extensions import Extensions, Source

__all__ = ["Extensions", "Source", "read_extensions"]


def read_extensions(source: Source) -> Extensions:
    """Everything all dialects say about an element; what we cannot honour is reported by name."""
    found = Extensions()
    for dialect in (camunda7, flowable, spiff, zeebe, civiflow):
        dialect.read(source, found)
    return found

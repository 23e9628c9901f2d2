"""Processes of a file: each `process` element becomes one `Process`."""

from __future__ import annotations

from engine.models.bpmn_xml import (
    BPMN,
    Element,
    attribute,
    children,
    documentation,
    flag,
    local,
    reference,
    unprefixed,
)
from engine.models.dialects.zeebe import embedded_forms
from engine.models.findings import describe, describe_element
from engine.models.labels import Words
from engine.models.model import Process
from engine.models.normalise.flows import ends_of, mark_defaults, read_flows
from engine.models.normalise.lanes import read_lanes
from engine.models.normalise.nodes import NodeReader, with_flows
from engine.models.normalise.reading import Reading


def read_processes(root: Element, reading: Reading) -> tuple[Process, ...]:
    """Every process of the file, in document order; a process without a name takes its pool's."""
    elements = [root] if local(root) == "process" else list(children(root, "process"))
    pools = _pool_names(root, elements, reading)
    return tuple(_read(element, pools, reading) for element in elements)


def _pool_names(root: Element, processes: list[Element], reading: Reading) -> dict[str, str]:
    known = {attribute(process, "id") for process in processes}
    names: dict[str, str] = {}
    for collaboration in children(root, "collaboration"):
        for pool in children(collaboration, "participant"):
            ref = reference(pool, "processRef")
            key = ref if ref in known else unprefixed(ref)
            if key in known:
                names.setdefault(key, attribute(pool, "name"))
            elif ref and not _elsewhere(ref, pool, root):
                reading.report.error(
                    "unknown-process",
                    describe_element(pool),
                    Words(
                        f"shows the process '{ref}', which the file does not hold",
                        f"引用的流程“{ref}”不在文件中",
                    ),
                    Words("Remove the pool, or draw its process.", "请删除该泳池，或画出其流程。"),
                )
    return names


def _elsewhere(ref: str, pool: Element, root: Element) -> bool:
    """Whether a reference's prefix says that it lies in another file."""
    prefix, colon, _ = ref.rpartition(":")
    return bool(colon) and pool.nsmap.get(prefix) not in (None, BPMN, attribute(root, "targetNamespace"))


def _read(element: Element, pools: dict[str, str], reading: Reading) -> Process:
    key = reading.take_id(element, attribute(element, "id"))
    name = attribute(element, "name") or pools.get(key, "")
    subject = describe("process", key, name, process=key)
    extensions = reading.extensions(element, subject)
    reader = NodeReader(reading=reading, process=key, lanes=read_lanes(element), forms=embedded_forms(element))
    reader.read(element)
    flows = read_flows(element, reading, process=key)
    flows = mark_defaults(flows, reader.nodes, reader.elements, reading, key)
    return Process(
        key=key,
        name=name,
        executable=flag(element, "isExecutable", default=False) if attribute(element, "isExecutable") else None,
        nodes=with_flows(reader.nodes, ends_of(flows)),
        flows=flows,
        properties=extensions.properties,
        documentation=documentation(element),
    )

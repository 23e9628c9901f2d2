"""One file through the whole pipeline: it gets a status, its flow nodes are counted, none goes missing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from lxml import etree

from engine.inspection import Inspection, Status, inspect_file
from tests.unit.models.bpmn import BPMN, END, START, file, flow, path, process

# Written out here on purpose: the count must not learn from the code what a flow node is.
NODES = {
    *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
    *("task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask"),
    *("callActivity", "subProcess", "transaction", "adHocSubProcess"),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"),
}
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def count(data: bytes) -> int:
    """Flow nodes of a file, by a plain walk."""
    found = 0
    for element in etree.fromstring(data).iter():
        name = etree.QName(element) if isinstance(element.tag, str) else None
        inside = [etree.QName(above).localname for above in element.iterancestors()]
        found += name is not None and name.localname in NODES and "extensionElements" not in inside
    return found


def codes(found: Inspection) -> set[str]:
    return {finding.code for finding in found.findings}


def unaccounted(found: Inspection) -> list[str]:
    """Nodes that were neither compiled nor named."""
    named = {finding.element for finding in found.findings if finding.severity != "note"}
    told = " ".join(finding.message for finding in found.findings)
    return [id_ for process in found.processes for id_ in process.lost if id_ not in named and id_ not in told]


NESTED = (
    '<subProcess id="s1"><startEvent id="a"/><subProcess id="s2"><startEvent id="b"/><callActivity id="c" '
    'calledElement="q"/><endEvent id="d"/>' + path("b", "c", "d") + '</subProcess><endEvent id="e"/>'
    + path("a", "s2", "e") + "</subProcess>"
)  # fmt: skip
ONE_WAY = path("start", "x", "end")
PLAIN = process(START, '<task id="x"/>', END, path("start", "x", "end"))
PREFIXED = PLAIN.replace(b"<", b"<b:").replace(b"<b:/", b"</b:").replace(b"<b:?", b"<?").replace(b"xmlns=", b"xmlns:b=")
TRAPS: Mapping[str, bytes] = {
    "plain": PLAIN,
    "nodes without ids": process("<startEvent/><task/><callActivity/><endEvent/>"),
    "duplicate ids": process(START, '<task id="x"/><task id="x"/><callActivity id="x"/>', END, ONE_WAY),
    "nested sub-processes": process(START, NESTED, END, path("start", "s1", "end")),
    "partner pools": file(
        '<collaboration id="c"><participant id="P" processRef="p"/><participant id="Q" processRef="q"/></collaboration>'
        '<process id="p" isExecutable="true">' + START + END + flow("start", "end") + "</process>"
        '<process id="q"><callActivity id="far"/><complexGateway id="g"/></process>'
    ),
    "a process that is not executable": process(START, '<complexGateway id="g"/>', END, attributes=""),
    "several processes without ids": file("<process><task/></process><process><task/><task/></process>"),
    "boundary events": process(
        START, '<userTask id="x"/><boundaryEvent id="b" attachedToRef="x">' + TIMER + "</boundaryEvent>", END,
        path("start", "x", "end"), flow("b", "end"),
    ),
    "nodes where none may stand": process(START, '<task id="x"><task id="inner"/></task>', END, ONE_WAY),
    "nodes in lanes": process('<laneSet><lane id="l"><userTask id="x"/></lane></laneSet>', START, END),
    "nodes outside of any process": file('<userTask id="lost"/><process id="p" isExecutable="true"/>'),
    "nodes in extensions are none": process(START, '<extensionElements><task id="t"/></extensionElements>', END),
    "a prefix": PREFIXED,
    "a piece of a model": f'<subProcess xmlns="{BPMN}" id="s"><task id="t"/></subProcess>'.encode(),
    "the beta's namespace": PLAIN.replace(BPMN.encode(), b"http://schema.omg.org/spec/BPMN/2.0"),
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN,
    "UTF-16": PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "GBK": PLAIN.decode().replace("UTF-8", "GBK").encode("gbk"),
    "a choreography": file(
        '<choreography id="c"><startEvent id="s"/><choreographyTask id="t" initiatingParticipantRef="a">'
        "<participantRef>a</participantRef><participantRef>b</participantRef><messageFlowRef>m</messageFlowRef></choreographyTask>"
        "</choreography>"
    ),
    "three hundred calls": process(START, *(f'<callActivity id="c{n}"/>' for n in range(300)), END),
    "three hundred nodes outside": file(*(f'<userTask id="c{n}"/>' for n in range(300))),
}  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_every_flow_node_is_counted_and_compiled_or_named(name: str) -> None:
    found = inspect_file("trap.bpmn", TRAPS[name])

    assert sum(each.flow_nodes_xml for each in found.processes) == count(TRAPS[name])
    assert all(each.flow_nodes_xml - each.flow_nodes_compiled == len(each.lost) for each in found.processes)
    assert unaccounted(found) == []
    assert not codes(found) & {"internal", "too-slow", "too-much-memory"}


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("p.bpmn", PLAIN)
    return held.getvalue()


UNREADABLE: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "empty-file"),
    "white space": (b" \n ", "empty-file"),
    "huge": (b"<a>" + b" " * 6_000_000 + b"</a>", "file-too-large"),
    "no XML": (b"hello", "not-xml"),
    "cut off": (PLAIN[:-20], "not-well-formed"),
    "an unknown prefix": (PLAIN.replace(b"<task", b"<x:task"), "not-well-formed"),
    "a document type": (b'<!DOCTYPE d [<!ENTITY e "x">]>' + PLAIN[38:], "document-type-refused"),
    "DMN": (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not-bpmn"),
    "CMMN": (b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>', "not-bpmn"),
    "other XML": (b"<project/>", "not-bpmn"),
    "ZIP": (zipped(), "zip-archive"),
    "wrong bytes": (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff\xfe</a>', "wrong-encoding"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_rejected_with_one_finding(name: str) -> None:
    content, code = UNREADABLE[name]

    found = inspect_file("file.bpmn", content)

    assert found.status is Status.REJECTED
    assert [finding.code for finding in found.findings] == [code]
    assert found.processes == ()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (PLAIN, Status.RUNNABLE),
        (process(START, END, flow("start", "end"), attributes=""), Status.DRAFT),
        (process(START, END, flow("start", "end"), attributes='isExecutable="false"'), Status.DRAFT),
        (process(START, '<serviceTask id="x"/>', END, path("start", "x", "end")), Status.DRAFT),
        (process(START, '<callActivity id="x" calledElement="q"/>', END, path("start", "x", "end")), Status.DRAFT),
        (process('<task id="x"/><task id="y"/>', flow("x", "y")), Status.DRAFT),
        (file(), Status.DRAFT),
        (file('<collaboration id="c"><participant id="P" name="citizen"/></collaboration>'), Status.DRAFT),
        (process(START, END, flow("start", "end"), flow("end", "start")), Status.REJECTED),
    ],
    ids=["runs", "absent", "false", "no job type", "not run here", "no start", "nothing", "empty pool", "broken"],
)
def test_a_file_is_runnable_a_draft_or_rejected(data: bytes, status: Status) -> None:
    assert inspect_file("p.bpmn", data).status is status


def test_forms_and_decisions_are_looked_for_among_the_companions() -> None:
    model = process(
        START, '<userTask id="u" camunda:formKey="ask"/><businessRuleTask id="r" camunda:decisionRef="fee"/>', END,
        path("start", "u", "r", "end"),
    )  # fmt: skip
    decision = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="urn:d" id="d">'
        b'<decision id="fee" name="fee"><literalExpression><text>1</text></literalExpression></decision></definitions>'
    )
    form = b'{"type": "default", "components": [{"key": "name", "type": "textfield", "label": "Name"}]}'

    alone = inspect_file("p.bpmn", model)
    together = inspect_file("p.bpmn", model, {"fee.dmn": decision, "forms/ask.json": form})

    assert {"form-not-found", "decision-not-found"} <= codes(alone)
    assert (alone.status, together.status) == (Status.DRAFT, Status.RUNNABLE)
    assert not {"form-not-found", "decision-not-found"} & codes(together)
    assert inspect_file("fee.dmn", decision).status is Status.RUNNABLE
    assert inspect_file("ask.form", form).status is Status.RUNNABLE
    assert inspect_file("ask.form", b"[]").status is Status.DRAFT

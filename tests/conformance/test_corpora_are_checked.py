"""Every foreign file gets a status; no flow node of it is missing without a finding; only faulty ones are rejected."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.inspection import Inspection, Status, inspect_file
from engine.models.rules import Kind, kind_of
from tests.shared_data import shared
from tests.unit.test_inspection import count, unaccounted

# What the schema takes and we reject: each looked at by eye, with the rule that it breaks.
BREACHES = {
    # a catch or boundary event that waits for nothing, an error end event without an error, events without a way on
    "activity-execution.bpmn": {"error-without-code"},
    "service-task.bpmn": {"error-without-code"},
    "transaction.bpmn": {"error-without-code"},
    "join-inbound.bpmn": {"event-waits-for-nothing"},
    "simple-task.bpmn": {"boundary-without-way"},
    "wait-activities.bpmn": {"boundary-without-way"},
    "link-event-definition-target.bpmn": {"no-way-in", "no-way-out"},
    "yaoqiang-event-definitions.bpmn": {"no-way-out"},
    # an event sub-process with a plain start; an event gateway whose target has another way in
    "escalation-start-event.bpmn": {"event-sub-process-start"},
    "event-based-gateway-with-same-target.bpmn": {"event-gateway-target"},
    "messageflow-target-process.bpmn": {"message-flow-event"},
    # tasks without a way out beside an end event
    "BoundaryErrorEventTest.testCatchErrorOnEmbeddedSubprocessWithoutErrorCode.bpmn20.xml": {"no-way-out"},
    "BoundaryErrorEventTest.testCatchErrorThrownByJavaDelegateOnMultiInstanceServiceTaskParallel.bpmn20.xml": {
        "no-way-out"
    },
    "BoundaryErrorEventTest.testCatchErrorThrownByJavaDelegateProvidedByDelegateExpressionOnServiceTask.bpmn20.xml": {
        "no-way-out"
    },
    "CompetingMessageCorrelationTest.testConcurrentMessageCorrelationAndTreeCompaction.bpmn20.xml": {"no-way-out"},
    "interruptingEventSubProcessNestedCompensationProcess.bpmn20.xml": {"boundary-without-way", "no-way-in"},
    # an error and a message that are defined nowhere
    "UnhandledBpmnErrorTest.testUncaughtErrorOnEventSubprocess.bpmn20.xml": {"unresolved-reference"},
    "ExclusiveThrowEventTest.testNonExclusiveThrowEvent.bpmn": {"unresolved-reference"},
    # invalid on purpose
    "BpmnParseTest.testInvalidProcessWithoutStartEvent.bpmn20.xml": {"end-without-start"},
    "BpmnParseTest.testInvalidSequenceFlowInAndOutEventSubProcess.bpmn20.xml": {
        *("event-sub-process-flow", "event-sub-process-start", "flow-not-allowed"),
    },
}


@pytest.fixture(scope="module")
def inspected() -> dict[Path, Inspection]:
    files = [*shared("corpora").rglob("*.bpmn"), *shared("corpora").rglob("*.xml")]
    models = sorted(file for file in files if "dmn-tck-level-2" not in file.parts)
    return {file: inspect_file(file.name, file.read_bytes()) for file in models}


def test_every_file_gets_a_status_and_no_fault_of_ours(inspected: dict[Path, Inspection]) -> None:
    ours = {"internal", "too-slow", "too-much-memory"}

    assert len(inspected) > 390
    assert [f.name for f, found in inspected.items() if ours & {finding.code for finding in found.findings}] == []
    assert {found.status for found in inspected.values()} == set(Status)
    assert [
        f.name for f, found in inspected.items() if found.status is not Status.RUNNABLE and not found.findings
    ] == []


def test_no_flow_node_is_missing_without_a_finding(inspected: dict[Path, Inspection]) -> None:
    counted = total = 0
    for file, found in inspected.items():
        if {finding.code for finding in found.findings} & {"not-well-formed", "not-bpmn"}:
            continue
        drawn = count(file.read_bytes())
        assert sum(each.flow_nodes_xml for each in found.processes) == drawn, file
        assert unaccounted(found) == [], file
        counted, total = counted + 1, total + drawn

    assert counted > 380
    assert total > 2_400


def test_what_the_schema_takes_is_rejected_for_a_known_breach_alone(inspected: dict[Path, Inspection]) -> None:
    schema = etree.XMLSchema(etree.parse(str(_schema_file())))
    rejected = {file: found for file, found in inspected.items() if found.status is Status.REJECTED}

    breaches = {
        file.name: {f.code for f in found.findings if f.severity == "error" and kind_of(f.code) is not Kind.NOT_RUN}
        for file, found in rejected.items()
        if _keeps(schema, file)
    }

    assert breaches == BREACHES


def _schema_file() -> Path:
    import SpiffWorkflow.bpmn.parser

    return Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"


def _keeps(schema: etree.XMLSchema, file: Path) -> bool:
    try:
        root = etree.fromstring(file.read_bytes())
    except etree.XMLSyntaxError:
        return False
    return etree.QName(root).localname == "definitions" and bool(schema.validate(root))

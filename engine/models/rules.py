"""What an error says of the file: not readable, against the standard, unfinished, or only not runnable here.

One table, so that `civiflow check` can tell a file that is no BPMN (rejected) from one that is valid BPMN but does
not start as it stands (a draft). docs/bpmn.md explains the three to designers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an error says of the file.

    UNREADABLE: it could not be read at all: not XML, another language, too large.
    BROKEN: it breaks a rule of the standard or of its schema, whatever the process is meant for.
    UNFINISHED: the standard asks for something that is not drawn yet: a drawing may lack it, a process that
        says it is executable may not.
    NOT_RUN: it is valid BPMN that wants a value (a job type, a condition, a time) or is not run here.
    """

    UNREADABLE = "unreadable"
    BROKEN = "broken"
    UNFINISHED = "unfinished"
    NOT_RUN = "not-run"


_UNREADABLE: Final = (
    "archive", "document-type-refused", "empty-file", "file-missing", "file-too-large", "form-instead-of-bpmn",
    "git-lfs-pointer", "gzip-archive", "html-instead-of-bpmn", "image", "internal", "json-instead-of-bpmn",
    "mime-instead-of-bpmn", "not-bpmn", "not-well-formed",
    "not-xml", "office-document", "pdf-document",
    "svg-instead-of-bpmn", "too-deep", "too-many-attributes", "too-many-elements",
    "too-much-memory", "too-slow", "unknown-encoding", "wrong-encoding", "zip-archive", "zip-not-taken",
)  # fmt: skip
_BROKEN: Final = (
    "attribute-invalid", "attribute-missing", "bad-process-id", "boundary-unattached", "child-missing",
    "choreography-in-process", "condition-not-allowed", "data-association-sources", "data-association-types",
    "default-flow-unknown", "duplicate-id", "error-must-interrupt", "event-definition-shared", "event-not-allowed",
    "event-sub-process-flow", "flow-broken", "flow-crosses-border", "flow-crosses-scope", "flow-end-missing",
    "flow-end-unknown", "flow-not-allowed", "link-twice", "link-with-flow", "message-flow-direction",
    "message-flow-end", "message-flow-in-one-pool", "outside-any-process", "pool-multiplicity",
    "root-not-definitions", "start-event-not-allowed", "unknown-attribute", "unknown-element", "unknown-process",
    "unresolved-reference", "wrong-reference",
)  # fmt: skip
_UNFINISHED: Final = (
    "ad-hoc-content", "boundary-without-way", "called-without-start", "compensation-without-handler",
    "condition-on-only-way", "data-association-end", "data-not-in-set", "end-without-start", "error-without-code",
    "escalation-without-code", "event-gateway-target", "event-gateway-ways", "event-sub-process-start",
    "event-waits-for-nothing", "event-without-condition", "flow-reference", "gateway-direction",
    "gateway-without-effect", "lane-reference", "lane-twice", "link-without-name", "link-without-partner",
    "link-without-target", "message-flow-event", "no-way-in", "no-way-out", "unresolved-data",
)  # fmt: skip
_NOT_RUN: Final = (
    "bad-expression", "bad-timer", "binding-not-supported", "business-rule-without-decision", "call-without-process",
    "caught-twice", "choreography-not-supported", "computed-code", "decision-not-found",
    "decision-result-not-supported", "default-with-condition", "empty-process", "empty-sub-process", "entry-twice",
    "event-incomplete", "event-sub-process", "expression-language-not-supported", "expression-not-translatable",
    "feel-syntax", "flow-without-condition", "foreign-implementation", "form-invalid", "form-not-readable",
    "hidden-script", "link-name-expression", "loop-bound", "loop-output", "loop-without-condition",
    "loop-without-end", "mapping-in-script", "mapping-incomplete", "mapping-not-supported", "message-without-name",
    "multi-instance-behaviour", "multi-instance-without-measure", "no-process", "no-start-event", "not-compiled",
    "output-collection-missing", "output-element-missing", "parallel-event-gateway", "recalculate-value",
    "scope-unknown", "script-language-not-supported", "script-missing", "script-syntax", "script-too-long",
    "send-task-without-message", "service-task-without-type", "several-start-events",
    "signal-without-name", "skip-expression", "start-message-twice", "sub-process-start", "task-without-decision",
    "task-without-script", "task-without-topic", "timer-cron", "timer-invalid", "timer-with-several-times",
    "timer-without-time", "token-quantity", "unknown-function", "unsupported-element", "unsupported-event",
    "unsupported-start",
)  # fmt: skip

KINDS: Final[Mapping[str, Kind]] = {
    code: kind
    for kind, codes in (
        (Kind.UNREADABLE, _UNREADABLE),
        (Kind.BROKEN, _BROKEN),
        (Kind.UNFINISHED, _UNFINISHED),
        (Kind.NOT_RUN, _NOT_RUN),
    )
    for code in codes
}
"""Code of an error → what it says of the file."""


def kind_of(code: str) -> Kind:
    """What an error of this code says; of a decision or form file, always that it does not run."""
    return KINDS.get(code, Kind.NOT_RUN)

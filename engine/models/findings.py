"""Collecting findings: every one names its element by type, name and id, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.findings import Finding, Severity
from engine.models.bpmn_xml import Element, attribute, line_of, local, one_line
from engine.models.labels import Words, label
from engine.models.model import Flow, Node, Process

_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a finding is about.

    Args:
        id: element id, or '' for the whole file.
        name: as the author called it.
        words: how a sentence begins that speaks of it: 'User task «审批» (Activity_1)'.
        process: key of the process it belongs to, or ''.
    """

    id: str = ""
    name: str = ""
    words: Words
    process: str = ""


FILE = Subject(words=Words("The file", "文件"))


def shorten(text: str, limit: int = _LONGEST_NAME) -> str:
    """Text on one line, cut to `limit` characters."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def describe(type_: str, id_: str, name: str, *, process: str = "") -> Subject:
    """The subject for an element of a BPMN type.

    A plain unnamed element reads 'User task Activity_1', a named one 'User task «审批» (Activity_1)'.
    """
    kind, shown = label(type_), shorten(name)
    if shown and id_:
        words = Words(f"{kind.en} «{shown}» ({id_})", f"{kind.zh}“{shown}”({id_})")
    elif shown:
        words = Words(f"{kind.en} «{shown}»", f"{kind.zh}“{shown}”")
    elif id_:
        words = Words(f"{kind.en} {id_}", f"{kind.zh} {id_} ")
    else:
        words = Words(f"{kind.en} without id", f"没有编号的{kind.zh}")
    return Subject(id=id_, name=name, words=words, process=process)


def describe_element(element: Element, *, process: str = "") -> Subject:
    """The subject for an XML element; one of unknown type is called by its tag."""
    tag, id_, name = local(element), attribute(element, "id"), attribute(element, "name")
    subject = describe(tag, id_, name, process=process)
    if label(tag).en != "Element":
        return subject
    shown = f"<{tag}>" + (f" ({id_})" if id_ else "")
    line = line_of(element)
    words = Words(f"Element {shown} in line {line}", f"第 {line} 行的元素 {shown} ")
    return Subject(id=id_, name=name, words=words, process=process)


def describe_node(node: Node, process: Process | str) -> Subject:
    """The subject for a flow node."""
    key = process if isinstance(process, str) else process.key
    return describe(node.type, node.id, node.name, process=key)


def describe_flow(flow: Flow, process: Process) -> Subject:
    """The subject for a sequence flow; it tells where the flow comes from and leads to."""
    subject = describe("sequenceFlow", flow.id, flow.name, process=process.key)
    source, target = _end_of(flow.source, process), _end_of(flow.target, process)
    words = Words(
        f"{subject.words.en} from {source.en} to {target.en}",
        f"从{source.zh}到{target.zh}的{subject.words.zh}",
    )
    return Subject(id=flow.id, name=flow.name, words=words, process=process.key)


def _end_of(id_: str, process: Process) -> Words:
    node = process.nodes.get(id_)
    if node is not None and node.name:
        shown = shorten(node.name, 30)
        return Words(f"«{shown}»", f"“{shown}”")
    return Words(id_ or "?", f" {id_ or '?'} ")


def describe_file(filename: str) -> Subject:
    """A whole file, by the end of its name if it has one."""
    shown = filename[-80:]
    return Subject(words=Words(f"File «{shown}»", f"文件“{shown}”")) if shown else FILE


def inline(words: Words) -> Words:
    """A subject's words for the middle of a sentence."""
    return Words(words.en[:1].lower() + words.en[1:], words.zh)


def _sentence(text: str, stop: str) -> str:
    return text if text.endswith((".", "。", "?", "!", "…", "？", "！")) else text + stop


def make_finding(severity: Severity, code: str, subject: Subject, says: Words, mend: Words | None = None) -> Finding:
    """One finding; `says` continues the subject's sentence."""
    way_out = mend or Words("", "")
    return Finding(
        severity=severity,
        code=code,
        element=subject.id,
        element_name=subject.name,
        message=_sentence(f"{subject.words.en} {says.en}", "."),
        message_zh=_sentence(f"{subject.words.zh}{says.zh}", "。"),
        mend=way_out.en,
        mend_zh=way_out.zh,
    )


class Report:
    """Gathers findings while a file is read.

    Each call takes a stable code, whom it is about, what is wrong, and the way out.
    `says` continues the subject's sentence ('has no topic, …'); both languages stand side by side.
    """

    def __init__(self) -> None:
        self._found: list[tuple[Finding, str]] = []
        self._said: set[tuple[str, str]] = set()

    def add(self, severity: Severity, code: str, subject: Subject, says: Words, mend: Words | None = None) -> None:
        """Record one finding."""
        finding = make_finding(severity, code, subject, says, mend)
        self._found.append((finding, subject.process))
        self._said.add((code, subject.id))

    def error(self, code: str, subject: Subject, says: Words, mend: Words | None = None) -> None:
        """Something that keeps the model from being started."""
        self.add(Severity.ERROR, code, subject, says, mend)

    def warning(self, code: str, subject: Subject, says: Words, mend: Words | None = None) -> None:
        """Something that is probably not what the author meant."""
        self.add(Severity.WARNING, code, subject, says, mend)

    def note(self, code: str, subject: Subject, says: Words, mend: Words | None = None) -> None:
        """Something worth knowing."""
        self.add(Severity.NOTE, code, subject, says, mend)

    def has(self, code: str, element: str) -> bool:
        """Whether this was already said of this element."""
        return (code, element) in self._said

    def found(self) -> Iterable[tuple[Finding, str]]:
        """Findings with the key of the process they belong to, in order of discovery."""
        return tuple(self._found)

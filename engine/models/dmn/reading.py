"""From uploaded bytes to a DMN file as plain data; bad content never raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from engine.errors import InvalidModel
from engine.findings import Finding
from engine.models import intake
from engine.models.bpmn_xml import Element, line_of, local, namespace, text_of
from engine.models.dmn import model
from engine.models.dmn.boxed import Expressions, variable
from engine.models.dmn.languages import Languages
from engine.models.dmn.subjects import named, of_element
from engine.models.dmn.types import item_definition
from engine.models.dmn.vocabulary import CAMUNDA, VERSIONS, attribute, children, first, name_of
from engine.models.findings import FILE, Report
from engine.models.labels import Words

MAX_ELEMENTS: Final = 100_000
"""With the rules of tables: a cell is two elements, a table of 2,000 rules and 20 columns has 84,000."""

MAX_ENTRIES: Final = 1_000
"""Of one context: each entry sees those before it, which costs the square of their number."""

_SPLIT: Final = Words("Split the model into several files that import each other.", "请把模型拆成几个相互导入的文件。")
_MENDS: Final = {
    "too-many-elements": _SPLIT,
    "file-too-large": _SPLIT,
    "too-deep": Words("Move inner expressions into decisions of their own.", "请把内层表达式改为单独的决策。"),
}


def read_decision_file(data: bytes, *, filename: str = "") -> model.DecisionFile:
    """Read an uploaded DMN file of version 1.1 to 1.5.

    Args:
        data: the file's bytes, from anybody.
        filename: as uploaded, for messages, and for imports that name a location.

    Returns:
        The file with its findings. One that cannot be read at all has no version, and the reason.
    """
    try:
        root = intake.parse_xml(data, filename=filename, max_elements=MAX_ELEMENTS)
    except InvalidModel as refused:
        return model.DecisionFile(
            filename=filename,
            findings=tuple(_of_dmn(finding) for finding in refused.findings if isinstance(finding, Finding)),
        )
    report = Report()
    if local(root) != "definitions" or namespace(root) not in VERSIONS:
        report.error(
            "not-dmn",
            FILE,
            Words(
                f"is no DMN file: its root is <{local(root)}> of namespace «{namespace(root)}»",
                f"不是 DMN 文件：根元素是 <{local(root)}>，命名空间为“{namespace(root)}”",
            ),
            Words(
                "Export the decisions as DMN 1.1 to 1.5 from your modelling tool.",
                "请从建模工具导出 DMN 1.1 至 1.5 文件。",
            ),
        )
        return model.DecisionFile(filename=filename, findings=_found(report))
    if _is_crowded(root, report):
        return model.DecisionFile(filename=filename, findings=_found(report))
    return _Reader(root, report).read(filename)


def _is_crowded(root: Element, report: Report) -> bool:
    """Whether reading it would take too long; says why."""
    outside = sum(1 for _ in root.iter()) - sum(1 for rule in root.iter("{*}rule") for _ in rule.iter())
    if outside > intake.MAX_ELEMENTS:
        most = intake.MAX_ELEMENTS
        says = Words(f"has more than {most:,} elements besides rules", f"除规则外的元素超过 {most:,} 个")
        report.error("too-many-elements", FILE, says, _SPLIT)
        return True
    for context in root.iter("{*}context"):
        if sum(1 for _ in context.iterchildren("{*}contextEntry")) > MAX_ENTRIES:
            says = Words(
                f"has a context of more than {MAX_ENTRIES:,} entries in line {line_of(context)}",
                f"第 {line_of(context)} 行的上下文超过 {MAX_ENTRIES:,} 项",
            )
            mend = Words("Write a table or a relation, or several decisions.", "请改用决策表、关系表，或拆成几个决策。")
            report.error("too-many-entries", FILE, says, mend)
            return True
    return False


def _of_dmn(finding: Finding) -> Finding:
    """What intake says of BPMN files holds for DMN files."""
    mend = _MENDS.get(finding.code, Words(_dmn(finding.mend), _dmn(finding.mend_zh)))
    return replace(
        finding, message=_dmn(finding.message), message_zh=_dmn(finding.message_zh), mend=mend.en, mend_zh=mend.zh
    )


def _dmn(text: str) -> str:
    return text.replace("BPMN 2.0", "DMN").replace(".bpmn", ".dmn").replace("流程图", "决策图")


def _found(report: Report) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(finding for finding, _ in report.found()))


class _Reader:
    """Reads one file below its root."""

    def __init__(self, root: Element, report: Report) -> None:
        self._root = root
        self._report = report
        self._is_camunda = CAMUNDA in root.nsmap.values() or attribute(root, "namespace") == CAMUNDA
        languages = Languages(report, default=attribute(root, "expressionLanguage"), is_camunda=self._is_camunda)
        self._expressions = Expressions(report, languages)

    def read(self, filename: str) -> model.DecisionFile:
        elements: dict[str, model.Element] = {}
        for element in children(self._root):
            reader = _ELEMENTS.get(local(element))
            if reader is not None:
                self._add(elements, element, reader(self, element))
        return model.DecisionFile(
            filename=filename,
            namespace=attribute(self._root, "namespace"),
            name=attribute(self._root, "name"),
            version=VERSIONS[namespace(self._root)],
            is_camunda=self._is_camunda,
            imports=tuple(self._import(one) for one in children(self._root, "import")),
            types=tuple(item_definition(one) for one in children(self._root, "itemDefinition")),
            elements=elements,
            findings=_found(self._report),
        )

    def _add(self, elements: dict[str, model.Element], element: Element, read: model.Element) -> None:
        if read.id in elements:
            self._report.error(
                "duplicate-id",
                of_element(read),
                Words(
                    f"has an id that stands twice (line {line_of(element)})", f"的编号重复(第 {line_of(element)} 行)"
                ),
                Words("Give each element an id of its own.", "请为每个元素设置唯一编号。"),
            )
        if not read.name and not isinstance(read, model.KnowledgeSource):
            self._report.error(
                "element-without-name",
                of_element(read),
                Words(f"has no name (line {line_of(element)})", f"没有名称(第 {line_of(element)} 行)"),
                Words("Give it a name: expressions read it by that.", "请设置名称：表达式通过名称读取它。"),
            )
        elements.setdefault(read.id, read)

    def _import(self, element: Element) -> model.Import:
        return model.Import(
            name=name_of(element),
            namespace=attribute(element, "namespace"),
            location=attribute(element, "locationURI"),
            kind=attribute(element, "importType"),
        )

    def _head(self, element: Element) -> tuple[str, str, model.Variable]:
        """Id, name and variable; an element without an id is known by its name."""
        name = name_of(element)
        return attribute(element, "id") or name, name, variable(first(element, "variable"), name)

    def _input_data(self, element: Element) -> model.Element:
        id_, name, item = self._head(element)
        return model.InputData(id=id_, name=name, variable=item)

    def _knowledge_source(self, element: Element) -> model.Element:
        id_, name, item = self._head(element)
        return model.KnowledgeSource(id=id_, name=name, variable=item)

    def _decision(self, element: Element) -> model.Element:
        id_, name, item = self._head(element)
        return model.Decision(
            id=id_,
            name=name,
            variable=item,
            requires=_hrefs(element, "informationRequirement"),
            knows=_hrefs(element, "knowledgeRequirement"),
            logic=self._expressions.inside(element, named("Decision", id_, name)),
            question=text_of(first(element, "question")),
            description=text_of(first(element, "description")),
        )

    def _business_knowledge(self, element: Element) -> model.Element:
        id_, name, item = self._head(element)
        logic = first(element, "encapsulatedLogic")
        subject = named("BusinessKnowledge", id_, name)
        return model.BusinessKnowledge(
            id=id_,
            name=name,
            variable=item,
            knows=_hrefs(element, "knowledgeRequirement"),
            logic=None if logic is None else self._expressions.function(logic, subject),
        )

    def _service(self, element: Element) -> model.Element:
        id_, name, item = self._head(element)
        return model.DecisionService(
            id=id_,
            name=name,
            variable=item,
            outputs=_references(element, "outputDecision"),
            encapsulated=_references(element, "encapsulatedDecision"),
            input_decisions=_references(element, "inputDecision"),
            input_data=_references(element, "inputData"),
        )


def _hrefs(element: Element, tag: str) -> tuple[str, ...]:
    """What the requirements of a kind point at, once each."""
    found = [attribute(target, "href") for requirement in children(element, tag) for target in children(requirement)]
    return tuple(dict.fromkeys(found))


def _references(element: Element, tag: str) -> tuple[str, ...]:
    return tuple(attribute(one, "href") for one in children(element, tag))


_ELEMENTS: Final[dict[str, Callable[[_Reader, Element], model.Element]]] = {
    "inputData": _Reader._input_data,
    "decision": _Reader._decision,
    "businessKnowledgeModel": _Reader._business_knowledge,
    "decisionService": _Reader._service,
    "knowledgeSource": _Reader._knowledge_source,
}

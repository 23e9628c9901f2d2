"""Data drawn in a model: associations and sets that hold together (BPMN 2.0, 10.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.models.bpmn_xml import Element, attribute, first, local, semantic_elements, texts_of, unprefixed
from engine.models.findings import Report, shorten
from engine.models.labels import Words
from engine.models.lints.references import Names, owner
from engine.models.model import Process

_ITEMS: Final = frozenset(
    {"dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInput", "dataOutput", "property"}
)
_ASSOCIATIONS: Final = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_SETS: Final = {"dataInput": "inputSet", "dataOutput": "outputSet"}
_REDRAW: Final = Words("Draw the association anew, from data to activity or back.", "请重新绘制数据关联线。")


def check(root: Element, processes: Sequence[Process], report: Report) -> None:
    """Report data associations that lead nowhere or mix types, and data that no set names."""
    elements = list(semantic_elements(root))
    names = Names(root)
    by_id = {id_: element for element in elements if (id_ := attribute(element, "id"))}
    in_sets = {unprefixed(ref) for e in elements if local(e) in _SETS.values() for ref in _members(e)}
    for element in elements:
        if local(element) in _ASSOCIATIONS:
            _association(element, names, by_id, report)
        elif local(element) in _SETS and attribute(element, "id") not in in_sets:
            tag = _SETS[local(element)]
            says = Words(
                f"holds a <{local(element)}> that no <{tag}> names",
                f"中的 <{local(element)}> 没有被任何 <{tag}> 引用",
            )
            report.error(
                "data-not-in-set", owner(element), says, Words(f"Name it in an {tag}.", f"请在 {tag} 中引用。")
            )


def _members(element: Element) -> list[str]:
    return texts_of(element, "dataInputRefs") + texts_of(element, "dataOutputRefs")


def _association(element: Element, names: Names, by_id: Mapping[str, Element], report: Report) -> None:
    subject = owner(element)
    sources, targets = texts_of(element, "sourceRef"), texts_of(element, "targetRef")
    for ref in (*sources, *targets):
        found = names.kinds(ref, element)
        if found is not None and not found & _ITEMS:
            says = Words(
                f"has a data association to '{shorten(ref, 60)}', which is no data of the file",
                f"的数据关联指向“{shorten(ref, 60)}”，而它不是文件中的数据",
            )
            report.error("data-association-end", subject, says, _REDRAW)
            return
    if first(element, "transformation") is not None:
        return
    if len(sources) > 1:
        says = Words(
            "has a data association with several sources but no transformation", "的数据关联有多个来源，却没有转换"
        )
        report.error("data-association-sources", subject, says, _REDRAW)
    elif sources and targets:
        types = {_type(ref, by_id) for ref in (*sources, *targets)} - {""}
        if len(types) > 1:
            says = Words(
                f"has a data association between different types: {', '.join(sorted(types))}",
                f"的数据关联两端类型不同：{', '.join(sorted(types))}",
            )
            mend = Words("Add a transformation, or give both the same type.", "请添加转换，或让两端类型一致。")
            report.error("data-association-types", subject, says, mend)


def _type(ref: str, by_id: Mapping[str, Element]) -> str:
    """The structure of the data's item definition; '' where the file does not say."""
    item = by_id.get(unprefixed(ref))
    for name in ("dataObjectRef", "dataStoreRef"):
        if item is not None and not attribute(item, "itemSubjectRef") and attribute(item, name):
            item = by_id.get(unprefixed(attribute(item, name)))
    definition = by_id.get(unprefixed(attribute(item, "itemSubjectRef")))
    return attribute(definition, "structureRef")

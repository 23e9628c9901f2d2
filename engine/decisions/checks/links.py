"""References that lead nowhere, imports that are not there, circles, names that stand twice, unknown types."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.references import clean, hrefs_of
from engine.decisions.space import Space
from engine.models.dmn.model import BusinessKnowledge, Decision, DecisionService, Element, InputData
from engine.models.dmn.subjects import named, of_element
from engine.models.findings import Report, shorten
from engine.models.labels import Words

__all__ = ["check_links"]


def check_links(space: Space, report: Report) -> None:
    """Check how the elements of a model hang together."""
    _imports(space, report)
    for element in space.members.values():
        _references(space, element, report)
    _names(space, report)
    _circles(space, report)


def _imports(space: Space, report: Report) -> None:
    for one in space.missing:
        is_dmn = "DMN" in one.kind.upper() or not one.kind
        what = Words("file", "文件") if is_dmn else Words("file, which is not DMN,", "非 DMN 文件")
        report.error(
            "import-not-found" if is_dmn else "import-not-supported",
            named("Import", "", one.name or one.namespace),
            Words(
                f"names a {what.en} of namespace «{one.namespace}» that was not given",
                f"所指的{what.zh}(命名空间“{one.namespace}”)未提供",
            ),
            Words("Upload the imported DMN file together with this one.", "请把被导入的 DMN 文件一起上传。"),
        )


def _references(space: Space, element: Element, report: Report) -> None:
    for href in hrefs_of(element):
        if space.resolve(href) is None:
            report.error(
                "reference-not-found",
                of_element(element),
                Words(
                    f"requires «{shorten(href) or '(nothing)'}», which is not in the model",
                    f"所需的“{shorten(href) or '(空)'}”不在模型中",
                ),
                Words("Draw the requirement again, or import the file it is in.", "请重新连线，或导入其所在的文件。"),
            )
    if isinstance(element, DecisionService) and not element.outputs:
        report.error(
            "service-without-output",
            of_element(element),
            Words("offers no output decision", "没有输出决策"),
            Words("Put at least one decision into its upper part.", "请在其上半部放入至少一个决策。"),
        )
    if isinstance(element, Decision) and element.logic is None:
        report.warning(
            "decision-without-logic",
            of_element(element),
            Words(
                "has no logic; it is what is given under its name, else null", "没有逻辑：取同名的输入值，否则为 null"
            ),
            Words("Give it a table or an expression.", "请为其设置决策表或表达式。"),
        )


def _names(space: Space, report: Report) -> None:
    seen: dict[str, Element] = {}
    for element in space.members.values():
        if not isinstance(element, Decision | InputData | BusinessKnowledge | DecisionService):
            continue
        name = clean(element.name)
        other = seen.setdefault(name, element)
        if name and other is not element:
            report.warning(
                "name-stands-twice",
                of_element(element),
                Words(f"has the same name as another element ({other.id})", f"与另一元素({other.id})同名"),
                Words("Give them different names: expressions read them by name.", "请改名：表达式通过名称读取它们。"),
            )
        variable = clean(element.variable.name)
        # Camunda 7 names the result of a literal expression by its variable, and means it.
        if variable and name and variable != name and not space.is_camunda:
            report.warning(
                "variable-of-other-name",
                of_element(element),
                Words(f"is read as «{variable}» by expressions", f"在表达式中的名称是“{variable}”"),
                Words("Give the variable the element's name.", "请使变量名与元素名一致。"),
            )


def _circles(space: Space, report: Report) -> None:
    done: set[str] = set()
    for start in space.members.values():
        if not isinstance(start, Decision) or start.id in done:
            continue
        for circle in _circle(space, start, done):
            shown = " → ".join(f"«{shorten(one.name, 30)}»" for one in circle)
            report.error(
                "decisions-in-circle",
                of_element(circle[0]),
                Words(f"requires itself: {shown}", f"循环依赖自身：{shown}"),
                Words("Remove one of the requirements.", "请删除其中一条依赖。"),
            )


def _circle(space: Space, start: Decision, done: set[str]) -> Iterator[list[Decision]]:
    """The circle that is met when walking the requirements from a decision, depth first."""
    path: list[Decision] = []
    waiting: list[tuple[Decision, bool]] = [(start, True)]
    while waiting:
        one, entering = waiting.pop()
        if not entering:
            path.pop()
            done.add(one.id)
            continue
        if one in path:
            yield [*path[path.index(one) :], one]
            continue
        if one.id in done:
            continue
        path.append(one)
        waiting.append((one, False))
        for href in one.requires:
            found = space.resolve(href)
            if found is not None and not found.path and isinstance(found.element, Decision):
                waiting.append((found.element, True))

"""What stands on a diagram: marks by element, as the diagram island reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.i18n import Texts
from engine.findings import Finding, Severity
from engine.views import InstanceDetail

Marks = Mapping[str, Sequence[Mapping[str, object]]]
"""Name of a view → marks; a mark has `element`, and `marker` (a colour), `text`, `kind`, `title` (a badge)."""

_BADGE_BELOW = {"bottom": 8, "right": 11}
_HEAT_STEPS = 5


def progress(case: InstanceDetail, texts: Texts) -> Marks:
    """Where a case stands: done elements, live ones with how many tokens, incidents."""
    live = Counter(a.element_id for a in case.activities if a.state == "open")
    done = Counter(a.element_id for a in case.activities if a.state == "completed")
    wrong = Counter(i.element_id for i in case.incidents if i.state == "open")
    marks: list[dict[str, object]] = []
    for element, count in done.items():
        title = texts.ngettext("done once", "done %(count)s times", count) % {"count": count}
        badge = {"text": f"✓{count}", "kind": "done", "title": title, "position": _BADGE_BELOW} if count > 1 else {}
        marks.append({"element": element, "marker": "" if element in live else "done", **badge})
    for element, count in live.items():
        title = texts.gettext("%(count)s running here") % {"count": count}
        marks.append({"element": element, "marker": "live", "text": str(count), "kind": "live", "title": title})
    for element, count in wrong.items():
        title = texts.ngettext("%(count)s incident", "%(count)s incidents", count) % {"count": count}
        badge = {"text": f"! {count}", "kind": "bad", "title": title, "position": {"top": -11, "left": -8}}
        marks.append({"element": element, "marker": "bad", **badge})
    return {"progress": marks}


def offending(findings: Iterable[Finding]) -> Marks:
    """Elements that a check complained about, the worst severity of each."""
    colours = {Severity.ERROR: "bad", Severity.WARNING: "warn"}
    worst: dict[str, str] = {}
    for finding in findings:
        colour = colours.get(finding.severity)
        if finding.element and colour and worst.get(finding.element) != "bad":
            worst[finding.element] = colour
    return {
        "findings": [
            {"element": element, "marker": colour, "text": "!", "kind": colour} for element, colour in worst.items()
        ]
    }


def heat(figures: Mapping[str, float], shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """Elements coloured by a figure, in five steps of the largest.

    Args:
        figures: element id → a number that is worse when larger; zero and less stay uncoloured.
        shown: element id → the same in words, for the badge.
    """
    largest = max(figures.values(), default=0.0)
    marks: list[dict[str, Any]] = []
    for element, figure in figures.items():
        if figure <= 0 or largest <= 0:
            continue
        step = min(_HEAT_STEPS, 1 + int(figure / largest * (_HEAT_STEPS - 0.01)))
        marks.append({"element": element, "marker": f"heat-{step}", "text": shown.get(element, ""), "kind": "figure"})
    return marks

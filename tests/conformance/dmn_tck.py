"""Runs the DMN technology compatibility kit, or any folder laid out like it.

    python -m tests.conformance.dmn_tck FOLDER [--json] [--show] [--only TEXT]

Every file of `<testCases>` names a model beside it and values that its decisions must give. Each result
node counts once: *right*; *wrong*; or *refused*, where the model, or the part that was asked, holds what
is not run here and said so, instead of giving another answer. Exit code 1 if any is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.decisions import DecisionModel, load_decisions
from engine.decisions.references import clean
from engine.errors import CiviflowError
from engine.feel import format_value, parse_date, parse_date_time, parse_duration, parse_time, to_feel
from engine.feel.comparison import equal
from engine.feel.numbers import is_number
from engine.feel.temporal import FeelDateTime, FeelTime
from engine.feel.values import kind_of
from engine.models.dmn import read_decision_file

SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"
PRECISION = Decimal("1e-8")
"""How near numbers must be: the kit's come from engines with other precisions."""
_NUMBERS = frozenset(
    {"decimal", "double", "float", "integer", "int", "long", "short", "byte"}
    | {"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong"}
)
_PARSERS = {
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
}
_DURATIONS = frozenset({"duration", "dayTimeDuration", "yearMonthDuration"})
_ZERO_YEARS = re.compile(r"(?<=P)(?:0+Y)?(?:0+M)?(?=[0-9T])")
_ZERO_DAYS = re.compile(r"(?<=[YM])(?:0+D)?(?:T(?:0+H)?(?:0+M)?(?:0+(?:\.0+)?S)?)?$")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One result node: `outcome` is right, wrong or refused."""

    folder: str
    case: str
    node: str
    outcome: str
    expected: str = ""
    found: str = ""
    why: str = ""


def run_folder(folder: Path, *, only: str = "") -> Iterator[Outcome]:
    """All result nodes of all test files below a folder whose path holds `only`."""
    for file in sorted(folder.rglob("*.xml")):
        if only in str(file):
            yield from run_file(file)


def run_file(file: Path) -> Iterator[Outcome]:
    """The result nodes of one test file; none for a file that holds no test cases."""
    try:
        root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except etree.XMLSyntaxError as error:
        yield Outcome(folder=file.parent.name, case=file.name, node="", outcome="refused", why=str(error))
        return
    if etree.QName(root).localname != "testCases":
        return
    model: DecisionModel | None = None
    why = ""
    try:
        model = load_decisions(_models(file, (root.findtext("{*}modelName") or "").strip()))
    except CiviflowError as error:
        why = error.message
    except Exception as error:  # a fault of ours must cost its own tests only
        why = f"fault: {error!r}"
    for case in root.iterfind("{*}testCase"):
        for node in case.iterfind("{*}resultNode"):
            yield _run_node(file, model, why, case, node)


def _models(file: Path, name: str) -> list[Path]:
    """The model first, then every other DMN file of its folder that can be read, which it may import."""
    model = file.parent / name
    if not model.is_file() and not name.endswith(".dmn"):
        model = file.parent / f"{name}.dmn"
    others = sorted(path for path in file.parent.rglob("*.dmn") if path.resolve() != model.resolve())
    return [model, *(path for path in others if read_decision_file(path.read_bytes(), filename=str(path)).readable)]


def _run_node(file: Path, model: DecisionModel | None, why: str, case: etree._Element, node: etree._Element) -> Outcome:
    name = clean(node.get("name") or "")
    head = {"folder": file.parent.name, "case": case.get("id") or "", "node": name}
    expected = read_value(node.find("{*}expected"))
    if model is None:
        outcome = "wrong" if why.startswith("fault") else "refused"
        return Outcome(**head, outcome=outcome, expected=_shown(expected), why=why)
    asked = clean(case.get("invocableName") or name) if case.get("type") in ("decisionService", "bkm") else name
    wanted = _service(model, asked) if case.get("type") == "decisionService" else asked
    try:
        result = model.evaluate(wanted, read_inputs(case), reads_texts=False)
    except CiviflowError as error:
        return Outcome(**head, outcome="refused", expected=_shown(expected), why=error.message)
    except Exception as error:
        return Outcome(**head, outcome="wrong", expected=_shown(expected), why=f"fault: {error!r}")
    found = result.feel
    if isinstance(found, dict) and asked != name and name in found:
        found = found[name]
    if agrees(found, expected):
        return Outcome(**head, outcome="right")
    refused = found is None and bool(result.refusals)
    reasons = "; ".join(dict.fromkeys(result.refusals or result.warnings))
    return Outcome(
        **head,
        outcome="refused" if refused else "wrong",
        expected=_shown(expected),
        found=_shown(found),
        why=reasons[:500],
    )


def _service(model: DecisionModel, name: str) -> str:
    """The id of the service of that name, where a decision has the same name; else the name."""
    return next((id_ for id_, one in model.keys.items() if clean(one) == name and model.is_service(id_)), name)


def read_inputs(case: etree._Element) -> dict[str, object]:
    """The input nodes by name; a dotted name, or a namespace, leads into an import."""
    inputs: dict[str, Any] = {}
    for node in case.iterfind("{*}inputNode"):
        name, value = node.get("name") or "", read_value(node)
        if node.get("namespace"):
            inputs[f"{{{node.get('namespace')}}}{name}"] = value
        inputs.setdefault(name, value)
        *path, last = name.split(".")
        inside = inputs
        for part in path:
            deeper = inside.setdefault(part, {})
            if not isinstance(deeper, dict):
                break
            inside = deeper
        else:
            inside.setdefault(last, value)
    return inputs


def read_value(node: etree._Element | None) -> object:
    """A `ValueType` as a FEEL value: nil, a simple value, components, or a list."""
    if node is None:
        return None
    if node.get(f"{SCHEMA}nil") == "true":
        return None
    items = node.find("{*}list")
    if items is not None:
        if items.get(f"{SCHEMA}nil") == "true":
            return None
        return [read_value(item) for item in items.iterfind("{*}item")]
    components = node.findall("{*}component")
    if components:
        return {clean(part.get("name") or ""): read_value(part) for part in components}
    value = node.find("{*}value")
    if value is None or value.get(f"{SCHEMA}nil") == "true":
        return None
    return _simple(value.get(f"{SCHEMA}type", "").rpartition(":")[2], value.text or "")


def _simple(kind: str, text: str) -> object:
    if kind in _NUMBERS:
        return to_feel(Decimal(text.strip()))
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in _DURATIONS:
        return parse_duration(_plain_duration(text.strip()))
    parse = _PARSERS.get(kind)
    if parse is None:
        return text
    return parse(text.strip())


def _plain_duration(text: str) -> str:
    """A duration of one kind: XML Schema's own type writes the other kind's parts as zeros, `P0Y0M1DT2H`."""
    days = _ZERO_YEARS.sub("", text)
    return days if parse_duration(days) is not None else _ZERO_DAYS.sub("", text)


def agrees(found: object, expected: object) -> bool:
    """Whether a value is what is expected: same kind, numbers near enough, offsets told alike."""
    if expected is None or found is None:
        return found is expected
    if is_number(found) and is_number(expected):
        return abs(Decimal(found) - Decimal(expected)) < PRECISION  # type: ignore[arg-type]
    if kind_of(found) != kind_of(expected):
        return False
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(agrees, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(agrees(found[key], expected[key]) for key in expected)
    if isinstance(found, FeelDateTime | FeelTime) and isinstance(expected, FeelDateTime | FeelTime):
        return (found.offset is None) is (expected.offset is None) and equal(found, expected) is True
    return equal(found, expected) is True


def _shown(value: object) -> str:
    text = format_value(value) or "null"
    return text if len(text) <= 300 else text[:299] + "…"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dmn_tck", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="counts, and every node that is not right, as JSON")
    parser.add_argument("--show", action="store_true", help="every node that is not right, one a line")
    parser.add_argument("--only", default="", help="only test files whose path holds this")
    options = parser.parse_args()
    outcomes = list(run_folder(options.folder, only=options.only))
    counts = Counter(one.outcome for one in outcomes)
    missed = [one for one in outcomes if one.outcome != "right"]
    if options.json:
        numbers = {name: counts[name] for name in ("right", "wrong", "refused")}
        shown = {**numbers, "total": len(outcomes), "not_right": [asdict(one) for one in missed]}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for one in missed if options.show else ():
            print(f"{one.outcome} {one.folder} {one.case} {one.node}: {one.expected} != {one.found} ({one.why})")
        print(f"right {counts['right']}, wrong {counts['wrong']}, refused {counts['refused']} of {len(outcomes)}")
    return 1 if counts["wrong"] or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())

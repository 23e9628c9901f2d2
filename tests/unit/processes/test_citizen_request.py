"""Service applications: every way through is played, both languages are whole, and tables, forms and papers fit."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from lxml import etree
from pypdf import PdfReader

from bots.builtin.document import qr_picture
from bots.documents import render_pdf
from engine import Engine
from engine.applications import Application, load_application
from engine.models import read_model
from engine.models.forms import Form, read_form
from engine.models.model import Node, Process
from engine.scenarios import run_application_tests
from engine.settings import fill_choices

FOLDER = Path(__file__).parents[3] / "processes" / "citizen_request"
MODEL = "citizen_request.bpmn"


@pytest.fixture(scope="module")
def application() -> Application:
    return load_application(FOLDER)


@pytest.fixture(scope="module")
def process(application: Application) -> Process:
    (process,) = read_model(application.files[MODEL], filename=MODEL).processes
    return process


@pytest.fixture(scope="module")
def settings(application: Application) -> Any:
    return application.settings


def _forms(application: Application) -> Iterator[tuple[str, Form]]:
    for path, content in application.files.items():
        if path.startswith("forms/"):
            yield path, read_form(fill_choices(orjson.loads(content), application.settings))


@pytest.mark.timeout(400)  # 35 cases, some 20 seconds of work: room for a busy machine
def test_every_scenario_passes_and_every_node_and_flow_is_reached() -> None:
    report = run_application_tests(FOLDER)

    assert report.passed, report.text("en")
    assert all(process.complete for process in report.coverage), report.text("en")
    assert [process.nodes for process in report.coverage] == [93]


def test_the_model_has_no_findings(application: Application) -> None:
    with Engine.open() as engine:
        findings = engine.check(application.files)

    assert findings == ()


def test_every_name_and_explanation_of_the_model_has_an_english_text(
    application: Application, process: Process
) -> None:
    english = yaml.safe_load(application.files["texts/en.yaml"])
    texts = {process.name, process.documentation}
    for node in process.nodes.values():
        texts |= {node.name, node.documentation, node.lane}
    texts |= {flow.name for flow in process.flows.values()}

    missing = sorted(texts - {""} - set(english))

    assert missing == []
    assert sorted(set(english) - texts) == []


def test_chinese_words_for_variables_and_values_never_meet_the_name_of_an_element(
    application: Application, process: Process
) -> None:
    chinese = yaml.safe_load(application.files["texts/zh.yaml"])

    assert sorted(set(chinese) & set(process.nodes)) == []


def test_every_label_of_every_form_has_both_languages(application: Application) -> None:
    missing = []

    for path, form in _forms(application):
        for part in form.walk():
            for text in ("label", "description", "text"):
                if getattr(part, text) and f"{text}_en" not in part.properties:
                    missing.append((path, part.id, text))
            missing += [(path, part.id, each.label) for each in part.options if "en" not in each.labels]
            if part.options_expression and part.options_expression.count("label_en") < 1:
                missing.append((path, part.id, "options"))

    assert missing == []


def test_every_form_belongs_to_a_step_and_every_step_has_its_form(application: Application, process: Process) -> None:
    wanted = {node.user_task.form_key for node in process.nodes.values() if node.user_task}

    there = {form.id for _, form in _forms(application)}

    assert wanted == there


def test_the_tables_name_only_what_there_is(application: Application, settings: Any) -> None:
    groups = {group.key for group in application.groups}
    departments = {each["key"] for each in settings["departments"]}
    materials = {each["code"] for each in settings["materials"]}
    procedures = {each["code"] for each in settings["special_procedures"]}
    asked = {part.key for part in dict(_forms(application))["forms/apply.json"].walk()}

    assert departments <= groups
    assert {f"materials.{code}" for code in materials} <= asked
    for item in settings["items"]:
        wanted = item["materials"]
        assert item["departments"] and departments.issuperset(item["departments"]), item["key"]
        assert materials.issuperset(each["code"] for each in wanted), item["key"]
        assert {each["when"] for each in wanted} <= {"always", "person", "company", "agent", "rented"}, item["key"]
        assert procedures.issuperset(item["special"]), item["key"]
        assert asked.issuperset(f"request.{each['field']}" for each in item["details"]), item["key"]
        assert set(item["applicants"]) <= {"person", "company"} and item["applicants"], item["key"]
        assert 0 < item["review_days"] < item["promised_days"] <= item["legal_days"], item["key"]


PERSON = {"kind": "person", "name": "王一", "id_number": "990101198003070012", "phone": "13900000001"}
FIRM = {"kind": "company", "name": "澄湾清河装饰工程有限公司", "credit_code": "99330100MA0000001X"}
SAMPLES: dict[str, Any] = {
    "applicant": PERSON,
    "submitted_at": "2026-03-01T16:30:00.000001Z",
    "received_at": "2026-03-02T10:12:00+08:00",
    "accepted_at": "2026-03-02T15:00:00+08:00",
    "decided_at": "2026-03-05T10:00:00+08:00",
    "since": "2026-03-06T09:00:00+08:00",
    "due": "2026-03-09T18:00:00+08:00",
    "promised_due": "2026-03-11T18:00:00+08:00",
    "legal_due": "2026-03-30T18:00:00+08:00",
    "materials": {"identity": [{"id": "1", "name": "身份证.png"}], "other": []},
    "corrections": [{"material": "lease", "problem": "缺少产权人签字页"}],
    "reason": "不属于本机关职权范围",
    "rejection_note": "该路段由新港开发区管委会审批",
    "deemed_accepted": True,
    "bureaus": ["市场监督管理局", "城市管理局"],
    "department": {"key": "bureau_market", "name": "市场监督管理局"},
    "procedure": "现场勘验",
    "special_reason": "需要核实油烟排放条件",
    "special_days": 10,
    "days": 10,
    "extension_reason": "需要核对街区立面规划",
    "decision": "approve",
    "decision_number": "澄审决〔2026〕0012号",
    "decision_reason": "招牌尺寸超过立面规划要求",
    "decision_opinions": [{"name": "城市管理局", "opinion": None}],
    "details": [{"label": "经营者字号", "value": "王一面馆"}, {"label": "经营面积", "value": 68.5}],
    "valid_from": "2024-02-29",
    "delivery": {"method": "post", "address": "稻香路 8 号"},
    "delivered_to": "王一",
    "delivered_on": "2026-03-06",
    "tracking_number": "CW20260304",
    "way": "post",
    "cause": "withdrawn",
    "explanation": "店面不再开设",
}
PAPERS = {
    "write_receipt": ("收件凭证", "2026年3月2日00:30提交", "申请人身份证件1", "2026年3月9日"),
    "write_correction": ("一次性补正告知书", "房屋租赁合同或产权人同意书缺少产权人签字页", "视为撤回申请"),
    "write_rejection": ("不予受理通知书", "不属于本机关职权范围", "六十日内向澄湾市人民政府申请行政复议"),
    "write_acceptance": ("受理通知书", "视为受理", "市场监督管理局、城市管理局", "至2026年3月11日", "至2026年3月30日"),
    "write_special": ("特别程序告知书", "现场勘验", "10天", "不计算在办理期限内"),
    "write_extension": ("延长办理期限告知书", "延长10个工作日", "2026年3月30日"),
    "write_licence": (
        "准予行政许可决定书", "文号：澄审决〔2026〕0012号", "小餐饮经营许可证",
        "2024年2月29日至2027年2月28日", "68.5", "7K3M-9QXT-W2RD-H5VC",
    ),
    "write_refusal": ("不予行政许可决定书", "招牌尺寸超过立面规划要求", "提起行政诉讼", "7K3M-9QXT-W2RD-H5VC"),
    "write_delivery": ("送达回证", "邮寄送达", "CW20260304", "小餐饮经营许可证（澄审决〔2026〕0012号）"),
    "write_withdrawal": ("终止办理通知书", "因您于2026年3月6日撤回申请", "店面不再开设"),
    "write_lapse": ("终止办理通知书", "因您于2026年3月6日撤回申请"),
}  # fmt: skip


def _paper(application: Application, node: Node, samples: dict[str, Any]) -> str:
    """The text of a step's paper, written from nothing but what the model hands to it."""
    assert node.service_task is not None
    headers, settings = node.service_task.headers, application.settings
    known = {
        "office": settings["office"],
        "matter": settings["items"][0],  # type: ignore[index]
        "material_list": settings["materials"],
    }
    data = {mapping.target: {**known, **samples}[mapping.target] for mapping in node.inputs}
    facts = {"businessKey": "SX-20260302-0001", "today": "2026-03-05"}
    assets = {"letterhead.typ": application.files["templates/letterhead.typ"]}
    if headers.get("verification") == "true":
        url = "https://civiflow.example/documents/verify/7K3M-9QXT-W2RD-H5VC"
        facts |= {"verification_code": "7K3M-9QXT-W2RD-H5VC", "verification_url": url, "qr": "/qr.svg"}
        assets["qr.svg"] = qr_picture(url)
    template = headers["template"]
    pdf = render_pdf(application.files[f"templates/{template}"], data, name=template, assets=assets, inputs=facts)
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def test_every_step_that_writes_a_paper_is_tried(process: Process) -> None:
    writing = {
        node.id
        for node in process.nodes.values()
        if node.service_task and node.service_task.topic and node.service_task.topic.text == "document.render"
    }

    assert writing == set(PAPERS)


@pytest.mark.parametrize("step", PAPERS)
def test_a_paper_needs_only_what_its_step_hands_over(application: Application, process: Process, step: str) -> None:
    text = _paper(application, process.nodes[step], SAMPLES)

    for part in ("澄湾市政务服务中心", *PAPERS[step]):
        assert part in text, text
    assert "19800307" not in text, "a day of birth is nobody else's business"


def test_papers_name_a_company_by_its_credit_code(application: Application, process: Process) -> None:
    text = _paper(application, process.nodes["write_acceptance"], {**SAMPLES, "applicant": FIRM})

    assert "统一社会信用代码99330100MA0000001X" in text
    assert "澄湾清河装饰工程有限公司：" in text


def test_nothing_in_the_diagram_lies_on_something_else(application: Application, process: Process) -> None:
    di, dc = "{http://www.omg.org/spec/BPMN/20100524/DI}", "{http://www.omg.org/spec/DD/20100524/DC}"
    boxes: dict[str, tuple[float, float, float, float]] = {}
    for element in etree.fromstring(application.files[MODEL]).iter(f"{di}BPMNShape", f"{di}BPMNEdge"):
        named = str(element.get("bpmnElement"))
        for bounds in element.iter(f"{dc}Bounds"):
            x, y, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
            is_label = bounds.getparent().tag == f"{di}BPMNLabel"
            boxes[f"{named} label" if is_label else named] = (x, y, x + width, y + height)
    nodes, flows = process.nodes, process.flows
    scopes = {each.id for each in nodes.values() if each.type == "subProcess"}
    drawn = {key: box for key, box in boxes.items() if key.partition(" ")[0] in nodes.keys() | flows.keys()}

    overlapping = [
        (one, other)
        for (one, a), (other, b) in combinations(drawn.items(), 2)
        if not {one, other} & scopes
        and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        and other not in (nodes[one].attached_to if one in nodes else "", "")
        and one != (nodes[other].attached_to if other in nodes else "")
    ]  # fmt: skip

    assert set(nodes) <= set(drawn)
    assert overlapping == []

"""Service applications: the tables fit together, and every paper is written from what its step hands over."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from typing import Any

import pytest
from pypdf import PdfReader

from bots.builtin.document import qr_picture
from bots.documents import render_pdf
from engine.applications import Application
from engine.decisions import DecisionLibrary
from engine.models.model import Node, Process
from tests.packaged import forms, packaged, packaged_process


@pytest.fixture
def application() -> Application:
    return packaged("citizen_request")


@pytest.fixture
def process() -> Process:
    return packaged_process("citizen_request")


@pytest.fixture
def settings(application: Application) -> Any:
    return application.settings


def test_the_tables_name_only_what_there_is(application: Application, settings: Any) -> None:
    groups = {group.key for group in application.groups}
    departments = {each["key"] for each in settings["departments"]}
    materials = {each["code"] for each in settings["materials"]}
    procedures = {each["code"] for each in settings["special_procedures"]}
    asked = {part.key for part in dict(forms(application))["forms/apply.json"].walk()}

    assert departments <= groups
    assert {f"materials.{code}" for code in materials} <= asked
    for item in settings["items"]:
        assert item["departments"] and departments.issuperset(item["departments"]), item["key"]
        assert procedures.issuperset(item["special"]), item["key"]
        assert asked.issuperset(f"request.{each['field']}" for each in item["details"]), item["key"]
        assert set(item["applicants"]) <= {"person", "company"} and item["applicants"], item["key"]


def test_each_item_has_a_row_of_limits_and_needs_materials_that_the_form_asks_for(
    application: Application, settings: Any
) -> None:
    tables = DecisionLibrary(application.files)
    known = {each["code"] for each in settings["materials"]} - {"other"}
    needed: set[str] = set()

    for item in settings["items"]:
        limits = tables.decide("limits", {"matter_key": item["key"]}).result.value
        assert isinstance(limits, dict)
        assert 0 < limits["review_days"] < limits["promised_days"] <= limits["legal_days"], item["key"]
        assert not item.keys() & {*limits, "materials"}, "said in the table alone"
        for kind, agent, premises in product(item["applicants"], (True, False), ("owned", "rented", None)):
            given = {"applicant": {"kind": kind, "by_agent": agent}, "request": {"premises": premises}}
            taken = tables.decide("required_materials", {"matter_key": item["key"], **given})
            found = taken.result.value
            assert isinstance(found, list) and len(found) == len(set(found)) > 1 and not taken.failure
            assert ("authorisation" in found) is agent
            needed |= set(found)

    assert needed == known


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
    item: Any = settings["items"][0]  # type: ignore[index]
    limits = DecisionLibrary(application.files).decide("limits", {"matter_key": item["key"]}).result.value
    assert isinstance(limits, dict)
    known = {
        "office": settings["office"],
        "matter": item | limits,
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

"""Official documents: the tables fit together, the papers read as such."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from bots.builtin.document import qr_picture
from bots.documents import render_pdf
from engine.applications import Application
from tests.packaged import packaged

CODE = "K7RM-2XQ9-TBHV-5NCE"
URL = f"https://chengwan.example/documents/verify/{CODE}"


@pytest.fixture
def application() -> Application:
    return packaged("document_approval")


def test_the_tables_name_only_what_there_is(application: Application) -> None:
    settings: Any = application.settings
    groups = {group.key for group in application.groups}
    accounts = [person["account"] for person in settings["people"]]
    limits = {name for name in settings["urgencies"][0] if name.endswith("_hours")}

    assert {organ["group"] for organ in settings["organs"]} <= groups
    assert len(accounts) == len(set(accounts))
    assert set(settings["contacts"].values()) <= set(accounts)
    assert len({kind["series"] for kind in settings["kinds"]}) == len(settings["kinds"])
    assert all({name for name in each if name.endswith("_hours")} == limits for each in settings["urgencies"])
    for each in settings["urgencies"]:
        assert each["opinion_reminder_hours"] < each["opinion_hours"]


def _text(application: Application, template: str, data: dict[str, Any]) -> tuple[int, str]:
    inputs = {"businessKey": "FW-20260601-0001", "verification_code": CODE, "verification_url": URL, "qr": "/qr.svg"}
    assets = {"common.typ": application.files["templates/common.typ"], "qr.svg": qr_picture(URL)}
    pdf = render_pdf(application.files[f"templates/{template}"], data, name=template, assets=assets, inputs=inputs)
    pages = PdfReader(BytesIO(pdf)).pages
    return len(pages), "".join("".join(page.extract_text().split()) for page in pages)


DOCUMENT = {
    "issuer": "澄湾市人民政府办公室", "head": "澄湾市人民政府办公室文件", "upward": False, "mark": "特急",
    "title": "关于加强汛期值班工作的通知", "body": "为做好值班工作，通知如下。\n一、加强值班\n二十四小时值班。",
    "document_number": "澄政办发〔2026〕1号", "main_to": ["望潮区人民政府", "青禾区人民政府"], "copy_to": ["市司法局"],
    "attachments": ["值班表.xlsx", "名单.pdf"], "signed_on": "2026-06-01", "signer_name": "何远",
}  # fmt: skip


def test_a_document_reads_as_one(application: Application) -> None:
    pages, text = _text(application, "official.typ", DOCUMENT)

    assert pages <= 2
    for part in (
        "特急", "澄湾市人民政府办公室文件", "澄政办发〔2026〕1号", "望潮区人民政府、青禾区人民政府：", "一、加强值班",
        "附件：1.值班表2.名单", "抄送：市司法局。", "2026年6月1日印发", CODE,
    ):  # fmt: skip
        assert part in text, text
    assert "签发人" not in text


def test_a_request_names_its_signer_and_a_document_without_extras_leaves_them_out(application: Application) -> None:
    bare = {**DOCUMENT, "upward": True, "mark": "", "copy_to": [], "attachments": None}

    _, text = _text(application, "official.typ", bare)

    assert "签发人：何远" in text
    assert all(part not in text for part in ("特急", "抄送", "附件"))


@pytest.mark.parametrize("body", ["#panic()", '#eval("1")', "$x$ *y* _z_ \\ @a <b> `c`", "=标题", "长" * 5000])
def test_what_is_typed_is_printed_as_it_is(application: Application, body: str) -> None:
    _, text = _text(application, "official.typ", {**DOCUMENT, "body": body})

    assert "".join(body.split())[:200] in text.replace("—1—", "")


def test_the_processing_sheet_says_who_said_what(application: Application) -> None:
    votes = [
        {"user": "sun.he", "name": "孙禾", "post": "财政局局长", "vote": "disagree", "text": "经费不明"},
        {"user": "shi.fa", "name": "石法", "post": "司法局局长", "vote": "agree", "text": ""},
    ]
    sheet = {
        **DOCUMENT, "document_code": CODE, "kind_name": "通知", "urgency_name": "平急", "drafter_name": "秦舒",
        "checker_name": "林雯", "check_note": "", "rounds": 1, "vote_history": [{"round": 1, "votes": votes}],
        "opinions": [{"organ": "law", "name": "司法局", "result": "late", "text": "", "by": "", "person": ""}],
        "sign_note": "", "proofreader_name": "殷章", "started_at": "2026-05-28T16:30:00Z",
        "receipts": [{"organ": "wangchao", "name": "望潮区政府", "by": "x", "person": "晁玲",
                      "at": "2026-06-02T01:12:00+00:00", "note": "缺附件"}],
    }  # fmt: skip

    pages, text = _text(application, "processing_sheet.typ", sheet)

    assert pages == 1
    for part in (
        "司法局：逾期，视为无意见", "孙禾（财政局局长）：不同意：经费不明", "石法（司法局局长）：同意",
        "望潮区政府：晁玲，2026年6月2日09:12（缺附件）", "2026年5月29日00:30",
    ):  # fmt: skip
        assert part in text, text

"""The page where anybody checks a document, and the archive of the staff."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import document_commands as dc
from engine.contracts.documents import IssuedDocument
from engine.contracts.principal import SYSTEM
from engine.document_codes import new_code
from tests.integration.pages.conftest import Visitor
from tests.site import Site

Arrive = Callable[..., Visitor]
CONTENT = b"%PDF-1.7 the document itself"


@pytest.fixture
def document(town: Site) -> IssuedDocument:
    return town.document(town.start("chen"), CONTENT, issuer="澄湾市人民政府办公室")


def test_the_sign_in_page_leads_to_the_check(visit: Arrive) -> None:
    stranger = visit()

    assert "/documents/verify" in stranger.open("/sign-in").links()
    assert "Verification code" in stranger.open("/documents/verify").text


@pytest.mark.parametrize("address", ["/documents/verify/{code}", "/documents/verify?code={code}"])
def test_a_stranger_sees_what_was_issued(visit: Arrive, document: IssuedDocument, address: str) -> None:
    page = visit().open(address.format(code=document.code))

    assert page.status == 200
    assert "This document was issued and is valid" in page.text
    assert (
        "关于修补路面的通知" in page.text and "澄政办发〔2026〕7号" in page.text and "澄湾市人民政府办公室" in page.text
    )
    assert document.business_key not in page.answer.text and document.instance_id not in page.answer.text


def test_the_page_speaks_chinese(visit: Arrive, document: IssuedDocument) -> None:
    page = visit(language="zh").open(f"/documents/verify/{document.code}")

    assert "文件真实有效" in page.text and "2026年11月20日" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [(CONTENT, "Same as issued, to the last byte"), (CONTENT + b" ", "This is not the file that was issued")],
)
def test_a_file_at_hand_is_compared_and_not_kept(
    town: Site, visit: Arrive, document: IssuedDocument, content: bytes, said: str
) -> None:
    stranger = visit()
    before = town.engine.read(SYSTEM).figures()

    answer = stranger.client.post(
        f"/documents/verify/{document.code}", files={"file": ("mine.pdf", content, "application/pdf")}
    )

    assert answer.status_code == 200
    assert said in answer.text
    assert town.engine.read(SYSTEM).figures() == before
    assert len(town.engine.read(SYSTEM).instance(document.instance_id).attachments) == 1


def test_without_a_file_the_page_asks_for_one(visit: Arrive, document: IssuedDocument) -> None:
    stranger = visit()

    answers = [
        stranger.client.post(f"/documents/verify/{document.code}", files={"file": ("", b"", "application/pdf")}),
        stranger.client.post(f"/documents/verify/{document.code}"),
        stranger.client.post(f"/documents/verify/{document.code}", data={"file": "text"}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert all("Choose a file first" in answer.text for answer in answers)


def test_a_typo_and_an_unknown_code_are_told_apart(visit: Arrive, document: IssuedDocument) -> None:
    stranger = visit()
    last = "2" if document.code[-1] != "2" else "3"

    typo = stranger.open(f"/documents/verify/{document.code[:-1]}{last}")
    unknown = stranger.open(f"/documents/verify/{new_code()}")

    assert typo.status == 422 and "typo" in typo.text
    assert unknown.status == 404 and "No document was issued with this code" in unknown.text


def test_what_is_typed_is_never_markup(visit: Arrive) -> None:
    page = visit().open("/documents/verify?code=<script>alert(1)</script>")

    assert page.status == 422
    assert "<script>alert" not in page.answer.text


def test_staff_find_documents_by_number_title_and_year(visit: Arrive, document: IssuedDocument) -> None:
    li = visit("li")

    assert f"/archive/documents/{document.id}" in li.open("/archive?search=路面&year=2026").links()
    assert "Nothing matches" in li.open("/archive?year=1999").text
    assert document.code in li.open(f"/archive/documents/{document.id}").text


def test_citizens_have_no_archive(visit: Arrive, document: IssuedDocument) -> None:
    chen = visit("chen")

    assert chen.open("/archive").status == 403
    assert chen.open(f"/archive/documents/{document.id}").status == 404


def test_a_supervisor_revokes_with_a_reason_and_staff_cannot(
    town: Site, visit: Arrive, document: IssuedDocument
) -> None:
    su, li, stranger = visit("su"), visit("li"), visit()
    address = f"/archive/documents/{document.id}"

    assert "Revoke this document" not in li.open(address).text
    assert li.send(f"{address}/revoke", {"reason": "x"}).status == 403
    assert su.send(f"{address}/revoke", {"reason": " "}).status == 422
    done = su.send(f"{address}/revoke", {"reason": "附件有误"})

    assert "附件有误" in done.text and "Revoke this document" not in done.text
    checked = stranger.open(f"/documents/verify/{document.code}").text
    assert "This document has been revoked" in checked and "附件有误" in checked


def test_filed_cases_are_listed_with_their_volume(town: Site, visit: Arrive, document: IssuedDocument) -> None:
    assert document.file is not None
    command = dc.ArchiveCase(
        instance_id=document.instance_id, key="a", file_id=document.file.id, number="澄政办发〔2026〕7号",
        title="关于修补路面的通知", year=2026, files=3,
    )  # fmt: skip
    town.engine.execute(command, by=SYSTEM)

    page = visit("li").open("/archive?show=cases&search=修补")

    assert f"/cases/{document.instance_id}" in page.links()
    assert f"/files/{document.file.id}" in page.links()


def test_a_case_tells_which_of_its_files_are_valid_documents(town: Site, visit: Arrive) -> None:
    case = town.start("chen")
    old, new = town.document(case, b"%PDF-1.7 first"), town.document(case, b"%PDF-1.7 the second one")
    town.engine.execute(dc.RevokeDocument(document_id=old.id, reason="排印有误"), by=SYSTEM)

    for who in ("li", "chen"):
        files = visit(who).open(f"/cases/{case}").tree.xpath('//li[@class="file"]')
        said = {
            code: item.text_content() for code in (old.code, new.code) for item in files if code in item.text_content()
        }

        assert "Revoked" in said[old.code] and "Valid" in said[new.code]

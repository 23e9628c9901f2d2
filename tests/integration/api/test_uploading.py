"""Files from outside: models, archives, attachments. Nothing leaves its place, nothing is shown inline."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from api.archives import read_zip
from engine.commands import AddAttachment
from engine.contracts.principal import SYSTEM
from engine.errors import InvalidInput
from tests.site import REPAIR, Site

DEFINITIONS = "/api/v1/definitions"
FILES = "/api/v1/attachments"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def archive(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A ZIP archive with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def test_an_applications_folder_comes_as_an_archive(site: Site) -> None:
    content = archive(
        ("repair_app/repair.bpmn", REPAIR.replace(b'"repair"', b'"repair2"')),
        ("repair_app/texts/zh.yaml", "accept: 受理\n".encode()),
        ("repair_app/.DS_Store", b"x"),
    )

    with site.client("dora") as dora:
        answer = dora.post(DEFINITIONS, content=content, headers={"Content-Type": "application/zip"})
        detail = dora.get(answer.headers["location"]).json()

    assert answer.status_code == 201, answer.text
    assert detail["key"] == "repair2"
    assert detail["resources"] == ["repair.bpmn", "texts/zh.yaml"]


def test_the_same_files_again_make_no_new_version(site: Site) -> None:
    with site.client("dora") as dora:
        files = [("files", ("m.bpmn", REPAIR)), ("files", ("a.json", b'{"type":"default","components":[]}'))]
        first = dora.post(DEFINITIONS, files=files)
        second = dora.post(DEFINITIONS, files=files)

    assert [first.status_code, second.status_code] == [201, 200]
    assert second.json()["unchanged"] is True
    assert second.json()["definitions"][0]["version"] == first.json()["definitions"][0]["version"] == 2


@pytest.mark.parametrize(
    "name", ["../out.bpmn", "/etc/x.bpmn", "a/../../x.bpmn", "..\\x.bpmn", "C:/x.bpmn", "a\nb.bpmn"]
)
def test_an_entry_outside_its_archive_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="inside the archive"):
        read_zip(archive((name, REPAIR)))


def test_names_from_a_chinese_windows_are_read() -> None:
    packed = archive(("aaaa.typ", b"= x"))  # such an archive says nothing of its encoding

    files = read_zip(packed.replace(b"aaaa.typ", "通知.typ".encode("gb18030")))

    assert files == {"通知.typ": b"= x"}


def test_a_refused_archive_says_why_in_both_languages() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_zip(b"PK\x03\x04 and then nothing")

    (problem,) = refused.value.problems
    assert problem.message.startswith("Expected a ZIP archive")
    assert "ZIP 压缩包" in problem.message_zh


def test_a_link_in_an_archive_is_refused() -> None:
    link = zipfile.ZipInfo("link.bpmn")
    link.external_attr = 0o120777 << 16

    with pytest.raises(InvalidInput, match="link"):
        read_zip(archive((link, b"/etc/passwd")))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = archive(*((f"{n}.xml", bytes(8_000_000)) for n in range(8)))

    assert len(bomb) < 100_000
    with pytest.raises(InvalidInput, match="unpacked"):
        read_zip(bomb)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"not an archive", archive(("a.bpmn", REPAIR))[:-30]])
def test_a_broken_archive_is_refused(site: Site, content: bytes) -> None:
    with site.client("dora") as dora:
        answer = dora.post(DEFINITIONS, content=content, headers={"Content-Type": "application/zip"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/xml", b""),
        ("application/xml", b"<html/>"),
        ("application/xml", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
        ("application/json", b"{}"),
        ("text/plain", b"x"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data", b"x"),
    ],
)
def test_what_is_no_model_is_refused(site: Site, kind: str, content: bytes) -> None:
    with site.client("dora") as dora:
        answer = dora.post(DEFINITIONS, content=content, headers={"Content-Type": kind})

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_is_what_its_content_says_and_always_a_download(site: Site) -> None:
    with site.client("chen") as chen:
        made = chen.post(FILES, files={"file": ('现场 "照片".html', PNG, "text/html")})
        got = chen.get(made.headers["location"])

    assert made.json()["type"] == "image/png"
    assert got.content == PNG
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E7%8E%B0%E5%9C%BA" in got.headers["content-disposition"]
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "content",
    [b"\x7fELF" + bytes(100), b"PK\x03\x04" + bytes(100), b"\x1f\x8b" + bytes(100), bytes(100)],
    ids=["program", "archive", "gzip", "zeros"],
)
def test_a_type_that_is_not_taken_is_refused(site: Site, content: bytes) -> None:
    with site.client("chen") as chen:
        answer = chen.post(FILES, files={"file": ("photo.png", content, "image/png")})

    assert answer.status_code == 422
    assert "photo.png" in answer.json()["detail"]


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<script>alert(1)</script>"]
)
def test_markup_never_comes_back_as_something_a_browser_would_run(site: Site, content: bytes) -> None:
    with site.client("chen") as chen:
        made = chen.post(FILES, files={"file": ("x.svg", content, "image/svg+xml")})
        got = chen.get(made.headers["location"])

    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "a/b/c.txt", "nul\x01l.txt"])
def test_a_file_name_is_a_name_and_no_path(site: Site, name: str) -> None:
    with site.client("chen") as chen:
        made = chen.post(FILES, files={"file": (name, b"hello", "text/plain")})

    assert made.status_code == 201, made.text
    assert not set("/\\\x01") & set(made.json()["name"])


def test_a_file_beyond_the_limit_is_refused_while_it_is_read(site: Site) -> None:
    limit = site.settings.attachment_limit

    with site.client("chen") as chen:
        too_large = chen.post(FILES, files={"file": ("a.txt", b"x" * (limit + 1), "text/plain")})
        far_too_large = chen.post(
            FILES, content=_endless(80), headers={"Content-Type": "multipart/form-data; boundary=x"}
        )

    assert too_large.status_code == 422
    assert far_too_large.status_code == 413
    assert far_too_large.headers["content-type"] == "application/problem+json"


def test_a_file_of_anothers_case_cannot_be_put_into_ones_own(site: Site) -> None:
    with site.client("chen") as chen, site.client("gu") as gu:
        secret = chen.post(FILES, files={"file": ("a.txt", b"secret", "text/plain")}).json()

        stolen = gu.post("/api/v1/instances", json={"definition": "repair", "variables": {"photo": secret}})
        read = gu.get(f"{FILES}/{secret['id']}")

    assert stolen.status_code in {403, 404, 422}
    assert read.status_code == 404


def _endless(megabytes: int):  # type: ignore[no-untyped-def]
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    for _ in range(megabytes):
        yield b"x" * 1_000_000


def test_uploads_leave_nothing_behind_on_disk(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    with site.client("chen") as chen, site.client("mei") as mei:
        chen.post(FILES, files={"file": ("a.txt", b"x" * 3_000_000, "text/plain")})
        mei.post("/api/v1/reports/bottlenecks", files={"file": ("log.csv", b"case,activity,timestamp\n")})

    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_bot_elsewhere_reads_and_writes_the_files_of_a_case_while_it_has_its_job(site: Site) -> None:
    case = site.start("chen")
    photo = site.engine.execute(AddAttachment(name="a.png", content=PNG, instance_id=case), by=SYSTEM)

    with site.client("render-bot") as bot, site.client("chen") as chen:
        file = {"file": ("notice.txt", b"done", "text/plain")}
        before = (
            bot.get(f"{FILES}/{photo.id}").status_code,
            bot.post(FILES, files=file, params={"instance_id": case}).status_code,
        )
        job = site.job(case)
        read = bot.get(f"{FILES}/{photo.id}")
        written = bot.post(FILES, files=file, params={"instance_id": case})
        bot.post(f"/api/v1/jobs/{job.id}/complete", json={"lease_token": job.lease_token})
        after = bot.get(f"{FILES}/{photo.id}").status_code
        names = {item["name"] for item in chen.get(f"/api/v1/instances/{case}").json()["attachments"]}

    assert before == (404, 403)
    assert read.content == PNG
    assert written.status_code == 201, written.text
    assert after == 404
    assert names == {"a.png", "notice.txt"}

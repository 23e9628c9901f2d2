"""Typst documents: Chinese text, pictures, mistakes in templates, runaway templates."""

from __future__ import annotations

import dataclasses
import io
import shutil
import struct
import subprocess
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest

from bots import Bot, BusinessError
from bots.builtin.document import render_document
from bots.documents import render_pdf
from bots.registry import Registry, builtin_registry
from bots.worker import Worker
from tests.job_client import InMemoryJobs, JobRow

NOTICE = """\
#let d = json("data.json")
#set page(paper: "a4", margin: 25mm, footer: context align(center)[第 #counter(page).display() 页])
#set text(font: "Noto Serif SC", size: 12pt)
#show heading: set text(font: "Noto Sans SC", size: 20pt)
#align(center)[= 办结通知书]
#v(1em)
编号：#sys.inputs.businessKey #h(1fr) 日期：#sys.inputs.today

尊敬的 #d.reporter.name：您于 #d.reported_on 反映的“#d.what”一事，已由#d.unit;办结。

#table(
  columns: (auto, 1fr, auto),
  [*序号*], [*措施*], [*工时*],
  ..d.steps.enumerate().map(((n, step)) => ([#(n + 1)], step.what, [#step.hours 小时])).flatten(),
)
#if "photo" in d and d.photo != none and "path" in d.photo [#image(d.photo.path, width: 40mm)]
#pagebreak()
如对处理结果不满意，请在十五日内申请复核。#emph[谢谢您的支持！] ① ％ 《》 龘
"""

VARIABLES = {
    "reporter": {"name": "李娜"},
    "reported_on": "2026-02-27",
    "what": '路灯不亮 <b>#eval("1") *x* $y$ \\ @z',
    "unit": "市政工程二队",
    "steps": [{"what": "更换灯泡，检查线路", "hours": 1.5}, {"what": "现场复核", "hours": 2}],
}

WHEN = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
INPUTS = {"businessKey": "2026-0007", "today": "2026-03-02"}


def png(width: int = 8, height: int = 8) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\x00" + b"\xd0\x20\x20" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """All text without white space: Typst sets thin spaces between Chinese and digits."""
    return "".join("".join(page.extract_text().split()) for page in read(pdf).pages)


@pytest.fixture
def jobs() -> InMemoryJobs:
    jobs = InMemoryJobs()
    jobs.resources.templates["notice.typ"] = NOTICE.encode()
    return jobs


def job_of(jobs: InMemoryJobs, **headers: str) -> JobRow:
    row = jobs.add(
        "document.render",
        headers={"template": "notice.typ", "output": "办结通知书-{businessKey}.pdf", **headers},
        variables=VARIABLES,
        business_key="2026-0007",
    )
    row.job = dataclasses.replace(row.job, created_at=WHEN)
    return row


def work(jobs: InMemoryJobs, bot: Bot = render_document) -> None:
    Worker(jobs, Registry([bot]), make_context=jobs.context, worker_id="test").run_once(limit=5)


def test_a_chinese_document_of_two_pages(jobs: InMemoryJobs) -> None:
    row = job_of(jobs, title="办结通知书 {businessKey}", author="云溪市城市管理局")

    work(jobs)

    assert row.error_message == ""
    reference = row.result["document"]
    pdf = jobs.files(row.job).read(reference["id"])
    assert (reference["name"], reference["type"]) == ("办结通知书-2026-0007.pdf", "application/pdf")
    assert len(read(pdf).pages) == 2
    for words in ("编号：2026-0007日期：2026-03-02", "尊敬的李娜", "更换灯泡，检查线路", "1.5小时", "第2页"):
        assert words in text_of(pdf)
    assert "①％《》龘" in text_of(pdf)
    assert read(pdf).metadata.title == "办结通知书 2026-0007"
    assert read(pdf).metadata.author == "云溪市城市管理局"
    assert read(pdf).metadata.creation_date == WHEN


def test_every_font_comes_from_the_package_and_is_embedded(jobs: InMemoryJobs) -> None:
    row = job_of(jobs)

    work(jobs)

    pdf = jobs.files(row.job).read(row.result["document"]["id"])
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in read(pdf).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts and all(name.startswith(("NotoSerifSC", "NotoSansSC")) for name in fonts)


def test_data_is_never_read_as_source(jobs: InMemoryJobs) -> None:
    row = job_of(jobs)

    work(jobs)

    pdf = jobs.files(row.job).read(row.result["document"]["id"])
    assert '路灯不亮<b>#eval("1")*x*$y$\\@z' in text_of(pdf)


def test_a_second_attempt_writes_the_same_file(jobs: InMemoryJobs) -> None:
    row = job_of(jobs)
    work(jobs)
    first = row.result["document"]
    row.state = "available"

    work(jobs)

    assert row.attempts == 2
    assert row.result["document"] == first
    assert len(jobs.files(row.job).references) == 1


@pytest.mark.parametrize(("images", "shown"), [("photo, others, none", 1), ("", 0)])
def test_pictures_of_the_case_are_shown_when_the_model_names_them(jobs: InMemoryJobs, images: str, shown: int) -> None:
    row = job_of(jobs, images=images)
    files = jobs.files(row.job)
    photo = files.attach(name="灯.png", content=png(), media_type="image/png").as_variable()
    note = files.attach(name="x.svg", content=b"<svg/>", media_type="image/svg+xml").as_variable()
    row.job = dataclasses.replace(row.job, variables={**VARIABLES, "photo": photo, "others": [note]})

    work(jobs)

    assert row.error_message == ""
    pdf = files.read(row.result["document"]["id"])
    assert pdf.replace(b" ", b"").count(b"/Subtype/Image") == shown


def test_a_picture_of_another_case_is_not_read(jobs: InMemoryJobs) -> None:
    row, other = job_of(jobs, images="photo"), job_of(jobs)
    photo = jobs.files(other.job).attach(name="灯.png", content=png(), media_type="image/png").as_variable()
    row.job = dataclasses.replace(row.job, variables={**VARIABLES, "photo": photo})

    work(jobs)

    assert row.state == "available"
    assert "Expected an attachment of this case" in row.error_message


def test_too_many_pictures_are_refused(jobs: InMemoryJobs) -> None:
    row = job_of(jobs, images="photos")
    photos = [
        jobs.files(row.job).attach(name="x", content=png(n + 1), media_type="image/png").as_variable()
        for n in range(41)
    ]
    row.job = dataclasses.replace(row.job, variables={**VARIABLES, "photos": photos})

    work(jobs)

    assert row.state == "error"
    assert "at most 40 pictures" in row.error_message


def test_further_files_of_the_template_folder_stand_beside_it(jobs: InMemoryJobs) -> None:
    jobs.resources.templates["head.typ"] = '#let head = [抬头 #image("seal.png", width: 5mm)]'.encode()
    jobs.resources.templates["seal.png"] = png()
    jobs.resources.templates["notice.typ"] = b'#import "head.typ": head\n#head'
    row = job_of(jobs, assets="head.typ, seal.png")

    work(jobs)

    assert row.error_message == ""
    assert "抬头" in text_of(jobs.files(row.job).read(row.result["document"]["id"]))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (b"= Hi\n\n#nobody\n", "Template notice.typ, line 3, column 1: unknown variable: nobody"),
        (b'#json("data.json").nobody', 'line 1, column 19: dictionary does not contain key "nobody"'),
        (b"#let a = (\n", "Template notice.typ, line 1, column 9: unclosed delimiter"),
        (b'#read("/../../../etc/passwd")', "would escape the project root"),
        (b'#read("/etc/passwd")', "file not found (searched at etc/passwd)"),
        (b'\n#import "@preview/cetz:0.3.0": canvas', "line 2: packages from the network are not available"),
        (b"#while true {}", "condition is always true"),
        (b"#let f(n) = f(n + 1)\n#f(1)", "maximum function call depth exceeded"),
        ("办结".encode("gb18030"), "Expected template notice.typ to be UTF-8"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_place(jobs: InMemoryJobs, template: bytes, message: str) -> None:
    jobs.resources.templates["notice.typ"] = template
    row = job_of(jobs)

    work(jobs)

    assert (row.state, row.error_code) == ("error", "TEMPLATE_ERROR")
    assert message in row.error_message
    assert "/tmp/" not in row.error_message


def test_a_missing_template_is_named_with_those_there_are(jobs: InMemoryJobs) -> None:
    row = job_of(jobs, template="notiz.typ")

    work(jobs)

    assert (row.state, row.error_code) == ("error", "TEMPLATE_ERROR")
    assert row.error_message == "Expected template 'notiz.typ' but there are: notice.typ."


def test_a_task_without_a_template_is_named(jobs: InMemoryJobs) -> None:
    row = job_of(jobs, template="")

    work(jobs)

    assert "Expected the header 'template' at task 'Task_bot'" in row.error_message


def test_an_endless_template_is_stopped(jobs: InMemoryJobs) -> None:
    jobs.resources.templates["notice.typ"] = b"#let n = 0\n#while n >= 0 { n += 1; if n > 9000 { n = 0 } }"
    row = job_of(jobs)

    work(jobs, dataclasses.replace(render_document, timeout=timedelta(seconds=1)))

    # Typst has a loop limit of its own; whichever stops it, the worker lives and the operator reads why.
    assert row.state in ("available", "error")
    assert "0:00:01" in row.error_message or "infinite" in row.error_message


def test_a_template_that_crashes_the_compiler_does_not_crash_the_worker(jobs: InMemoryJobs) -> None:
    jobs.resources.templates["notice.typ"] = b'#let s = ("x",) * 100000000\n#s.len()'
    row = job_of(jobs)

    work(jobs)

    assert row.state == "available"
    assert "reaches its memory limit" in row.error_message


def test_a_sites_own_fonts_are_found(jobs: InMemoryJobs, tmp_path: Path) -> None:
    import pylopdf_fonts_zh_cn

    shutil.copy(pylopdf_fonts_zh_cn.sans_path(), tmp_path / "site.otf")

    bot = builtin_registry(fonts=[tmp_path]).find("document.render")

    assert bot.environment["CIVIFLOW_FONTS"] == str(tmp_path)


def test_the_same_input_gives_the_same_bytes() -> None:
    documents = {render_pdf(NOTICE.encode(), VARIABLES, inputs=INPUTS, created=WHEN) for _ in range(2)}

    assert len(documents) == 1


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", ".hidden", 'a"b'])
def test_assets_stay_in_the_documents_folder(name: str) -> None:
    with pytest.raises(BusinessError, match="Expected a file name"):
        render_pdf(b"x", {}, assets={name: b""})


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs pdftoppm (poppler-utils)")
def test_another_reader_draws_the_pages(tmp_path: Path) -> None:
    pdf = tmp_path / "notice.pdf"
    pdf.write_bytes(render_pdf(NOTICE.encode(), VARIABLES, inputs=INPUTS, created=WHEN))

    drawn = subprocess.run(
        ["pdftoppm", "-r", "60", "-gray", pdf, tmp_path / "page"], capture_output=True, text=True, check=True
    )

    pages = sorted(tmp_path.glob("page*.pgm"))
    assert drawn.stderr == ""
    assert len(pages) == 2
    assert all(sum(byte < 128 for byte in page.read_bytes()) > 300 for page in pages)

"""Texts and documents of bots: what was entered is never read as a template, and a template reads nothing outside."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from bots.documents import render_pdf
from bots.text import file_name, fill
from engine.contracts.errors import BusinessError

VALUES = (
    "{businessKey}", "{{businessKey}}", "{name.__class__}", "{0.__class__}", "%(name)s", "${name}", "{% x %}",
    '#read("/etc/passwd")', "#panic()", "#sys.inputs", "$ x^2 $", "```typ #read(1)```", "<script>", "\\u{202e}", "@ref",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_what_was_entered_stays_as_it_is_in_a_text(value: str) -> None:
    assert fill("您好，{name}！", {"businessKey": "A-1"}, {"name": value}) == f"您好，{value}！"


@pytest.mark.parametrize(
    "written", ["{name.__class__}", "{__builtins__}", "{name.upper}", "{0}", "{name!r}", "{name:>9999999}", "{name[0]}"]
)
def test_a_placeholder_names_data_and_nothing_else(written: str) -> None:
    with pytest.raises(BusinessError):
        fill(written, {}, {"name": "x"})


@pytest.mark.parametrize(
    "value", ["../../etc/passwd", "..\\..\\boot.ini", "a\x00b", "\u202efdp.exe", "/", "...", "x" * 9_999]
)
def test_a_name_made_from_what_was_entered_is_one_plain_name(value: str) -> None:
    name = file_name(value, suffix=".pdf")

    assert name.endswith(".pdf") and len(name.encode()) <= 200
    assert not set(name) & set("/\\\x00\u202e") and not name.startswith(".")


def test_what_was_entered_stays_as_it_is_in_a_document() -> None:
    template = b'#let data = json("data.json")\n#for value in data.values [\n#value\n\n]'

    pages = PdfReader(BytesIO(render_pdf(template, {"values": list(VALUES)}))).pages

    text = "".join(page.extract_text() for page in pages)
    for value in ("#panic()", '#read("/etc/passwd")', "{businessKey}", "#sys.inputs"):
        assert value in text


@pytest.mark.parametrize(
    "source",
    [
        '#read("/etc/passwd")',
        '#read("../../../../../../etc/passwd")',
        '#json("/proc/self/environ")',
        '#include "/etc/passwd"',
        '#image("/etc/hostname")',
        '#import "@preview/cetz:0.3.0": canvas',
        '#plugin("/lib/x86_64-linux-gnu/libc.so.6")',
        "#let f(n) = f(n + 1)\n#f(0)",
        '#eval("1 +")',
    ],
)
def test_a_template_reads_nothing_outside(source: str) -> None:
    with pytest.raises(BusinessError):
        render_pdf(source.encode(), {})

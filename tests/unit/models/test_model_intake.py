"""Untrusted bytes become a tree, or one readable finding."""

from __future__ import annotations

import time

import pytest

from engine.errors import InvalidModel
from engine.models import read_model
from engine.models.intake import MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, parse_xml

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY a%d "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">' % i for i in range(10))
    + b"]><definitions>&a9;</definitions>"
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>'


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidModel) as refused:
        parse_xml(data, filename="审批.bpmn")
    (finding,) = refused.value.findings
    assert "审批.bpmn" in finding.message and "审批.bpmn" in finding.message_zh
    assert finding.mend and finding.mend_zh
    return str(finding.code)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"  \n ", "empty-file"),
        (b"PK\x03\x04" + b"\0" * 50, "zip-archive"),
        (b"\x1f\x8b\x08\x00", "gzip-archive"),
        (b"%PDF-1.7\n", "pdf-document"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office-document"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-lfs-pointer"),
        (b'{"components": []}', "form-instead-of-bpmn"),
        (b'\xef\xbb\xbf {"a": 1}', "json-instead-of-bpmn"),
        (b"<!DOCTYPE html><html></html>", "html-instead-of-bpmn"),
        (b"<!-- saved --><html></html>", "html-instead-of-bpmn"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "svg-instead-of-bpmn"),
        (b'------x1y2\r\nContent-Disposition: form-data; name="f"\r\n\r\n', "mime-instead-of-bpmn"),
        (b"MIME-Version: 1.0\n\nhello", "mime-instead-of-bpmn"),
        (b"just words", "not-xml"),
        (b"<a><b></a>", "not-well-formed"),
        (b"<a>\x00</a>", "not-well-formed"),
        (b"<a>&undefined;</a>", "not-well-formed"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "unknown-encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "unknown-encoding"),
        ("<a b='中文'/>".encode("gb18030"), "wrong-encoding"),
        (BOMB, "document-type-refused"),
        (EXTERNAL, "document-type-refused"),
        (b"<?xml version='1.0'?>\n<!-- c --><?pi x?><!DOCTYPE a><a/>", "document-type-refused"),
        (b"<a><!DOCTYPE a></a>", "not-well-formed"),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "too-deep"),
        (b"<a>" * 300 + b"</a>" * 300, "too-deep"),
        (b"<a>" + b"<b/>" * 20_000 + b"</a>", "too-many-elements"),
        (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "too-many-elements"),
        (b"<a " + b" ".join(b'a%d=""' % i for i in range(MAX_ATTRIBUTES + 1)) + b"/>", "too-many-attributes"),
        (b"<a>" + b"x" * MAX_BYTES + b"</a>", "file-too-large"),
        (b"x" * 10_000_000, "file-too-large"),
        (b"<!---->" * 585 + b"x", "not-xml"),
    ],
)
def test_what_is_no_safe_xml_is_refused_in_words_and_quickly(data: bytes, code: str) -> None:
    began = time.process_time()

    said = refusal(data)

    assert said == code
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="UTF-8"?><a b="审批"/>'.encode(),
        '<?xml version="1.0" encoding="UTF-8"?><a b="审批"/>'.encode("utf-8-sig"),
        '<a b="审批"/>'.encode(),
        '<?xml version="1.0" encoding="UTF-16"?><a b="审批"/>'.encode("utf-16"),
        '<a b="审批"/>'.encode("utf-16-be"),
        '<a b="审批"/>'.encode("utf-16-le"),
        '<?xml version="1.0" encoding="GB2312"?><a b="审批"/>'.encode("gb18030"),
        '<?xml version="1.0" encoding="GB18030"?>\n<a b="审批"/>'.encode("gb18030"),
        '<?xml version="1.0" encoding="Big5"?><a b="審批"/>'.encode("big5"),
        b'<?xml version="1.0" encoding="UTF-8"?><a b="&#x5BA1;&#x6279;"/>',
    ],
)
def test_encodings_of_real_files_are_read(data: bytes) -> None:
    root = parse_xml(data)

    assert root.get("b") in ("审批", "審批")


def test_a_line_of_a_mistake_is_counted_as_the_author_sees_it() -> None:
    data = b'<?xml version="1.0"?>\n<a>\n<b>\n</a>'

    with pytest.raises(InvalidModel) as refused:
        parse_xml(data)

    assert "line 4" in refused.value.message


def test_a_declaration_quoted_in_a_text_stays_there() -> None:
    data = b'<a><![CDATA[<?xml version="1.0"?>]]></a>'

    root = parse_xml(data)

    assert root.text == '<?xml version="1.0"?>'


def test_a_file_that_cannot_be_read_is_a_model_without_processes() -> None:
    model = read_model(b"PK\x03\x04", filename="a.docx")

    assert model.processes == ()
    assert [finding.code for finding in model.errors] == ["zip-archive"]


@pytest.mark.parametrize(
    ("root", "what"),
    [
        ('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "DMN"),
        ('<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>', "CMMN"),
        ("<definitions/>", "without a BPMN namespace"),
        ('<foo xmlns="urn:x"/>', "<foo>"),
    ],
)
def test_other_xml_is_called_by_its_name(root: str, what: str) -> None:
    model = read_model(root.encode())

    assert [finding.code for finding in model.findings] == ["not-bpmn"]
    assert what in model.findings[0].message

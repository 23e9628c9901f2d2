"""Bytes from a stranger → a hardened XML tree.

Nothing of a document type definition is ever read: a DOCTYPE is refused before the parser
sees it, so there are no entities to expand and nothing to fetch. Size, depth and number of
elements are bounded, and every refusal is one readable finding.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import Final

from lxml import etree

from engine.errors import InvalidModel
from engine.findings import Severity
from engine.models.bpmn_xml import Element, line_of
from engine.models.findings import describe_file, make_finding
from engine.models.labels import Words
from engine.models.mistaken import mistaken_for

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 20_000
MAX_ATTRIBUTES: Final = 200
"""On one element: listing attributes costs the square of their number in libxml2's tree."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION: Final = re.compile(r"\s*<\?xml\b[^>]*?\?>", re.ASCII)
_ENCODING: Final = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_ENCODINGS: Final = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|us-ascii|ascii|gb18030|gbk|gb2312|big5|iso-?8859-?\d+|latin-?1"
    r"|windows-?125\d|cp125\d|mac-?roman|shift_jis|euc-jp|euc-kr|koi8-r"
)
_PROLOG_ITEM: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


def parse_xml(data: bytes, *, filename: str = "", max_elements: int = MAX_ELEMENTS) -> Element:
    """Parse untrusted XML.

    Args:
        data: the file, in UTF-8, UTF-16 or the encoding it declares (GB18030, Big5, ISO 8859, …).
        filename: as uploaded, for messages only.
        max_elements: more are refused.

    Returns:
        The root element, without comments and processing instructions.

    Raises:
        InvalidModel: with exactly one finding: too large, not XML, a DOCTYPE, not well-formed, …
    """
    if not data.strip():
        raise _refuse(filename, "empty-file", Words("is empty", "是空的"), _AGAIN)
    if len(data) > MAX_BYTES:
        raise _refuse(
            filename,
            "file-too-large",
            Words(
                f"has {len(data):,} bytes; expected at most {MAX_BYTES:,}",
                f"有 {len(data):,} 字节，最多允许 {MAX_BYTES:,} 字节",
            ),
            Words(
                "Split the model into several files, or remove embedded pictures.",
                "请把模型拆成几个文件，或去掉内嵌的图片。",
            ),
        )
    if mistake := mistaken_for(data):
        raise _refuse(
            filename,
            mistake.code,
            Words(f"is {mistake.what.en}; expected BPMN 2.0 XML", f"是{mistake.what.zh}，这里需要 BPMN 2.0 XML"),
            mistake.mend,
        )
    text = _decode(data, filename)
    _refuse_doctype(text, filename)
    _refuse_crowds(text, filename, max_elements)
    root = _parse(text, filename)
    _measure(root, filename, max_elements)
    return root


_AGAIN: Final = Words("Save the diagram once more and upload it again.", "请重新保存流程图后再上传。")
_UTF8: Final = Words("Save the file as UTF-8 and upload it again.", "请将文件另存为 UTF-8 编码后再上传。")


def _refuse(filename: str, code: str, says: Words, mend: Words) -> InvalidModel:
    finding = make_finding(Severity.ERROR, code, describe_file(filename), says, mend)
    return InvalidModel(finding.message, findings=(finding,))


def _decode(data: bytes, filename: str) -> str:
    name, body = _encoding(data)
    if not _ENCODINGS.fullmatch(name.lower()):
        says = Words(f"declares the encoding «{name}», which is not supported", f"声明的编码“{name}”不受支持")
        raise _refuse(filename, "unknown-encoding", says, _UTF8)
    # GB18030 is the superset of GBK and GB2312, which Chinese tools declare loosely.
    codec = "gb18030" if name.lower() in {"gbk", "gb2312"} else name
    try:
        return codecs.decode(body, codec).lstrip("\ufeff")
    except UnicodeDecodeError as problem:
        line = body.count(b"\n", 0, problem.start) + 1
        says = Words(
            f"claims to be {name.upper()} but has other bytes in line {line}{_reads_as(body).en}",
            f"声明为 {name.upper()} 编码，但第 {line} 行不是{_reads_as(body).zh}",
        )
        raise _refuse(filename, "wrong-encoding", says, _UTF8) from None


def _encoding(data: bytes) -> tuple[str, bytes]:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name, data[len(bom) :]
    if data[:2] == b"<\x00":
        return "utf-16-le", data
    if data[:2] == b"\x00<":
        return "utf-16-be", data
    declared = _ENCODING.match(data.lstrip())
    name = declared[1].decode("ascii") if declared else "utf-8"
    # Without a byte order mark and readable as ASCII so far, it cannot be UTF-16, whatever it says.
    return ("utf-8" if name.lower().startswith("utf-16") else name), data


def _reads_as(body: bytes) -> Words:
    try:
        body.decode("gb18030")
    except UnicodeDecodeError:
        return Words("", "")
    return Words("; it can be read as GB18030", ";可按 GB18030 读取")


def _refuse_doctype(text: str, filename: str) -> None:
    position = 0
    while item := _PROLOG_ITEM.match(text, position):
        position = item.end()
    if text[position : position + 9].upper() == "<!DOCTYPE" or text.startswith("<!ENTITY", position):
        raise _refuse(
            filename,
            "document-type-refused",
            Words(
                "has a document type definition (<!DOCTYPE …>), which is refused because entities are unsafe",
                "含有文档类型定义(<!DOCTYPE …>)；由于实体不安全，不予接受",
            ),
            Words(
                "Remove the <!DOCTYPE …> line and write entities as plain text.",
                "请删除 <!DOCTYPE …> 这一段，并把实体写成普通文字。",
            ),
        )
    if text[position : position + 1] != "<":
        says = Words("is not XML: it does not begin with '<'", "不是 XML：开头不是“<”")
        raise _refuse(
            filename,
            "not-xml",
            says,
            Words("Upload a BPMN 2.0 XML file (.bpmn).", "请上传 BPMN 2.0 XML 文件(.bpmn)。"),
        )


def _refuse_crowds(text: str, filename: str, most: int) -> None:
    # Counted before parsing, generously (comments and CDATA count too), so that no huge tree is ever built.
    if text.count("<") - text.count("</") > 10 * most:
        raise _too_many(filename, most)


def _too_many(filename: str, most: int) -> InvalidModel:
    return _refuse(
        filename,
        "too-many-elements",
        Words(f"has more than {most:,} elements", f"的元素超过 {most:,} 个"),
        Words("Split the model into several files that call each other.", "请把模型拆成几个相互调用的文件。"),
    )


def _parse(text: str, filename: str) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # The declaration goes: it names an encoding that the text, decoded by now, no longer has.
    declaration = _DECLARATION.match(text)
    if declaration is not None:
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    try:
        return etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except etree.XMLSyntaxError as problem:
        raise _malformed(problem, filename) from None


def _malformed(problem: etree.XMLSyntaxError, filename: str) -> InvalidModel:
    line, column = problem.position
    reason = re.sub(r", line \d+, column \d+.*", "", str(problem.msg or problem), flags=re.DOTALL).strip()
    if "depth" in reason.lower():
        return _too_deep(filename)
    return _refuse(
        filename,
        "not-well-formed",
        Words(
            f"is not well-formed XML: line {line}, column {column}: {reason}",
            f"不是格式良好的 XML：第 {line} 行第 {column} 列：{reason}",
        ),
        Words(
            "Export the diagram once more from your modelling tool, or mend that line in a text editor.",
            "请从建模工具重新导出，或用文本编辑器改正该行。",
        ),
    )


def _measure(root: Element, filename: str, most: int) -> None:
    level, depth, total = [root], 0, 0
    while level:
        depth += 1
        total += len(level)
        if depth > MAX_DEPTH:
            raise _too_deep(filename)
        if total > most:
            raise _too_many(filename, most)
        for element in level:
            if len(element.attrib) > MAX_ATTRIBUTES:
                raise _too_many_attributes(line_of(element), filename)
        level = list(chain.from_iterable(level))


def _too_many_attributes(line: int, filename: str) -> InvalidModel:
    return _refuse(
        filename,
        "too-many-attributes",
        Words(
            f"has an element with more than {MAX_ATTRIBUTES} attributes in line {line}",
            f"第 {line} 行的元素有超过 {MAX_ATTRIBUTES} 个属性",
        ),
        _AGAIN,
    )


def _too_deep(filename: str) -> InvalidModel:
    return _refuse(
        filename,
        "too-deep",
        Words(f"nests elements more than {MAX_DEPTH} levels deep", f"的元素嵌套超过 {MAX_DEPTH} 层"),
        Words("Use call activities instead of nested sub-processes.", "请用调用活动代替层层嵌套的子流程。"),
    )

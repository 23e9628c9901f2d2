"""Files that are not BPMN: what was probably uploaded by mistake, said in words.

Only the first bytes are looked at, so any size of file is cheap.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from engine.models.labels import Words


class Mistake(NamedTuple):
    """A recognised wrong kind of file: a finding's code, what it is, and the way out."""

    code: str
    what: Words
    mend: Words


_EXPORT: Final = Words(
    "Export the diagram as BPMN 2.0 XML (a .bpmn file) from your modelling tool and upload that.",
    "请在建模工具中把图导出为 BPMN 2.0 XML(.bpmn 文件)后再上传。",
)
_UNPACK: Final = Words("Unpack it and upload the .bpmn file inside.", "请先解压，再上传其中的 .bpmn 文件。")

_MAGIC: Final[tuple[tuple[bytes, str, Words, Words], ...]] = (
    (
        b"PK\x03\x04",
        "zip-archive",
        Words("a ZIP archive or Office document", "ZIP 压缩包或 Office 文档"),
        _UNPACK,
    ),
    (b"\x1f\x8b", "gzip-archive", Words("a gzip archive", "gzip 压缩包"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "archive", Words("a 7z archive", "7z 压缩包"), _UNPACK),
    (b"Rar!", "archive", Words("a RAR archive", "RAR 压缩包"), _UNPACK),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "office-document",
        Words("an old Office or Visio document", "旧版 Office 或 Visio 文档"),
        _EXPORT,
    ),
    (b"%PDF", "pdf-document", Words("a PDF document", "PDF 文档"), _EXPORT),
    (b"\x89PNG", "image", Words("a PNG picture", "PNG 图片"), _EXPORT),
    (b"\xff\xd8\xff", "image", Words("a JPEG picture", "JPEG 图片"), _EXPORT),
    (b"GIF8", "image", Words("a GIF picture", "GIF 图片"), _EXPORT),
    (
        b"version https://git-lfs",
        "git-lfs-pointer",
        Words("a Git LFS pointer, not the file itself", "Git LFS 指针，而不是文件本身"),
        Words("Run `git lfs pull` and upload the file itself.", "请运行 `git lfs pull`,再上传真正的文件。"),
    ),
)

_FORM: Final = Mistake(
    "form-instead-of-bpmn",
    Words("a form (JSON), not a process", "表单(JSON)，不是流程"),
    Words(
        "Upload forms on the forms page, and the .bpmn file here.",
        "表单请在“表单”页上传，这里上传 .bpmn 文件。",
    ),
)
_JSON: Final = Mistake("json-instead-of-bpmn", Words("JSON data", "JSON 数据"), _EXPORT)
_HTML: Final = Mistake(
    "html-instead-of-bpmn",
    Words("a web page (HTML)", "网页(HTML)"),
    Words(
        "Download the file itself: on code hosting pages use “Raw” or “Download”.",
        "请下载文件本身：在代码托管网站上使用 “Raw” 或“下载”。",
    ),
)
_SVG: Final = Mistake("svg-instead-of-bpmn", Words("a drawing (SVG)", "矢量图(SVG)"), _EXPORT)
_MIME: Final = Mistake(
    "mime-instead-of-bpmn",
    Words("an e-mail or multipart message", "电子邮件或 multipart 报文"),
    Words(
        "Save the attachment and upload it; over REST send the file's bytes alone.",
        "请另存附件后上传；通过 REST 调用时只发送文件内容。",
    ),
)

_MULTIPART: Final = re.compile(rb"--[^\r\n]{4,80}\r?\ncontent-disposition:", re.IGNORECASE)
_MAIL: Final = re.compile(rb"(?:mime-version|received|return-path|from|content-type):\s", re.IGNORECASE)
_HTML_START: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SVG_START: Final = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+svg[^>]*>\s*)?<svg\b", re.IGNORECASE)


def mistaken_for(data: bytes) -> Mistake | None:
    """What kind of file this is instead of BPMN; None when it may be XML.

    Args:
        data: the whole file or its first few kilobytes.
    """
    for magic, code, what, mend in _MAGIC:
        if data.startswith(magic):
            return Mistake(code, what, mend)
    head = _without_comments(data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n"))
    if head[:1] in (b"{", b"["):
        return _FORM if b'"components"' in data[:200_000] else _JSON
    for pattern, mistake in ((_HTML_START, _HTML), (_SVG_START, _SVG), (_MULTIPART, _MIME), (_MAIL, _MIME)):
        if pattern.match(head):
            return mistake
    return None


def _without_comments(head: bytes) -> bytes:
    while head.startswith(b"<!--"):
        end = head.find(b"-->")
        if end < 0:
            break
        head = head[end + 3 :].lstrip()
    return head

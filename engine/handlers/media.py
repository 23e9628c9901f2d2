"""What a file is, told from its content; what its name or uploader says is never believed."""

from __future__ import annotations

_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"\x1f\x8b", "application/gzip"),
)


def sniff(content: bytes, name: str = "") -> str:
    """The media type of a file by its first bytes.

    Args:
        content: the whole file.
        name: only tells Office formats apart, which are all ZIP archives.

    Returns:
        A media type; 'application/octet-stream' when nothing is known of it. Never a type that a
        browser would run: HTML, SVG and scripts come out as 'text/plain'.
    """
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "image/heic" if content[8:12] in {b"heic", b"heix", b"mif1"} else "video/mp4"
    if content.startswith(b"PK\x03\x04"):
        return _OFFICE.get(name.rpartition(".")[2].lower(), "application/zip")
    sample = content[:4096]
    if b"\0" not in sample:
        try:
            sample.decode("utf-8", errors="strict" if len(content) <= len(sample) else "ignore")
        except UnicodeDecodeError:
            return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"

"""The character set and the dialect of a text file, found by looking at it."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from pathlib import Path

from mining.readers.sources import open_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")


def charset_of(path: Path) -> str:
    """A codec name: by byte-order mark, else UTF-8 if the whole file is valid, else GB18030 or Windows-1252.

    GB18030 accepts much Western text too, so a file counts as Chinese only if most of its two-byte
    characters lie where GB 2312 has its common ones.
    """
    with open_bytes(path) as stream:
        head = stream.read(_CHUNK)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codec
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _looks_chinese(head) and _decodes(path, "gb18030"):
        return "gb18030"
    return "cp1252"


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    with open_bytes(path) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _looks_chinese(head: bytes) -> bool:
    pairs = common = 0
    position = 0
    while position < len(head) - 1:
        lead = head[position]
        if lead < 0x80:
            position += 1
            continue
        pairs += 1
        common += lead >= 0xB0 and head[position + 1] >= 0xA1
        position += 2
    return pairs > 0 and common / pairs > 0.5


def delimiter_of(lines: Iterable[str]) -> str:
    """The delimiter that splits the first lines into the most columns, evenly.

    In: the first lines of the file, the header among them. A first line `sep=;`, as Excel writes it,
    decides by itself.
    """
    sample = [line for line in lines if line.strip()]
    if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        return sample[0].strip()[4]
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        if not widths or widths[0] < 2:
            continue
        even = sum(width == widths[0] for width in widths) / len(widths)
        if (even, widths[0]) > most:
            best, most = delimiter, (even, widths[0])
    return best

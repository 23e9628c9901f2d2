"""Hostile XML and archives, and what reading them costs: run as a program, it says so for each, as JSON lines."""

from __future__ import annotations

import gzip
import io
import json
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPAIR = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:t"/>"""

_HEAD = b'<?xml version="1.0"?>'
_NS = b'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def _dtd(entities: bytes, body: bytes = b"&x;") -> bytes:
    return _HEAD + b"<!DOCTYPE definitions [" + entities + b"]><definitions " + _NS + b">" + body + b"</definitions>"


def _namespaces(count: int) -> bytes:
    return b"<a " + b" ".join(b'xmlns:a%d="u:%d"' % (n, n) for n in range(count)) + b"/>"


def _laughs() -> bytes:
    levels = b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12))
    return _dtd(b'<!ENTITY a0 "lol">' + levels, b"&a11;")


XML: dict[str, Callable[[], bytes]] = {
    "external entity": lambda: _dtd(b'<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "external entity over HTTP": lambda: _dtd(b'<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'),
    "parameter entity": lambda: _dtd(b'<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;'),
    "internal entity": lambda: _dtd(b'<!ENTITY x "y">'),
    "billion laughs": _laughs,
    "quadratic blow-up": lambda: _dtd(b'<!ENTITY x "' + b"a" * 50_000 + b'">', b"&x;" * 50_000),
    "external subset": lambda: _HEAD + b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
    "document type in UTF-16": lambda: '<!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>'.encode("utf-16"),
    "document type in UTF-7": lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4-<d/>',
    "hundred megabytes": lambda: b"<definitions " + _NS + b">" + b"x" * 60_000_000 + b"</definitions>",
    "ten thousand deep": lambda: b"<a>" * 10_000 + b"</a>" * 10_000,
    "million elements": lambda: b"<definitions " + _NS + b">" + b"<a/>" * 1_000_000 + b"</definitions>",
    "hundred thousand attributes": lambda: b"<a " + b" ".join(b'a%d=""' % i for i in range(100_000)) + b"/>",
    "hundred thousand namespaces": lambda: _namespaces(100_000),
    "huge attribute": lambda: b"<definitions " + _NS + b' id="' + b"x" * 4_500_000 + b'"/>',
    "NUL": lambda: b"<definitions \x00/>",
    "odd encoding": lambda: b'<?xml version="1.0" encoding="IBM037"?><a/>',
    "unclosed comment": lambda: b"<!--" * 100_000,
    "stylesheet": lambda: b'<?xml-stylesheet href="file:///etc/passwd"?><a/>',
    "gzip": lambda: gzip.compress(b"x" * 1_000_000),
}
_INCLUDE = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
INCLUDED = b"<definitions " + _NS + b">" + _INCLUDE + b"</definitions>"


def _archive(*entries: tuple[str, bytes], link: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo("forms/link.json")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, link)
    return made.getvalue()


def _many() -> bytes:
    return _archive(*((f"f{n}.txt", b"") for n in range(5_000)))


def _inside_itself() -> bytes:
    inner = _archive(("m.bpmn", b"\0" * 20_000_000))
    for _ in range(5):
        inner = _archive(*((f"{n}.zip", inner) for n in range(10)))
    return inner


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "slips out": lambda: _archive(("../../../tmp/civiflow-slipped", b"x")),
    "slips out, Windows": lambda: _archive(("..\\..\\civiflow-slipped", b"x")),
    "absolute": lambda: _archive(("/tmp/civiflow-slipped", b"x")),
    "drive": lambda: _archive(("C:/civiflow-slipped", b"x")),
    "hidden in the middle": lambda: _archive(("forms/../../civiflow-slipped", b"x")),
    "link": lambda: _archive(("m.bpmn", REPAIR), link="/etc/passwd"),
    "bomb": lambda: _archive(("m.bpmn", b"\0" * 200_000_000)),
    "many files": _many,
    "archives in archives": _inside_itself,
    "twice the same name": lambda: _archive(("m.bpmn", REPAIR), ("./m.bpmn", REPAIR)),
    "NUL in a name": lambda: _archive(("m.bpmn\x01", REPAIR)),
    "long name": lambda: _archive(("x" * 60_000 + ".bpmn", REPAIR)),
    "right to left": lambda: _archive(("\u202enpmb.exe", REPAIR)),
    "cut off": lambda: _archive(("m.bpmn", REPAIR))[:-30],
    "no archive": lambda: b"PK\x03\x04" + b"\xff" * 1000,
    "BZIP2 bomb": lambda: _archive(("m.bpmn", b"\0" * 100_000_000), method=zipfile.ZIP_BZIP2),
    "LZMA bomb": lambda: _archive(("m.bpmn", b"\0" * 100_000_000), method=zipfile.ZIP_LZMA),
}


def _measured(work: Callable[[], Any]) -> dict[str, object]:
    """Processor seconds, and by how many MiB the peak of this process's memory grew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = _memory("VmRSS"), time.process_time()
    result = work()
    return {"seconds": time.process_time() - began, "grown": _memory("VmHWM") - before, **result}


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _read_model(data: bytes) -> dict[str, object]:
    from engine.models import read_model

    model = read_model(data, filename="x.bpmn")
    return {"refused": [finding.code for finding in model.errors], "text": repr(model)[:2000]}


def _unpack(data: bytes) -> dict[str, object]:
    from api.archives import read_zip
    from engine.errors import InvalidInput

    try:
        return {"refused": "", "text": repr(list(read_zip(data)))}
    except InvalidInput as error:
        return {"refused": error.message, "text": ""}


def main() -> None:
    """Read all of them."""
    _read_model(b"<a/>"), _unpack(b"")  # imports do not count
    for kind, read, what in (("xml", _read_model, {**XML, "included": lambda: INCLUDED}), ("zip", _unpack, ARCHIVES)):
        for name, make in what.items():
            data = make()
            told = _measured(lambda: read(data))  # noqa: B023
            print(json.dumps({"kind": kind, "name": name, **told}), flush=True)


if __name__ == "__main__":
    main()

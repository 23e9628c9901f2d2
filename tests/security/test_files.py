"""Uploads of strangers: XML, archives, attachments. Refused soon and in little memory, never shown, never outside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.contracts.principal import SYSTEM
from tests.security.hostile_files import ARCHIVES, XML
from tests.site import Site, running_site

_ROOT = Path(__file__).parents[2]
_HARMLESS = {"archives in archives"}
"""Nothing opens the inner ones."""


@pytest.fixture(scope="module")
def costs() -> dict[tuple[str, str], dict[str, Any]]:
    """What reading each of them gave and took, in a process of its own."""
    program = [sys.executable, "-m", "tests.security.hostile_files"]
    done = subprocess.run(program, cwd=_ROOT, capture_output=True, text=True, timeout=110, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {(each["kind"], each["name"]): each for each in told}


@pytest.mark.parametrize("name", sorted(XML))
def test_hostile_xml_is_refused_at_once_and_in_little_memory(costs: dict[Any, Any], name: str) -> None:
    told = costs["xml", name]

    assert told["refused"]
    assert told["seconds"] < 1
    assert told["grown"] < 100
    assert "root:x:0" not in told["text"]


def test_nothing_is_included(costs: dict[Any, Any]) -> None:
    assert "root:x:0" not in costs["xml", "included"]["text"]


@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_hostile_archives_are_refused_in_little_memory(costs: dict[Any, Any], name: str) -> None:
    told = costs["zip", name]

    assert bool(told["refused"]) is (name not in _HARMLESS)
    assert told["seconds"] < 2
    assert told["grown"] < 100


# attachments ----------------------------------------------------------------------------------------------------

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
_PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ATTACHMENTS: dict[str, tuple[str, bytes, str]] = {
    "script in a picture": ("a.svg", _SVG, "image/svg+xml"),
    "page as a picture": ("a.png", b"<!doctype html><script>alert(1)</script>", "image/png"),
    "page": ("a.html", b"<html><script>alert(1)</script></html>", "text/html"),
    "page and PDF at once": ("a.pdf", b"%PDF-1.7\n<html><script>alert(1)</script></html>", "application/pdf"),
    "picture and script at once": ("a.png", _PNG + b"<script>alert(1)</script>", "text/html"),
    "two extensions": ("a.png.exe", b"MZ\x90\x00", "image/png"),
    "path": ("../../../etc/passwd", b"hello", "text/plain"),
    "Windows path": ("..\\..\\boot.ini", b"hello", "text/plain"),
    "NUL": ("a\x00.png", _PNG, "image/png"),
    "right to left": ("photo\u202egnp.exe", b"hello", "text/plain"),
    "header in the name": ('a"; filename="b.html\r\nX-Evil: 1', b"hello", "text/plain"),
    "long name": ("x" * 10_000 + ".txt", b"hello", "text/plain"),
    "empty": ("a.txt", b"", "text/plain"),
    "script": ("a.js", b"alert(1)", "text/javascript"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("files")
    with running_site(f"sqlite:///{folder / 'site.db'}", folder) as running:
        yield running


@pytest.mark.parametrize("name", sorted(ATTACHMENTS))
def test_a_hostile_attachment_is_refused_or_only_ever_saved(site: Site, name: str) -> None:
    filename, content, claimed = ATTACHMENTS[name]

    with site.client("chen") as client:
        sent = client.post("/api/v1/attachments", files={"file": (filename, content, claimed)})
        assert sent.status_code in {201, 400, 422}, sent.text
        for where in ("/api/v1/attachments/", "/files/") if sent.status_code == 201 else ():
            got = client.get(where + sent.json()["id"])
            headers = got.headers
            assert got.content == content
            assert headers["content-disposition"].startswith("attachment;")
            assert "\r" not in headers["content-disposition"] and "x-evil" not in headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in headers["content-security-policy"]
            assert not headers["content-type"].startswith(
                ("text/html", "image/svg", "text/javascript", "application/x")
            )
            shown = sent.json()["name"]
            assert not set(shown) & set("/\\\x00\r\n\u202e") and len(shown) <= 255


def test_no_attachment_is_larger_than_the_site_allows(site: Site) -> None:
    with site.client("chen") as client:
        answer = client.post("/api/v1/attachments", files={"file": ("a.txt", b"x" * 20_000_001, "text/plain")})

    assert answer.status_code in {413, 422}
    assert site.engine.read(SYSTEM).figures()["open_incidents"] == 0

"""What people bring along: photos, an application in a ZIP, a broken model, a bot that cannot always do its work."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from tests.builders import node, process, service, timer, user

APPLICATION = Path(__file__).parents[2] / "processes" / "repair_dispatch"

# A site's own bot: it knows one street, and says so by failing.
STREET_BOT = '''\
from bots import Job, JobContext, JobResult, TechnicalError, bot


@bot("site.find-district")
def find_district(job: Job, context: JobContext) -> JobResult:
    """Find the district of a street."""
    street = job.variables.get("street")
    if street != "海棠路":
        raise TechnicalError(f"The street register knows no street named {street}.")
    return JobResult(variables={"district": "望潮区"})
'''
DISTRICT = process(
    "district",
    "start -> find_district -> file_it -> end",
    service("find_district", "site.find-district", retries=2),
    user("file_it", groups="acceptance_seat"),
    properties={"civiflow:startableBy": "staff"},
)
REMINDER = process(
    "reminder",
    "start -> two_seconds -> call_back -> end",
    node("intermediateCatchEvent", "two_seconds", timer("PT2S")),
    user("call_back", groups="acceptance_seat"),
    properties={"civiflow:startableBy": "staff"},
)


def application_zip() -> bytes:
    """The packaged application repair dispatch, as a designer zips its folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(APPLICATION.rglob("*")):
            if path.is_file():
                archive.write(path, f"repair_dispatch/{path.relative_to(APPLICATION)}")
    return packed.getvalue()


def broken_model() -> str:
    """The model of repair dispatch with two mistakes: a condition that cannot be read, and a bot task without a bot."""
    text = (APPLICATION / "repair_dispatch.bpmn").read_text("utf-8")
    condition = '=decision = "reject"</bpmn:conditionExpression>'
    bot = '<zeebe:taskDefinition type="document.render" retries="3"/>'
    assert condition in text
    assert bot in text
    return text.replace(condition, "=decision = </bpmn:conditionExpression>").replace(bot, "")


def photo(folder: Path, name: str, shade: int) -> Path:
    """A picture of one colour as PNG; different shades are different files."""
    width, height = 64, 48
    rows = b"".join(b"\0" + bytes((shade, 120, 255 - shade)) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path = folder / name
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    )
    return path


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

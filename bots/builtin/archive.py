"""`documents.archive`: collect a case's files with their index into a ZIP and enter it in the archive."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bots.declare import bot
from bots.documents import FONTS_VARIABLE, render_pdf
from bots.text import case_facts, file_name, fill
from engine.contracts.documents import IssuedDocument
from engine.contracts.errors import BusinessError
from engine.contracts.files import CaseFile
from engine.contracts.jobs import Job, JobContext, JobResult

ARCHIVE_ERROR = "ARCHIVE_ERROR"
"""BPMN error code of a case whose files cannot be collected."""

MAX_BYTES = 60_000_000
_INDEX = Path(__file__).with_name("archive_index.typ")


@bot("documents.archive", timeout=timedelta(minutes=5))
def archive_documents(job: Job, context: JobContext) -> JobResult:
    """Put all files that the case had when the task was reached into one ZIP, with index.json and index.pdf.

    The index lists order, title, number, date, pages and SHA-256; a later attempt makes the same bytes.

    Headers:
        output: file name with placeholders; default 'archive-{businessKey}.zip'.
        variable: the variable that gets the ZIP's reference; default 'archive'.
        number, title: what the case is found by in the archive, with placeholders; they default to the
            last valid document's, and to the case number.
        template: Typst file of the application's `templates/` folder for index.pdf; default: Civiflow's own.
    """
    variable, output = job.headers.get("variable", "archive"), job.headers.get("output", "archive-{businessKey}.zip")
    before = context.register.archived(key=job.idempotency_key)
    if before is not None:
        return JobResult(variables={variable: before.file.as_variable()})
    facts = case_facts(job, context)
    name = file_name(fill(output, facts, job.variables), suffix=".zip")
    reached = job.created_at or context.now
    files = [each for each in context.files.all() if each.attached_at <= reached and each.ref.name != name]
    _check_amount(files)

    documents = context.register.issued()
    valid = [each for each in documents if each.state == "valid"]
    number = fill(job.headers.get("number", ""), facts, job.variables) or (valid[-1].number if valid else "")
    title = fill(job.headers.get("title", ""), facts, job.variables) or (valid[-1].title if valid else "")
    heading = {"number": number or facts["businessKey"], "title": title or job.definition_key}
    contents = {each.ref.id: context.files.read(each.ref.id) for each in files}
    index = {
        **heading,
        "caseNumber": facts["businessKey"],
        "archivedOn": facts["today"],
        "files": _listed(files, contents, documents, ZoneInfo(context.zone)),
    }
    volume = _zipped(index, contents, _index_pdf(job, context, index), reached.astimezone(ZoneInfo(context.zone)))

    reference = context.files.attach(name=name, content=volume, media_type="application/zip")
    entry = context.register.archive(
        key=job.idempotency_key, file_id=reference.id, **heading, year=int(facts["today"][:4]), files=len(files)
    )
    return JobResult(variables={variable: entry.file.as_variable()})


def _check_amount(files: Sequence[CaseFile]) -> None:
    size = sum(each.ref.size for each in files)
    if size > MAX_BYTES:
        raise BusinessError(
            f"Expected at most {MAX_BYTES // 1_000_000} MB of files to archive but the case has {len(files)} files of "
            f"{size // 1_000_000} MB; archive it by hand and complete this task.",
            code=ARCHIVE_ERROR,
        )


def _listed(
    files: Sequence[CaseFile], contents: dict[str, bytes], documents: Sequence[IssuedDocument], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """The index: what was issued under its title and number, everything else under its file's name."""
    issued = {each.file.id: each for each in documents if each.file is not None}
    rows = []
    for order, each in enumerate(files, start=1):
        document, ref = issued.get(each.ref.id), each.ref
        suffix = Path(ref.name).suffix
        rows.append(
            {
                "order": order,
                "path": f"files/{order:03d}-{file_name(ref.name, suffix=suffix)}",
                "title": document.title if document else ref.name.removesuffix(suffix),
                "number": document.number if document else "",
                "date": document.issued_on if document else each.attached_at.astimezone(zone).date().isoformat(),
                "pages": _pages(contents[ref.id], ref.media_type),
                "size": ref.size,
                "sha256": ref.sha256,
                "verificationCode": document.code if document else "",
                "state": document.state if document else "",
            }
        )
    return rows


def _pages(content: bytes, media_type: str) -> int | None:
    """How many pages a file has; None where nobody can tell."""
    if media_type.startswith("image/"):
        return 1
    if media_type != "application/pdf":
        return None
    import pypdf

    try:
        return len(pypdf.PdfReader(io.BytesIO(content)).pages)
    except Exception:
        # Somebody's upload: a file that is broken in any way has no number of pages, and is kept as it is.
        return None


def _index_pdf(job: Job, context: JobContext, index: dict[str, Any]) -> bytes:
    own = job.headers.get("template", "").strip()
    return render_pdf(
        context.resources.template(job.definition_id, own) if own else _INDEX.read_bytes(),
        index,
        name=own or _INDEX.name,
        inputs={"title": str(index["title"])},
        created=job.created_at,
        fonts=[Path(each) for each in os.environ.get(FONTS_VARIABLE, "").split(os.pathsep) if each],
    )


def _zipped(index: dict[str, Any], contents: dict[str, bytes], pdf: bytes, at: datetime) -> bytes:
    text = json.dumps(index, ensure_ascii=False, indent=2).encode()
    paths = [row["path"] for row in index["files"]]
    members = [("index.json", text), ("index.pdf", pdf), *zip(paths, contents.values(), strict=True)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as volume:
        for name, content in members:
            member = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            volume.writestr(member, content)
    return made.getvalue()

"""`document.render`: write a PDF from a template, attach it to the case and, if asked to, issue it with a code."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bots.declare import MIB, bot
from bots.documents import FONTS_VARIABLE, TEMPLATE_ERROR, render_pdf
from bots.text import case_facts, file_name, fill
from engine.contracts.documents import IssuedDocument
from engine.contracts.errors import BusinessError, NotFound
from engine.contracts.files import FileRef, FileStore
from engine.contracts.jobs import Job, JobContext, JobResult

MAX_IMAGES = 40
MAX_IMAGE_BYTES = 40 * MIB
_QR = "civiflow-verification-qr.svg"

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
)


@bot("document.render", timeout=timedelta(minutes=2))
def render_document(job: Job, context: JobContext) -> JobResult:
    """Render a Typst template with the case's variables to a PDF and attach it.

    Headers:
        template: file in the application's `templates/` folder; required.
        output: file name with placeholders; default '{elementName}-{businessKey}.pdf'.
        variable: the variable that gets the file's reference; default 'document'.
        title, author: the PDF's metadata, with placeholders; the title defaults to the file name.
        assets: further files of that folder, comma-separated, such as 'letterhead.typ, seal.svg'.
        images: variables that hold uploaded pictures, comma-separated; see `_with_images`.
        verification: 'true' issues the document in the register: the template gets the inputs
            `verification_code`, `verification_url` and `qr` (path of a picture); the code goes into
            the variable with `_code` after its name.
        number, issuer, issued_on: for the register, with placeholders; the date defaults to `{today}`.
    """
    headers, facts = job.headers, case_facts(job, context)
    variable = headers.get("variable", "document")
    entry = context.register.reserve(key=job.idempotency_key) if _is_verified(job) else None
    if entry is not None and entry.file is not None:  # an attempt before this one came as far as the seal
        return _result(variable, entry.file, entry)
    name = headers.get("template", "").strip()
    if not name:
        raise BusinessError(
            f"Expected the header 'template' at task {job.element_id!r} but there is none; "
            "name a file of the application's templates/ folder.",
            code=TEMPLATE_ERROR,
        )
    output = file_name(
        fill(headers.get("output", "{elementName}-{businessKey}.pdf"), facts, job.variables), suffix=".pdf"
    )

    data, assets = _with_images(job, context.files)
    assets |= {each: _template(job, context, each) for each in _names(headers.get("assets", ""))}
    title = fill(headers.get("title", ""), facts, job.variables) or output.removesuffix(".pdf")
    author = fill(headers.get("author", ""), facts, job.variables)
    inputs = {**facts, "title": title} | ({"author": author} if author else {})
    if entry is not None:
        url = verification_url(context.site_url, entry.code)
        inputs |= {"verification_code": entry.code, "verification_url": url, "qr": f"/{_QR}"}
        assets[_QR] = qr_picture(url)
    pdf = render_pdf(
        _template(job, context, name),
        data,
        name=name,
        assets=assets,
        inputs=inputs,
        created=_document_date(job, context),
        fonts=[Path(each) for each in os.environ.get(FONTS_VARIABLE, "").split(os.pathsep) if each],
    )

    reference = context.files.attach(name=output, content=pdf, media_type="application/pdf")
    if entry is not None:
        entry = context.register.seal(
            key=job.idempotency_key,
            file_id=reference.id,
            title=title,
            number=fill(headers.get("number", ""), facts, job.variables),
            issuer=fill(headers.get("issuer", ""), facts, job.variables),
            issued_on=fill(headers.get("issued_on", "{today}"), facts, job.variables),
        )
    return _result(variable, reference, entry)


def verification_url(site_url: str, code: str) -> str:
    """Where anybody can ask whether a document is the one that was issued."""
    return f"{site_url}/documents/verify/{code}"


def qr_picture(text: str) -> bytes:
    """A QR code as SVG (ISO/IEC 18004, error correction M, the quiet zone of 4 modules left to the template)."""
    import segno

    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="svg", border=0, xmldecl=False, scale=4)
    return picture.getvalue()


def _is_verified(job: Job) -> bool:
    said = job.headers.get("verification", "false").strip().lower()
    if said not in {"true", "false"}:
        raise BusinessError(
            f"Expected true or false in the header 'verification' of task {job.element_id!r} but got {said!r:.40}.",
            code=TEMPLATE_ERROR,
        )
    return said == "true"


def _result(variable: str, file: FileRef, entry: IssuedDocument | None) -> JobResult:
    issued = {} if entry is None else {f"{variable}_code": entry.code}
    return JobResult(variables={variable: file.as_variable(), **issued})


def _document_date(job: Job, context: JobContext) -> datetime:
    """The same for every attempt where the engine says when the job was made, so that bytes repeat."""
    return job.created_at or context.now


def _template(job: Job, context: JobContext, name: str) -> bytes:
    try:
        return context.resources.template(job.definition_id, name)
    except NotFound as error:
        raise BusinessError(error.message, code=TEMPLATE_ERROR) from error


def _with_images(job: Job, files: FileStore) -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """The variables and the pictures of the case that the template may show.

    Each file reference in a variable named by the header `images` that is a PNG, JPEG, GIF or WebP by
    its content gets a field `path` for `image(…)`; a template that may meet other files asks
    `if "path" in photo`.

    Raises:
        BusinessError: more than 40 pictures or 40 MiB of them.
    """
    data, images = dict(job.variables), dict[str, bytes]()
    for name in _names(job.headers.get("images", "")):
        value = data.get(name)
        references = list(value) if isinstance(value, list) else [value]
        shown = [dict(each) if isinstance(each, Mapping) else each for each in references]
        for reference in shown:
            if not isinstance(reference, dict) or "id" not in reference:
                continue
            content = files.read(str(reference["id"]))
            if kind := _kind_of(content):
                reference["path"] = f"/images/{len(images) + 1}.{kind}"
                images[reference["path"].removeprefix("/")] = content
                _check_amount(images, name)
        data[name] = shown if isinstance(value, list) else shown[0]
    return data, images


def _check_amount(images: Mapping[str, bytes], name: str) -> None:
    size = sum(map(len, images.values()))
    if len(images) > MAX_IMAGES or size > MAX_IMAGE_BYTES:
        raise BusinessError(
            f"Expected at most {MAX_IMAGES} pictures and {MAX_IMAGE_BYTES // MIB} MiB in the document but "
            f"with variable {name!r} there are {len(images)} and {size // MIB} MiB.",
            code=TEMPLATE_ERROR,
        )


def _kind_of(content: bytes) -> str:
    """The picture's file ending by its first bytes; '' for anything else, SVG included (it can refer)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), "")


def _names(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())

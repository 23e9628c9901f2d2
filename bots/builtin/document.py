"""`document.render`: write a PDF from a template of the process application and attach it to the case."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bots.declare import MIB, bot
from bots.documents import FONTS_VARIABLE, TEMPLATE_ERROR, render_pdf
from bots.text import case_facts, file_name, fill
from engine.contracts.errors import BusinessError, NotFound
from engine.contracts.files import FileStore
from engine.contracts.jobs import Job, JobContext, JobResult

MAX_IMAGES = 40
MAX_IMAGE_BYTES = 40 * MIB

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
    """
    headers, facts = job.headers, case_facts(job, context)
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

    data, images = _with_images(job, context.files)
    title = fill(headers.get("title", ""), facts, job.variables) or output.removesuffix(".pdf")
    author = fill(headers.get("author", ""), facts, job.variables)
    pdf = render_pdf(
        _template(job, context, name),
        data,
        name=name,
        assets=images | {each: _template(job, context, each) for each in _names(headers.get("assets", ""))},
        inputs={**facts, "title": title} | ({"author": author} if author else {}),
        created=_document_date(job, context),
        fonts=[Path(each) for each in os.environ.get(FONTS_VARIABLE, "").split(os.pathsep) if each],
    )

    reference = context.files.attach(name=output, content=pdf, media_type="application/pdf")
    return JobResult(variables={headers.get("variable", "document"): reference.as_variable()})


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

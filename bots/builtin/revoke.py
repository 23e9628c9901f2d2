"""`document.revoke`: declare a document void that this case has issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bots.declare import bot
from bots.text import PLACEHOLDER_ERROR, case_facts, fill
from engine.contracts.errors import BusinessError
from engine.contracts.jobs import Job, JobContext, JobResult


@bot("document.revoke", timeout=timedelta(seconds=30), isolated=False)
def revoke_document(job: Job, context: JobContext) -> JobResult:
    """Revoke an issued document; whoever asks about its code is told so, and why.

    Headers:
        variable: the variable that holds the document, as `document.render` set it; default 'document'.
        reason: with placeholders; required. Seen by the public.
    """
    name = job.headers.get("variable", "document")
    document = job.variables.get(name)
    reason = fill(job.headers.get("reason", ""), case_facts(job, context), job.variables).strip()
    if not isinstance(document, Mapping) or "id" not in document or not reason:
        raise BusinessError(
            f"Expected an issued document in variable {name!r} and a text in the header 'reason' of task "
            f"{job.element_id!r} but got {document!r:.60} and {reason!r:.60}; correct them in the model.",
            code=PLACEHOLDER_ERROR,
        )
    context.register.revoke(file_id=str(document["id"]), reason=reason)
    return JobResult()

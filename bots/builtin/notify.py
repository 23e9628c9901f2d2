"""`notify.user`: tell somebody something in Civiflow's own message box."""

from __future__ import annotations

from datetime import timedelta

from bots.declare import bot
from bots.text import PLACEHOLDER_ERROR, case_facts, fill
from engine.contracts.errors import BusinessError
from engine.contracts.jobs import Job, JobContext, JobResult

_MAX_SUBJECT = 200
_MAX_BODY = 10_000


@bot("notify.user", timeout=timedelta(seconds=30), isolated=False)
def notify_user(job: Job, context: JobContext) -> JobResult:
    """Put a message into a user's message box; a second attempt does not send it twice.

    Each of `recipient`, `subject` and `body` is a header with placeholders, or else a variable taken
    as it is: what users wrote is never searched for placeholders. Sets no variables.
    """
    texts = {name: _text(name, job, context) for name in ("recipient", "subject", "body")}
    context.notifier.notify(
        key=job.idempotency_key,
        recipient=texts["recipient"],
        subject=" ".join(texts["subject"].split())[:_MAX_SUBJECT],
        body=texts["body"][:_MAX_BODY],
        instance_id=job.instance_id,
    )
    return JobResult()


def _text(name: str, job: Job, context: JobContext) -> str:
    if name in job.headers:
        text: object = fill(job.headers[name], case_facts(job, context), job.variables)
    else:
        text = job.variables.get(name)
    if not isinstance(text, str) or not text.strip():
        raise BusinessError(
            f"Expected a text for {name!r} of the message but got {text!r:.100}; "
            f"set the header {name!r} of task {job.element_id!r} in the model.",
            code=PLACEHOLDER_ERROR,
        )
    return text.strip()

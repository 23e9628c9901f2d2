"""`number.assign`: give a document the next number of its series, such as 澄政办发〔2026〕12号."""

from __future__ import annotations

from datetime import timedelta

from bots.declare import bot
from bots.text import PLACEHOLDER_ERROR, case_facts, fill
from engine.contracts.errors import BusinessError
from engine.contracts.jobs import Job, JobContext, JobResult

_MOST_DIGITS = 9


@bot("number.assign", timeout=timedelta(seconds=30), isolated=False)
def assign_number(job: Job, context: JobContext) -> JobResult:
    """Take the next number of a series; series count from 1 and have no gaps. A second attempt gets the same.

    Headers:
        series: with placeholders, also `{year}` (of the day the task was reached), such as '澄政办发〔{year}〕';
            required.
        pattern: of the text, with placeholders, also `{series}` and `{number}`; default '{series}{number}号'.
        digits: how many digits the number has at least; default 1.
        variable: the variable that gets the text; default 'document_number'.
    """
    headers, facts = job.headers, case_facts(job, context)
    facts["year"] = facts["today"][:4]
    series = fill(headers.get("series", ""), facts, job.variables).strip()
    digits = headers.get("digits", "1").strip()
    if not series or not (digits.isdecimal() and 1 <= int(digits) <= _MOST_DIGITS):
        raise BusinessError(
            f"Expected the headers 'series' and 'digits' (1 to {_MOST_DIGITS}) of task {job.element_id!r} "
            f"to say how to number but got {series!r:.60} and {digits!r:.20}; correct them in the model.",
            code=PLACEHOLDER_ERROR,
        )

    number = context.register.next_number(series=series, key=job.idempotency_key)

    shown = facts | {"series": series, "number": f"{number:0{int(digits)}d}"}
    text = fill(headers.get("pattern", "{series}{number}号"), shown, job.variables)
    return JobResult(variables={headers.get("variable", "document_number"): text})

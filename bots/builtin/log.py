"""`log.message`: write a line to the server's log; for trying out models."""

from __future__ import annotations

import logging
from datetime import timedelta

from bots.declare import bot
from bots.text import case_facts, fill
from engine.contracts.jobs import Job, JobContext, JobResult

_log = logging.getLogger("civiflow.bots.log")


@bot("log.message", timeout=timedelta(seconds=10), isolated=False)
def log_message(job: Job, context: JobContext) -> JobResult:
    """Write the header `message`, its placeholders filled, to the server's log."""
    text = fill(job.headers.get("message", "{elementName}"), case_facts(job, context), job.variables)
    # One entry a line: a value with a line break must not look like an entry of its own.
    _log.info("instance %s: %s", job.instance_id, " ".join(text.split())[:2000])
    return JobResult()

"""What bots that run beside the engine, in its own installation, act as and are given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine import Engine
from engine.contracts.jobs import Job, JobContext
from engine.contracts.principal import Principal

BOTS: Final = Principal(id="bots", kind="bot", roles=frozenset({"bot"}), display_name="Civiflow")
"""Whom the bots of this installation act for; a case's history names it."""


def job_contexts(engine: Engine, *, site_url: str = "") -> Callable[[Job, Path], JobContext]:
    """What makes the surroundings of one run of a bot: from the job and the run's empty folder.

    Args:
        site_url: how browsers reach the site, for the addresses that bots print on documents.
    """
    jobs, resources, notifier = engine.jobs(BOTS), engine.resources(), engine.notifier()

    def context(job: Job, workdir: Path) -> JobContext:
        return JobContext(
            files=jobs.files(job),
            resources=resources,
            notifier=notifier,
            workdir=workdir,
            now=engine.now(),
            zone=str(engine.zone),
            register=engine.register(job, BOTS),
            site_url=site_url,
        )

    return context

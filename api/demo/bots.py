"""The demo's bots: the real functions, run in this process and at once; and the days they were down."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from api.embedded_bots import BOTS, job_contexts
from bots.registry import Registry, builtin_registry
from engine import Engine, FakeClock
from engine import commands as c
from engine.contracts.jobs import Job

DOCUMENTS: Final = "document.render"
_PAUSE: Final = timedelta(minutes=5)
_TAKES: Final = timedelta(seconds=7)
_LEASE: Final = timedelta(minutes=10)
_BATCH: Final = 10
_MESSAGE: Final = "Expected an answer from the document service within 30 s but got none. 文档服务 30 秒内没有响应。"
_DETAILS: Final = "TechnicalError at document.render\n  host: render-2\n  earlier attempts stand in the case's history"


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A time in which documents cannot be written; `mended_at`: when an operator retries what was left."""

    begin: datetime
    end: datetime
    mended_at: datetime | None = None


class Bots:
    """Does due jobs, in the order the engine gives them; documents carry addresses under `site_url`."""

    def __init__(self, engine: Engine, clock: FakeClock, outages: tuple[Outage, ...], *, site_url: str) -> None:
        self._engine = engine
        self._clock = clock
        self._outages = outages
        self._registry: Registry = builtin_registry(plugins=False)
        self._client = engine.jobs(BOTS)
        self._context = job_contexts(engine, site_url=site_url)
        self._due = False
        self._later: datetime | None = None
        engine.on_commit(self._wake)
        self.done = 0
        self.incidents = 0

    def run(self) -> datetime | None:
        """Do all jobs that are due; gives when to look again if something failed for now."""
        if self._later is not None and self._clock.now() >= self._later:
            self._due, self._later = True, None
        while self._due:
            jobs = self._client.activate(worker="demo", topics=self._registry.topics, limit=_BATCH, lease=_LEASE)
            self._due = len(jobs) == _BATCH
            for job in sorted(jobs, key=lambda job: (job.created_at, job.business_key, job.element_id)):
                if self._is_down(job):
                    self._later = self._fail(job) or self._later
                else:
                    self._do(job)
        return self._later

    def _wake(self, _jobs: tuple[str, ...]) -> None:
        self._due = True

    def _do(self, job: Job) -> None:
        function = self._registry.find(job.topic).function
        assert function is not None
        with tempfile.TemporaryDirectory(prefix="civiflow-demo-") as folder:
            context = self._context(job, Path(folder))
            result = function(job, context)
        self._clock.advance(_TAKES)
        self._client.complete(job.id, job.lease_token, result)
        self.done += 1

    def _is_down(self, job: Job) -> bool:
        now = self._clock.now()
        return job.topic == DOCUMENTS and any(outage.begin <= now < outage.end for outage in self._outages)

    def _fail(self, job: Job) -> datetime | None:
        """Fail an attempt; gives when the next one is, if there is one."""
        command = c.FailJob(
            job_id=job.id, lease_token=job.lease_token, message=_MESSAGE, details=_DETAILS, retry_after=_PAUSE
        )
        row = self._engine.execute(command, by=BOTS)
        if row.state == "failed":
            self.incidents += 1
            return None
        return self._clock.now() + _PAUSE

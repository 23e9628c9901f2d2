"""The main job, played once without a screen: upload, work, a bot that fails and is retried, a report."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from api.demo.actor import PROCESSES
from api.demo.city import City, Person, load_city
from api.demo.pictures import picture
from api.embedded_bots import BOTS, job_contexts
from api.reports import own_report
from bots.declare import Bot
from bots.registry import Registry, builtin_registry
from bots.worker import Worker
from engine import SYSTEM, Engine, FakeClock
from engine import commands as c
from engine.applications import install
from engine.contracts.errors import TechnicalError
from engine.contracts.eventlog import LogFilter
from engine.contracts.jobs import Job, JobContext, JobResult
from engine.filters import IncidentFilter, TaskFilter
from engine.views import IncidentRow

_MONDAY: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_REPORT: Final = {
    "description": "门口的路灯已经三天不亮，晚上很黑。",
    "category": "0103",
    "place": "海棠路 12 号",
    "grid": "WC01",
    "reporter_name": "王一诺",
    "reporter_phone": "13900000001",
    "channel": "public",
}


def play_once(*, site_url: str = "") -> dict[str, Any]:
    """Play the main job on a fresh engine in memory; the bots run as they do in a site.

    Args:
        site_url: how browsers reach the site, for the addresses on documents.

    Returns:
        JSON data: the deployed definition, the case, who did which task, the incident and its retry, the
        document, the citizen's messages, the report's first finding, and whether everything agrees.
    """
    clock = FakeClock(_MONDAY)
    with Engine.open("sqlite://", clock=clock) as engine:
        play = _Play(engine=engine, clock=clock, city=load_city(), site_url=site_url)
        definition = play.upload()
        play.report_problem()
        play.work()
        incident = play.suffer_an_outage()
        play.retry(incident)
        play.rate()
        return play.outcome(definition, incident)


@dataclass(kw_only=True)
class _Play:
    """One case and the people who move it."""

    engine: Engine
    clock: FakeClock
    city: City
    site_url: str
    instance: str = ""
    done: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(7)  # noqa: S311
        self._people = {person.username: person for person in self.city.people}

    def upload(self) -> dict[str, Any]:
        """The designer installs the packaged process."""
        deployment = install(self.engine, PROCESSES / "repair_dispatch", self._people["su.wan"].principal)
        (row,) = deployment.definitions
        return {
            "id": row.id,
            "key": row.key,
            "version": row.version,
            "name": row.name,
            "findings": len(deployment.findings),
        }

    def report_problem(self) -> None:
        """A citizen fills in the start form, with a photo."""
        citizen = self._people["wang.yinuo"]
        variables = {**_REPORT, "photos": [self._photo(citizen, "路灯.png")]}
        command = c.StartInstance(definition="repair_dispatch", variables=variables)
        self.instance = self.engine.execute(command, by=citizen.principal).instance_id

    def work(self) -> None:
        """Staff claim their tasks and hand the forms in, up to the check."""
        self._task("lin.qingzhi", 0.2, **_accepted())
        self._task("zhou.yebai", 1.5, verification="confirmed")
        self._task("he.zhinan", 0.2, unit="unit_lighting", dispatch_note="请尽快修复")
        self._task("sun.ming", 1.0, sign_decision="sign")
        crew = self._people["sun.ming"]
        photos = {
            "photos_before": [self._photo(crew, "处置前.png")],
            "photos_after": [self._photo(crew, "处置后.png", mended=True)],
        }
        self._task("sun.ming", 6.0, handling_note="更换灯泡和镇流器，已恢复照明。", **photos)
        self._task("xu.tang", 2.0, check_result="pass")

    def suffer_an_outage(self) -> IncidentRow:
        """The document bot fails until the engine asks for help."""
        broken = Bot(topic="document.render", function=_fail, timeout=timedelta(seconds=10), isolated=False)
        operator = self._people["duty.supervisor"].principal
        for _ in range(10):
            self._bots(Registry([broken]))
            found: tuple[IncidentRow, ...] = self.engine.read(operator).incidents(IncidentFilter()).items
            if found:
                return found[0]
            self.clock.advance(timedelta(minutes=1))
        raise AssertionError("Expected an incident after the last attempt of the document bot but there is none.")

    def retry(self, incident: IncidentRow) -> None:
        """The service is back: a supervisor retries, the bots write the notice and tell the citizen."""
        self.clock.advance(timedelta(minutes=20))
        operator = self._people["duty.supervisor"].principal
        self.engine.execute(c.RetryIncident(incident_id=incident.id), by=operator)
        while self._bots(builtin_registry(plugins=False)):
            pass

    def rate(self) -> None:
        """The citizen is told, and rates."""
        self._task("wang.yinuo", 3.0, rating=5, rating_tags=["fast"], rating_comment="处理很快，谢谢！")

    def outcome(self, definition: dict[str, Any], incident: IncidentRow) -> dict[str, Any]:
        """What came of it all."""
        manager, citizen = self._people["gu.chengyi"].principal, self._people["wang.yinuo"].principal
        case = self.engine.read(manager).instance(self.instance)
        (document,) = (each for each in case.attachments if each.ref.media_type == "application/pdf")
        _, content = self.engine.read(citizen).attachment(document.ref.id)
        report = own_report(self.engine, manager, LogFilter(definition_key="repair_dispatch"), language="zh")
        (mended,) = self.engine.read(manager).incidents(IncidentFilter(state="resolved")).items
        return {
            "definition": definition,
            "case": {"number": case.row.business_key, "subject": case.row.subject, "state": case.row.state},
            "tasks": self.done,
            "incident": {
                "at": incident.element_name,
                "message": incident.message,
                "attempts": next(job.attempts for job in case.jobs if job.id == incident.job_id),
                "retried_by": mended.resolved_by,
            },
            "document": {
                "name": document.ref.name,
                "size": len(content),
                "sha256": document.ref.sha256,
                "is_pdf": content.startswith(b"%PDF-"),
            },
            "messages": [each.subject for each in self.engine.read(citizen).notifications().items],
            "report": {
                "activities": len(report.activities),
                "top_finding": {"en": report.findings[0].text_en, "zh": report.findings[0].text_zh},
            },
            "verified": self.engine.verify().clean,
        }

    def _task(self, username: str, hours: float, **values: Any) -> None:
        """Somebody takes the case's next task some minutes later, and hands it in after working hours."""
        person = self._people[username]
        where = TaskFilter(scope="all", instance_id=self.instance)
        (task,) = self.engine.read(SYSTEM).tasks(where).items
        self._work(0.3)
        self.engine.execute(c.ClaimTask(task_id=task.id), by=person.principal)
        self._work(hours)
        self.engine.execute(c.CompleteTask(task_id=task.id, variables=values), by=person.principal)
        self.done.append({"task": task.element_id, "name": task.name, "by": person.name, "username": username})

    def _work(self, hours: float) -> None:
        self.clock.move_to(self.engine.calendar.add(self.clock.now(), timedelta(hours=hours)))
        self.engine.fire_due_timers()

    def _photo(self, by: Person, name: str, *, mended: bool = False) -> dict[str, object]:
        command = c.AddAttachment(name=name, content=picture(self._rng, mended=mended))
        reference: dict[str, object] = self.engine.execute(command, by=by.principal).as_variable()
        return reference

    def _bots(self, registry: Registry) -> int:
        with tempfile.TemporaryDirectory(prefix="civiflow-once-") as folder:
            worker = Worker(
                self.engine.jobs(BOTS),
                registry,
                make_context=job_contexts(self.engine, site_url=self.site_url),
                worker_id="once",
                workdirs=Path(folder),
            )
            return worker.run_once()


def _accepted() -> dict[str, Any]:
    return {
        "category": _REPORT["category"],
        "place": _REPORT["place"],
        "channel": "public",
        "decision": "file",
        "grid": "WC01",
        "ownership": "municipal",
    }


def _fail(job: Job, context: JobContext) -> JobResult:
    """What the document bot does while its service is down."""
    raise TechnicalError("Expected an answer from the document service but got none. 文档服务没有响应。")

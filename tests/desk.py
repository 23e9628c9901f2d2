"""Short ways to do what tests of the kernel do all the time, on the engine's public calls alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine import Engine
from engine import commands as c
from engine.contracts.jobs import Job
from engine.contracts.principal import Principal
from engine.filters import IncidentFilter, TaskFilter
from engine.views import Completed, IncidentRow, InstanceDetail, Started, TaskRow
from tests.builders import ADMIN, DESIGNER, LI


@dataclass
class Desk:
    """One engine, and somebody at the desk."""

    engine: Engine

    def deploy(self, *models: bytes, **files: bytes) -> str:
        """Deploy models; gives the first definition's id."""
        named = {f"m{n}.bpmn": model for n, model in enumerate(models)} | files
        made = self.engine.execute(c.DeployDefinition(files=named, name="test"), by=DESIGNER)
        return str(made.definitions[0].id)

    def start(self, definition: str, by: Principal = LI, **variables: object) -> Started:
        """Start an instance."""
        started: Started = self.engine.execute(c.StartInstance(definition=definition, variables=variables), by=by)
        return started

    def tasks(self, instance_id: str = "", by: Principal = ADMIN) -> list[TaskRow]:
        """Open tasks, of one instance or all."""
        return list(self.engine.read(by).tasks(TaskFilter(scope="all", instance_id=instance_id), limit=500).items)

    def task(self, instance_id: str) -> TaskRow:
        """The one open task of an instance."""
        (task,) = self.tasks(instance_id)
        return task

    def complete(self, task_id: str, by: Principal = LI, **variables: object) -> Completed:
        """Complete a task."""
        done: Completed = self.engine.execute(c.CompleteTask(task_id=task_id, variables=variables), by=by)
        return done

    def take(self, *topics: str, lease: timedelta = timedelta(seconds=60), limit: int = 10) -> list[Job]:
        """Lease jobs."""
        command = c.ActivateJobs(worker="w", topics=topics, limit=limit, lease=lease)
        return list(self.engine.execute(command, by=ADMIN))

    def finish(self, job: Job, **variables: object) -> Completed:
        """Complete a job."""
        command = c.CompleteJob(job_id=job.id, lease_token=job.lease_token, variables=variables)
        done: Completed = self.engine.execute(command, by=ADMIN)
        return done

    def fail(self, job: Job, message: str = "no service", **more: object) -> None:
        """Fail a job."""
        command = c.FailJob(job_id=job.id, lease_token=job.lease_token, message=message, **more)  # type: ignore[arg-type]
        self.engine.execute(command, by=ADMIN)

    def see(self, instance_id: str) -> InstanceDetail:
        """A case as the administrator sees it."""
        return self.engine.read(ADMIN).instance(instance_id)

    def state(self, instance_id: str) -> str:
        """The state of a case."""
        return self.see(instance_id).row.state

    def incidents(self, instance_id: str = "") -> list[IncidentRow]:
        """Open incidents."""
        return list(self.engine.read(ADMIN).incidents(IncidentFilter(instance_id=instance_id)).items)

    def trace(self, instance_id: str) -> list[str]:
        """Elements in the order they were entered."""
        return [a.element_id for a in self.see(instance_id).activities]

    def assert_sound(self) -> None:
        """Nothing is lost, doubled or at odds."""
        report = self.engine.verify()
        assert report.clean, "\n".join(f"{p.check} {p.subject}: {p.message}" for p in report.problems)

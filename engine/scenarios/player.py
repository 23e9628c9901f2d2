"""Plays one scenario's steps against an engine, as its people and its workers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from engine import commands as c
from engine.clock import FakeClock
from engine.contracts.jobs import Job
from engine.contracts.principal import SYSTEM, Principal
from engine.engine import Engine
from engine.errors import CiviflowError, InvalidInput, NotFound
from engine.filters import IncidentFilter, JobFilter, TaskFilter
from engine.scenarios.expecting import Mismatch, check, differences
from engine.scenarios.reading import Scenario, Step, as_instant
from engine.spiff.timers import parse_duration
from engine.views import IncidentRow, TaskRow
from engine.yaml_files import Section, plain, shown

_WORKER: Final = "scenario"
_LEASE: Final = timedelta(hours=12)
_MOST_TIMERS: Final = 1_000


class Player:
    """One scenario's people, workers and clock.

    Args:
        engine: fresh, on a `FakeClock`, with the application deployed.
        scenario: what to play.
        process: key of the process that `start` starts.
    """

    def __init__(self, engine: Engine, scenario: Scenario, process: str) -> None:
        self.engine = engine
        self.scenario = scenario
        self.process = process
        self.instance = ""
        self._leased: dict[str, Job] = {}
        self._verbs: Mapping[str, Callable[[Step], None]] = {
            "start": self._start,
            "claim": self._claim,
            "unclaim": self._unclaim,
            "delegate": self._delegate,
            "complete": self._complete,
            "do_job": self._do_job,
            "fail_job": self._fail_job,
            "throw_error": self._throw_error,
            "retry": self._retry,
            "set": self._set,
            "cancel": self._cancel,
            "publish": self._publish,
            "signal": self._signal,
            "clock": self._clock,
            "expect": self._expect,
        }

    def play(self, step: Step) -> None:
        """Play one step.

        Raises:
            Mismatch: it did not go as written.
            InvalidInput: it cannot be meant.
        """
        wanted = step.section.get("refused")
        try:
            self._verbs[step.verb](step)
        except Mismatch:
            raise
        except CiviflowError as error:
            found = f"{type(error).__name__}: {error.message}"
            if not isinstance(wanted, str):
                raise Mismatch(step, "to be accepted", found) from error
            if not any(cls.__name__ == wanted for cls in type(error).__mro__):
                raise Mismatch(step, f"to be refused as {wanted}", found) from error
            return
        if wanted is not None:
            raise Mismatch(step, f"to be refused as {wanted}", "accepted")

    # --- people -----------------------------------------------------------------------------------

    def _start(self, step: Step) -> None:
        section = step.section
        if "message" in section:
            name, key = section.text("message"), section.get("key")
            message = c.PublishMessage(name=name, correlation_key=key, variables=self._with(step))
            self.instance = self.engine.execute(message, by=SYSTEM).instance_ids[0]
            return
        by = self._by(step)
        command = c.StartInstance(
            definition=step.target or self.process,
            variables=self._with(step, by),
            business_key=section.text("number", ""),
        )
        self.instance = self.engine.execute(command, by=by).instance_id

    def _claim(self, step: Step) -> None:
        by = self._by(step)
        self.engine.execute(c.ClaimTask(task_id=self._task(step, by).id), by=by)

    def _unclaim(self, step: Step) -> None:
        by = self._by(step)
        self.engine.execute(c.UnclaimTask(task_id=self._task(step, by).id), by=by)

    def _delegate(self, step: Step) -> None:
        by = self._by(step)
        self.engine.execute(c.DelegateTask(task_id=self._task(step, by).id, to=step.section.text("to")), by=by)

    def _complete(self, step: Step) -> None:
        by = self._by(step)
        self.engine.execute(c.CompleteTask(task_id=self._task(step, by).id, variables=self._with(step, by)), by=by)

    def _retry(self, step: Step) -> None:
        open_ = [each for each in self._incidents() if each.element_id == step.target]
        if not open_:
            raise Mismatch(step, f"an incident at {step.target}", _names(self._incidents()))
        command = c.RetryIncident(incident_id=open_[0].id, variables=self._with(step))
        self.engine.execute(command, by=self._by(step, SYSTEM))

    def _set(self, step: Step) -> None:
        variables = plain(step.section.section("set"))
        self.engine.execute(c.SetVariables(instance_id=self.instance, variables=variables), by=self._by(step, SYSTEM))

    def _cancel(self, step: Step) -> None:
        self.engine.execute(c.CancelInstance(instance_id=self.instance, reason=step.target), by=self._by(step, SYSTEM))

    # --- workers and the world outside ------------------------------------------------------------

    def _do_job(self, step: Step) -> None:
        job = self._job(step)
        for key, expected, found in differences(step.section.section("sees"), job.variables):
            raise Mismatch(step, f"{key} = {expected} among what the job sees", found)
        command = c.CompleteJob(job_id=job.id, lease_token=job.lease_token, variables=self._with(step))
        self.engine.execute(command, by=SYSTEM)

    def _fail_job(self, step: Step) -> None:
        job = self._job(step)
        command = c.FailJob(
            job_id=job.id,
            lease_token=job.lease_token,
            message=step.section.text("message", "failed by the scenario"),
            retries=step.section.get("retries", 0),
            retry_after=timedelta(0),
        )
        self.engine.execute(command, by=SYSTEM)

    def _throw_error(self, step: Step) -> None:
        job = self._job(step)
        command = c.ThrowJobError(
            job_id=job.id,
            lease_token=job.lease_token,
            code=step.section.text("code"),
            message=step.section.text("message", ""),
            variables=self._with(step),
        )
        self.engine.execute(command, by=SYSTEM)

    def _publish(self, step: Step) -> None:
        command = c.PublishMessage(
            name=step.target, correlation_key=step.section.get("key"), variables=self._with(step)
        )
        self.engine.execute(command, by=SYSTEM)

    def _signal(self, step: Step) -> None:
        self.engine.execute(c.BroadcastSignal(name=step.target, variables=self._with(step)), by=SYSTEM)

    def _clock(self, step: Step) -> None:
        clock = self.engine.clock
        assert isinstance(clock, FakeClock)
        clock.move_to(max(self.moment(step.section, "clock"), clock.now()))
        for _ in range(_MOST_TIMERS):
            if not self.engine.fire_due_timers():
                break
        self.engine.sweep()

    def _expect(self, step: Step) -> None:
        check(self, step)

    # --- finding things ---------------------------------------------------------------------------

    def moment(self, section: Section, key: str) -> datetime:
        """An instant as scenarios write it: a date and time, or a duration or working time from now.

        Raises:
            InvalidInput: it is none of these.
        """
        value, now = section[key], self.engine.now()
        if isinstance(value, Section):
            value.only("working_hours", "working_days")
            hours, days = value.get("working_hours"), value.get("working_days")
            if isinstance(hours, int | float) and not isinstance(hours, bool) and days is None:
                return self.engine.calendar.add(now, timedelta(hours=hours))
            if isinstance(days, int) and not isinstance(days, bool) and hours is None:
                due = self.engine.calendar.add_days(now, days)
                if due is not None:
                    return due
        if isinstance(value, str) and value.startswith("P"):
            try:
                return parse_duration(value).after(now, self.engine.zone)
            except ValueError:
                pass
        found = as_instant(value, self.engine.zone)
        if found is None:
            raise section.wrong(
                key, "a date and time, a duration such as PT4H, {working_hours: 4} or {working_days: 5}"
            )
        return found

    def tasks(self) -> tuple[TaskRow, ...]:
        """The case's open tasks."""
        where = TaskFilter(scope="all", instance_id=self.instance)
        return self.engine.read(SYSTEM).tasks(where, limit=200).items

    def _task(self, step: Step, by: Principal) -> TaskRow:
        """The open task at the element; of several, as in a multi-instance activity, one that the person may do."""
        open_ = [each for each in self.tasks() if each.element_id == step.target]
        if not open_:
            raise Mismatch(step, f"an open task {step.target}", _names(self.tasks()))
        return max(open_, key=lambda task: self._nearness(task, by)) if len(open_) > 1 else open_[0]

    def _nearness(self, task: TaskRow, by: Principal) -> int:
        try:
            found = self.engine.read(by).task(task.id)
        except NotFound:
            return 0
        return 3 if task.assignee == by.id else 2 if found.may_complete else 1

    def _incidents(self) -> tuple[IncidentRow, ...]:
        return self.engine.read(SYSTEM).incidents(IncidentFilter(instance_id=self.instance), limit=200).items

    def _job(self, step: Step) -> Job:
        """The job at the element; jobs of the same topic elsewhere that were leased on the way are kept for later."""
        there = self.engine.read(SYSTEM).jobs(JobFilter(instance_id=self.instance), limit=200).items
        open_ = [each for each in there if each.state in {"available", "leased", "waiting"}]
        wanted = [each for each in open_ if each.element_id == step.target]
        if not wanted:
            names = ", ".join(sorted(each.element_id for each in open_))
            raise Mismatch(step, f"a job at {step.target}", names or "none")
        job = self._leased.pop(wanted[0].id, None)
        if job is not None and job.lease_until > self.engine.now():
            return job
        command = c.ActivateJobs(worker=_WORKER, topics=(wanted[0].topic,), limit=100, lease=_LEASE)
        self._leased |= {each.id: each for each in self.engine.execute(command, by=SYSTEM)}
        job = self._leased.pop(wanted[0].id, None)
        if job is None:
            raise Mismatch(step, f"a job at {step.target} that is due", f"one that is {wanted[0].state}")
        return job

    def _by(self, step: Step, default: Principal | None = None) -> Principal:
        if "by" not in step.section and default is not None:
            return default
        return self.scenario.people[step.section.text("by")]

    def _with(self, step: Step, by: Principal = SYSTEM) -> dict[str, Any]:
        values: dict[str, Any] = self._filled(step.section.section("with"), by)
        return values

    def _filled(self, value: Any, by: Principal) -> Any:
        """Plain values; `{$photo: name.png}` becomes an uploaded picture."""
        if isinstance(value, Section) and "$photo" in value:
            value.only("$photo")
            command = c.AddAttachment(name=value.text("$photo"), content=_photo(value.text("$photo")))
            return self.engine.execute(command, by=by).as_variable()
        if isinstance(value, dict):
            return {key: self._filled(each, by) for key, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each, by) for each in value]
        if isinstance(value, date):
            return value.isoformat()
        if value is None or isinstance(value, str | int | float | bool):
            return value
        raise InvalidInput(f"Expected texts, numbers, lists and mappings in 'with' but found {shown(value)}.")


def _names(rows: tuple[TaskRow, ...] | tuple[IncidentRow, ...]) -> str:
    return ", ".join(sorted(each.element_id for each in rows)) or "none"


def _photo(name: str) -> bytes:
    """A tiny PNG whose colour depends on its name."""
    colour = struct.pack(">I", zlib.crc32(name.encode()))[:3]
    rows = b"".join(b"\0" + colour * 4 for _ in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )

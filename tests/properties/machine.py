"""A machine that gives random commands to the engine and to the reference, and restarts after every step.

What a restart costs is paid afterwards: a new engine compiles each statement and the process anew. So the engine that
carries out the commands is restarted, and an onlooker, as another process of the installation would be, stays and
compares; now and then the restarted one is asked as well, and must say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from engine import Engine, FakeClock
from engine import commands as c
from engine.contracts.jobs import Job as LeasedJob
from engine.contracts.principal import Principal
from engine.errors import CiviflowError, Forbidden, NotFound, StaleLease, StaleTask, WrongState
from tests.builders import ADMIN, BOSS, DESIGNER, LI, WANG, ZHAO
from tests.desk import Desk
from tests.properties.agreement import assert_agrees
from tests.properties.reference import KEY, MODEL, Case, Job, Task

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
MOST_CASES = 4
LEASE = timedelta(minutes=5)
AUDITED, ASKED_ITSELF = 4, 8
"""Steps from one audit of the whole database to the next, and from one comparison by the restarted engine itself."""
SOME_WORK = st.sampled_from([True, False, None, "同意", 0, 12.5, ["a", {"b": "乙"}]])


class Commands(RuleBasedStateMachine):
    """Gives commands to the engine and to the reference; after each, both must stand the same."""

    url: str
    seen: ClassVar[Counter[str]]
    """How often each standing and each command was met in the whole run."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock(MONDAY)
        self.cases: dict[str, Case] = {}
        self.old_tasks: list[str] = []
        self.leases: list[tuple[LeasedJob, datetime]] = []
        self.keys = self.steps = 0
        self.engine: Engine | None = None
        self.onlooker: Desk | None = None

    @initialize()
    def deployed(self) -> None:
        """One process, in a database of its own."""
        self.restart()
        self.onlooker = Desk(Engine.open(self.url, clock=self.clock))
        self.desk.engine.execute(c.DeployDefinition(files={"reference.bpmn": MODEL}), by=DESIGNER)

    def teardown(self) -> None:
        if self.onlooker is not None:
            self.onlooker.assert_sound()
            self.onlooker.engine.close()
        if self.engine is not None:
            self.engine.close()

    def restart(self) -> None:
        """Nothing live is carried over from one step to the next."""
        if self.engine is not None:
            self.engine.close()
        self.engine = Engine.open(self.url, clock=self.clock)
        self.desk = Desk(self.engine)

    def tell(self, command: c.Command, by: Principal) -> Any:
        """Give a command, restart, and give it again under its key: the same must come back."""
        self.keys += 1
        key = f"step-{self.keys}"
        first = self.desk.engine.execute(command, by=by, key=key)
        self.restart()
        assert self.desk.engine.execute(command, by=by, key=key) == first
        self.seen[type(command).__name__] += 1
        return first

    def refused(self, error: type[CiviflowError], command: c.Command, by: Principal) -> None:
        """Expect that a command is refused and changes nothing."""
        with pytest.raises(error):
            self.desk.engine.execute(command, by=by)
        self.restart()
        self.seen[f"{type(command).__name__} refused"] += 1

    # --- what people do ---------------------------------------------------------------------------

    @precondition(lambda self: len(self.cases) < MOST_CASES)
    @rule()
    def start(self) -> None:
        number = f"case-{len(self.cases)}"
        started = self.tell(c.StartInstance(definition=KEY, variables={"number": number}), LI)
        self.cases[started.instance_id] = Case(number=number, now=self.clock.now())

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), by=st.sampled_from([LI, WANG, ZHAO, BOSS]))
    def claim(self, data: st.DataObject, by: Principal) -> None:
        _, task, id = self.any_task(data)
        command = c.ClaimTask(task_id=id)
        if by is ZHAO and task.assignee != by.id:
            self.refused(NotFound, command, by)
        elif task.assignee not in {None, by.id}:
            self.refused(StaleTask, command, by)
        else:
            self.tell(command, by)
            task.assignee = by.id

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), by=st.sampled_from([LI, WANG, BOSS]))
    def unclaim(self, data: st.DataObject, by: Principal) -> None:
        _, task, id = self.any_task(data)
        command = c.UnclaimTask(task_id=id)
        if by is BOSS or task.assignee == by.id:
            self.tell(command, by)
            task.assignee = None
        else:
            self.refused(Forbidden, command, by)

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), by=st.sampled_from([LI, WANG, BOSS]), to=st.sampled_from([LI, WANG]))
    def delegate(self, data: st.DataObject, by: Principal, to: Principal) -> None:
        _, task, id = self.any_task(data)
        command = c.DelegateTask(task_id=id, to=to.id)
        if by is BOSS or task.assignee == by.id:
            self.tell(command, by)
            task.assignee = to.id
        else:
            self.refused(Forbidden, command, by)

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), by=st.sampled_from([LI, WANG, BOSS]), approved=st.booleans(), said=SOME_WORK)
    def complete(self, data: st.DataObject, by: Principal, approved: bool, said: object) -> None:
        case, task, id = self.any_task(data)
        values: dict[str, object] = {"approved": approved, "said": said}
        values = values if task.element == "review" else {task.element: said}
        command = c.CompleteTask(task_id=id, variables=values)
        if by is not BOSS and task.assignee not in {None, by.id}:
            self.refused(StaleTask, command, by)
        elif case.state == "suspended":
            self.refused(WrongState, command, by)
        else:
            self.hand_in(case, task, id, by, values)

    def hand_in(self, case: Case, task: Task, id: str, by: Principal, values: dict[str, object]) -> None:
        """Complete a task that may be completed."""
        self.tell(c.CompleteTask(task_id=id, variables=values), by)
        self.old_tasks.append(id)
        case.now = self.clock.now()
        case.complete(task, values)

    @precondition(lambda self: any(case.state == "running" and case.tasks for case in self.cases.values()))
    @rule(data=st.data(), approved=st.sampled_from([True, True, False]))
    def decide(self, data: st.DataObject, approved: bool) -> None:
        """Somebody who may do anything gets on with it: without that, few cases come to their end."""
        ready = [(case, task) for case, task in self.open_tasks() if case.state == "running"]
        self.hand_in(*self.named(*data.draw(st.sampled_from(ready))), BOSS, {"approved": approved})

    @precondition(lambda self: self.old_tasks)
    @rule(data=st.data())
    def complete_what_is_over(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.old_tasks))
        self.refused(StaleTask, c.CompleteTask(task_id=id, variables={"approved": False}), BOSS)

    # --- what workers do --------------------------------------------------------------------------

    @precondition(lambda self: self.due_jobs())
    @rule()
    def take_jobs(self) -> None:
        now, due = self.clock.now(), self.due_jobs()
        taken = self.tell(c.ActivateJobs(worker="w", topics=("print",), limit=MOST_CASES, lease=LEASE), ADMIN)
        assert {leased.instance_id for leased in taken} == set(due)
        for leased in taken:
            job = due[leased.instance_id]
            assert leased.variables == self.cases[leased.instance_id].variables
            job.state, job.lease_until = "leased", now + LEASE
            self.leases.append((leased, now + LEASE))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), copies=SOME_WORK)
    def complete_job(self, data: st.DataObject, copies: object) -> None:
        leased, case, fresh = self.any_lease(data)
        values = {"copies": copies}
        command = c.CompleteJob(job_id=leased.id, lease_token=leased.lease_token, variables=values)
        if fresh:
            self.tell(command, ADMIN)
            case.job_done(values)
        else:
            self.refused(StaleLease, command, ADMIN)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), pause=st.integers(0, 20))
    def fail_job(self, data: st.DataObject, pause: int) -> None:
        leased, case, fresh = self.any_lease(data)
        again = timedelta(minutes=pause)
        command = c.FailJob(job_id=leased.id, lease_token=leased.lease_token, message="no paper", retry_after=again)
        if fresh:
            assert case.job is not None
            self.tell(command, ADMIN)
            case.job_failed(case.job.retries - 1, self.clock.now() + again)
        else:
            self.refused(StaleLease, command, ADMIN)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), code=st.sampled_from(["REFUSED", "OTHER"]))
    def throw_error(self, data: st.DataObject, code: str) -> None:
        leased, case, fresh = self.any_lease(data)
        command = c.ThrowJobError(job_id=leased.id, lease_token=leased.lease_token, code=code)
        if fresh:
            self.tell(command, ADMIN)
            case.job_refused(caught=code == "REFUSED")
        else:
            self.refused(StaleLease, command, ADMIN)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def extend_job(self, data: st.DataObject) -> None:
        leased, case, fresh = self.any_lease(data)
        command = c.ExtendJob(job_id=leased.id, lease_token=leased.lease_token, lease=LEASE)
        if fresh:
            assert case.job is not None
            case.job.lease_until = self.tell(command, ADMIN)
        else:
            self.refused(StaleLease, command, ADMIN)

    # --- what happens -----------------------------------------------------------------------------

    @rule(minutes=st.integers(1, 25))
    def time_passes(self, minutes: int) -> None:
        """Timers go off, and leases that have run out count as an attempt."""
        self.clock.advance(timedelta(minutes=minutes))
        now = self.clock.now()
        self.desk.engine.fire_due_timers()
        self.desk.engine.sweep()
        self.restart()
        for case in self.cases.values():
            case.timers_due(now)
            job = case.job
            if job is not None and job.state == "leased" and job.lease_until is not None and job.lease_until <= now:
                case.job_failed(job.retries - 1, now)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), amount=SOME_WORK)
    def pay(self, data: st.DataObject, amount: object) -> None:
        case = self.any_case(data)
        command = c.PublishMessage(name="paid", correlation_key=case.number, variables={"amount": amount})
        if case.patience is None:
            self.refused(NotFound, command, ADMIN)
        elif case.paid_meanwhile is None:
            self.tell(command, ADMIN)
            case.paid({"amount": amount})

    # --- what operators do ------------------------------------------------------------------------

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def suspend(self, data: st.DataObject) -> None:
        case = self.any_case(data)
        self.operate(case, c.SuspendInstance(instance_id=self.id_of(case)), case.suspended)

    @precondition(lambda self: any(case.state == "suspended" for case in self.cases.values()))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from([case for case in self.cases.values() if case.state == "suspended"]))
        self.operate(case, c.ResumeInstance(instance_id=self.id_of(case)), case.resumed)

    @precondition(lambda self: len(self.cases) == MOST_CASES and self.steps % 5 == 0)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        case = self.any_case(data)
        self.operate(case, c.CancelInstance(instance_id=self.id_of(case), reason="asked for"), case.cancelled)

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), approved=st.booleans())
    def correct(self, data: st.DataObject, approved: bool) -> None:
        case = self.any_case(data)
        values = {"approved": approved}
        command = c.SetVariables(instance_id=self.id_of(case), variables=values)
        self.operate(case, command, lambda: case.variables.update(values))

    @precondition(lambda self: any(case.job and case.job.has_incident for case in self.cases.values()))
    @rule(data=st.data(), retries=st.integers(1, 3))
    def retry(self, data: st.DataObject, retries: int) -> None:
        stopped = [case for case in self.cases.values() if case.job and case.job.has_incident]
        self.mend(data.draw(st.sampled_from(stopped)), retries)

    @precondition(lambda self: self.held_leases())
    @rule(data=st.data(), code=st.sampled_from(["", "REFUSED", "OTHER"]), retries=st.integers(0, 3))
    def suspend_under_a_worker(self, data: st.DataObject, code: str, retries: int) -> None:
        """A case is stopped while its job is being done, which then succeeds or not: by chance that is rare."""
        leased, case = data.draw(st.sampled_from(self.held_leases()))
        if case.state == "running":
            self.operate(case, c.SuspendInstance(instance_id=self.id_of(case)), case.suspended)
        if not code:
            self.tell(c.CompleteJob(job_id=leased.id, lease_token=leased.lease_token, variables={}), ADMIN)
            case.job_done({})
            return
        self.tell(c.ThrowJobError(job_id=leased.id, lease_token=leased.lease_token, code=code), ADMIN)
        case.job_refused(caught=code == "REFUSED")
        self.the_engine_agrees()
        if code == "OTHER" and retries:
            self.mend(case, retries)

    def mend(self, case: Case, retries: int) -> None:
        """An operator retries the one incident of a case."""
        (incident,) = self.desk.incidents(self.id_of(case))
        self.tell(c.RetryIncident(incident_id=incident.id, retries=retries, variables={"mended": retries}), BOSS)
        case.retried(retries, {"mended": retries})

    def operate(self, case: Case, command: c.Command, then: Callable[[], None]) -> None:
        """Only a case that has not ended can be stopped, corrected or cancelled."""
        if case.state in {"running", "suspended"}:
            self.tell(command, BOSS)
            case.now = self.clock.now()
            then()
        else:
            self.refused(WrongState, command, BOSS)

    # --- both stand the same ----------------------------------------------------------------------

    @invariant()
    def the_engine_agrees(self) -> None:
        self.steps += 1
        self.seen["steps"] += 1
        for case in self.cases.values():
            self.seen.update(case.standing())
        if self.onlooker is not None:
            assert_agrees(self.onlooker, self.cases)
        if self.steps % ASKED_ITSELF == 0:
            assert_agrees(self.desk, self.cases)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        if self.onlooker is not None and self.steps % AUDITED == 0:
            self.onlooker.assert_sound()

    # --- finding things ---------------------------------------------------------------------------

    def open_tasks(self) -> list[tuple[Case, Task]]:
        return [(case, task) for case in self.cases.values() for task in case.tasks]

    def due_jobs(self) -> dict[str, Job]:
        """Jobs a worker could take now, by the id of their case."""
        return {
            id: case.job
            for id, case in self.cases.items()
            if case.state == "running" and case.job and case.job.state == "available"
            if case.job.not_before is None or case.job.not_before <= self.clock.now()
        }

    def held_leases(self) -> list[tuple[LeasedJob, Case]]:
        """Leases that hold, and their cases."""
        now = self.clock.now()
        newest = {leased.instance_id: leased for leased, _ in self.leases}
        return [
            (newest[id], case)
            for id, case in self.cases.items()
            if case.job and case.job.state == "leased" and case.job.lease_until and case.job.lease_until > now
        ]

    def any_case(self, data: st.DataObject) -> Case:
        return data.draw(st.sampled_from(list(self.cases.values())))

    def any_task(self, data: st.DataObject) -> tuple[Case, Task, str]:
        """One open task, and the id of one such task in the engine."""
        return self.named(*data.draw(st.sampled_from(self.open_tasks())))

    def named(self, case: Case, task: Task) -> tuple[Case, Task, str]:
        alike = [t for t in self.desk.tasks(self.id_of(case)) if t.element_id == task.element]
        return case, task, next(t.id for t in alike if t.assignee == task.assignee)

    def any_lease(self, data: st.DataObject) -> tuple[LeasedJob, Case, bool]:
        """A lease somebody has or had, its case, and whether it still holds."""
        leased, _ = data.draw(st.sampled_from(self.leases[-MOST_CASES:]))
        fresh = any(held is leased for held, _ in self.held_leases())
        return leased, self.cases[leased.instance_id], fresh

    def id_of(self, case: Case) -> str:
        return next(id for id, each in self.cases.items() if each is case)

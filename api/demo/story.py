"""Plays weeks of the city's work through the engine, event by event, on a clock that is moved.

Everybody works as people do: during office hours, one thing at a time, the most urgent of their
queues first. All that happens goes through the engine's commands as that person, so that forms,
rights, deadlines, timers and the event log are those of real work.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from api.demo.bots import Bots, Outage
from api.demo.cases import Fate, draw_fate, hours_for, rating_form, report_form, task_form
from api.demo.city import City, Person
from api.demo.pictures import picture
from engine import Engine, FakeClock
from engine import commands as c
from engine.contracts.files import FileRef
from engine.contracts.principal import SYSTEM
from engine.errors import Conflict, Forbidden, NotFound
from engine.filters import IncidentFilter, TaskFilter
from engine.views import TaskRow

PROCESS: Final = "repair_dispatch"

_TICK: Final = timedelta(minutes=30)
_DAY_SHARE: Final = 0.82
"""How much of a unit's day goes into cases; the rest is rounds, meetings and travel."""
_STORM: Final = 5.0
"""A storm shortly before the end brings as many reports more as so many average days."""
_HECTIC: Final = timedelta(hours=12)
_HELD_UP: Final = 0.65
"""How often people are held up elsewhere in the last working hours; so desks are not empty when the story ends."""
_AT_ONCE: Final = frozenset({"sign", "dispatch", "accept", "urge", "arbitrate"})
"""Steps that people do before the long ones."""
_ABOUT_UNITS: Final = frozenset({"dispatch", "sign", "arbitrate"})
"""Steps whose form depends on the units that the case has been with."""
_NOTICED: Final[Mapping[str, tuple[float, float]]] = {
    "acceptance_seat": (0.02, 0.3),
    "dispatchers": (0.05, 0.6),
    "inspectors": (0.3, 3.0),
    "duty_supervisors": (0.2, 4.0),
}
"""Working hours until somebody of a group looks at a new task; units are out on the street."""


@dataclass(kw_only=True)
class Told:
    """How much was played."""

    cases: int = 0
    tasks: int = 0
    jobs: int = 0
    incidents: int = 0


@dataclass(kw_only=True)
class Story:
    """The city at work.

    Args:
        engine, clock: the engine runs on this clock, which stands where the story begins.
        city: who and where.
        until: where it ends.
        per_day: reports on an average day.
        rng: all chance comes from here.
        outages: when the document service is down.
    """

    engine: Engine
    clock: FakeClock
    city: City
    until: datetime
    per_day: float
    rng: random.Random
    outages: tuple[Outage, ...] = ()
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._tick = self.clock.now()
        self._fates: dict[str, Fate] = {}
        self._filed: list[Fate] = []
        self._queues: dict[str, dict[str, TaskRow]] = {}
        self._seen: set[str] = set()
        self._busy: set[str] = set()
        self._pictures = [picture(self.rng) for _ in range(24)]
        self._mended = [picture(self.rng, mended=True) for _ in range(24)]
        self._bots = Bots(self.engine, self.clock, self.outages)
        self._calendar = self.engine.calendar

    def play(self) -> Told:
        """From the clock's time to `until`."""
        self._plan_reports()
        self._plan_storm()
        for outage in self.outages:
            if outage.mended_at is not None:
                self._at(outage.mended_at, self._retry_incidents)
        while self._agenda and self._agenda[0][0] <= self.until:
            at, _, action = heapq.heappop(self._agenda)
            self._move(at)
            action()
        self._move(self.until)
        self._read_messages()
        self.told.jobs, self.told.incidents = self._bots.done, self._bots.incidents
        return self.told

    # --- time -------------------------------------------------------------------------------------

    def _at(self, when: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when.astimezone(UTC), next(self._order), action))

    def _working(self, when: datetime, hours: float) -> datetime:
        return self._calendar.add(when, timedelta(hours=hours))

    def _move(self, to: datetime) -> None:
        """Move the clock, stopping often enough for timers to go off when they are due."""
        while self._tick <= to:
            self._set(self._tick)
            if self.engine.fire_due_timers():
                self._run_bots()
            self._tick += _TICK
        self._set(to)

    def _set(self, to: datetime) -> None:
        self.clock.move_to(max(to, self.clock.now()))

    # --- reports ----------------------------------------------------------------------------------

    def _plan_reports(self) -> None:
        """Poisson arrivals between six and ten at night, fewer on days off; officials report in office hours."""
        day = self.clock.now().astimezone(self.engine.zone).replace(hour=6, minute=0, second=0, microsecond=0)
        while day < self.until:
            office = self._calendar.is_workday(day.date())
            at = day
            rate = self.per_day * (1.0 if office else 0.45) / 16
            while (at := at + timedelta(hours=self.rng.expovariate(rate))) < day + timedelta(hours=16):
                self._at(at, self._report)
            day += timedelta(days=1)

    def _plan_storm(self) -> None:
        """Reports come in thick during the last working hours."""
        start = self.until
        while self._calendar.between(start, self.until) < _HECTIC and start > self.clock.now():
            start -= timedelta(minutes=30)
        hours = _HECTIC / timedelta(hours=1)
        for _ in range(round(self.per_day * _STORM)):
            self._at(self._working(start, self.rng.uniform(0, hours)), self._report)

    def _report(self) -> None:
        fate = draw_fate(self.rng, self.city)
        if fate.reject == "duplicate":
            self._repeat(fate)
        by = fate.reporter
        now = self.clock.now()
        if "citizen" not in by.roles and (opening := self._working(now, 0.01)) - now > timedelta(minutes=30):
            self._at(opening, partial(self._start, fate))
        else:
            self._start(fate)

    def _repeat(self, fate: Fate) -> None:
        """Make it the same problem as one that was filed lately; without one it is merely unclear."""
        if not self._filed:
            fate.reject = "unclear"
            return
        first = self.rng.choice(self._filed[-20:])
        fate.problem, fate.place, fate.street, fate.duplicate_of = (
            first.problem,
            first.place,
            first.street,
            first.number,
        )

    def _start(self, fate: Fate) -> None:
        form = report_form(self.rng, self.city, fate)
        if self.rng.random() < 0.7:
            form["photos"] = [self._photo(fate.reporter, "现场照片", mended=False)]
        command = c.StartInstance(definition=PROCESS, variables=form)
        started = self.engine.execute(command, by=fate.reporter.principal)
        fate.number = started.business_key
        self._fates[started.instance_id] = fate
        self.told.cases += 1
        self._notice(started.instance_id)

    def _photo(self, by: Person, name: str, *, mended: bool) -> dict[str, object]:
        content = self.rng.choice(self._mended if mended else self._pictures)
        ref: FileRef = self.engine.execute(c.AddAttachment(name=f"{name}.png", content=content), by=by.principal)
        return ref.as_variable()

    # --- work -------------------------------------------------------------------------------------

    def _notice(self, instance_id: str) -> None:
        """See what a case needs now, and tell those who can do it."""
        where = TaskFilter(scope="all", instance_id=instance_id)
        for task in self.engine.read(SYSTEM).tasks(where).items:
            if task.id in self._seen:
                continue
            self._seen.add(task.id)
            if task.assignee is not None:
                self._ask_citizen(task)
            for group in task.candidate_groups:
                self._queues.setdefault(group, {})[task.id] = task
                soonest, latest = _NOTICED.get(group, (0.2, 2.5))
                for person in self.city.in_group(group):
                    self._wake(person, self.rng.uniform(soonest, latest))

    def _wake(self, person: Person, hours: float) -> None:
        if person.username not in self._busy and not self._on_leave(person):
            self._at(self._working(self.clock.now(), hours), partial(self._look, person))

    def _look(self, person: Person) -> None:
        """Somebody at their desk takes the most urgent thing they may do."""
        if person.username in self._busy or self._on_leave(person):
            return
        if self._is_hectic() and self.rng.random() < _HELD_UP:
            self._wake(person, self.rng.uniform(0.5, 2.5))
            return
        queues = [self._queues.get(group, {}) for group in person.groups]
        waiting = {id_: task for queue in queues for id_, task in queue.items()}
        for task in sorted(waiting.values(), key=_urgency):
            try:
                self.engine.execute(c.ClaimTask(task_id=task.id), by=person.principal)
            except Forbidden:
                continue  # did an earlier step: somebody else must
            except (NotFound, Conflict):
                self._forget(task)
                continue
            self._forget(task)
            self._busy.add(person.username)
            fate = self._fates[task.instance_id]
            hours = hours_for(self.rng, task.element_id, fate)
            hours /= _DAY_SHARE if task.element_id == "handle" else 1
            self._at(self._working(self.clock.now(), hours), partial(self._finish, person, task))
            return

    def _on_leave(self, person: Person) -> bool:
        return self.clock.now() > self.until - timedelta(days=person.leave_days)

    def _is_hectic(self) -> bool:
        """Whether these are the last working hours of the story, after the storm."""
        left = self.until - self.clock.now()
        return left < timedelta(days=6) and self._calendar.between(self.clock.now(), self.until) < _HECTIC

    def _forget(self, task: TaskRow) -> None:
        for group in task.candidate_groups:
            self._queues.get(group, {}).pop(task.id, None)

    def _finish(self, person: Person, task: TaskRow) -> None:
        self._busy.discard(person.username)
        fate = self._fates[task.instance_id]
        units = self.engine.read(SYSTEM).task(task.id).variables if task.element_id in _ABOUT_UNITS else {}
        form = task_form(self.rng, self.city, task.element_id, fate, units)
        form |= self._photos(person, task.element_id)
        try:
            self.engine.execute(c.CompleteTask(task_id=task.id, variables=form), by=person.principal)
        except (NotFound, Conflict):
            pass  # fell away meanwhile, as urging does once the check is passed
        else:
            self.told.tasks += 1
            if form.get("decision") == "file":
                self._filed.append(fate)
        self._notice(task.instance_id)
        self._run_bots()
        self._wake(person, self.rng.uniform(0.02, 0.2))

    def _photos(self, person: Person, element: str) -> dict[str, Any]:
        if element == "handle":
            return {
                "photos_before": [self._photo(person, "处置前", mended=False)],
                "photos_after": [self._photo(person, "处置后", mended=True)],
            }
        wanted = {"verify": "verification_photos", "check": "check_photos"}.get(element)
        if wanted is None or self.rng.random() < 0.5:
            return {}
        return {wanted: [self._photo(person, "现场复核", mended=element == "check")]}

    # --- citizens, bots, operators ----------------------------------------------------------------

    def _ask_citizen(self, task: TaskRow) -> None:
        fate = self._fates[task.instance_id]
        if fate.rating is not None:
            when = self.clock.now() + timedelta(hours=min(0.5 + self.rng.expovariate(1 / 14), 100))
            self._at(when, partial(self._rate, task, fate))

    def _rate(self, task: TaskRow, fate: Fate) -> None:
        assert fate.rating is not None
        late = self.engine.read(SYSTEM).instance(task.instance_id).row.due_at
        rating = max(1, fate.rating - (2 if late is not None and late < task.created_at else 0))
        form = rating_form(self.rng, self.city, rating)
        self.engine.execute(c.CompleteTask(task_id=task.id, variables=form), by=fate.reporter.principal)
        self.told.tasks += 1
        self._notice(task.instance_id)

    def _run_bots(self) -> None:
        touched, again = self._bots.run()
        for instance_id in touched:
            self._notice(instance_id)
        if again is not None:
            self._at(again, self._run_bots)

    def _read_messages(self) -> None:
        """Everybody has read what is older than some days."""
        lately = self.until - timedelta(days=3)
        for person in self.city.people:
            for message in self.engine.read(person.principal).notifications(unread_only=True, limit=200).items:
                if message.created_at < lately:
                    self.engine.execute(c.ReadNotification(notification_id=message.id), by=person.principal)

    def _retry_incidents(self) -> None:
        operator = self.city.in_group("duty_supervisors")[0].principal
        for incident in self.engine.read(operator).incidents(IncidentFilter(), limit=200).items:
            self.engine.execute(c.RetryIncident(incident_id=incident.id), by=operator)
        self._run_bots()


def _urgency(task: TaskRow) -> tuple[bool, int, datetime]:
    """Short steps first, then urgent cases, then what is due first."""
    return task.element_id not in _AT_ONCE, -task.priority, task.due_at or datetime.max.replace(tzinfo=UTC)

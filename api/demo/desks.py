"""People at their desks: what waits in the queues, who takes it up when, and when it is done.

Everybody works as people do: while on duty, one thing at a time, the most urgent of their queues
first. All goes through the engine's commands as that person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from api.demo.actor import Actor, Matter, Step
from api.demo.city import Person
from api.demo.world import World
from engine import commands as c
from engine.contracts.principal import SYSTEM
from engine.errors import Conflict, Forbidden, NotFound
from engine.filters import TaskFilter
from engine.views import TaskRow

_LOOKS_LATER: Final = (0.2, 2.5)
_TOO_LATE: Final = timedelta(days=9)
_LATEST: Final = 8
_LAST_HOURS: Final = 14.0
_HELD_UP: Final = 0.65
"""How often people are held up elsewhere in the last working hours; so desks are not empty when the story ends."""
_LEFT: Final = 2
"""For the same reason they leave so many tasks of a queue for tomorrow then."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

Case = tuple[Actor[Any], Matter]
Hand = tuple[str, bool]
"""Somebody's hand for short things, or the one for long things; both do one thing at a time."""


@dataclass(kw_only=True)
class Desks:
    """All desks of the city.

    Args:
        world: the surroundings.
        after_work: called when a form was handed in.
    """

    world: World
    after_work: Callable[[], None]
    done: int = 0
    _cases: dict[str, Case] = field(default_factory=dict, repr=False)
    _queues: dict[str, dict[str, TaskRow]] = field(default_factory=dict, repr=False)
    _seen: set[str] = field(default_factory=set, repr=False)
    _busy: set[Hand] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self._people = {person.username: person for person in self.world.city.people}
        until = self.world.agenda.until
        self._hectic = self.world.before(until, _LAST_HOURS)
        self._left_from = {group: self.world.before(until, hours) for group, hours in self.world.city.leaves.items()}

    def take_in(self, actor: Actor[Any], matter: Matter) -> None:
        """A case was started."""
        self._cases[matter.instance_id] = (actor, matter)

    def notice(self) -> None:
        """See what tasks there are now that were not there before, and tell those who can do them."""
        for task in sorted(self._new_tasks(), key=_urgency):
            actor, matter = self._cases[task.instance_id]
            delay = actor.delay(task, matter)
            if delay is not None:
                self.world.agenda.at(self.world.now() + delay, partial(self._offer, task))

    def _offer(self, task: TaskRow) -> None:
        """A task can be taken up: by those it is for, or by somebody of a group."""
        owner = self._people[task.assignee] if task.assignee is not None else None
        if owner is not None and "citizen" in owner.roles:
            self._hand_in(owner, task)
            return
        groups = task.candidate_groups if owner is None else ()
        own = [owner] if owner is not None else [self._people[name] for name in task.candidate_users]
        for name in (*groups, *(f"@{person.username}" for person in own)):
            self._queues.setdefault(name, {})[task.id] = task
        asked = [(person, _LOOKS_LATER) for person in own]
        for group in groups:
            soon = self.world.city.notices.get(group, _LOOKS_LATER)
            asked += [(person, soon) for person in self.world.city.in_group(group)]
        for person, soon in asked:
            self._wake(person, self.world.rng.uniform(*soon))

    def _new_tasks(self) -> list[TaskRow]:
        where, cursor, new = TaskFilter(scope="all", sort="created"), "", list[TaskRow]()
        reader = self.world.engine.read(SYSTEM)
        while True:
            page = reader.tasks(where, cursor=cursor, limit=_LATEST)
            unseen = [task for task in page.items if task.id not in self._seen]
            self._seen.update(task.id for task in unseen)
            new += unseen
            cursor = page.next_cursor
            if not cursor or len(unseen) < len(page.items):
                return new

    def _wake(self, person: Person, hours: float) -> None:
        when = self.world.rosters.add(person, self.world.now(), hours)
        if when is not None:
            self.world.agenda.at(when, partial(self._look, person))

    def _look(self, person: Person) -> None:
        """Somebody takes the most urgent thing they may do; short ones also while they are at a long one."""
        if all((person.username, short) in self._busy for short in (True, False)):
            return
        if self.world.now() > self._hectic and self.world.chance(_HELD_UP):
            self._wake(person, self.world.rng.uniform(0.5, 2.5))
            return
        queues = {name: self._queues.get(name, {}) for name in (*person.groups, f"@{person.username}")}
        waiting = {
            id_: task for name, queue in queues.items() if len(queue) > self._left(name) for id_, task in queue.items()
        }
        for task in sorted(waiting.values(), key=self._order):
            actor, matter = self._cases[task.instance_id]
            hand = (person.username, task.element_id in actor.quick)
            if hand in self._busy:
                continue
            done = self.world.rosters.add(person, self.world.now(), actor.hours(task, matter) * person.pace)
            if done is None or done - self.world.now() > _TOO_LATE:
                return  # they go on leave
            if self._claim(person, task):
                self._busy.add(hand)
                self._forget(task)
                self.world.agenda.at(done, partial(self._finish, person, task, hand))
                return

    def _left(self, queue: str) -> int:
        """How many tasks of a queue are left for later now."""
        name = "@" if queue.startswith("@") else queue
        if name in self._left_from:
            return int(self.world.now() > self._left_from[name])
        return _LEFT * (self.world.now() > self._hectic)

    def _claim(self, person: Person, task: TaskRow) -> bool:
        try:
            if task.assignee is None:
                self.world.engine.execute(c.ClaimTask(task_id=task.id), by=person.principal)
        except Forbidden:
            return False  # did an earlier step: somebody else must
        except (NotFound, Conflict):
            self._forget(task)
            return False
        return True

    def _finish(self, person: Person, task: TaskRow, hand: Hand) -> None:
        self._busy.discard(hand)
        self._hand_in(person, task)
        self._wake(person, self.world.rng.uniform(0.02, 0.2))

    def _hand_in(self, person: Person, task: TaskRow) -> None:
        actor, matter = self._cases[task.instance_id]
        engine = self.world.engine
        try:
            seen: Mapping[str, Any] = {}
            if actor.curious(task, matter):
                seen = engine.read(person.principal).task(task.id).variables
            step = Step(task=task, matter=matter, by=person, variables=seen)
            form = actor.fill(step)
            engine.execute(c.CompleteTask(task_id=task.id, variables=form), by=person.principal)
        except (NotFound, Conflict):
            pass  # fell away meanwhile, as urging does once the check is passed
        else:
            self.done += 1
            actor.handed_in(step, form)
        self.after_work()

    def _forget(self, task: TaskRow) -> None:
        for name in (*task.candidate_groups, *(f"@{user}" for user in (task.assignee, *task.candidate_users) if user)):
            self._queues.get(name, {}).pop(task.id, None)

    def _order(self, task: TaskRow) -> tuple[Any, ...]:
        """Short steps first."""
        return task.element_id not in self._cases[task.instance_id][0].quick, *_urgency(task)


def _urgency(task: TaskRow) -> tuple[Any, ...]:
    """What has priority, then what is due first; never by id, which is another in each story."""
    who = (*task.candidate_groups, *task.candidate_users)
    return -task.priority, task.due_at or _NEVER, task.business_key, task.element_id, who, task.assignee or ""

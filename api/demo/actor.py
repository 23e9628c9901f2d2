"""What a packaged process needs to be played: who starts cases, and how people fill in its forms.

A process is added to the demo by one subclass of `Actor` and its data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, TypeVar

from api.demo.city import Person, read_data
from api.demo.world import World
from engine.applications import load_application
from engine.decisions import DecisionLibrary
from engine.views import TaskRow

PROCESSES: Final = Path(__file__).parents[2] / "processes"


@dataclass(kw_only=True)
class Matter:
    """What is going to happen to one case; each process has its own kind.

    Args:
        by: who starts it.
        number: the case's, once it has been started.
        instance_id: likewise.
    """

    by: Person
    number: str = ""
    instance_id: str = ""


M = TypeVar("M", bound=Matter)


@dataclass(frozen=True, kw_only=True)
class Step(Generic[M]):
    """Somebody does a task.

    Args:
        by: who.
        variables: of the case, if the actor is curious about them; {} otherwise.
    """

    task: TaskRow
    matter: M
    by: Person
    variables: Mapping[str, Any]


class Actor(Generic[M]):
    """How one process is played.

    Attributes:
        process: its key, and the folder's name under processes/.
        quick: elements that people do before the long ones, and beside them.
        data: the demo's own data for it, from the file of the process's name.
        settings: those of the process application.
        decisions: its tables.
    """

    process: ClassVar[str]
    quick: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world
        self.data: Final = read_data(self.process)
        application = load_application(PROCESSES / self.process)
        self.settings: Final[Mapping[str, Any]] = application.settings
        self.decisions: Final = DecisionLibrary(application.files)

    def openings(self) -> Iterator[tuple[datetime, M]]:
        """When something comes up, and what."""
        raise NotImplementedError

    def start(self, matter: M) -> dict[str, Any]:
        """The start form, filled in by `matter.by`."""
        raise NotImplementedError

    def curious(self, task: TaskRow, matter: M) -> bool:
        """Whether a task's form depends on what the case's variables say."""
        return False

    def fill(self, step: Step[M]) -> dict[str, Any]:
        """A task's form as somebody fills it in: by the method `do_<element>`."""
        form: dict[str, Any] = getattr(self, f"do_{step.task.element_id}")(step)
        return form

    def hours(self, task: TaskRow, matter: M) -> float:
        """How many hours of their duty time people spend on a task."""
        raise NotImplementedError

    def delay(self, task: TaskRow, matter: M) -> timedelta | None:
        """How long a citizen takes over a task, or how long officials have to wait before they can take it up.

        None if nobody ever does it.
        """
        return timedelta(0)

    def handed_in(self, step: Step[M], form: Mapping[str, Any]) -> None:
        """A form was handed in: room for what follows from it."""

    def say(self, what: str) -> str:
        """One of the data's texts."""
        return str(self.world.rng.choice(self.data[what]))

    def today(self, later: int = 0) -> str:
        """The local date, or that of some days later, as forms take it."""
        return (self.world.now().astimezone(self.world.engine.zone).date() + timedelta(days=later)).isoformat()

"""How a bot is declared: a function, the topic it serves, and what it may use up."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from engine.contracts.jobs import Job, JobContext, JobResult

BotFunction = Callable[[Job, JobContext], JobResult]

MIB = 1024 * 1024

_TOPIC = re.compile(r"\w[\w.:/-]{0,199}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the process of an isolated bot may use up; the kernel enforces it (setrlimit).

    Args:
        memory: bytes of address space.
        file_size: bytes of the largest file it may write, its printed output included.
        open_files: file descriptors.
        cpu: processor time over all its threads; None allows twice the bot's timeout.
        calls: how often it may ask for a file, a template, a message or the register.
    """

    memory: int = 1024 * MIB
    file_size: int = 64 * MIB
    open_files: int = 256
    cpu: timedelta | None = None
    calls: int = 1000


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a bot's own process finds its function again.

    Args:
        module: an importable module, or '' for a file.
        path: a Python file of the site folder, or None for a module.
    """

    module: str = ""
    path: Path | None = None

    def __str__(self) -> str:
        return self.module or str(self.path)


@dataclass(frozen=True, kw_only=True)
class Bot:
    """A function that does the jobs of one topic.

    Args:
        topic: the kind of work, such as 'document.render'.
        function: what does it; None when only the bot's own process may load it (site folder).
        timeout: how long one run may take, by the wall clock.
        description: one sentence, for people.
        isolated: run in a process of its own, which can be killed; otherwise in a thread of the
            worker, for short functions that only call the platform.
        limits: what that process may use up.
        environment: the only environment variables that process gets besides PATH, HOME, LANG and TZ.
        origin: where that process finds the function.
    """

    topic: str
    function: BotFunction | None
    timeout: timedelta
    description: str = ""
    isolated: bool = True
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)

    def __call__(self, job: Job, context: JobContext) -> JobResult:
        """Do the job in this thread, without limits: for tests, and inside the bot's own process."""
        if self.function is None:
            raise TypeError(f"Expected the function of bot {self.topic!r} but only its own process loads it.")
        return self.function(job, context)


def bot(
    topic: str,
    *,
    timeout: timedelta = timedelta(minutes=1),
    isolated: bool = True,
    limits: Limits | None = None,
) -> Callable[[BotFunction], Bot]:
    """Declare that the function below does the jobs of a topic.

    The first line of its docstring becomes the bot's description. An isolated bot must stand at the
    top level of its module, for its own process imports that module and looks for the topic.

    Raises:
        ValueError: the topic or the timeout cannot be used.
    """
    if not _TOPIC.fullmatch(topic):
        raise ValueError(
            f"Expected a topic of letters, digits and . - : / such as 'document.render' but got {topic!r}."
        )
    if timeout <= timedelta(0):
        raise ValueError(f"Expected a timeout above zero for bot {topic!r} but got {timeout}.")

    def declare(function: BotFunction) -> Bot:
        return Bot(
            topic=topic,
            function=function,
            timeout=timeout,
            description=(inspect.getdoc(function) or "").partition("\n")[0],
            isolated=isolated,
            limits=limits or Limits(),
            origin=Origin(module=function.__module__),
        )

    return declare


def bots_of(module: ModuleType) -> list[Bot]:
    """The bots a module or package declares, in order of definition; not those it imported from elsewhere."""
    inside = module.__name__ + "."
    return [
        value
        for value in vars(module).values()
        if isinstance(value, Bot) and (value.origin.module + ".").startswith(inside)
    ]

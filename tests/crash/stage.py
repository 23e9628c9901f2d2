"""The stage of an experiment: a prepared site, its processes, a client, a crew, and the audit at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import Engine
from tests.crash.audit import Audit, Trace
from tests.crash.client import Client
from tests.crash.crew import Case, Crew
from tests.crash.installation import Installation
from tests.crash.kinds import Packaged
from tests.crash.receiver import Receiver
from tests.crash.site import Site, prepare
from tests.crash.storage import Storage


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What an experiment works with."""

    site: Site
    installation: Installation
    client: Client
    crew: Crew
    receiver: Receiver

    def end(self, *, expected: tuple[str, ...] = ()) -> None:
        """Stop everything; nothing may have gone wrong for the crew, nor in a log.

        Args:
            expected: beginnings of complaints that belong to the experiment.
        """
        self.crew.stop()
        assert self.crew.problems == []
        complaints = [each for each in self.installation.complaints() if not each.startswith(expected or ("\0",))]
        assert complaints == []
        if not expected:
            assert self.installation.unexpected_exits() == {}
        assert set(self.installation.stop().values()) == {0}

    def audit(self, cases: Iterable[Case], undisturbed: Mapping[str, Trace] | None = None) -> None:
        """Check every promise in the database itself, and all that `civiflow verify` checks.

        Args:
            cases: all that were ever started.
            undisturbed: how a case of each kind goes when nothing is killed.
        """
        cases = list(cases)
        with Engine.open(self.site.url) as engine:
            audit = Audit(engine)
            assert audit.lost(cases) == []
            assert audit.stuck() == []
            assert audit.twice() == []
            assert audit.strayed(cases, undisturbed or {}) == []
            assert audit.effects(self.receiver) == []
            assert audit.notices() == []
            assert audit.documents() == []
            assert engine.verify().problems == ()


DATABASE_AWAY = (
    *("database away", "tick failed", "could not ask for jobs", "could not report", "could not extend"),
    *("after a commit", "Traceback", "Error"),  # the latter of processes that were started meanwhile
)
"""What a log may hold when the database itself was killed."""


@contextmanager
def staged(
    durable: Storage, receiver: Receiver, folder: Path, *, packages: Iterable[Packaged] = (), **options: Any
) -> Iterator[Stage]:
    """Prepare a site in a fresh database; its processes are not started yet.

    Args:
        packages: applications to install beside the harness's own processes.
        options: of `Installation`.
    """
    site = prepare(durable.fresh(), packages, folder / "bots", receiver.bot())
    with (
        Installation(site.url, folder, **options) as installation,
        Client(site, [server.url for server in installation.servers]) as client,
        Crew(client, site, receiver.url, lease=max(1, int(installation.lease))) as crew,
    ):
        yield Stage(site=site, installation=installation, client=client, crew=crew, receiver=receiver)


def undisturbed_traces(stage: Stage, cases: Iterable[Case]) -> dict[str, Trace]:
    """How cases went that nothing has disturbed, by kind."""
    cases = list(cases)
    with Engine.open(stage.site.url) as engine:
        traces = Audit(engine).traces(case.instance for case in cases)
    return {case.kind.name: traces[case.instance] for case in cases}

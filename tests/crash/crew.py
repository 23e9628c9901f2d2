"""The crew: people and workers elsewhere who bring cases to their end over the REST API, whatever dies meanwhile."""

from __future__ import annotations

import heapq
import struct
import threading
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import httpx

from tests.crash.client import Client
from tests.crash.kinds import PAIR, PHOTO, Fill, Kind
from tests.crash.receiver import KEY
from tests.crash.site import OUTSIDE, ROOT, Site

_PAUSE = 0.3
ENDED = {"completed", "terminated", "cancelled"}


@dataclass(kw_only=True)
class Case:
    """A case on its way."""

    kind: Kind
    key: str
    pair: str
    instance: str = ""
    ended: bool = False
    done: int = 0
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked: str = ""
    idle_since: float = field(default_factory=time.monotonic)
    refused: list[str] = field(default_factory=list)


class Crew:
    """Threads that take turns with cases.

    Args:
        client: how they reach the site.
        receiver: the address of the world outside, for workers elsewhere.
        hands: how many cases are worked on at the same time.
    """

    def __init__(self, client: Client, site: Site, receiver: str, *, hands: int = 6, lease: int = 5) -> None:
        self.client = client
        self.cases: list[Case] = []
        self.answered = 0
        self.problems: list[str] = []
        self.retried: Counter[str] = Counter()
        self._site = site
        self._receiver = receiver
        self._lease = lease
        self._queue: list[tuple[float, int, Case]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._by_instance: dict[str, Case] = {}
        names = [("hand", self._work)] * hands + [("outside", self._work_outside)] * 2
        self._threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in names]

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let everybody go home; while the servers are still there, else they go on asking for as long as they can."""
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(150)

    def add(self, kinds: Iterable[Kind], label: str) -> list[Case]:
        """Put new cases before the crew, which begins at the first; a kind with a partner makes two."""
        added = []
        for number, kind in enumerate(kinds):
            for each in filter(None, (kind, kind.partner)):
                added.append(Case(kind=each, key=f"{label}-{number}-{each.name}", pair=f"{label}-{number}"))
        with self._lock:
            for case in added:
                self.cases.append(case)
                heapq.heappush(self._queue, (time.monotonic(), len(self.cases), case))
        for thread in self._threads:
            if not thread.ident:
                thread.start()
        return added

    def open(self) -> list[Case]:
        """The cases that have not ended."""
        return [case for case in self.cases if not case.ended]

    def wait(self, seconds: float) -> None:
        """Wait until all cases have ended.

        Raises:
            TimeoutError: some have not; says in what they stick.
        """
        until = time.monotonic() + seconds
        while self.open():
            if time.monotonic() > until:
                stuck = "\n".join(f"{case.key} {case.instance}: {case.looked}" for case in self.open()[:20])
                raise TimeoutError(f"{len(self.open())} cases did not end within {seconds:.0f} s:\n{stuck}")
            time.sleep(0.1)

    def settle(self, idle: float, seconds: float) -> list[Case]:
        """Wait until every case has ended or nothing has happened in it for a while; gives those that cannot be played.

        Those wait for a time far off before their next step, or were refused. They are cancelled, and what they were
        refused is forgiven. Cases of which the scenario tells no more are cancelled as well; others of their kind
        will be, at the same place.
        """
        until = time.monotonic() + seconds
        while any(time.monotonic() - case.idle_since < idle for case in self.open()):
            assert time.monotonic() < until, f"Expected all cases to settle within {seconds:.0f} s."
            time.sleep(0.2)
        left = [case for case in self.cases if case.refused or not case.ended]
        for case in left:
            self.problems = [each for each in self.problems if each not in case.refused]
            if not case.instance:
                continue
            case.ended = True
            if not case.refused and case.done == len(case.kind.steps):
                case.kind = replace(case.kind, rest=_standing(self.client.get(f"/instances/{case.instance}")))
            self._cancel(case)
        return [case for case in left if not case.kind.rest]

    def _work(self) -> None:
        while not self._over.is_set():
            case = self._next()
            if case is None:
                time.sleep(0.05)
                continue
            try:
                moved = self._step(case)
            except TimeoutError as error:
                self.problems.append(str(error))
                moved = False
            except Exception:
                self.problems.append(f"{case.key}: {traceback.format_exc()[-1500:]}")
                return
            if moved:
                case.idle_since = time.monotonic()
            if not case.ended:
                with self._lock:
                    heapq.heappush(self._queue, (time.monotonic() + (0 if moved else _PAUSE), id(case), case))

    def _next(self) -> Case | None:
        with self._lock:
            if self._queue and self._queue[0][0] <= time.monotonic():
                return heapq.heappop(self._queue)[2]
        return None

    def _step(self, case: Case) -> bool:
        """Do what can be done in a case; tells whether anything could."""
        if not case.instance:
            self._start(case)
            return True
        seen = self.client.get(f"/instances/{case.instance}")
        case.looked = _summary(seen)
        case.ended = seen["state"] in ENDED
        if any(job["state"] in {"available", "leased"} for job in seen["jobs"]):
            # People wait for the bots of their case: who comes first would else decide which way it goes.
            case.idle_since = time.monotonic()
            return False
        for incident in seen["open_incidents"]:
            self.retried[incident["message"][:120]] += 1
            self._ask(f"/incidents/{incident['id']}/retry", {}, by=ROOT.id, key=f"retry-{incident['id']}")
        element, fill = case.kind.steps[case.done] if case.done < len(case.kind.steps) else ("", case.kind.start)
        tasks = [task for task in seen["tasks"] if task["element_id"] == element]
        if tasks:
            self._complete(case, tasks, fill)
        news = [each for each in seen["subscriptions"] if each["name"] in case.kind.messages]
        for each in news:
            body = {"name": each["name"], "correlation_key": each["correlation_key"], "variables": {"told": True}}
            self._ask("/messages", body, by=ROOT.id, key=f"news-{each['id']}")
        if case.kind.rest and case.done == len(case.kind.steps) and _standing(seen) == case.kind.rest:
            self._cancel(case)
            return True
        return bool(tasks or news)

    def _cancel(self, case: Case) -> None:
        """Nobody will do what it waits for."""
        body = {"reason": "played to its end"}
        self._ask(f"/instances/{case.instance}/cancel", body, by=ROOT.id, key=f"end-{case.key}")

    def _start(self, case: Case) -> None:
        fill = case.kind.start
        body = {"definition": case.kind.process, "variables": self._body(case, "start", fill, fill.by)}
        answer = self._ask("/instances", body, by=fill.by, key=f"start-{case.key}")
        if answer.status_code != 201:
            case.refused += [each for each in self.problems if each.startswith(f"start-{case.key} ")]
            case.ended = True
            return
        case.instance = answer.json()["instance_id"]
        self._by_instance[case.instance] = case

    def _complete(self, case: Case, tasks: list[dict[str, Any]], fill: Fill) -> None:
        """Do the next step; of several open tasks at its element the one that this person may do."""
        for task in tasks:
            body = {"variables": self._body(case, task["id"], fill, fill.by)}
            key = f"do-{task['id']}-{case.done}"
            answer = self._ask(f"/tasks/{task['id']}/complete", body, by=fill.by, key=key, may_refuse=len(tasks) > 1)
            if answer.status_code == 200:
                case.done += 1
                return
            case.refused += [each for each in self.problems if each.startswith(f"{key} ")]
        case.refused.append(f"{case.key}: {fill.by} may do none of {tasks}")
        case.ended = True

    def _body(self, case: Case, what: str, fill: Fill, by: str) -> dict[str, Any]:
        """What is handed in; made once, so that asking again is asking the same."""
        what = f"{what} {case.done}"
        if what not in case.bodies:
            case.bodies[what] = self._filled(fill.values, by, case)
        return case.bodies[what]

    def _ask(self, path: str, body: dict[str, Any], *, by: str, key: str, may_refuse: bool = False) -> httpx.Response:
        answer = self.client.command(path, body, by=by, key=key)
        if answer.status_code >= 400 and not (may_refuse and answer.status_code in {403, 404}):
            self.problems.append(f"{key} {path}: {answer.status_code} {answer.text[:600]}")
        with self._lock:
            self.answered += 1
        return answer

    def _filled(self, value: Any, by: str, case: Case) -> Any:
        if isinstance(value, dict) and PHOTO in value:
            name = value[PHOTO]
            return self.client.upload(name, _photo(f"{case.key} {name}"), by)
        if isinstance(value, dict):
            return {key: self._filled(each, by, case) for key, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each, by, case) for each in value]
        if isinstance(value, date):  # and datetime
            return value.isoformat()
        return case.pair if value == PAIR else value

    def _work_outside(self) -> None:
        """A worker elsewhere: lease over REST, do it outside under the job's key, report under a key."""
        name = f"outside-{threading.get_ident()}"
        while not self._over.wait(_PAUSE):
            try:
                body = {"worker": name, "topics": list(self._site.topics), "limit": 4, "lease_seconds": self._lease}
                jobs = self.client.ask("POST", "/jobs/activate", OUTSIDE, json=body).json()["items"]
                for job in jobs:
                    self._do(job)
            except TimeoutError as error:
                self.problems.append(str(error))
            except Exception:
                self.problems.append(f"{name}: {traceback.format_exc()[-1500:]}")
                return

    def _do(self, job: dict[str, Any]) -> None:
        case = self._by_instance.get(job["instance_id"])
        effect = {"case": job["instance_id"], "element": job["element_id"]}
        httpx.post(self._receiver, json=effect, headers={KEY: job["idempotency_key"]}, timeout=20).raise_for_status()
        result = {"outside_attempt": job["attempt"]}
        result |= case.kind.results.get(job["element_id"], {}) if case else {}
        body = {"lease_token": job["lease_token"], "variables": result}
        key = f"job-{job['id']}-{job['attempt']}"
        answer = self.client.command(f"/jobs/{job['id']}/complete", body, by=OUTSIDE, key=key)
        if answer.status_code == 409:
            self.client.ledger.trouble("stale result refused")
        elif answer.status_code != 200:
            self.problems.append(f"{key}: {answer.status_code} {answer.text[:600]}")


def _summary(seen: dict[str, Any]) -> str:
    parts = [seen["state"]]
    parts += [f"task {each['element_id']}" for each in seen["tasks"]]
    parts += [f"job {each['element_id']} {each['state']} {each.get('lease_until')}" for each in seen["jobs"]]
    parts += [f"timer {each['element_id']} {each['due_at']}" for each in seen["timers"]]
    parts += [f"waits for {each['name']}" for each in seen["subscriptions"]]
    parts += [f"incident {each['kind']}: {each['message']}" for each in seen["open_incidents"]]
    return "; ".join(parts)


def _standing(seen: dict[str, Any]) -> str:
    """What a case waits for."""
    parts = [f"task {each['element_id']}" for each in seen["tasks"]]
    parts += [f"timer {each['element_id']}" for each in seen["timers"]]
    return "; ".join(sorted(parts + [f"message {each['name']}" for each in seen["subscriptions"]]))


def _photo(name: str) -> bytes:
    """A tiny PNG whose colour depends on its name."""
    rows = b"".join(b"\0" + struct.pack(">I", zlib.crc32(name.encode()))[:3] * 4 for _ in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )

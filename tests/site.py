"""A site for tests: an engine with people and processes behind a real web server on a free port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn

from api.app import create_app
from api.security import digest, fresh_token, hash_password
from api.settings import Settings
from engine import Engine
from engine import commands as c
from engine import document_commands as dc
from engine import identity_commands as ic
from engine.clock import Clock
from engine.contracts.documents import IssuedDocument
from engine.contracts.jobs import Job
from engine.contracts.principal import SYSTEM, Role
from engine.filters import IncidentFilter, TaskFilter
from tests.builders import node, process, service, user

# structlog's own default draws tracebacks with every local variable, which takes seconds
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)

PASSWORD = "a long enough passphrase"
_HASH = hash_password(PASSWORD)
TOPIC = "document.render"
_PATIENCE = 60
"""Seconds somebody waits before trying to sign in again."""

PEOPLE: dict[str, tuple[Role, tuple[str, ...]]] = {
    "root": ("administrator", ()),
    "dora": ("designer", ()),
    "mei": ("manager", ()),
    "su": ("supervisor", ()),
    "li": ("staff", ("clerks",)),
    "wang": ("staff", ("clerks",)),
    "zhao": ("staff", ("roads",)),
    "chen": ("citizen", ()),
    "gu": ("citizen", ()),
}

REPAIR = process(
    "repair",
    "start -> accept -> render -> end",
    user("accept"),
    service("render", TOPIC),
    properties={"civiflow:startableBy": "citizen,staff"},
)
NEWS = process(
    "news",
    "start -> wait -> end",
    node("intermediateCatchEvent", "wait", '<bpmn:messageEventDefinition messageRef="arrived"/>'),
    top='<bpmn:message id="arrived" name="arrived"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>',
)
BROKEN = process("broken", "start -> choose; choose -> a; choose -> b", node("exclusiveGateway", "choose"), user("a"))


@dataclass
class Site:
    """A running site. `people` hold API tokens, so that a test need not sign in to ask something."""

    engine: Engine
    url: str
    settings: Settings
    tokens: dict[str, str] = field(default_factory=dict)

    def stranger(self, **options: Any) -> httpx.Client:
        """A client nobody knows."""
        return httpx.Client(base_url=self.url, timeout=20, **options)

    def client(self, username: str) -> httpx.Client:
        """A client with a person's or bot's API token."""
        if username not in self.tokens:
            self.tokens[username] = self._issue(username)
        return self.stranger(headers={"Authorization": f"Bearer {self.tokens[username]}"})

    def browser(self, username: str, password: str = PASSWORD) -> httpx.Client:
        """A client that has signed in as a browser does; its CSRF token is sent along.

        Where tests of the same site have guessed too often from this address, it waits as a person would.
        """
        asked = {"username": username, "password": password}
        with self.stranger() as door:
            answer = door.post("/api/v1/session", json=asked)
            while answer.status_code == 429 and int(answer.headers["Retry-After"]) <= _PATIENCE:
                time.sleep(int(answer.headers["Retry-After"]))
                answer = door.post("/api/v1/session", json=asked)
            assert answer.status_code == 201, answer.text
            token = answer.json()["csrf_token"]
            return self.stranger(cookies=door.cookies, headers={"X-CSRF-Token": token})

    def start(self, by: str = "chen", definition: str = "repair", **variables: object) -> str:
        """Start a case; gives its id."""
        with self.client(by) as client:
            answer = client.post("/api/v1/instances", json={"definition": definition, "variables": variables})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["instance_id"])

    def task(self, instance_id: str) -> str:
        """The id of the open task of a case."""
        where = TaskFilter(scope="all", instance_id=instance_id)
        return self.engine.read(SYSTEM).tasks(where).items[0].id

    def job(self, instance_id: str) -> Job:
        """Do the task of a case, and lease the job that follows."""
        self.engine.execute(c.CompleteTask(task_id=self.task(instance_id)), by=SYSTEM)
        jobs = self.engine.execute(c.ActivateJobs(worker="t", topics=(TOPIC,), limit=10), by=SYSTEM)
        return next(job for job in jobs if job.instance_id == instance_id)

    def incident(self, instance_id: str) -> str:
        """Let the job of a case fail for good; gives the incident's id."""
        job = self.job(instance_id)
        failure = c.FailJob(job_id=job.id, lease_token=job.lease_token, message="no printer", retries=0)
        self.engine.execute(failure, by=SYSTEM)
        return self.engine.read(SYSTEM).incidents(IncidentFilter(instance_id=instance_id)).items[0].id

    def document(self, instance_id: str, content: bytes = b"%PDF-1.7 invented", **values: str) -> IssuedDocument:
        """A document issued in a case, as a bot would."""
        key = str(len(content)) + content[-20:].hex()
        entry = dc.ReserveDocument(instance_id=instance_id, key=key)
        self.engine.execute(entry, by=SYSTEM)
        file = c.AddAttachment(name="通知.pdf", content=content, instance_id=instance_id)
        ref = self.engine.execute(file, by=SYSTEM)
        said = {"title": "关于修补路面的通知", "number": "澄政办发〔2026〕7号", "issued_on": "2026-11-20"} | values
        seal = dc.SealDocument(instance_id=instance_id, key=key, file_id=ref.id, **said)
        issued: IssuedDocument = self.engine.execute(seal, by=SYSTEM)
        return issued

    def _issue(self, username: str) -> str:
        token = "civ_" + fresh_token()
        bot = username.endswith("-bot")
        self.engine.execute(
            ic.IssueToken(
                owner=username,
                name="test",
                token_sha256=digest(token),
                prefix=token[:12],
                topics=(TOPIC,) if bot else (),
            ),
            by=SYSTEM,
        )
        return token


def populate(engine: Engine) -> None:
    """People, groups, a bot, and two processes."""
    for group in ("clerks", "roads"):
        engine.execute(ic.CreateGroup(key=group), by=SYSTEM)
    engine.execute(ic.CreateDepartment(key="office", name="办公室"), by=SYSTEM)
    for name, (role, groups) in PEOPLE.items():
        command = ic.CreateUser(username=name, password_hash=_HASH, roles=(role,), groups=groups)
        engine.execute(command, by=SYSTEM)
    bot = ic.CreateUser(username="render-bot", kind="bot", roles=("bot",), topics=(TOPIC,))
    engine.execute(bot, by=SYSTEM)
    files = {"repair.bpmn": REPAIR, "news.bpmn": NEWS}
    engine.execute(c.DeployDefinition(files=files, name="test"), by=SYSTEM)


@contextmanager
def running_site(url: str, var: Path, *, clock: Clock | None = None, **settings: Any) -> Iterator[Site]:
    """A populated site behind a real server, stopped at the end."""
    with Engine.open(url, clock=clock) as engine:
        populate(engine)
        chosen = Settings(var=var, database=url, **settings).prepared()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        app = create_app(engine, chosen)
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Site(engine=engine, url=f"http://127.0.0.1:{listener.getsockname()[1]}", settings=chosen)
        finally:
            server.should_exit = True
            thread.join(timeout=60)  # closes the socket too

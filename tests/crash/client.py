"""A client as it should be: every command under a key, asked again with the same key until there is an answer."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from tests.crash.site import ROOT, Site

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_AGAIN = {429, 502, 503, 504}


@dataclass(kw_only=True)
class Entry:
    """A command that was asked for, and the answer it got in the end."""

    user: str
    method: str
    path: str
    sent: Any
    lost: int = 0
    status: int = 0
    body: bytes = b""


@dataclass(kw_only=True)
class Ledger:
    """All commands of a run by key, and what went wrong on the way."""

    entries: dict[str, Entry] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def trouble(self, what: str) -> None:
        """Count something that happened."""
        with self.lock:
            self.troubles[what] += 1


class Client:
    """Speaks to any of the web servers, as a context manager; a thread has connections of its own.

    Args:
        urls: the web servers' addresses.
        patience: seconds to go on asking.
    """

    def __init__(self, site: Site, urls: Sequence[str], *, patience: float = 120) -> None:
        self.ledger = Ledger()
        self._site = site
        self._urls = urls
        self._patience = patience
        self._thread = threading.local()
        self._opened: list[httpx.Client] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._opened:
            each.close()

    def get(self, path: str, by: str = ROOT.id) -> Any:
        """What is at an address."""
        answer = self.ask("GET", path, by)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def command(self, path: str, body: Mapping[str, Any], *, by: str, key: str, method: str = "POST") -> httpx.Response:
        """Ask for a command under an idempotency key."""
        entry = Entry(user=by, method=method, path=path, sent=body)
        with self.ledger.lock:
            entry = self.ledger.entries.setdefault(key, entry)
        answer = self.ask(method, path, by, json=body, headers={"Idempotency-Key": key}, entry=entry)
        entry.status, entry.body = answer.status_code, answer.content
        return answer

    def upload(self, name: str, content: bytes, by: str) -> Any:
        """Store a file; a lost reply costs an upload that nobody refers to."""
        answer = self.ask("POST", "/attachments", by, files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def repeat(self, chosen: Callable[[Entry], bool]) -> list[str]:
        """Ask for commands again under their keys; gives those whose answer differs from the first."""
        wrong = []
        for key, entry in list(self.ledger.entries.items()):
            if not chosen(entry):
                continue
            headers = {"Idempotency-Key": key}
            answer = self.ask(entry.method, entry.path, entry.user, json=entry.sent, headers=headers)
            if (answer.status_code, _said(answer.content)) != (entry.status, _said(entry.body)):
                wrong.append(f"{key}: {entry.status} {entry.body!r:.200}, then {answer.status_code} {answer.text:.200}")
        return wrong

    def ask(self, method: str, path: str, by: str, *, entry: Entry | None = None, **more: Any) -> httpx.Response:
        """Ask until somebody answers other than «not now».

        Raises:
            TimeoutError: nobody did for as long as our patience lasts.
        """
        until = time.monotonic() + self._patience
        headers = {"Authorization": f"Bearer {self._site.tokens[by]}"} | more.pop("headers", {})
        problem = ""
        while time.monotonic() < until:
            url = random.choice(list(self._urls))
            try:
                answer = self._connections().request(method, f"{url}/api/v1{path}", headers=headers, **more)
            except _NOT_SENT as error:
                problem = type(error).__name__
            except httpx.TransportError as error:
                problem = type(error).__name__
                self.ledger.trouble("reply lost")
                if entry is not None:
                    entry.lost += 1
            else:
                if answer.status_code < 500 and answer.status_code not in _AGAIN:
                    return answer
                problem = f"{answer.status_code} {answer.json().get('title')}"
                self.ledger.trouble(problem)
                if entry is not None:
                    entry.lost += 1
            time.sleep(0.2)
        raise TimeoutError(f"Expected an answer to {method} {path} within {self._patience:.0f} s but: {problem}.")

    def _connections(self) -> httpx.Client:
        if not hasattr(self._thread, "client"):
            self._thread.client = httpx.Client(timeout=30)
            self._opened.append(self._thread.client)
        client: httpx.Client = self._thread.client
        return client


def _said(body: bytes) -> bytes:
    """What an answer says; a refusal's is its kind, for it names the request too."""
    found = json.loads(body)
    kind = found.get("type", "") if isinstance(found, dict) else ""
    return kind.encode() if kind.startswith("/api/v1/problems/") else body

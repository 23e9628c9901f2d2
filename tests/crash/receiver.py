"""The world outside: an HTTP server that counts what reaches it, by idempotency key, and is never killed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

KEY = "Idempotency-Key"

BOT = '''\
"""A bot of the site: does something outside, under its job's key."""

import json
import time
import urllib.request

from bots import Job, JobContext, JobResult, bot


@bot("crash.effect")
def effect(job: Job, context: JobContext) -> JobResult:
    """Tell the receiver; give the attempt as the result, so that a stale one can be told."""
    body = json.dumps({{"case": job.instance_id, "element": job.element_id}}).encode()
    request = urllib.request.Request("{url}", data=body, headers={{"Idempotency-Key": job.idempotency_key}})
    urllib.request.urlopen(request, timeout=20).read()
    time.sleep(float(job.variables.get("pause", 0)))
    return JobResult(variables={{"effect_attempt": job.attempt}})
'''


class Receiver:
    """Counts requests by key, as a context manager."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.elements: dict[str, str] = {}
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver._note(self.headers[KEY], f"{body['case']} {body['element']}")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/effect"
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bot(self) -> str:
        """The source of a site's bot that calls here."""
        return BOT.format(url=self.url)

    def repeated(self) -> int:
        """How many requests came again under a key that was known: what the key is for."""
        with self._lock:
            return self.received.total() - len(self.received)

    def _note(self, key: str, element: str) -> None:
        with self._lock:
            self.received[key] += 1
            self.elements[key] = element

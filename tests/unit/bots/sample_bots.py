"""Bots that behave, misbehave and run wild; their own processes import them from here by topic."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bots import BusinessError, Job, JobContext, JobResult, Limits, TechnicalError, bot

SHORT = timedelta(seconds=1)


@bot("sample.echo")
def echo(job: Job, context: JobContext) -> JobResult:
    """Give back what came in.

    The second paragraph is for developers.
    """
    return JobResult(variables={"seen": dict(job.variables), "attempt": job.attempt})


@bot("sample.surroundings")
def surroundings(job: Job, context: JobContext) -> JobResult:
    (context.workdir / "note.txt").write_text("x")
    return JobResult(
        variables={
            "environment": dict(os.environ),
            "files": [path.name for path in Path.cwd().iterdir()],
            "session": os.getsid(0),
            "arguments": sys.argv,
        }
    )


@bot("sample.context")
def use_context(job: Job, context: JobContext) -> JobResult:
    content = context.files.read(str(job.variables["file"]))
    template = context.resources.template(job.definition_id, "letter.txt")
    reference = context.files.attach(name="信.txt", content=template + content, media_type="text/plain")
    context.notifier.notify(
        key=job.idempotency_key, recipient="li.na", subject="好", body="文", instance_id=job.instance_id
    )
    return JobResult(variables={"letter": reference.as_variable(), "now": context.now.isoformat()})


@bot("sample.business")
def business(job: Job, context: JobContext) -> JobResult:
    raise BusinessError("地址不在本市", code="OUT_OF_TOWN")


@bot("sample.technical")
def technical(job: Job, context: JobContext) -> JobResult:
    raise TechnicalError("Expected the map service to answer but it did not.")


@bot("sample.bug")
def bug(job: Job, context: JobContext) -> JobResult:
    print("about to divide")
    return JobResult(variables={"x": 1 // (job.attempt - job.attempt)})


@bot("sample.exit")
def exits(job: Job, context: JobContext) -> JobResult:
    sys.exit(0)


@bot("sample.vanish")
def vanishes(job: Job, context: JobContext) -> JobResult:
    print("last words")
    os._exit(3)


@bot("sample.crash")
def crashes(job: Job, context: JobContext) -> JobResult:
    ctypes.string_at(0)
    return JobResult()


@bot("sample.sleep", timeout=SHORT)
def sleeps(job: Job, context: JobContext) -> JobResult:
    time.sleep(60)
    return JobResult()


@bot("sample.spin", timeout=timedelta(seconds=30), limits=Limits(cpu=timedelta(seconds=1)))
def spins(job: Job, context: JobContext) -> JobResult:
    while True:
        pass


@bot("sample.hoard", limits=Limits(memory=256 * 1024 * 1024))
def hoards(job: Job, context: JobContext) -> JobResult:
    return JobResult(variables={"size": len(bytearray(1024 * 1024 * 1024))})


@bot("sample.big-file", limits=Limits(file_size=1024 * 1024))
def writes_big_file(job: Job, context: JobContext) -> JobResult:
    (context.workdir / "big").write_bytes(b"x" * (2 * 1024 * 1024))
    return JobResult()


@bot("sample.runaway", timeout=SHORT)
def leaves_runaways(job: Job, context: JobContext) -> JobResult:
    """Start three sleepers: in this session, in a session of their own, and orphaned twice over."""
    marker = str(job.variables["marker"])
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", marker]
    subprocess.Popen(sleeper)
    subprocess.Popen(sleeper, start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sleeper[0], sleeper)
        os._exit(0)
    if job.variables.get("hang"):
        time.sleep(60)
    time.sleep(0.3)
    return JobResult(variables={"started": 3})


@bot("sample.thread-left-behind")
def leaves_thread(job: Job, context: JobContext) -> JobResult:
    threading.Thread(target=time.sleep, args=(60,)).start()
    return JobResult(variables={"done": True})


@bot("sample.calls", limits=Limits(calls=5))
def calls_too_often(job: Job, context: JobContext) -> JobResult:
    for _ in range(6):
        context.resources.template(job.definition_id, "letter.txt")
    return JobResult()


@bot("sample.returns-none")
def returns_none(job: Job, context: JobContext) -> JobResult:
    return None  # type: ignore[return-value]


@bot("sample.returns-datetime")
def returns_datetime(job: Job, context: JobContext) -> JobResult:
    return JobResult(variables={"report": {"made": [datetime.now(UTC)]}})


@bot("sample.returns-too-much")
def returns_too_much(job: Job, context: JobContext) -> JobResult:
    return JobResult(variables={"text": "市" * 400_000})


@bot("sample.garbage-on-the-wire")
def writes_garbage(job: Job, context: JobContext) -> JobResult:
    """Answer past the protocol: find the socket and write what is no frame."""
    import socket
    import stat

    for fd in range(3, 64):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)
        except OSError:
            continue
        if is_socket:
            socket.socket(fileno=fd).send(b"\xff" * 64)
    time.sleep(60)
    return JobResult()


@bot("sample.sleep-in-thread", timeout=SHORT, isolated=False)
def runs_long_in_thread(job: Job, context: JobContext) -> JobResult:
    time.sleep(4)
    return JobResult()

"""What a bot in a process of its own can and cannot do."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sample_bots

from bots.declare import Bot
from bots.sandbox import run_isolated
from engine.contracts.errors import BusinessError, NotFound, TechnicalError
from engine.contracts.jobs import JobResult
from engine.ids import new_id
from tests.job_client import InMemoryJobs, JobRow

Run = Callable[..., JobResult]


@pytest.fixture
def jobs() -> InMemoryJobs:
    return InMemoryJobs()


@pytest.fixture
def run(jobs: InMemoryJobs, tmp_path: Path) -> Run:
    """Run a bot in its own process on a fresh job."""

    def run(bot: Bot, *, row: JobRow | None = None, cancelled: threading.Event | None = None, **variables):
        job = (row or jobs.add(bot.topic, variables=variables)).job
        return run_isolated(bot, job, jobs.context(job, tmp_path), cancelled=cancelled)

    return run


def notes_of(error: BaseException) -> str:
    return "\n".join(getattr(error, "__notes__", []))


def processes_with(marker: str) -> list[str]:
    """Living processes whose command line holds the marker."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
        except OSError:
            continue
        if marker.encode() in command:
            found.append(entry.parent.name)
    return found


def children_of_this_process() -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = entry.read_bytes().rpartition(b")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.append(entry.parent.name)
    return found


def test_values_of_any_script_go_in_and_come_out(run: Run) -> None:
    variables = {"地址": "人民路 1 号", "typename": [1, 2.5, None, {"__class__": "😀"}], "": True}

    result = run(sample_bots.echo, variables=variables)

    assert result.variables == {"seen": {"variables": variables}, "attempt": 1}


def test_the_process_gets_an_empty_environment_and_an_empty_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CIVIFLOW_DATABASE_PASSWORD", "geheim")

    seen = run(sample_bots.surroundings).variables

    assert set(seen["environment"]) <= {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "LC_CTYPE"}
    assert seen["environment"]["HOME"] == str(tmp_path)
    assert seen["files"] == ["note.txt"]
    assert seen["session"] != os.getsid(0)


def test_a_bot_is_given_only_the_variables_meant_for_it(run: Run) -> None:
    bot = dataclasses.replace(sample_bots.surroundings, environment={"MAP_TOKEN": "abc"})

    seen = run(bot).variables

    assert seen["environment"]["MAP_TOKEN"] == "abc"


def test_files_templates_and_messages_are_served_by_the_worker(run: Run, jobs: InMemoryJobs, tmp_path: Path) -> None:
    row = jobs.add("sample.context")
    photo = jobs.files(row.job).attach(name="a.bin", content=bytes(range(256)) * 5000, media_type="x/y")
    row.job = dataclasses.replace(row.job, variables={"file": photo.id})
    jobs.resources.templates["letter.txt"] = "您好".encode()

    result = run(sample_bots.use_context, row=row)

    letter = result.variables["letter"]
    assert jobs.files(row.job).read(letter["id"]) == "您好".encode() + bytes(range(256)) * 5000
    assert letter["name"] == "信.txt"
    assert [each["recipient"] for each in jobs.notifier.messages.values()] == ["li.na"]


def test_what_the_worker_refuses_arrives_as_the_error_it_is(run: Run) -> None:
    file = new_id()

    with pytest.raises(NotFound, match=file):
        run(sample_bots.use_context, file=file)


def test_a_business_error_keeps_its_code_and_message(run: Run) -> None:
    with pytest.raises(BusinessError, match="地址不在本市") as caught:
        run(sample_bots.business)

    assert caught.value.code == "OUT_OF_TOWN"
    assert "sample_bots.py" in notes_of(caught.value)


def test_a_bug_is_a_technical_error_with_the_bots_own_traceback(run: Run) -> None:
    with pytest.raises(TechnicalError, match="ZeroDivisionError: integer division") as caught:
        run(sample_bots.bug)

    assert "1 // (job.attempt - job.attempt)" in notes_of(caught.value)


def test_sys_exit_in_a_bot_is_no_result(run: Run) -> None:
    with pytest.raises(TechnicalError, match="SystemExit"):
        run(sample_bots.exits)


def test_a_process_that_vanishes_leaves_its_last_words(run: Run) -> None:
    with pytest.raises(TechnicalError, match="exit code 3") as caught:
        run(sample_bots.vanishes)

    assert "last words" in notes_of(caught.value)


def test_a_crash_in_native_code_is_reported(run: Run) -> None:
    with pytest.raises(TechnicalError, match="crashed in native code"):
        run(sample_bots.crashes)


def test_a_bot_over_its_time_is_killed(run: Run) -> None:
    started = time.monotonic()

    with pytest.raises(TechnicalError, match="done within 0:00:01"):
        run(sample_bots.sleeps)

    assert time.monotonic() - started < 5


def test_a_cancelled_bot_is_killed_at_once(run: Run) -> None:
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    started = time.monotonic()

    with pytest.raises(TechnicalError, match="was stopped"):
        run(sample_bots.spins, cancelled=cancelled)

    assert time.monotonic() - started < 3


def test_processor_time_is_limited(run: Run) -> None:
    with pytest.raises(TechnicalError, match="used up its processor time"):
        run(sample_bots.spins)


def test_memory_is_limited(run: Run) -> None:
    with pytest.raises(TechnicalError, match="at most 256 MiB of memory") as caught:
        run(sample_bots.hoards)

    assert "bytearray" in notes_of(caught.value)


def test_file_size_is_limited(run: Run) -> None:
    with pytest.raises(TechnicalError, match="File too large"):
        run(sample_bots.writes_big_file)


def test_calls_are_limited(run: Run, jobs: InMemoryJobs) -> None:
    jobs.resources.templates["letter.txt"] = b"x"

    with pytest.raises(TechnicalError, match="at most 5 calls"):
        run(sample_bots.calls_too_often)


def test_children_left_behind_die_with_a_bot_that_returned(run: Run) -> None:
    marker = f"marker-{new_id()}"

    result = run(sample_bots.leaves_runaways, marker=marker)

    assert result.variables == {"started": 3}
    assert processes_with(marker) == []


def test_children_in_sessions_of_their_own_die_with_a_bot_that_hangs(run: Run) -> None:
    marker, most, over = f"marker-{new_id()}", [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], len(processes_with(marker)))

    watcher = threading.Thread(target=watch)
    watcher.start()

    with pytest.raises(TechnicalError, match="done within"):
        run(sample_bots.leaves_runaways, marker=marker, hang=True)
    over.set()
    watcher.join()

    assert most[0] >= 3
    assert processes_with(marker) == []


def test_a_bot_dies_with_its_worker(tmp_path: Path) -> None:
    marker = f"marker-{new_id()}"
    program = (
        "import sys; from pathlib import Path; import sample_bots\n"
        "from bots.sandbox import run_isolated; from tests.job_client import InMemoryJobs\n"
        "jobs = InMemoryJobs(); variables = {'marker': sys.argv[1][::-1], 'hang': True}\n"
        "job = jobs.add('sample.runaway', variables=variables).job\n"
        f"run_isolated(sample_bots.leaves_runaways, job, jobs.context(job, Path({str(tmp_path)!r})))\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}
    worker = subprocess.Popen([sys.executable, "-c", program, marker[::-1]], env=environment)
    until(lambda: len(processes_with(marker)) == 3)

    worker.kill()
    worker.wait()

    until(lambda: processes_with(marker) == [])


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_a_thread_left_behind_does_not_hold_the_result_up(run: Run) -> None:
    started = time.monotonic()

    result = run(sample_bots.leaves_thread)

    assert result.variables == {"done": True}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("bot", "message"),
    [
        (sample_bots.returns_none, r"Expected a JobResult .* but got NoneType"),
        (sample_bots.returns_datetime, r"a datetime at variables\.report\.made\[0\]"),
        (sample_bots.returns_too_much, r"at most 1048576 bytes of variables .* but got 12000"),
        (sample_bots.writes_garbage, r"sent what the worker cannot read"),
    ],
    ids=lambda value: value.topic if isinstance(value, Bot) else "",
)
def test_garbage_is_refused(run: Run, bot: Bot, message: str) -> None:
    with pytest.raises(TechnicalError, match=message):
        run(bot)


def test_a_bot_that_is_not_where_it_says_is_named(run: Run) -> None:
    lost = dataclasses.replace(sample_bots.echo, topic="sample.lost")

    with pytest.raises(TechnicalError, match=r"Expected a bot for topic 'sample\.lost'"):
        run(lost)


def test_no_process_and_no_descriptor_is_left_after_many_runs(run: Run) -> None:
    run(sample_bots.echo)
    before = len(list(Path("/proc/self/fd").iterdir()))
    others = children_of_this_process()  # a helper of another test may still be about

    for _ in range(5):
        run(sample_bots.echo)
        with pytest.raises(TechnicalError):
            run(sample_bots.vanishes)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert set(children_of_this_process()) <= set(others)

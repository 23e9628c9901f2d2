"""What all benches share: rounds, CPU time, machine facts, a table, and build/bench.json.

A bench is a file beside this one that says what it compares with what. Each part runs in a process of its own; the
parts of all comparisons take turns, round after round, because the machines these run on are noisy: a ratio of two
parts that ran side by side means something where neither figure alone does.

    @part
    def ours() -> dict[str, float]:
        before = cpu()
        ...
        return {"per_cpu_s": COUNT / (cpu() - before)}

    if __name__ == "__main__":
        main(Comparison(name="my_bench", what="…", measured=ours, baseline=theirs, by="per_cpu_s"))

`CIVIFLOW_SHORT=1` asks for fewer rounds, and of the parts that they do less (`SHORT`).
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench.json"
SHORT = os.environ.get("CIVIFLOW_SHORT", "") not in {"", "0"}
ROUNDS = 1 if SHORT else 5
_SKIPPED = 77

Figures = Mapping[str, float]
Part = Callable[[], Figures]


class Skip(Exception):
    """A part cannot run here; the message says what is missing and how to get it."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One figure of ours beside one of something else, in the same run.

    Args:
        name: its key in build/bench.json.
        what: what is compared, in words.
        measured: the part that gives our figures.
        baseline: the part to hold them against.
        by: the figure whose ratio counts; both parts give it.
        at_least, at_most: what is promised of our figures, or of "ratio"; the table says what is missed.
    """

    name: str
    what: str
    measured: Part
    baseline: Part
    by: str
    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


_parts: dict[str, Part] = {}


def part(run: Part) -> Part:
    """Register a function that measures something and gives its figures by name."""
    _parts[run.__name__] = run
    return run


@dataclass(frozen=True, kw_only=True)
class OnEach:
    """The same part on a fresh database of each kind."""

    sqlite: Part
    postgres: Part


def part_on_each(run: Callable[[str], Figures]) -> OnEach:
    """Register a function that measures something on the database whose URL it is given: as NAME_sqlite and
    NAME_postgres, each on a fresh one."""

    def on(kind: str, database: Callable[[], AbstractContextManager[str]]) -> Part:
        def measured() -> Figures:
            with database() as url:
                return run(url)

        measured.__name__ = f"{run.__name__}_{kind}"
        return part(measured)

    return OnEach(sqlite=on("sqlite", sqlite_url), postgres=on("postgres", postgres_url))


def main(*comparisons: Comparison, rounds: int = ROUNDS) -> None:
    """Run a bench file: all its comparisons, or, when `--part NAME` is asked for, that one part."""
    if sys.argv[1:2] == ["--part"]:
        _run_one(sys.argv[2])
        return
    taken = _in_turns(comparisons, rounds)
    for comparison in comparisons:
        entry = _entry(comparison, taken)
        merge(comparison.name, entry)
        print(_table(comparison, entry), flush=True)


# CPU time -------------------------------------------------------------------------------------------------------


def cpu() -> float:
    """CPU seconds of this process and all its children so far, those that still run included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used) + sum(map(cpu_of, _children(os.getpid())))


def cpu_of(pid: int) -> float:
    """CPU seconds of one process, to the nanosecond; nothing once it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2)  # Linux: the CPU clock of a process (clock_getcpuclockid)
    except OSError:
        return 0.0


def _children(pid: int) -> Iterator[int]:
    """Children, grandchildren and so on of a process."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            own, rest = stat.read_text().split(" (", 1)
        except OSError:
            continue
        parents.setdefault(int(rest.rpartition(") ")[2].split()[1]), []).append(int(own))
    todo = parents.get(pid, [])
    while todo:
        yield (child := todo.pop())
        todo += parents.get(child, [])


# databases ------------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_url() -> Iterator[str]:
    """A fresh SQLite file on the disk, durable as in production."""
    with tempfile.TemporaryDirectory(prefix="civiflow_bench_") as folder:
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def postgres_url() -> Iterator[str]:
    """A fresh PostgreSQL database, durable as in production.

    Raises:
        Skip: no server lets us in.
    """
    import psycopg

    from tests.databases import find_postgres, postgres_databases

    try:
        server = find_postgres()
    except ConnectionError as error:
        raise Skip(str(error)) from error
    with postgres_databases(server, None) as databases:
        url = databases.fresh()
        plain, name = url.replace("+psycopg", "", 1), url.rpartition("/")[2]
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" reset synchronous_commit')
        yield url


def postgres_cpu(url: str) -> float:
    """CPU seconds of the server processes behind the connections to a database of this machine."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        found = connection.execute("select pid from pg_stat_activity where datname = current_database()")
        return sum(cpu_of(pid) for (pid,) in found)


# running --------------------------------------------------------------------------------------------------------


def _run_one(name: str) -> None:
    try:
        figures = dict(_parts[name]())
    except Skip as reason:
        print(reason)
        sys.exit(_SKIPPED)
    print(json.dumps(figures))


def _in_turns(comparisons: Sequence[Comparison], rounds: int) -> dict[str, list[Figures] | str]:
    """The figures of each part, a round each; or why it cannot run here."""
    names = list(dict.fromkeys(p.__name__ for c in comparisons for p in (c.baseline, c.measured)))
    taken: dict[str, list[Figures] | str] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            held = taken[name]
            if isinstance(held, str):
                continue
            figures = _in_own_process(name)
            if isinstance(figures, str):
                taken[name] = figures
            else:
                held.append(figures)
    return taken


def _in_own_process(name: str) -> Figures | str:
    command = [sys.executable, sys.argv[0], "--part", name]
    python_path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": python_path})
    last = (done.stdout.splitlines() or [""])[-1]
    if done.returncode == _SKIPPED and os.environ.get("CIVIFLOW_REQUIRE_SERVICES") != "1":
        return last
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed: {last}")
    figures: Figures = json.loads(last)
    return figures


def _entry(comparison: Comparison, taken: Mapping[str, list[Figures] | str]) -> dict[str, object]:
    ours, theirs = taken[comparison.measured.__name__], taken[comparison.baseline.__name__]
    entry: dict[str, object] = {"what": comparison.what, "short": SHORT, "machine": machine()}
    for held in (ours, theirs):
        if isinstance(held, str):
            return {**entry, "skipped": held}
    by = comparison.by
    ratio = _spread([a[by] / b[by] for a, b in zip(ours, theirs, strict=True)])
    figures = {key: _spread([one[key] for one in ours]) for key in ours[0]}
    return {
        **entry,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": len(ours),
        "by": by,
        "figures": figures,
        "baseline": {key: _spread([one[key] for one in theirs]) for key in theirs[0]},
        "ratio": ratio,
        "missed": _missed(comparison, {**figures, "ratio": ratio}),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def _missed(comparison: Comparison, found: Mapping[str, Mapping[str, float]]) -> list[str]:
    low = [f"{k} at least {v:g}" for k, v in comparison.at_least.items() if found[k]["median"] < v]
    return low + [f"{k} at most {v:g}" for k, v in comparison.at_most.items() if found[k]["median"] > v]


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 2),
    }


# results --------------------------------------------------------------------------------------------------------


def merge(name: str, entry: Mapping[str, object], out: Path = OUT) -> None:
    """Put one entry into build/bench.json and keep the others; readers never see half a file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = json.loads(out.read_text()) if out.exists() else {}
        fresh = out.with_suffix(".tmp")
        fresh.write_text(json.dumps({**held, name: entry}, indent=2, ensure_ascii=False) + "\n")
        fresh.replace(out)


def _table(comparison: Comparison, entry: Mapping[str, object]) -> str:
    lines = [f"{comparison.name}: {comparison.what}"]
    if "skipped" in entry:
        return "\n".join([*lines, f"  skipped: {entry['skipped']}"])
    for title, key in (("ours", "figures"), ("baseline", "baseline")):
        lines += [f"  {title:9} {name:28} {_shown(one)}" for name, one in _mapping(entry[key]).items()]
    lines.append(f"  {'ratio':9} {comparison.by:28} {_shown(_mapping(entry['ratio']))}")
    lines += [f"  missed: {text}" for text in entry["missed"]]  # type: ignore[attr-defined]
    return "\n".join(lines)


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _shown(one: object) -> str:
    held = _mapping(one)
    median, low, high = (_number(held[key]) for key in ("median", "low", "high"))
    return f"{median:>12}" + ("" if low == high else f"   ({low} to {high})")


def _number(value: object) -> str:
    assert isinstance(value, float | int)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

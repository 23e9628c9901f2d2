"""The figures of a run: build/crash.json, one entry an experiment, kept from run to run until measured anew."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "build" / "crash.json"
SHORT = bool(os.environ.get("CIVIFLOW_SHORT"))
"""Whether the short form was asked for."""
SCALE = float(os.environ.get("CIVIFLOW_CRASH_SCALE") or 1)
"""A share of the full form's sizes, for machines that are slow or busy."""


def pick(*, short: int, full: int) -> int:
    """A size for the form that was asked for."""
    return short if SHORT else max(short, round(full * SCALE))


def record(experiment: str, **figures: Any) -> None:
    """Write down what an experiment gave; it is shown at the end of the run."""
    entry = {
        "at": datetime.now(UTC).isoformat(),
        "form": "short" if SHORT else f"full × {SCALE:g}",
        **figures,
    }
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two processes may run experiments at the same time
        file.seek(0)
        known = json.loads(file.read() or "{}") | {experiment: entry}
        file.truncate(0)
        file.write(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def recorded_since(began: datetime) -> list[str]:
    """The figures of a run that began then, a line for each experiment, without the logs of what was killed when."""
    known: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return [
        f"{experiment}: {json.dumps({name: each for name, each in entry.items() if name != 'log'}, ensure_ascii=False)}"
        for experiment, entry in known.items()
        if datetime.fromisoformat(entry["at"]) >= began
    ]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and largest of some times, rounded; empty for none."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    parts = {"median": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}
    return {name: round(ordered[min(int(len(ordered) * part), len(ordered) - 1)], 3) for name, part in parts.items()}

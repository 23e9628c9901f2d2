"""The figures of a run: build/crash.json, one entry an experiment, kept from run to run until measured anew."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "build" / "crash.json"
SHORT = bool(os.environ.get("CIVIFLOW_SHORT"))
"""Whether the short form was asked for."""


SHOWN: list[str] = []
SCALE = float(os.environ.get("CIVIFLOW_CRASH_SCALE") or 1)
"""A share of the full form's sizes, for machines that are slow or busy."""


def pick(*, short: int, full: int) -> int:
    """A size for the form that was asked for."""
    return short if SHORT else max(short, round(full * SCALE))


def record(experiment: str, **figures: Any) -> None:
    """Write down what an experiment gave; it is shown at the end of the run."""
    known: dict[str, Any] = {}
    if FILE.exists():
        known = json.loads(FILE.read_text("utf-8"))
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "form": "short" if SHORT else f"full × {SCALE:g}",
        **figures,
    }
    known[experiment] = entry
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    shown = {name: value for name, value in entry.items() if name != "log"}
    SHOWN.append(f"{experiment}: {json.dumps(shown, ensure_ascii=False)}")


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and largest of some times, rounded; empty for none."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    parts = {"median": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}
    return {name: round(ordered[min(int(len(ordered) * part), len(ordered) - 1)], 3) for name, part in parts.items()}

"""Logs of real organisations: numbers reckoned apart with the standard library, and what must hold of any."""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import cache
from xml.etree import ElementTree

import pytest

from engine.contracts.eventlog import LogFilter
from mining.readers import ImportedLog, read_log
from mining.reports import bottleneck_report
from mining.results import ActivityStat, BottleneckReport
from mining.svg import render_map
from mining.text import render_text
from tests.shared_data import shared

# cases, events, activities: of the logs' README, and in hospital_billing one row without a case is left out
SIZES = {
    "receipt.xes.gz": (1_434, 8_577, 27),
    "BPIC15_1.csv.gz": (1_199, 52_217, 398),
    "traffic_fines_10k.csv.gz": (10_000, 34_724, 11),
    "hospital_billing_10k.csv.gz": (9_999, 49_950, 16),
    "Production.csv.gz": (225, 4_953, 26),
    "PurchasingExample.csv.gz": (608, 9_119, 21),
    "running-example.xes": (6, 42, 8),
}


@cache
def log(name: str) -> ImportedLog:
    return read_log(shared(f"logs/{name}"))


@cache
def report(name: str) -> BottleneckReport:
    return bottleneck_report(log(name), LogFilter(), now=log(name).last_at)


def activity(name: str, start: str) -> ActivityStat:
    return next(a for a in report(name).activities if a.name.startswith(start))


@pytest.mark.parametrize("name", SIZES)
def test_reads_all_of_it(name: str) -> None:
    found = log(name)

    assert (found.case_count, found.event_count, found.activity_count) == SIZES[name]


@pytest.mark.parametrize("name", SIZES)
def test_sums_agree_with_each_other(name: str) -> None:
    whole = report(name)

    cases = whole.meta.cases.total
    assert sum(a.starts for a in whole.activities) == cases
    assert sum(a.ends for a in whole.activities) == cases
    assert sum(a.count for a in whole.activities) == log(name).instance_count
    assert sum(a.sojourn.total for a in whole.activities) / 3600 == pytest.approx(whole.meta.hours)
    assert all(f.hours <= whole.meta.hours for f in whole.findings if f.kind in ("queue", "service", "sojourn"))
    if not any(a.queue.n for a in whole.activities):  # completions only: each follows exactly one other
        assert sum(e.count for e in whole.edges) == whole.meta.executions - cases
        assert sum(e.total_wait for e in whole.edges) / 3600 == pytest.approx(whole.meta.hours)


@pytest.mark.parametrize("name", SIZES)
def test_can_be_shown_in_both_languages(name: str) -> None:
    for language in ("en", "zh"):
        assert render_text(report(name), language)
        root = ElementTree.fromstring(render_map(report(name), language))
        assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) >= len(report(name).map.edges)


def test_receipt_agrees_with_a_separate_reckoning() -> None:
    whole = report("receipt.xes.gz")
    advice = activity("receipt.xes.gz", "T06")

    deadline = whole.meta.cases.deadline
    assert (deadline.missed, deadline.of) == (92, 1_434)
    assert deadline.overdue / 3600 == pytest.approx(78_637.3705, abs=0.001)
    assert (len(whole.edges), whole.edges[0].count, whole.variants[0].count) == (99, 1_177, 713)
    assert (advice.sojourn.n, advice.rework.executions) == (1_416, 107)
    assert advice.sojourn.median == pytest.approx(45.535)
    assert advice.sojourn.total / 3600 == pytest.approx(73_283.2259, abs=0.001)


@pytest.mark.parametrize(
    ("name", "n", "queue_median", "queue_hours", "service_median", "service_hours"),
    [
        ("Lapping", 370, 24_210, 24_829.4833, 4_500, 657),
        ("Packing", 277, 40_200, 10_311.4667, 3_600, 277),
        ("Turning & Milling", 1_269, 1_800, 11_608.1667, 16_560, 6_449.6333),
    ],
)
def test_production_agrees_with_a_separate_reckoning(
    name: str, n: int, queue_median: float, queue_hours: float, service_median: float, service_hours: float
) -> None:
    found = activity("Production.csv.gz", name)

    assert (found.queue.n, found.service.n) == (n, n)
    assert (found.queue.median, found.service.median) == (queue_median, service_median)
    assert found.queue.total / 3600 == pytest.approx(queue_hours, abs=0.001)
    assert found.service.total / 3600 == pytest.approx(service_hours, abs=0.001)


def test_the_most_waited_for_step_of_the_purchasing_log_is_found() -> None:
    first = report("PurchasingExample.csv.gz").findings[0]

    assert (first.kind, first.name, first.confidence) == ("queue", "Analyze Request for Quotation", "high")


def test_receipt_takes_under_five_cpu_seconds_from_start_to_report() -> None:
    path = shared("logs/receipt.xes.gz")
    program = (
        "import sys, pathlib\n"
        "from engine.contracts.eventlog import LogFilter\n"
        "from mining.readers import read_log\n"
        "from mining.reports import bottleneck_report\n"
        "from mining.svg import render_map\n"
        "from mining.text import render_text\n"
        "log = read_log(pathlib.Path(sys.argv[1]))\n"
        "report = bottleneck_report(log, LogFilter(), now=log.last_at)\n"
        "render_text(report), render_map(report)\n"
    )

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_showing_a_report_does_not_load_polars() -> None:
    program = "import sys, mining.readers, mining.reports, mining.svg, mining.text; sys.exit('polars' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

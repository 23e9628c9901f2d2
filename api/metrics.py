"""Prometheus metrics: requests as they pass, and the engine's own figures when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

GAUGES: Mapping[str, str] = {
    "open_tasks": "User tasks that wait for a person.",
    "due_jobs": "Jobs that a bot could take now.",
    "overdue_timers": "Timers that should have gone off.",
    "open_incidents": "Incidents that wait for an operator.",
    "unsent_messages": "Rows of the outbox that have not left yet.",
}
"""Name → help of the engine's figures; each is a count over an index."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One application's metrics, in a registry of its own.

    Args:
        gauges: gives the engine's figures by name; called on every scrape.
    """

    def __init__(self, gauges: Callable[[], Mapping[str, int]]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "civiflow_requests",
            "HTTP requests by method, route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "civiflow_request_seconds",
            "Time to answer an HTTP request, by method and route.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_EngineFigures(gauges))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count and time one request. Addresses without a route share one label, whatever they were."""
        route = route or "(none)"
        method = method if method in _METHODS else "(other)"
        count, clock = self._of(method, route, status)
        count.inc()
        clock.observe(seconds)

    @cache  # noqa: B019 # as many as there are routes and statuses; lives as long as the application
    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _EngineFigures(Collector):
    def __init__(self, gauges: Callable[[], Mapping[str, int]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"civiflow_{name}", GAUGES.get(name, name), value=value)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        # Without this, registering would ask the database.
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(f"civiflow_{name}", text)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

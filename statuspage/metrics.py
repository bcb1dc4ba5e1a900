"""What does the program tell Prometheus about itself?

One object with a registry of its own, made once at start and passed to whoever
measures: two programs in one test do not share a number. Names follow the
Prometheus conventions: base units, ``_total`` for what only grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_LATENESS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
_JOB_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)


class PageCounts(Collector):
    """Plain numbers, for they are counted on every request: a ``Counter`` takes a lock for each."""

    def __init__(self) -> None:
        self.counts = [0] * len(STATUS_CLASSES)

    def collect(self) -> Iterator[Metric]:
        pages = CounterMetricFamily(
            "avviso_page_requests", "Pages answered from memory.", labels=["status"]
        )
        for status, count in zip(STATUS_CLASSES, self.counts, strict=True):
            pages.add_metric([status], count)
        yield pages


@dataclass(frozen=True, slots=True)
class Metrics:
    """All that is measured; times are in seconds."""

    registry: CollectorRegistry
    probes: Counter
    """Labels kind, grade."""
    probe_lateness: Histogram
    """How long after its due time a probe began."""
    verdict_changes: Counter
    incidents_open: Gauge
    letters_accepted: Counter
    letters_failed: Counter
    """Label outcome."""
    fanout_letters: Gauge
    """Of the last fan-out; label outcome."""
    fanout_seconds: Gauge
    """Of the last fan-out, from the end of the undo window; label share: 0 is the first letter,
    1 the last.
    """
    letters_queued: Gauge
    letters_held_back: Gauge
    """Customers for whom a letter waits, since they got as many as they may."""
    oldest_unsent: Gauge
    canary_took: Gauge
    """Of the last letter to ourselves that arrived."""
    canary_age: Gauge
    calls_sent: Counter
    """Messages to the operators."""
    cut_off: Gauge
    """1 while our own connection is down and nothing is judged."""
    revision: Gauge
    """The revision that this process shows."""
    snapshot_failures: Counter
    job_seconds: Histogram
    """Label job."""
    job_failures: Counter
    """Label job."""
    pages: PageCounts

    def page_requested(self, status: int) -> None:
        """Count what was answered from memory, on the event loop's thread."""
        self.pages.counts[status // 100 - 1] += 1

    def exposition(self) -> bytes:
        """The text format, to be served as ``CONTENT_TYPE``."""
        return generate_latest(self.registry)


def new_metrics() -> Metrics:
    """Every series at zero, in a registry of its own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)

    def counter(name: str, says: str, *labels: str) -> Counter:
        return Counter(f"avviso_{name}", says, labels, registry=registry)

    def gauge(name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"avviso_{name}", says, labels, registry=registry)

    def histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"avviso_{name}", says, labels, registry=registry, buckets=buckets)

    pages = PageCounts()
    registry.register(pages)
    return Metrics(
        registry=registry,
        probes=counter("probes_total", "Looks at a target.", "kind", "grade"),
        probe_lateness=histogram(
            "probe_lateness_seconds",
            "From when a look was due to its beginning.",
            _LATENESS_S,
        ),
        verdict_changes=counter("verdict_changes_total", "Verdicts that became another."),
        incidents_open=gauge("incidents_open", "Incidents that are not resolved."),
        letters_accepted=counter("letters_accepted_total", "Letters that a relay accepted."),
        letters_failed=counter(
            "letters_failed_total", "Attempts that a relay did not accept.", "outcome"
        ),
        fanout_letters=gauge(
            "fanout_letters", "Letters of the last fan-out that has ended.", "outcome"
        ),
        fanout_seconds=gauge(
            "fanout_seconds", "From the end of its undo window to a share of them.", "share"
        ),
        letters_queued=gauge("letters_queued", "Letters due or waiting to be retried."),
        letters_held_back=gauge("letters_held_back", "Customers whose limits hold a letter back."),
        oldest_unsent=gauge("oldest_unsent_seconds", "Age of the oldest letter not yet sent."),
        canary_took=gauge(
            "canary_seconds", "From when the last letter to ourselves left to its arrival."
        ),
        canary_age=gauge(
            "canary_age_seconds", "Since the last letter to ourselves arrived; 0 without one."
        ),
        calls_sent=counter("calls_sent_total", "Messages to the operators."),
        cut_off=gauge("cut_off", "1 while our own connection is down."),
        revision=gauge("revision", "The revision that this process shows."),
        snapshot_failures=counter("snapshot_failures_total", "Snapshots that no disk took."),
        job_seconds=histogram("job_seconds", "How long a job ran.", _JOB_S, "job"),
        job_failures=counter("job_failures_total", "Jobs that ended in an error.", "job"),
        pages=pages,
    )

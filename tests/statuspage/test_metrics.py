"""Prometheus reads what happened, and only of this program."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from statuspage.metrics import CONTENT_TYPE, Metrics, new_metrics


def value(metrics: Metrics, sample: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for one in family.samples:
            if one.name == sample and one.labels == labels:
                return float(one.value)
    return None


def test_what_happened_can_be_read() -> None:
    metrics = new_metrics()
    metrics.probes.labels("http", "failed").inc()
    metrics.probe_lateness.observe(0.2)
    metrics.letters_failed.labels("refused").inc(2)
    metrics.cut_off.set(1)
    metrics.job_seconds.labels("watch").observe(0.3)
    assert value(metrics, "avviso_probes_total", kind="http", grade="failed") == 1
    assert value(metrics, "avviso_probe_lateness_seconds_bucket", le="0.25") == 1
    assert value(metrics, "avviso_probe_lateness_seconds_bucket", le="0.1") == 0
    assert value(metrics, "avviso_letters_failed_total", outcome="refused") == 2
    assert value(metrics, "avviso_cut_off") == 1
    assert value(metrics, "avviso_job_seconds_count", job="watch") == 1


def test_pages_are_counted_by_the_class_of_their_status() -> None:
    metrics = new_metrics()
    for status in (200, 204, 304, 404, 503):
        metrics.page_requested(status)
    counted = {
        status: value(metrics, "avviso_page_requests_total", status=status)
        for status in ("2xx", "3xx", "4xx", "5xx")
    }
    assert counted == {"2xx": 2, "3xx": 1, "4xx": 1, "5xx": 1}


def test_what_never_happened_is_zero_and_not_missing() -> None:
    metrics = new_metrics()
    for name in ("letters_accepted_total", "verdict_changes_total", "incidents_open", "revision"):
        assert value(metrics, f"avviso_{name}") == 0


def test_two_programs_do_not_share_a_number() -> None:
    one, other = new_metrics(), new_metrics()
    one.letters_accepted.inc()
    assert value(other, "avviso_letters_accepted_total") == 0


def test_it_is_the_text_format() -> None:
    assert CONTENT_TYPE.startswith("text/plain")
    assert value(new_metrics(), "process_resident_memory_bytes")

"""Two workers share a store: one is killed, and one frozen for longer than its claim.

Nobody is left without; a worker that wakes up sends nothing that another has sent meanwhile, but
for what it had begun; what it says of what is not its own any more is not believed.
`make test` lets the claims lapse in the store, `make soak` waits until they do.
"""

from __future__ import annotations

import time

import pytest

from statuspage.jobs.lease import LEASE
from tests.stories.crowd import Crowd, counts, gathered

UNDER_WAY = 8 * 3
"""What the connections of a frozen worker had begun: it ends that when it wakes up."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def one_killed_and_one_frozen(crowd_of: int, pace: int, url: str, *, patiently: bool) -> None:
    with gathered(url, max_per_second=pace) as crowd:
        killed, frozen = crowd.sender("worker"), crowd.sender("worker")
        crowd.begin(killed)
        crowd.begin(frozen)
        crowd.gathers(crowd_of)
        crowd.tell(killed)
        crowd.until(lambda: crowd.told > crowd_of // 4 and holds_something(crowd, frozen.pid))
        crowd.freeze(frozen)
        crowd.kill(killed)
        assert crowd.waiting(), "both were stopped in the middle"
        killed.start()
        let_claims_lapse(crowd, frozen.pid, patiently=patiently)
        crowd.everybody_is_told()
        before = len(crowd.repeats())
        crowd.go_on(frozen)
        crowd.until(lambda: not crowd.store.count("deliveries", "lease_by IS NOT NULL"))
        crowd.until(lambda: frozen.is_ready)
        after = len(crowd.repeats()) - before
        counts(crowd.report(f"one killed, one frozen; {after} repeats when it woke up"))
        assert after <= UNDER_WAY
        crowd.holds(beside=after)


def holds_something(crowd: Crowd, pid: int) -> int:
    return crowd.store.count("deliveries", f"state = 'queued' AND lease_by LIKE '%:{pid}:%'")


def let_claims_lapse(crowd: Crowd, pid: int, *, patiently: bool) -> None:
    if patiently:
        time.sleep(LEASE.total_seconds() + 1)
        return
    its = f"lease_by LIKE '%:{pid}:%'"
    earlier = "lease_until = lease_until - interval '31 seconds'"
    crowd.store.change(f"UPDATE deliveries SET {earlier} WHERE {its}")  # noqa: S608


def test_one_killed_and_one_frozen(postgresql_url: str) -> None:
    one_killed_and_one_frozen(300, 40, postgresql_url, patiently=False)


@pytest.mark.soak
def test_one_killed_and_one_frozen_among_thousands(postgresql_url: str) -> None:
    one_killed_and_one_frozen(10_000, 500, postgresql_url, patiently=True)

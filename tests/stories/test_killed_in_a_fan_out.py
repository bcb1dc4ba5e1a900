"""Killed again and again in the middle of a fan-out: is everybody told, and who is told twice?

`make test` tells a few hundred and kills a few times, `make soak` tells 10,000 and kills at 20
moments; each prints what it counted.
"""

from __future__ import annotations

import random

import pytest

from tests.stories.crowd import counts, gathered

pytestmark = pytest.mark.timeout(900)


def killed_at(moments: int, crowd_of: int, store_url: str, pace: int) -> None:
    """Kill when the relay has so many letters, each time at a number that nothing chose."""
    with gathered(store_url, max_per_second=pace) as crowd:
        crowd.gathers(crowd_of)
        serve = crowd.sender()
        crowd.begin(serve)
        crowd.tell(serve)
        kills = 0
        for letters in sorted(random.sample(range(1, crowd_of), moments)):
            if not crowd.reaches(letters):
                break  # the last ones left before they could be seen to
            crowd.kill(serve)
            kills += 1
            serve.start()
        crowd.everybody_is_told()
        counts(crowd.report(f"{kills} kills"))
        counts(f"the oldest repeated was accepted {crowd.oldest_repeated_s() * 1000:.0f} ms before")
        crowd.holds()
        assert kills >= moments * 0.7, "most of the kills fell into the fan-out"


@pytest.mark.slow
def test_killed_three_times(store_url: str) -> None:
    killed_at(3, 300, store_url, pace=150)


@pytest.mark.soak
@pytest.mark.parametrize("pace", [0, 1000], ids=["at full speed", "at 1000 a second"])
def test_killed_at_twenty_moments(store_url: str, pace: int) -> None:
    killed_at(20, 10_000, store_url, pace)

"""Are hours and days told as truly as the looks that they are made of?"""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.result import Grade
from statuspage.rules.looks import Look
from statuspage.rules.tally import Tally, pack, tally, unpack

latencies = st.floats(0.01, 3_600_000)
looks = st.builds(
    lambda grade, latency: Look(timedelta(0), grade, latency),
    st.sampled_from(Grade),
    st.none() | latencies,
)
tallies = st.builds(tally, st.lists(looks, max_size=30))


@given(st.lists(latencies, min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_is_within_two_per_cent(times: list[float], share: float) -> None:
    found = tally(Look(timedelta(0), Grade.WELL, time) for time in times).percentile_ms(share)
    exact = sorted(times)[math.ceil(share * len(times)) - 1]
    assert found == pytest.approx(exact, rel=0.02)


@given(st.lists(st.lists(looks, max_size=20), max_size=6))
def test_parts_added_up_are_the_whole(parts: list[list[Look]]) -> None:
    added = sum((tally(part) for part in parts), Tally())
    assert added == tally(look for part in parts for look in part)


@given(tallies, tallies)
def test_what_was_added_can_be_taken_out(one: Tally, other: Tally) -> None:
    assert one + other - other == one


@given(tallies)
def test_times_are_kept_as_they_are(one: Tally) -> None:
    assert unpack(pack(one.times)) == one.times


@given(tallies, tallies)
def test_what_was_never_there_can_be_taken_out_and_written(one: Tally, other: Tally) -> None:
    assert all(n > 0 for n in unpack(pack((one - other).times)).values())


def test_a_failure_has_no_response_time() -> None:
    found = tally([Look(timedelta(0), Grade.FAILED, 5000.0), Look(timedelta(0), Grade.SLOW, 100.0)])
    assert (found.asked, found.failed, found.slow) == (2, 1, 1)
    assert found.percentile_ms(1.0) == pytest.approx(100, rel=0.02)
    assert tally([Look(timedelta(0), Grade.FAILED, 5000.0)]).percentile_ms(0.5) is None


def test_an_hour_takes_few_bytes() -> None:
    times = tally(Look(timedelta(0), Grade.WELL, 80 + n % 60) for n in range(240)).times
    assert len(pack(times)) < 60

"""Is every look in its row as it was?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from checks.result import Fault, Grade
from statuspage.rules.looks import SLOT, Look, pack, slot_of, unpack

looks = st.builds(
    lambda ms, grade, tenths, fault: Look(
        timedelta(milliseconds=ms),
        grade,
        None if tenths is None else tenths / 10,
        fault if grade is Grade.FAILED else None,
    ),
    st.integers(0, 299_999),
    st.sampled_from(Grade),
    st.none() | st.integers(0, 36_000_000),
    st.none() | st.sampled_from(Fault),
)


@given(st.lists(looks, max_size=40))
def test_what_is_packed_behind_one_another_is_read_again(seen: list[Look]) -> None:
    assert list(unpack(b"".join(pack(look) for look in seen))) == seen


@given(st.lists(looks, max_size=10), st.integers(0, 80))
def test_of_a_row_that_was_cut_off_the_first_looks_are_read(seen: list[Look], length: int) -> None:
    packed = b"".join(pack(look) for look in seen)
    found = list(unpack(packed[:length]))
    assert found == seen[: len(found)]
    assert len(found) >= sum(
        len(b"".join(pack(look) for look in seen[: n + 1])) <= length for n in range(len(seen))
    )


@given(st.binary(max_size=60))
def test_damaged_rows_raise_nothing(packed: bytes) -> None:
    list(unpack(packed))


def test_a_calm_look_takes_five_bytes() -> None:
    """So 200 checks every 15 s take 13 MB for two days, their keys beside."""
    assert len(pack(Look(timedelta(seconds=299), Grade.WELL, 140.0))) == 5


def test_a_time_belongs_to_the_five_minutes_in_which_it_lies() -> None:
    begun = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)
    assert slot_of(begun) == begun
    assert slot_of(begun + SLOT - timedelta(microseconds=1)) == begun
    assert slot_of(begun + SLOT) == begun + SLOT
    assert slot_of(begun, timedelta(days=1)) == datetime(2026, 3, 1, tzinfo=UTC)

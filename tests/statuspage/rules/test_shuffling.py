"""Is everybody told once, and nobody always last?"""

import secrets

import pytest

from statuspage.rules.shuffling import Range, shuffled, slice_at, slices_for


@pytest.mark.parametrize(
    ("count", "slices"), [(0, 1), (1, 1), (1000, 1), (1001, 2), (100_000, 100)]
)
def test_so_many_slices(count: int, slices: int) -> None:
    assert slices_for(count, 1000) == slices


@pytest.mark.parametrize("slices", [1, 2, 3, 7, 100])
def test_every_id_lies_in_one_slice_and_no_more(slices: int) -> None:
    ranges = [slice_at("a1", slices, done) for done in range(slices)]
    ids = [*(secrets.token_hex(8) for _ in range(500)), "0" * 16, "f" * 16]
    ids += [one.low for one in ranges if one.low]
    for id in ids:
        assert sum(_holds(one, id) for one in ranges) == 1


def test_slices_are_about_as_long_as_wished() -> None:
    ids = [f"{n * 16**16 // 5000:016x}" for n in range(5000)]
    lengths = [sum(_holds(slice_at("a1", 5, done), id) for id in ids) for done in range(5)]
    assert lengths == [1000] * 5


def test_each_announcement_has_an_order_of_its_own_and_keeps_it() -> None:
    ids = [secrets.token_hex(8) for _ in range(50)]
    assert shuffled("a1", ids) == shuffled("a1", reversed(ids))
    assert shuffled("a1", ids) != shuffled("a2", ids)
    assert _slices("a1") == _slices("a1")
    assert _slices("a1") != _slices("a2")


def test_nobody_is_always_last() -> None:
    """Of four hundred announcements, each of five is last in about eighty."""
    ids = [f"{n}" for n in range(5)]
    last = [shuffled(f"a{n}", ids)[-1] for n in range(400)]
    assert all(50 < last.count(id) < 110 for id in ids)


def _slices(key: str) -> list[str]:
    return [slice_at(key, 20, done).low for done in range(20)]


def _holds(one: Range, id: str) -> bool:
    return one.low <= id and (one.high is None or id < one.high)

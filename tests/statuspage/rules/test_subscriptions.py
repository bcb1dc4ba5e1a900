"""Everybody hears of what they chose and of what it stands on, and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.subscriptions import (
    NoAddress,
    chosen_from,
    concerned,
    has_expired,
    may_ask_again,
    normalised,
    wants,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
STANDS_ON = {"shop": ["api"], "api": ["db"], "app": ["api"], "blog": [], "loop": ["loop"]}


@pytest.mark.parametrize(
    ("roles", "about"),
    [
        ({"db": "cause"}, {"db", "api", "shop", "app"}),
        ({"shop": "cause"}, {"shop"}),
        ({"api": "cause", "blog": "affected"}, {"api", "shop", "app", "blog"}),
        ({"shop": "cause", "api": "affected"}, {"shop", "api"}),
        ({"api": "affected"}, {"api", "shop", "app"}),
        ({"loop": "cause"}, {"loop"}),
        ({"gone": "cause"}, {"gone"}),
    ],
)
def test_whom_an_incident_concerns(roles: dict[str, str], about: set[str]) -> None:
    assert concerned(roles, STANDS_ON) == about


@pytest.mark.parametrize(
    ("chosen", "wanted"), [([], True), (["shop"], True), (["blog"], False), (["blog", "db"], True)]
)
def test_who_wants_it(chosen: list[str], *, wanted: bool) -> None:
    assert wants(chosen, {"shop", "db"}) is wanted


@pytest.mark.parametrize(
    ("wished", "chosen"),
    [
        ([], []),
        (["b", "a", "b"], ["b", "a"]),
        (["a", "b"], ["a", "b"]),
        (["c"], None),
        (["a", ""], None),
    ],
)
def test_only_what_is_on_offer_can_be_chosen(wished: list[str], chosen: list[str] | None) -> None:
    assert chosen_from(wished, ["a", "b"]) == chosen


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna.Rossi+shop@Example.ORG ", "Anna.Rossi+shop@example.org"),
        ("zoë@exämple.org", "zoë@exämple.org"),
        ("anna@xn--exmple-cua.org", "anna@exämple.org"),
    ],
)
def test_addresses_are_kept_as_their_owners_write_them(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bice",
        "bice@",
        "a@b",
        "x@localhost",
        "<a@b.org>",
        "a@[127.0.0.1]",
        "a@b.org\nBcc: c@d.org",
    ],
)
def test_what_is_no_address_is_not_repeated(typed: str) -> None:
    with pytest.raises(NoAddress) as refused:
        normalised(typed)
    assert not typed or typed not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_letter_to_confirm_once_an_hour_and_good_for_a_week() -> None:
    assert may_ask_again(None, NOON)
    assert not may_ask_again(NOON, NOON + timedelta(minutes=59))
    assert may_ask_again(NOON, NOON + timedelta(hours=1))
    assert not has_expired(NOON, NOON + timedelta(days=6, hours=23))
    assert has_expired(NOON, NOON + timedelta(days=7))
    assert has_expired(None, NOON)

"""Everybody hears of what they chose and of what it stands on, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statuspage.rules.subscriptions import (
    About,
    NoAddress,
    Turn,
    Wishes,
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


SHOP_IS_DOWN = About(
    components=frozenset({"shop", "db"}),
    groups=frozenset({"Website"}),
    impact="major",
    incident_id="inc1",
)
WORK = About(components=frozenset({"shop"}))
EVERYBODYS = About()
ALL, SHOP, BLOG = Wishes(), Wishes(components=("shop",)), Wishes(components=("blog",))
WEBSITE, OFFICE = Wishes(groups=("Website",)), Wishes(groups=("Office",))
CRITICAL, MAJOR = Wishes(least_impact="critical"), Wishes(least_impact="major")
ENDS = Wishes(ends_only=True)
ONCE, OTHER_ONCE = Wishes(only_incident_id="inc1"), Wishes(only_incident_id="inc2")


def turn(turn: Turn, **changes: Any) -> About:
    return replace(SHOP_IS_DOWN, turn=turn, **changes)


@pytest.mark.parametrize(
    ("wishes", "about", "before", "wanted"),
    [
        # what they chose
        (ALL, SHOP_IS_DOWN, "", True),
        (SHOP, SHOP_IS_DOWN, "", True),
        (BLOG, SHOP_IS_DOWN, "", False),
        (BLOG, SHOP_IS_DOWN, "told", False),
        (Wishes(components=("blog", "db")), SHOP_IS_DOWN, "", True),
        (WEBSITE, SHOP_IS_DOWN, "", True),
        (OFFICE, SHOP_IS_DOWN, "", False),
        (Wishes(components=("blog",), groups=("Website",)), SHOP_IS_DOWN, "", True),
        (Wishes(components=("shop",), groups=("Office",)), SHOP_IS_DOWN, "", True),
        (Wishes(components=("blog",), groups=("Office",)), SHOP_IS_DOWN, "", False),
        (BLOG, EVERYBODYS, "", True),
        (BLOG, WORK, "", False),
        # how bad it must be
        (MAJOR, SHOP_IS_DOWN, "", True),
        (CRITICAL, SHOP_IS_DOWN, "", False),
        (CRITICAL, replace(SHOP_IS_DOWN, impact="critical"), "", True),
        (CRITICAL, turn(Turn.FIRST), "", False),
        (CRITICAL, SHOP_IS_DOWN, "told", True),  # the letter they got promised another
        (CRITICAL, WORK, "", True),  # planned work has no impact
        (Wishes(("blog",), (), "critical"), replace(SHOP_IS_DOWN, impact="critical"), "", False),
        # the first and the last word
        (ENDS, turn(Turn.FIRST), "", True),
        (ENDS, SHOP_IS_DOWN, "", True),  # the first to reach them
        (ENDS, SHOP_IS_DOWN, "told", False),
        (ENDS, turn(Turn.LAST), "told", True),
        (ENDS, turn(Turn.AFTER), "told", True),
        (ENDS, WORK, "told", True),  # planned work has other words than a first and a last
        # the machine's first word is said once
        (ALL, turn(Turn.FIRST), "", True),
        (ALL, turn(Turn.FIRST), "told", False),
        # the end
        (ALL, turn(Turn.LAST), "", False),
        (BLOG, turn(Turn.LAST), "told", True),  # whatever they have chosen since
        (CRITICAL, turn(Turn.LAST), "told", True),
        (ALL, turn(Turn.LAST), "joined", True),
        (SHOP, turn(Turn.LAST), "joined", True),
        (BLOG, turn(Turn.LAST), "joined", False),
        (CRITICAL, turn(Turn.LAST), "joined", False),
        (ENDS, turn(Turn.LAST), "joined", True),
        # only this time
        (ONCE, turn(Turn.FIRST), "", False),
        (ONCE, SHOP_IS_DOWN, "", False),
        (ONCE, turn(Turn.LAST), "", True),
        (ONCE, turn(Turn.AFTER), "told", False),
        (ONCE, WORK, "", False),
        (ONCE, EVERYBODYS, "", False),
        (OTHER_ONCE, turn(Turn.LAST), "joined", False),
    ],
)
def test_who_wants_it(wishes: Wishes, about: About, before: str, *, wanted: bool) -> None:
    assert wants(wishes, about, told=before == "told", joined=before == "joined") is wanted


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

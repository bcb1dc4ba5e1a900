"""Limits hold in every length of time, and a forged header does not get around them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from statuspage.rules.limits import (
    FAILED_TOKENS,
    FORMS_PER_ADDRESS,
    LETTERS_PER_NETWORK,
    Allowed,
    Denied,
    Limit,
    bucket_of,
    client_address,
    decide,
    keyed_hash,
    network_of,
    oldest_slot,
    slot_of,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Counter:
    """A table of counts, as the database would keep it."""

    def __init__(self, limit: Limit, key: str = "k") -> None:
        self.limit, self.bucket = limit, bucket_of(limit, key)
        self.slots: dict[datetime, int] = {}

    def ask(self, now: datetime) -> Allowed | Denied:
        return decide({self.bucket: self.slots}, {self.bucket: self.limit}, now)

    def hit(self, now: datetime) -> bool:
        if isinstance(self.ask(now), Denied):
            return False
        slot = slot_of(self.limit, now)
        self.slots[slot] = self.slots.get(slot, 0) + 1
        return True


@pytest.mark.parametrize("limit", [FORMS_PER_ADDRESS, LETTERS_PER_NETWORK, FAILED_TOKENS])
def test_so_many_pass_and_the_next_does_not(limit: Limit) -> None:
    counter = Counter(limit)
    assert all(counter.hit(NOON) for _ in range(limit.most))
    assert not counter.hit(NOON)


def test_the_limit_holds_across_the_turn_of_the_hour() -> None:
    counter = Counter(FORMS_PER_ADDRESS)
    assert all(counter.hit(NOON - 2 * MINUTE) for _ in range(5))
    assert not counter.hit(NOON + 2 * MINUTE)


@pytest.mark.parametrize("limit", [FORMS_PER_ADDRESS, FAILED_TOKENS])
def test_no_length_of_time_ever_has_more_and_nobody_waits_a_slot_too_much(limit: Limit) -> None:
    counter, passed, step = Counter(limit), [], limit.within / 97
    for n in range(500):
        now = NOON + n * step
        if counter.hit(now):
            passed.append(now)
    for first in passed:
        assert sum(first <= at < first + limit.within for at in passed) <= limit.most
    for earlier, later in zip(passed, passed[limit.most :], strict=False):
        assert later - earlier <= limit.within + limit.slot + step


def test_who_waits_as_told_is_let_in_and_a_second_sooner_is_not() -> None:
    counter = Counter(FORMS_PER_ADDRESS)
    for n in range(5):
        counter.hit(NOON + n * 3 * MINUTE)
    now = NOON + timedelta(minutes=20, seconds=7)
    denied = counter.ask(now)
    assert isinstance(denied, Denied)
    assert denied.limit is FORMS_PER_ADDRESS
    assert isinstance(counter.ask(now + denied.retry_after), Allowed)
    assert isinstance(counter.ask(now + denied.retry_after - timedelta(seconds=1)), Denied)


def test_of_two_limits_the_longer_wait_is_told() -> None:
    short, long = Limit("short", 1, MINUTE), Limit("long", 1, 10 * MINUTE)
    counts = {"short:k": {slot_of(short, NOON): 1}, "long:k": {slot_of(long, NOON): 1}}
    denied = decide(counts, {"short:k": short, "long:k": long}, NOON)
    assert isinstance(denied, Denied)
    assert denied.limit is long


def test_one_bucket_full_does_not_shut_another() -> None:
    full = {bucket_of(FAILED_TOKENS, "a"): {slot_of(FAILED_TOKENS, NOON): 99}}
    assert decide(full, {bucket_of(FAILED_TOKENS, "b"): FAILED_TOKENS}, NOON) == Allowed()


def test_a_clock_that_stepped_back_denies_nobody_for_longer_than_the_limit() -> None:
    counter = Counter(FAILED_TOKENS)
    for _ in range(10):
        counter.hit(NOON + timedelta(seconds=30))
    denied = counter.ask(NOON)
    assert isinstance(denied, Denied)
    assert denied.retry_after <= MINUTE
    assert isinstance(counter.ask(NOON - timedelta(hours=1)), Allowed)


def test_a_slot_that_may_be_swept_does_not_count() -> None:
    slot = slot_of(FAILED_TOKENS, NOON)
    later = slot + FAILED_TOKENS.within + FAILED_TOKENS.slot
    assert oldest_slot(FAILED_TOKENS, later) == slot
    counts = {"b": {slot: 99}}
    assert decide(counts, {"b": FAILED_TOKENS}, later) == Allowed()
    before = later - timedelta(milliseconds=1)
    assert isinstance(decide(counts, {"b": FAILED_TOKENS}, before), Denied)


def test_a_limit_of_none_lets_nobody_in() -> None:
    shut = Limit("shut", 0, MINUTE)
    assert decide({}, {"b": shut}, NOON) == Denied(shut, MINUTE)


def test_an_address_is_counted_however_it_is_written_and_cannot_be_read_back() -> None:
    hashed = keyed_hash("Ada@Example.com ", b"key")
    assert hashed == keyed_hash("ada@example.com", b"key")
    assert hashed != keyed_hash("ada@example.com", b"other")
    assert "ada" not in hashed


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unknown", "unknown"),
        ("999.1.1.1", "unknown"),
    ],
)
def test_an_ipv6_line_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


PROXIES = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param("203.0.113.9", None, "203.0.113.9", id="no proxy"),
        pytest.param("203.0.113.9", "1.1.1.1", "203.0.113.9", id="a stranger's header"),
        pytest.param("192.0.2.1", "203.0.113.9", "203.0.113.9", id="one proxy"),
        pytest.param("192.0.2.1", "1.1.1.1, 203.0.113.9", "203.0.113.9", id="forged on the left"),
        pytest.param("192.0.2.1", "10.9.9.9, 203.0.113.9", "203.0.113.9", id="forged as a proxy"),
        pytest.param("192.0.2.1", "1.1.1.1, 203.0.113.9, 10.0.0.4", "203.0.113.9", id="two"),
        pytest.param("::ffff:192.0.2.1", "203.0.113.9", "203.0.113.9", id="mapped peer"),
        pytest.param("192.0.2.1", "::ffff:203.0.113.9", "203.0.113.9", id="mapped hop"),
        pytest.param("192.0.2.1", "::ffff:10.0.0.3", "10.0.0.3", id="all are ours"),
        pytest.param("192.0.2.1", "203.0.113.9:4711", "203.0.113.9", id="with a port"),
        pytest.param("2001:db8::1", '"[2001:db9::7]:80"', "2001:db9::7", id="brackets and port"),
        pytest.param("192.0.2.1", "fe80::1%eth0", "fe80::1", id="with a zone"),
        pytest.param("192.0.2.1", None, "192.0.2.1", id="a proxy that says nothing"),
        pytest.param("192.0.2.1", "", "192.0.2.1", id="an empty header"),
        pytest.param("192.0.2.1", "1.1.1.1, unknown", "192.0.2.1", id="a hop nobody can read"),
        pytest.param("192.0.2.1", "1.1.1.1, <script>, 10.0.0.4", "10.0.0.4", id="garbage"),
        pytest.param("192.0.2.1", "1.1.1.1,,", "192.0.2.1", id="empty hops"),
        pytest.param(None, "1.1.1.1", "unknown", id="a Unix socket"),
        pytest.param("nonsense", "1.1.1.1", "unknown", id="a peer nobody can read"),
    ],
)
def test_the_rightmost_stranger_is_who_asks(
    peer: str | None, forwarded: str | None, client: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert client_address("127.0.0.1", "1.1.1.1", []) == "127.0.0.1"

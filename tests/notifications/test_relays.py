"""Does a second relay take over when the first lets nobody in, and give back in time?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications.channel import Accepted, Wiring
from notifications.channels.email import Email, known
from notifications.relay import parse
from notifications.relays import LONGEST_REST_S, Relays
from tests.notifications.dialogue import Dialogue
from tests.notifications.parcels import PARCEL
from tests.servers.ports import free_port
from tests.servers.smtp import Relay

FIRST, SECOND = parse("smtp://first.example"), parse("smtp://second.example")


def test_who_has_one_relay_asks_that_one() -> None:
    relays = Relays(FIRST)
    relays.refused(FIRST, 0, "away")
    assert relays.in_turn(1) == (FIRST,)
    assert not relays.stood_in


def test_the_second_is_asked_after_the_first_and_alone_while_that_rests() -> None:
    relays = Relays(FIRST, SECOND)
    assert relays.in_turn(0) == (FIRST, SECOND)
    relays.refused(FIRST, 0, "no connection")
    relays.let_in(SECOND)
    assert relays.stood_in
    assert relays.why == "no connection"
    assert relays.in_turn(9) == (SECOND,)
    assert not relays.is_wanted(FIRST)


def test_one_line_asks_the_first_again_for_all() -> None:
    relays = Relays(FIRST, SECOND)
    relays.refused(FIRST, 0, "away")
    relays.let_in(SECOND)
    assert not relays.asks_first(9)
    assert relays.asks_first(11)
    assert not relays.asks_first(11), "the others go on"
    assert relays.in_turn(11) == (FIRST, SECOND)
    assert relays.in_turn(11) == (SECOND,)


def test_the_first_takes_over_again_once_it_lets_somebody_in() -> None:
    relays = Relays(FIRST, SECOND)
    relays.refused(FIRST, 0, "away")
    relays.let_in(SECOND)
    relays.let_in(FIRST)
    assert not relays.stood_in
    assert not relays.is_wanted(SECOND)
    assert relays.in_turn(1) == (FIRST, SECOND)


def test_the_pauses_grow_and_end_at_five_minutes() -> None:
    relays, now, pauses = Relays(FIRST, SECOND), 0.0, []
    relays.let_in(SECOND)
    for _ in range(8):
        relays.refused(FIRST, now, "away")
        began = now
        while relays.in_turn(now) == (SECOND,):
            now += 1
        pauses.append(now - began)
    assert pauses == [10, 20, 40, 80, 160, 300, 300, LONGEST_REST_S]


@pytest.fixture
def other() -> Iterator[Relay]:
    with Relay() as relay:
        yield relay


async def test_letters_go_by_the_second_while_the_first_is_away(other: Relay) -> None:
    port = free_port()
    relays = known(Wiring(mail_server=f"smtp://127.0.0.1:{port}", second_server=other.dsn))
    async with Email(relays) as one, Email(relays) as two:
        for channel in (one, two, one):
            assert isinstance(await channel.send(PARCEL), Accepted)
        assert relays.stood_in
        assert "no connection" in relays.why
        assert other.connections == 2
        with Relay(port=port) as first:
            relays._rests_until = 0  # the pause is over
            assert isinstance(await one.send(PARCEL), Accepted)
            assert isinstance(await two.send(PARCEL), Accepted)
            assert not relays.stood_in
            assert len(first.letters) == 2, "the other line follows, though its own was well"
    assert len(other.letters) == 3


async def test_a_first_that_turns_everybody_away_at_the_door(other: Relay) -> None:
    async with Dialogue({"connect": b"554 5.7.1 not today"}) as first:
        relays = known(Wiring(mail_server=first.url, second_server=other.dsn))
        async with Email(relays) as channel:
            assert isinstance(await channel.send(PARCEL), Accepted)
        assert relays.why == "5.7.1 not today"
    assert len(other.letters) == 1

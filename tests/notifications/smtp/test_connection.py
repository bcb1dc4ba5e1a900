"""Several letters under way on one connection: each hears its own answer, and no other's fate."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.channel import Accepted, Outcome, Parcel, Refused, Unreachable, Wiring
from notifications.channels.email import Email
from tests.notifications.dialogue import DROP, HANG, Dialogue
from tests.notifications.parcels import PARCEL


def to(recipient: str) -> Parcel:
    return replace(
        PARCEL, recipient=recipient, message_id="<" + recipient.encode().hex() + "@acme.example>"
    )


def readers(count: int) -> list[Parcel]:
    return [to(f"reader{n}@example.org") for n in range(count)]


async def all_at_once(channel: Email, parcels: Sequence[Parcel]) -> list[Outcome]:
    return await asyncio.gather(*(channel.send(parcel) for parcel in parcels))


async def test_all_arrive_in_order_over_one_connection() -> None:
    async with Dialogue(pipelines=True) as relay, Email(relay.url) as channel:
        outcomes = await all_at_once(channel, readers(50))
        assert Counter(map(type, outcomes)) == {Accepted: 50}
        assert relay.connections == 1
    asked = [line for line in relay.lines if line.startswith("RCPT")]
    assert asked == [f"RCPT TO:<reader{n}@example.org>" for n in range(50)]
    assert [raw.count(b"\r\n.\r\n") for raw in relay.letters] == [1] * 50


async def test_the_connection_is_left_with_a_goodbye() -> None:
    async with Dialogue(pipelines=True) as relay:
        async with Email(relay.url) as channel:
            await channel.send(PARCEL)
        assert relay.lines[-1] == "QUIT"


class Picky(Dialogue):
    """Refuses every third reader, and says go on all the same to every sixth."""

    def choose(self, station: str) -> bytes:
        if station == "RCPT":
            self.n = int(self.lines[-1].partition("reader")[2].partition("@")[0])
            return b"550 5.1.1 not reader %d" % self.n if self.n % 3 == 2 else b"250 ok"
        if station == "DATA" and self.n % 6 == 2:
            return b"554 5.5.1 nobody to take it"
        if station == "." and self.n % 6 == 5:
            return b"554 5.5.1 nobody took it"
        return super().choose(station)


async def test_each_hears_its_own_answer() -> None:
    async with Picky(pipelines=True) as relay, Email(relay.url) as channel:
        outcomes = await all_at_once(channel, readers(30))
        assert relay.connections == 1
    for n, outcome in enumerate(outcomes):
        if n % 3 == 2:
            assert outcome == Refused(f"5.1.1 not reader {n}", 550)
        else:
            assert isinstance(outcome, Accepted)
    sys.stdout.write(f"of 30 letters: {counted(outcomes)}\n")


class Moody(Dialogue):
    """Answers well but for once, at one line of the fourth letter."""

    def __init__(self, station: str, answer: bytes) -> None:
        super().__init__(pipelines=True)
        self.station, self.answer, self.was = station, answer, False

    def choose(self, station: str) -> bytes:
        if station == self.station and len(self.letters) >= 3 and not self.was:
            self.was = True
            return self.answer
        return super().choose(station)


@pytest.mark.parametrize("station", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("answer", [DROP, b"garbage", b"354 what", b"421 4.3.2 closing"], ids=str)
async def test_a_connection_that_breaks_costs_only_the_letter_whose_body_was_said(
    station: str, answer: bytes
) -> None:
    """The one that asks behind it finds another connection: no attempt of its own is spent."""
    if (station, answer) == ("DATA", b"354 what"):
        return  # that is as it should be
    async with Moody(station, answer) as relay, Email(relay.url, 5) as channel:
        outcomes = await all_at_once(channel, readers(10))
    unknown = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Unreachable)]
    accepted = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Accepted)]
    assert len(unknown) == (station == ".")
    assert len(unknown) + len(accepted) == 10
    assert relay.connections == 2
    sys.stdout.write(
        f"{answer!r} at {station}: {counted(outcomes)}, relay took {len(relay.letters)}\n"
    )


async def test_a_tarpit_holds_what_is_under_way_and_no_other() -> None:
    """It is left after the time limit of the first; the rest finds another connection."""
    async with Moody(".", HANG) as relay, Email(relay.url, 0.5) as channel:
        async with asyncio.timeout(3):
            outcomes = await all_at_once(channel, readers(10))
    late = [outcome for outcome in outcomes if isinstance(outcome, Unreachable)]
    assert len(late) == 1
    assert {outcome.reason for outcome in late} == {"the mail server did not answer in time"}
    assert relay.connections == 2
    sys.stdout.write(f"tarpit: {counted(outcomes)}\n")


async def test_a_relay_may_change_its_mind_about_pipelining() -> None:
    """What it offers holds for the connection on which it offered it."""

    class Fickle(Dialogue):
        def choose(self, station: str) -> bytes:
            if station == "EHLO" and self.connections % 2 == 0:
                return b"250 relay.example"
            return super().choose(station)

    async with Fickle(pipelines=True) as relay, Email(relay.url) as channel:
        for n in range(6):
            outcomes = await all_at_once(channel, readers(5))
            assert counted(outcomes) == {"Accepted": 5}
            assert relay.connections == n + 1
            relay.hang_up()
            await asyncio.sleep(0.05)  # what was written on the dead connection would be unknown


async def test_a_relay_that_keeps_closing_is_not_asked_for_ever() -> None:
    class Curt(Dialogue):
        def choose(self, station: str) -> bytes:
            return DROP if station == "MAIL" else super().choose(station)

    async with Curt(pipelines=True) as relay, Email(relay.url) as channel:
        outcomes = await all_at_once(channel, readers(20))
    assert counted(outcomes) == {"Unreachable": 20}
    assert relay.connections <= 20
    sys.stdout.write(f"20 letters, {relay.connections} connections\n")


async def test_a_cancelled_letter_that_was_not_begun_costs_nothing() -> None:
    async with Dialogue(pipelines=True) as relay, Email(relay.url) as channel:
        await channel.send(PARCEL)
        sending = [asyncio.create_task(channel.send(parcel)) for parcel in readers(3)]
        await asyncio.sleep(0)
        sending[2].cancel()
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes[:2]] == [Accepted, Accepted]
        assert isinstance(outcomes[2], asyncio.CancelledError)
        assert relay.connections == 1
        assert len(relay.letters) == 3


@pytest.mark.parametrize(
    ("offers", "mail", "rcpt"),
    [
        ("PIPELINING", "MAIL FROM:<status@acme.example>", "RCPT TO:<ada@example.org>"),
        (
            "PIPELINING|DSN",
            f"MAIL FROM:<status@acme.example> RET=HDRS ENVID={PARCEL.message_id[1:-1]}",
            "RCPT TO:<ada@example.org> NOTIFY=FAILURE,DELAY",
        ),
        (
            "DSN",
            f"MAIL FROM:<status@acme.example> RET=HDRS ENVID={PARCEL.message_id[1:-1]}",
            "RCPT TO:<ada@example.org> NOTIFY=FAILURE,DELAY",
        ),
    ],
)
async def test_reports_are_asked_for_where_they_are_offered(
    offers: str, mail: str, rcpt: str
) -> None:
    lines = ["relay.example", *offers.split("|")]
    answer = "\r\n".join([*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}"])
    async with Dialogue({"EHLO": answer.encode()}) as relay, Email(relay.url) as channel:
        assert isinstance(await channel.send(PARCEL), Accepted)
    assert [line for line in relay.lines if line.startswith(("MAIL", "RCPT"))] == [mail, rcpt]


@pytest.mark.parametrize("offers", ["PIPELINING", "PIPELINING|SMTPUTF8", "SMTPUTF8|8BITMIME"])
async def test_mailboxes_beyond_ascii_go_where_they_are_taken(offers: str) -> None:
    lines = ["relay.example", *offers.split("|")]
    answer = "\r\n".join([*(f"250-{one}" for one in lines[:-1]), f"250 {lines[-1]}"])
    async with Dialogue({"EHLO": answer.encode()}) as relay, Email(relay.url) as channel:
        outcome = await channel.send(to("ädä@example.org"))
    assert isinstance(outcome, Accepted if "SMTPUTF8" in offers else Refused)
    assert ("RCPT TO:<ädä@example.org>" in relay.lines) is ("SMTPUTF8" in offers)


def counted(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(type(outcome).__name__ for outcome in outcomes))


async def test_what_comes_back_may_come_to_another_mailbox() -> None:
    async with Dialogue(pipelines=True) as relay, Email(relay.url) as channel:
        await channel.send(replace(PARCEL, envelope_sender="bounces+a1b2@acme.example"))
    assert "MAIL FROM:<bounces+a1b2@acme.example>" in relay.lines
    assert b"From: Acme status <status@acme.example>" in relay.letters[0]


async def test_a_token_is_shown_as_it_is_at_each_connection(tmp_path: Path) -> None:
    answers = {
        "EHLO": b"250-relay.example\r\n250-PIPELINING\r\n250 AUTH XOAUTH2",
        "AUTH": b"235 2.7.0 in",
    }
    file = tmp_path / "token"
    async with Dialogue(answers) as relay:
        server = f"smtp://ann@127.0.0.1:{relay.port}?starttls=never"
        async with Email.wired(Wiring(mail_server=server, oauth_token_file=file)) as channel:
            away = await channel.send(PARCEL)
            assert isinstance(away, Unreachable)
            assert away.ours
            assert "token" in away.reason
            assert str(tmp_path) not in away.reason
            for token in ("first", "second"):
                file.write_text(f"{token}\n")
                assert isinstance(await channel.send(PARCEL), Accepted)
                shown = [line for line in relay.lines if line.startswith("AUTH")][-1]
                told = base64.b64decode(shown.rpartition(" ")[2])
                assert told == f"user=ann\x01auth=Bearer {token}\x01\x01".encode()
                relay.hang_up()
                await asyncio.sleep(0.05)

"""Does a letter reach the mail server, and is every way it can fail a value?"""

import asyncio
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.channel import Accepted, Parcel, Refused, Unreachable, Wiring
from notifications.channels.email import Email
from tests.notifications.dialogue import DROP, HANG, STATIONS, Dialogue
from tests.notifications.parcels import PARCEL
from tests.servers.ports import free_port
from tests.servers.smtp import Relay

both_ways = pytest.mark.parametrize("pipelines", [False, True], ids=["by-lines", "pipelined"])


def to(recipient: str) -> Parcel:
    return replace(PARCEL, recipient=recipient)


async def test_a_letter_arrives_byte_for_byte_as_it_was_built(smtp: Relay) -> None:
    async with Email(smtp.dsn) as channel:
        assert isinstance(await channel.send(PARCEL), Accepted)
    letter = await smtp.wait(to="ada@example.org")
    assert letter.sender == "status@acme.example"
    assert letter.subject == "Shop: cause found"
    assert letter.text.strip() == "Però."
    assert f"List-Unsubscribe: <{PARCEL.unsubscribe_url}>".encode() in letter.raw
    assert b"=?" not in letter.raw.partition(b"\r\n\r\n")[0]


async def test_the_connection_is_kept_for_the_next_letter(smtp: Relay) -> None:
    async with Email(smtp.dsn) as channel:
        for n in range(5):
            assert isinstance(await channel.send(to(f"reader{n}@example.org")), Accepted)
    await smtp.wait(5)
    assert smtp.connections == 1


async def test_a_refused_recipient_is_a_value_and_the_next_letter_goes(smtp: Relay) -> None:
    smtp.reply("RCPT", "550 5.1.1 <gone@example.org> no such user", recipient="gone@example.org")
    async with Email(smtp.dsn) as channel:
        refused = await channel.send(to("gone@example.org"))
        assert refused == Refused("5.1.1 <(address)> no such user", 550)
        assert isinstance(await channel.send(PARCEL), Accepted)
    assert smtp.connections == 1


@pytest.mark.parametrize(
    ("verb", "reply", "outcome"),
    [
        ("RCPT", "450 4.2.0 greylisted", Unreachable("4.2.0 greylisted", 450)),
        ("RCPT", "550 5.1.1 unknown", Refused("5.1.1 unknown", 550)),
        ("RCPT", "552 5.2.2 mailbox full", Refused("5.2.2 mailbox full", 552)),
        ("RCPT", "553 sorry", Refused("sorry", 553)),
        ("RCPT", "550 5.7.1 not here", Unreachable("5.7.1 not here", 550, ours=True)),
        ("RCPT", "554 Relay access denied", Unreachable("Relay access denied", 554, ours=True)),
        ("RCPT", "530 5.7.0 log in", Unreachable("5.7.0 log in", 530, ours=True)),
        ("MAIL", "550 5.1.8 bad sender", Unreachable("5.1.8 bad sender", 550, ours=True)),
        ("MAIL", "530 5.7.0 log in", Unreachable("5.7.0 log in", 530, ours=True)),
        ("MAIL", "451 4.3.0 later", Unreachable("4.3.0 later", 451, ours=True)),
        ("DATA", "451 4.3.0 later", Unreachable("4.3.0 later", 451)),
        ("DATA", "554 5.6.0 no", Refused("5.6.0 no", 554)),
        ("DATA", "550 5.7.26 no DKIM", Unreachable("5.7.26 no DKIM", 550, ours=True)),
    ],
)
async def test_what_answers_mean(
    smtp: Relay, verb: str, reply: str, outcome: Refused | Unreachable
) -> None:
    smtp.reply(verb, reply, times=1)
    async with Email(smtp.dsn) as channel:
        assert await channel.send(PARCEL) == outcome
        assert isinstance(await channel.send(PARCEL), Accepted)


@both_ways
@pytest.mark.parametrize("station", STATIONS)
async def test_a_drop_at_each_line_is_tried_later_over_a_new_connection(
    station: str, pipelines: bool
) -> None:
    spoilt = Dialogue({station: DROP, "HELO": DROP}, pipelines=pipelines)
    async with spoilt as relay, Email(relay.url, 5) as channel:
        outcome = await channel.send(PARCEL)
        assert isinstance(outcome, Unreachable)
        assert outcome.ours is (station in ("connect", "EHLO"))
        relay.mend()
        assert isinstance(await channel.send(PARCEL), Accepted)
        assert relay.connections == 2
        assert PARCEL.message_id.encode() in relay.letters[-1]


@both_ways
@pytest.mark.parametrize("station", STATIONS)
async def test_silence_at_each_line_ends_with_the_time_limit(station: str, pipelines: bool) -> None:
    spoilt = Dialogue({station: HANG}, pipelines=pipelines)
    async with spoilt as relay, Email(relay.url, 0.2) as channel:
        async with asyncio.timeout(3):
            outcome = await channel.send(PARCEL)
        assert isinstance(outcome, Unreachable)
        relay.mend()
        assert isinstance(await channel.send(PARCEL), Accepted)


async def test_the_time_limit_holds_for_the_whole_not_for_each_line() -> None:
    """A relay that answers each line just in time can't hold a letter for ever."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"220-go on\r\n")  # a greeting with no last line
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()
            gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with Email(f"smtp://127.0.0.1:{port}", 0.3) as channel, asyncio.timeout(3):
            assert isinstance(await channel.send(PARCEL), Unreachable)
        await gone.wait()


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize(
    "answer",
    [
        *(b"421 4.3.2 closing", b"garbage", b"999 what", b"\xff\xfe", b"\0" * 100),
        *(b"250-" + b"x" * 10_000, b"250-a\r\n" * 5_000, b"x" * 10_000_000),
    ],
    ids=lambda answer: str(answer[:12]),
)
@both_ways
async def test_nonsense_is_never_taken_for_a_refusal(
    station: str, answer: bytes, pipelines: bool
) -> None:
    spoilt = Dialogue({station: answer, "HELO": answer}, pipelines=pipelines)
    async with spoilt as relay, Email(relay.url, 0.5) as channel:
        outcome = await channel.send(PARCEL)
        assert isinstance(outcome, Unreachable)
        assert len(outcome.reason) <= 400
        relay.mend()
        assert isinstance(await channel.send(PARCEL), Accepted)


async def test_a_relay_that_is_away_is_our_affair_and_comes_back() -> None:
    port = free_port()
    async with Email(f"smtp://127.0.0.1:{port}") as channel:
        away = await channel.send(PARCEL)
        assert isinstance(away, Unreachable)
        assert away.ours
        assert "no connection" in away.reason
        with Relay(port=port):
            assert isinstance(await channel.send(PARCEL), Accepted)


@both_ways
async def test_a_connection_that_the_relay_closed_meanwhile_is_replaced(pipelines: bool) -> None:
    async with Dialogue(pipelines=pipelines) as relay, Email(relay.url) as channel:
        assert isinstance(await channel.send(PARCEL), Accepted)
        relay.hang_up()
        outcomes = [await channel.send(PARCEL), await channel.send(PARCEL)]
        assert isinstance(outcomes[-1], Accepted)


@both_ways
async def test_a_cancelled_letter_leaves_no_answer_for_the_next(pipelines: bool) -> None:
    spoilt = Dialogue({".": HANG}, pipelines=pipelines)
    async with spoilt as relay, Email(relay.url, 30) as channel:
        sending = asyncio.create_task(channel.send(PARCEL))
        await relay.taken.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        relay.answers["."] = b"250 2.0.0 the second"
        assert await channel.send(PARCEL) == Accepted("2.0.0 the second")
        assert relay.connections == 2


@pytest.mark.parametrize(
    "recipient",
    ["ada@example.org\r\nRCPT TO:<eve@example.org>", "a@b.org> SIZE=9", "a@b.org\nDATA", "", "ada"],
)
async def test_a_mailbox_that_could_speak_smtp_is_never_sent(recipient: str) -> None:
    async with Dialogue() as relay, Email(relay.url) as channel:
        assert isinstance(await channel.send(to(recipient)), Refused)
        assert relay.lines == []


async def test_a_domain_beyond_ascii_needs_no_smtputf8() -> None:
    async with Dialogue() as relay, Email(relay.url) as channel:
        assert isinstance(await channel.send(to("ada@bücher.example")), Accepted)
        assert "RCPT TO:<ada@xn--bcher-kva.example>" in relay.lines


async def test_a_mailbox_beyond_ascii_goes_by_smtputf8_or_not_at_all() -> None:
    async with Dialogue() as relay, Email(relay.url) as channel:
        refused = await channel.send(to("ädä@example.org"))
        assert isinstance(refused, Refused)
        assert "SMTPUTF8" in refused.reason
        assert isinstance(await channel.send(PARCEL), Accepted)
    async with Dialogue({"EHLO": b"250-relay.example\r\n250 SMTPUTF8"}) as relay:
        async with Email(relay.url) as channel:
            assert isinstance(await channel.send(to("ädä@example.org")), Accepted)
        assert "RCPT TO:<ädä@example.org>" in relay.lines
        assert "SMTPUTF8" in next(line for line in relay.lines if line.startswith("MAIL"))


async def test_no_address_is_logged(
    smtp: Relay, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    smtp.reply("RCPT", "550 5.1.1 ada@example.org is unknown to us@acme.example", times=1)
    async with Email(smtp.dsn) as channel:
        refused = await channel.send(PARCEL)
    assert refused == Refused("5.1.1 (address) is unknown to (address)", 550)
    ours = [record.getMessage() for record in caplog.records if "mail.log" not in record.name]
    assert "ada@" not in " ".join(ours) + "".join(capsys.readouterr())


async def test_a_wrong_login_is_our_fault() -> None:
    answers = {"EHLO": b"250-relay.example\r\n250 AUTH PLAIN", "AUTH": b"535 5.7.8 wrong"}
    async with Dialogue(answers) as relay:
        url = f"smtp://ann:s3cret@127.0.0.1:{relay.port}?starttls=never"
        async with Email(url) as channel:
            outcome = await channel.send(PARCEL)
    assert outcome == Unreachable("5.7.8 wrong", 535, ours=True)


async def test_a_secret_is_not_sent_in_clear_where_encryption_is_asked_for() -> None:
    answers = {"EHLO": b"250-relay.example\r\n250 AUTH PLAIN", "AUTH": b"235 2.7.0 in"}
    async with Dialogue(answers) as relay:
        url = f"smtp://ann:s3cret@127.0.0.1:{relay.port}?starttls=always"
        async with Email(url) as channel:
            outcome = await channel.send(PARCEL)
    assert isinstance(outcome, Unreachable)
    assert outcome.ours
    assert not [line for line in relay.lines if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize("mode", ["auto", "always"])
async def test_encryption_is_used_where_offered_and_trusted_only_when_optional(
    mode: str, tmp_path: Path
) -> None:
    """A certificate that nobody vouches for: good enough for ``auto``, not for ``always``."""
    with Relay(options={"tls_context": _self_signed(tmp_path), "require_starttls": True}) as relay:
        async with Email(f"{relay.dsn}?starttls={mode}") as channel:
            outcome = await channel.send(PARCEL)
    if mode == "auto":
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, Unreachable)
        assert outcome.ours
        assert "certificate" in outcome.reason


async def test_tls_from_the_start_verifies_the_certificate(tmp_path: Path) -> None:
    with Relay(tls=_self_signed(tmp_path)) as relay:
        async with Email(f"smtps://127.0.0.1:{relay.port}") as channel:
            outcome = await channel.send(PARCEL)
    assert isinstance(outcome, Unreachable)
    assert "certificate" in outcome.reason


def _self_signed(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_wired_from_the_configuration(smtp: Relay) -> None:
    async with Email.wired(Wiring(mail_server=smtp.dsn)) as channel:
        assert isinstance(
            await channel.send(to(Email.recipient("mailto:ada%2Bx@example.org?a=b"))), Accepted
        )
    assert (await smtp.wait()).recipient == "ada+x@example.org"

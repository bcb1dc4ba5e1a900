"""Is a letter that came back told from all else that comes to a mailbox?"""

from __future__ import annotations

import time

import pytest

from notifications.bounce import Bounce, read
from tests.notifications import returned
from tests.notifications.returned import CHALLENGE, LATE, ORDINARY, READER, SERVERS, VACATION

TO = "bounces+abc@acme.example"
ID = "<abcdefghijklmnopqrstuvwxyz@status.acme.example>"


def found(mail: bytes) -> Bounce:
    bounce = read(mail)
    assert bounce is not None
    return bounce


@pytest.mark.parametrize("server", SERVERS)
def test_each_server_s_way_of_saying_it_is_understood(server: str) -> None:
    bounce = found(returned.came_back(server, TO, ID))
    assert bounce.action == "failed"
    assert bounce.is_hard
    assert bounce.recipient == READER
    assert bounce.message_id == ID
    assert TO in bounce.came_to


@pytest.mark.parametrize("server", SERVERS)
def test_the_reason_names_nobody(server: str) -> None:
    reason = found(returned.came_back(server, TO, ID)).reason
    assert "@" not in reason
    assert any(word in reason.lower() for word in ("5.1.1", "5.2.2", "550"))
    assert len(reason) <= 310


def test_what_is_only_late_is_no_failure() -> None:
    bounce = found(returned.filled(LATE, TO, ID))
    assert (bounce.action, bounce.is_hard) == ("delayed", False)


@pytest.mark.parametrize("text", [VACATION, CHALLENGE, ORDINARY])
def test_an_answer_is_no_bounce(text: str) -> None:
    assert read(returned.filled(text, TO, ID)) is None


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_that_somebody_got_it_is_no_bounce(action: str) -> None:
    assert read(returned.report(action, "2.0.0", "smtp; 250 ok")) is None


def test_an_alias_that_reached_one_of_two_has_got_it() -> None:
    one = returned.report("failed", "5.1.1", "smtp; 550 no")
    both = one.replace(b"--b--", b"").rstrip() + (
        b"\r\n\r\nFinal-Recipient: rfc822; bob@shop.example\r\nAction: delivered\r\n"
        b"Status: 2.0.0\r\n\r\n--b--\r\n"
    )
    assert read(one) is not None
    assert read(both) is None


@pytest.mark.parametrize(
    ("status", "diagnostic", "hard"),
    [
        ("5.1.1", "smtp; 550 5.1.1 unknown user", True),
        ("5.0.0", "smtp; 550 5.1.1 unknown user", True),
        ("5.2.2", "smtp; 552 mailbox full", True),
        ("5.0.0", "smtp; 550 unknown user", True),
        # about us, not about them
        ("5.7.1", "smtp; 550 5.7.1 message rejected as spam", False),
        ("5.0.0", "smtp; 554 5.7.26 unauthenticated mail is not accepted", False),
        ("5.7.509", "smtp; 550 5.7.509 access denied, DMARC", False),
        ("5.0.0", "smtp; 550 relaying denied", False),
        # the relay has given up waiting
        ("4.4.7", "smtp; 421 4.4.7 delivery time expired", False),
        ("4.4.1", "X-Postfix; connect to mx[5.1.1.9]: timed out", False),
        ("", "", True),
    ],
)
def test_only_a_mailbox_that_will_not_have_it_counts(
    status: str, diagnostic: str, hard: bool
) -> None:
    bounce = found(returned.report("failed", status, diagnostic))
    assert bounce.action == "failed"
    assert bounce.is_hard is hard


def test_a_report_is_believed_without_being_called_one() -> None:
    mail = returned.report("failed", "5.1.1", "smtp; 550 no").replace(
        b"multipart/report; report-type=delivery-status", b"multipart/mixed"
    )
    assert found(mail).is_hard


def test_the_id_that_we_gave_with_the_envelope_is_known_where_nothing_is_returned() -> None:
    mail = returned.report("failed", "5.1.1", "smtp; 550 no").replace(
        b"Reporting-MTA", b"Original-Envelope-Id: a+2Bb@acme.example\r\nReporting-MTA"
    )
    assert found(mail).message_id == "<a+b@acme.example>"


def test_a_receipt_that_somebody_has_read_it_is_no_bounce() -> None:
    mail = (
        b"To: b@acme.example\r\nContent-Type: multipart/report;"
        b" report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/disposition-notification\r\n\r\n"
        b"Final-Recipient: rfc822; anna@shop.example\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    )
    assert read(mail) is None


def test_ten_megabytes_are_read_as_quickly_as_a_letter() -> None:
    mail = returned.came_back("gmail", TO, ID)
    began = time.monotonic()
    bounce = found(mail.replace(b"\r\n\r\nThe shop", b"\r\n\r\n" + b"x" * 76 + b"\r\n" * 5_000_000))
    assert bounce.message_id == ID
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Content-Type: multipart/report; boundary=\r\n\r\n----\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b",
        b"Content-Type: text/plain; charset=klingon\r\n\r\n5.1.1 b\xff@x",
        b"To: =?utf-8?Q?=FF?=\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed",
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(5000)
        ),
        b"Content-Type: message/rfc822\r\n\r\n" * 8000,
        b"Action: failed\r\n" * 10000,
        b"Subject: " + b"=?" * 100_000,
    ],
)
def test_no_mail_breaks_the_reader(mail: bytes) -> None:
    bounce = read(mail)
    assert bounce is None or not bounce.recipient


@pytest.mark.parametrize("server", SERVERS)
def test_a_report_that_is_cut_anywhere_is_read_or_left(server: str) -> None:
    mail = returned.came_back(server, TO, ID)
    for end in range(0, len(mail), 97):
        bounce = read(mail[:end])
        assert bounce is None or bounce.action == "failed"

"""Is every letter kept as it was sent, and shown without being trusted?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import pytest

from statuspage.demo.mailbox import KEPT, Letter, Mailbox
from statuspage.demo.page import CONTENT_SECURITY_POLICY, LETTER_POLICY, letter_frame, render
from statuspage.demo.ports import free_port
from statuspage.demo.town import Addresses

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = "<script>alert(1)</script>"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox(free_port(), lambda: NOON) as opened:
        yield opened


def message(subject: str = "È tornato") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "status@demo.example", "anna@demo.example", subject
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["X-Else"] = "not shown"
    mail.set_content("Tutto funziona.\n")
    mail.add_alternative(f"<html><head></head><body>{EVIL}</body></html>", subtype="html")
    return mail


async def send(mailbox: Mailbox, mail: EmailMessage, *to: str) -> None:
    await aiosmtplib.send(
        mail, hostname="127.0.0.1", port=mailbox.port, start_tls=False, recipients=list(to)
    )


async def test_a_letter_is_kept_for_each_recipient(mailbox: Mailbox) -> None:
    heard: list[Letter] = []
    mailbox.on_arrival.append(heard.append)
    await send(mailbox, message(), "anna@demo.example", "paul@demo.example")
    assert {letter.to for letter in mailbox.letters} == {"anna@demo.example", "paul@demo.example"}
    assert heard == list(reversed(mailbox.letters))
    newest = mailbox.letters[0]
    assert (newest.subject, newest.at) == ("È tornato", NOON)
    assert ((newest.text or "").strip(), EVIL in (newest.html or "")) == ("Tutto funziona.", True)
    assert ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") in newest.headers
    assert "X-Else" not in dict(newest.headers)
    assert mailbox.letter(newest.n) is newest
    assert mailbox.letter(99) is None


async def test_only_the_newest_are_kept(mailbox: Mailbox) -> None:
    for n in range(3):
        await send(mailbox, message(str(n)), *(f"{m}@demo.example" for m in range(KEPT // 2)))
    assert len(mailbox.letters) == KEPT
    assert {letter.subject for letter in mailbox.letters} == {"1", "2"}


def test_a_hostile_letter_stays_in_its_frame() -> None:
    mail = message(EVIL)
    letter = Letter(1, f"{EVIL}@demo.example", NOON, mail.as_bytes())
    at = Addresses(8000, 8001, 8002, 8003, 8004)
    assert EVIL.encode() not in render("letter.html", at=at, letter=letter)
    assert EVIL.encode() not in render("mailbox.html", at=at, letters=[letter])
    assert EVIL.encode() in letter_frame(letter.html or "")
    assert LETTER_POLICY.startswith("sandbox ")
    assert "allow-scripts" not in LETTER_POLICY
    assert "allow-same-origin" not in LETTER_POLICY
    assert "default-src 'none'" in LETTER_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY

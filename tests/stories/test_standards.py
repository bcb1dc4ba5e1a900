"""Would what is asked of a letter find the faults that letters have?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from notifications.dkim import Signer
from notifications.mime import message
from tests.notifications.parcels import PARCEL
from tests.notifications.receiver import new_key
from tests.servers.received import Received
from tests.stories import standards

TO = PARCEL.recipient
SIGNER = Signer("acme.example", "avviso", new_key())


def letter(old: bytes = b"", new: bytes = b"") -> Received:
    """A good one, in which the first `old` is now `new`."""
    now = datetime.now(UTC)
    told = replace(PARCEL, sent_at=now, subject="Perché è così", text="Però.\n\n-- \nAcme\n")
    whole = replace(told, list_id="Acme <status.acme.example>", reply_to=None)
    raw = SIGNER.sign(message(whole), now).replace(b"\r\n", b"\n")
    assert old in raw
    return Received("status@acme.example", TO, raw.replace(old, new, 1), time.monotonic())


def test_a_good_letter_passes() -> None:
    standards.holds(letter(), about_incident=True)


def headers(letter: Received) -> None:
    standards.headers(letter, standards.ABOUT_AN_INCIDENT)


@pytest.mark.parametrize(
    ("asks", "old", "new"),
    [
        (standards.lines, b"Per=C3=B2", b"Per=C3=B2\r"),
        (standards.lines, b"Per=C3=B2", b"Per\xc3\xb2"),
        (standards.lines, b"Per=C3=B2", b"x" * 999),
        (standards.lines, b"Per=C3=B2", b"word\n" * 6000),
        (headers, b"Auto-Submitted: auto-generated\n", b""),
        (headers, b"Auto-Submitted: auto-generated", b"Auto-Submitted: no"),
        (headers, b"MIME-Version", b"Precedence: bulk\nMIME-Version"),
        (headers, b"\nSubject: ", b"\nSubject: Twice\nSubject: "),
        (standards.dates_and_names, b"\nDate: ", b"\nDate: today "),
        (standards.dates_and_names, b" +0000", b" -1200"),
        (standards.dates_and_names, b"\nMessage-ID: <", b"\nMessage-ID: "),
        (standards.dates_and_names, b"\nTo: ", b"\nTo: x"),
        (standards.encoded_words, b"\nMessage-ID: <", b"\nMessage-ID: =?utf-8?q?x?=\n <"),
        (standards.encoded_words, b"List-Unsubscribe: ", b"List-Unsubscribe: =?utf-8?q?x?="),
        (standards.encoded_words, b"=?utf-8?", b"=?utf-8?q?" + b"x" * 70 + b"?=\n =?utf-8?"),
        (standards.encoded_words, b"=?utf-8?", b"=?utf-8?q?x?=" + b" x" * 30 + b" =?utf-8?"),
        (standards.parts, b"text/plain", b"text/html"),
        (standards.parts, b"Per=C3=B2", b"Per=F2"),
        (standards.parts, b"Per=C3=B2", b"x" * 77),
        (standards.parts, b"\nDate: ", b"\nDate: tomorrow "),
        (standards.text, b"Per=C3=B2", b"word " * 14 + b"=\nand more"),
        (standards.text, b"Per=C3=B2.", b"Per=C3=B2.=20"),
        (standards.listed, b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
        (standards.listed, b"=One-Click", b"=OneClick"),
        (standards.listed, b"list-unsubscribe-post", b"subject"),
        (standards.listed, b"<status.acme.example>", b"status.acme.example"),
        (standards.threaded, b"\nReferences: <", b"\nReferences: x <"),
        (standards.threaded, b"\nIn-Reply-To: <", b"\nIn-Reply-To: <x"),
    ],
)
def test_a_faulty_one_does_not(asks: Callable[[Received], None], old: bytes, new: bytes) -> None:
    asks(letter())
    with pytest.raises((AssertionError, ValueError)):
        asks(letter(old, new))

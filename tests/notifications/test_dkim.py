"""Does a receiver believe that our letters are ours, and no others?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from notifications.channel import Parcel, Wiring
from notifications.channels.email import Email
from notifications.dkim import Signer, read_key, relaxed, relaxed_body
from notifications.mime import message
from tests.notifications.examples import letter
from tests.notifications.parcels import PARCEL
from tests.notifications.receiver import believes, new_key, pem
from tests.servers.smtp import Relay

KEY = new_key()
SIGNER = Signer("acme.example", "avviso", KEY)
LONG = (
    "Il negozio: al momento non è possibile fare ordini né consultare gli ordini già fatti, "
    "perché il database è fermo; però il catalogo è raggiungibile, e così l’assistenza"
)


def parcel(subject: str = LONG) -> Parcel:
    written = letter("worded", "it")
    return replace(PARCEL, subject=subject, text=written.text, html=written.html)


def signed(told: Parcel) -> bytes:
    return SIGNER.sign(message(told), told.sent_at)


async def test_what_a_real_server_received_is_believed(smtp: Relay) -> None:
    async with Email.wired(Wiring(mail_server=smtp.dsn, signer=SIGNER)) as channel:
        await channel.send(parcel())
    raw = (await smtp.wait()).raw
    assert raw.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;")
    assert believes(raw, KEY)
    assert not believes(raw, new_key()), "only with our key"


@pytest.mark.parametrize("changed", [b"List-Unsubscribe: <https", b"Subject: =?", b"negozio"])
def test_a_changed_byte_is_not_believed(changed: bytes) -> None:
    raw = signed(parcel())
    assert believes(raw, KEY)
    at = raw.index(changed, raw.index(b"\r\nFrom:")) + len(changed) - 1
    assert not believes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], KEY)


@pytest.mark.parametrize("more", [b"From: Evil <e@evil.example>\r\n", b"Subject: Pay here\r\n"])
def test_nobody_can_put_a_second_sender_or_subject_on_top(more: bytes) -> None:
    assert not believes(more + signed(parcel()), KEY)


def test_a_relay_may_fold_and_space_anew() -> None:
    """What relaxed is for (RFC 6376 3.4): relays do so."""
    raw = signed(parcel())
    spaced = raw.replace(b"\r\nTo: ", b"\r\nTo:    ").replace(
        b"Auto-Submitted:", b"auto-submitted:"
    )
    assert spaced != raw
    assert believes(spaced + b"\r\n\r\n", KEY)


@pytest.mark.parametrize(
    "told",
    [
        PARCEL,
        replace(PARCEL, text="\n", html=None),
        replace(PARCEL, text="two  spaces \n\ttab\n\n\n", html=None),
        replace(PARCEL, recipient="però@example.org"),
        replace(PARCEL, unsubscribe_url=None, list_id=None, references=()),
        parcel("日本語の件名" * 20),
    ],
)
def test_any_letter_that_we_write_is_believed(told: Parcel) -> None:
    assert believes(signed(told), KEY)


def test_every_header_that_counts_is_signed_and_the_body_is_whole() -> None:
    raw = signed(replace(parcel(), list_id="Acme <status.acme.example>", reply_to="h@acme.example"))
    head = raw.partition(b"\r\n\r\n")[0].decode()
    signature = head[: head.index("\r\nFrom:")]
    listed = re.sub(r"\s", "", re.search(r"h=(.*?);", signature, re.DOTALL)[1]).split(":")  # type: ignore[index]
    there = {name.lower() for name in re.findall(r"^([A-Za-z-]+):", head, re.MULTILINE)}
    assert there - set(listed) == {"dkim-signature"}
    assert " l=" not in signature
    assert all(len(line) <= 78 for line in signature.split("\r\n"))


# RFC 6376 3.4.5, the example of the standard itself
def test_the_standards_own_example() -> None:
    assert relaxed(b"a", b" X") + relaxed(b"b", b" Y\t\r\n\tZ  ") == b"a:X\r\nb:Y Z\r\n"
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert relaxed_body(b"\r\n\r\n") == b""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("geheim", "is not a private key in PEM"),
        (pem(new_key(1024)), "has 1024 bits; receivers want 2048 or more"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            "is not an RSA key",
        ),
        (
            KEY.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
            ).decode(),
            "is protected by a passphrase",
        ),
    ],
)
def test_a_key_that_receivers_would_not_take_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_key(text)


def test_the_key_shows_in_no_repr() -> None:
    assert "RSA" not in repr(SIGNER)

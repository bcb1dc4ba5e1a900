"""To which address does a letter come back, and which letter was it?

Each letter leaves with an envelope sender of its own (VERP): the mailbox of
``[bounces] address`` with a sealed number behind a plus sign. Nothing but a program that has
the key can make one or read the number, so a forged return counts nothing, and nobody
reads from two letters how many lay between them. It is in lower case, for mail servers may
fold it. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

MAC_BYTES, NUMBER_BYTES = 10, 8
LONGEST = 29
"""Characters of a seal: with the plus sign they leave 34 of 64 octets for the mailbox's name."""


def return_path(address: str, number: int, key: bytes) -> str:
    """``bounces+SEAL@acme.example`` for the letter of this number."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{_seal(number, key)}@{domain}"


def number_in(text: str, address: str, key: bytes) -> int | None:
    """The number of the letter that came back to an address that is named in this text (a
    header, however it is written); None: there is none that we made.
    """
    local, _, domain = address.rpartition("@")
    ours = re.compile(
        rf"{re.escape(local)}\+([a-z2-7]{{{LONGEST}}})@{re.escape(domain)}", re.IGNORECASE
    )
    numbers = (_opened(found[1].lower(), key) for found in ours.finditer(text))
    return next((number for number in numbers if number is not None), None)


def _seal(number: int, key: bytes) -> str:
    """The MAC of the number, and the number hidden under a mask that the MAC makes: the same
    number has the same seal, and no two seals show that their numbers are close.
    """
    plain = number.to_bytes(NUMBER_BYTES, "big")
    mac = _keyed(b"seal", plain, key)[:MAC_BYTES]
    hidden = _masked(plain, mac, key)
    return base64.b32encode(mac + hidden).decode("ascii").rstrip("=").lower()


def _opened(seal: str, key: bytes) -> int | None:
    raw = base64.b32decode(seal.upper() + "=" * (-len(seal) % 8))
    mac, hidden = raw[:MAC_BYTES], raw[MAC_BYTES:]
    plain = _masked(hidden, mac, key)
    number = int.from_bytes(plain, "big")
    # compared as written: bits that base32 leaves over would be another spelling of the same
    return number if hmac.compare_digest(_seal(number, key), seal) else None


def _masked(plain: bytes, mac: bytes, key: bytes) -> bytes:
    mask = _keyed(b"mask", mac, key)
    return bytes(one ^ other for one, other in zip(plain, mask, strict=False))


def _keyed(purpose: bytes, what: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"return-path\0" + purpose + b"\0" + what, hashlib.sha256).digest()

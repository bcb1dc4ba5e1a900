"""Which signature says that this letter is ours, and as it was when it left?

DKIM (RFC 6376) by rsa-sha256 with at least 2048 bits (RFC 8301), relaxed/relaxed, over the
whole body (no ``l=``) and every header that a reader or a mail program acts on. Rules: it
signs the bytes that go through DATA, so whatever writes them anew comes before it; what a
reader sees is signed once more than it occurs, so that nobody can add a second From; the
time is handed in. The mathematics are a library's.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

FEWEST_BITS = 2048
SIGNED = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "auto-submitted"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
NO_SECOND = ("from", "to", "reply-to", "subject", "date")

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)\r\n")
_SPACES = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """``domain``: whose letters these are; ``selector``: where in its DNS the public key is."""

    domain: str
    selector: str
    key: RSAPrivateKey = field(repr=False)

    def sign(self, raw: bytes, at: datetime) -> bytes:
        """The message with its signature on top. ``raw`` has CRLF."""
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = [(name.lower(), value) for name, value in _FIELD.findall(head + b"\r\n")]
        names = tuple(_names(fields))
        header = self._header(names, relaxed_body(body), at)
        told = b"".join(_signed(fields, names)) + relaxed(b"dkim-signature", header)
        proof = self.key.sign(told.removesuffix(b"\r\n"), PKCS1v15(), SHA256())
        return b"DKIM-Signature:" + header + _folded(b64encode(proof)) + b"\r\n" + raw

    def _header(self, names: Sequence[bytes], body: bytes, at: datetime) -> bytes:
        """The field's value up to its ``b=``, no line beyond 78 characters."""
        tags = (
            "v=1; a=rsa-sha256; c=relaxed/relaxed;",
            f"d={self.domain}; s={self.selector};",
            f"t={int(at.timestamp())};",
            f"h={_listed(names)};",
            f"bh={b64encode(hashlib.sha256(body).digest()).decode()};",
            "b=",
        )
        return (" " + "\r\n\t".join(tags)).encode()


@lru_cache(maxsize=4)
def read_key(pem: str) -> RSAPrivateKey:
    """Once for all letters, as proving a key takes 45 ms. Raises ``ValueError`` with a
    sentence that quotes nothing of the key.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("is protected by a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is not a private key in PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("is not an RSA key")  # noqa: TRY004 -- wrong is the file, not the call
    if key.key_size < FEWEST_BITS:
        raise ValueError(f"has {key.key_size} bits; receivers want {FEWEST_BITS} or more")
    return key


def relaxed(name: bytes, value: bytes) -> bytes:
    """A header field (3.4.2); ``name`` is in small letters."""
    return name + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """3.4.4: runs of white space are one space, none at a line's end, no empty lines at last."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:  # a pattern that finds runs takes ten times as long for each letter
        body = body.replace(b"  ", b" ")
    body = body.removesuffix(b" ").replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


@lru_cache(maxsize=16)
def _listed(names: Sequence[bytes]) -> str:
    """For ``h=``; the letters of a kind have the same fields."""
    told = " : ".join(name.decode() for name in names)
    return "\r\n\t".join(textwrap.wrap(told, 70, break_on_hyphens=False, break_long_words=False))


def _names(fields: Sequence[tuple[bytes, bytes]]) -> Iterator[bytes]:
    there = [name for name, _ in fields]
    for text in SIGNED:
        name = text.encode()
        yield from [name] * (there.count(name) + (text in NO_SECOND))


def _signed(fields: Sequence[tuple[bytes, bytes]], names: Sequence[bytes]) -> Iterator[bytes]:
    """Of a name that occurs several times, the lowest first; one that is not there is nothing
    (5.4.2).
    """
    left = list(fields)
    for name in names:
        at = next((at for at in reversed(range(len(left))) if left[at][0] == name), None)
        if at is not None:
            yield relaxed(*left.pop(at))


def _folded(text: bytes) -> bytes:
    return b"\r\n\t".join(text[start : start + 72] for start in range(0, len(text), 72))

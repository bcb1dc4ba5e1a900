"""By which names do mail programs know our letters?

A ``Message-ID`` is derived from announcement and subscriber: a letter sent once more after
a crash bears the same one, and a repeat is recognised (RFC 5322 3.6.4). What the letters of
one incident to one person have in common is the id of a message that was never sent: all
of them refer to it, so mail programs thread them, and nobody has to look up which letter
reached this person first. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

import hashlib

import idna

_LETTERS = bytes.maketrans(bytes(range(256)), b"abcdefghijklmnopqrstuvwxyz234567" * 8)


def message_id(announcement_id: object, subscriber_id: object, domain: str) -> str:
    """``<…@domain>`` of the one letter that tells this announcement to this subscriber."""
    return _angled("letter", announcement_id, subscriber_id, domain)


def thread_id(incident_id: object, subscriber_id: object, domain: str) -> str:
    """``<…@domain>`` that every letter of an incident to one subscriber names in References."""
    return _angled("thread", incident_id, subscriber_id, domain)


def _angled(kind: str, about: object, subscriber: object, domain: str) -> str:
    """26 characters of five bits each: ids can't be told from them, nor run together."""
    key = "\0".join((kind, str(about), str(subscriber))).encode()
    told = hashlib.sha256(key).digest().translate(_LETTERS)[:26].decode("ascii")
    return f"<{told}@{_ascii(domain)}>"


def _ascii(domain: str) -> str:
    """A domain with other letters in its IDNA form: a Message-ID is ASCII (RFC 5322 3.6.4)."""
    if domain.isascii():
        return domain
    return idna.encode(domain, uts46=True).decode("ascii")

"""Which bytes are this letter?

What all readers of a letter share is encoded once and joined with what is one reader's own;
the bytes are handed to SMTP as they are, for a client that writes them anew folds them anew.
Rules: RFC 5322 with CRLF; 7-bit throughout (quoted-printable), so no relay has to convert;
``Auto-Submitted: auto-generated`` (RFC 3834); one-click unsubscribing (RFC 8058); no
``Precedence``; no line begins with a dot, so SMTP need double none (RFC 5321 4.5.2). What
machines read (ids, URIs) is never encoded and never broken inside: by default Python folds a
long token into an RFC 2047 encoded-word, and one-click unsubscribing dies without a sound
(cpython #85725). A line break in any field is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Any

import idna

from notifications.channel import Parcel
from notifications.plain import one_line
from notifications.quoted import Quoted, quoted

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_IN_MAILBOX = re.compile(r"[\s<>\"\\(),:;\[\]]")
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"  # RFC 5322 3.2.3
_PLAIN_MAILBOX = re.compile(rf"(?=.{{3,72}}\Z){_ATOM}(\.{_ATOM})*@[A-Za-z0-9.-]+", re.ASCII)
_VERSION = b"MIME-Version: 1.0\r\n"
_PLAIN, _HTML = (
    b'Content-Type: text/%b; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" % kind
    for kind in (b"plain", b"html")
)
_LONGEST_TOKEN = 900  # a line may have 998 octets (RFC 5322 2.1.1); the name and a space take some


class _AsGiven(UnstructuredHeader, BaseHeader):
    """Python reads what it is given, and what looks like an encoded-word (RFC 2047) comes out
    decoded: a title ``=?utf-8?q?=0D=0ABcc:?=`` would become a line break. Here it stays.
    """

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = cls.value_parser(""), value


class Verbatim(_AsGiven):
    """A header for machines: a token a line, none broken or encoded, ASCII."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(str(self).split(" ")) + policy.linesep


class Subject(_AsGiven):
    """Encoded-words of 75 characters at most (RFC 2047 2).

    Python makes longer ones of a text without spaces, such as a Japanese one. What looks like
    an encoded-word and is none is encoded, or readers would see it decoded.
    """

    def fold(self, *, policy: Policy[Any]) -> str:
        short = all(len(word) < 60 for word in self.split(" "))
        plain = short and self.isascii() and "=?" not in self
        charset = "us-ascii" if plain else "utf-8"
        folded = Header(str(self), charset, maxlinelen=75, header_name=self.name)
        return f"{self.name}: {folded.encode(linesep=policy.linesep)}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    registry.map_to_type("subject", Subject)
    registry.map_to_type("list-id", Verbatim)
    return registry


_POLICY: EmailPolicy[Any] = SMTP.clone(header_factory=_registry())
_POLICY_UTF8: EmailPolicy[Any] = _POLICY.clone(utf8=True)


def message(parcel: Parcel) -> bytes:
    """The letter as it goes through DATA. Raises ``ValueError`` for what no header may hold,
    ``KeyError`` for a place that was left open.
    """
    body = _body(parcel.text, parcel.html)
    return b"".join((*_head(parcel), body.head, body.filled(parcel.places)))


def _head(parcel: Parcel) -> Iterator[bytes]:
    """The fields of RFC 5322; of what many letters share each is folded once."""
    utf8 = needs_smtputf8(parcel)
    yield _address_field("From", parcel.sender, utf8)
    yield _to_field(parcel.recipient, utf8)
    if parcel.reply_to:
        yield _address_field("Reply-To", parcel.reply_to, utf8)
    yield _subject_field(parcel.subject)
    yield _date_field(parcel.sent_at.replace(microsecond=0))
    yield b"Message-ID: %b\r\n" % _token(parcel.message_id)
    if parcel.references:
        tokens = [_token(reference) for reference in parcel.references]
        yield b"In-Reply-To: %b\r\n" % tokens[-1]
        yield b"References: %b\r\n" % b"\r\n ".join(tokens)
    yield b"Auto-Submitted: auto-generated\r\n"
    if parcel.list_id:
        yield _list_id_field(parcel.list_id)
    if parcel.unsubscribe_url:  # both headers of the one click (RFC 8058), or neither
        yield b"List-Unsubscribe: <%b>\r\n" % _token(parcel.unsubscribe_url)
        yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def mailbox(address: str) -> str:
    """The bare ``local@domain`` of ``Name <local@domain>``, its domain in ASCII (IDNA).

    Raises ``ValueError`` for what can't stand in an SMTP command.
    """
    if _PLAIN_MAILBOX.fullmatch(address):
        return address
    local, domain = _split(_bare(address))
    return f"{local}@{domain}"


def needs_smtputf8(parcel: Parcel) -> bool:
    """Whether a mailbox before the @ has letters that only RFC 6531 carries."""
    who = (parcel.sender, parcel.recipient, parcel.reply_to or "", parcel.envelope_sender or "")
    if "".join(who).isascii():
        return False
    return not all(_bare(one).rpartition("@")[0].isascii() for one in who)


def _to_field(recipient: str, utf8: bool) -> bytes:
    """Most mailboxes are words that no folding touches."""
    if _PLAIN_MAILBOX.fullmatch(recipient):
        return b"To: %b\r\n" % recipient.encode("ascii")
    return _written("To", _address(recipient), utf8)


@lru_cache(maxsize=64)
def _address_field(name: str, text: str, utf8: bool) -> bytes:
    return _written(name, _address(text), utf8)


@lru_cache(maxsize=256)
def _subject_field(text: str) -> bytes:
    return _written("Subject", one_line(text))


@lru_cache(maxsize=256)
def _date_field(at: datetime) -> bytes:
    return _written("Date", at)


@lru_cache(maxsize=64)
def _list_id_field(text: str) -> bytes:
    return _written("List-Id", _list_id(text))


def _written(name: str, value: object, utf8: bool = False) -> bytes:
    """One header field as Python's policies fold it."""
    mail = EmailMessage(policy=_POLICY_UTF8 if utf8 else _POLICY)
    mail[name] = value
    return mail.as_bytes().removesuffix(b"\r\n")


@dataclass(frozen=True, slots=True)
class _Body:
    """``head``: its MIME fields and the empty line below them; ``between``: what stands
    before, between and after the parts.
    """

    head: bytes
    between: tuple[bytes, ...]
    parts: tuple[Quoted, ...]

    def filled(self, places: Mapping[str, str]) -> bytes:
        filled = (part.filled(places) for part in self.parts)
        return b"".join(chain(*zip_longest(self.between, filled, fillvalue=b"")))


@lru_cache(maxsize=64)
def _body(text: str, html: str | None) -> _Body:
    """Encoded once for all readers of a letter."""
    plain = quoted(text)
    if html is None:
        return _Body(_VERSION + _PLAIN, (b"",), (plain,))
    dressed = quoted(html, is_html=True)
    # "=_" is in no quoted-printable text, so no part can hold the boundary
    digest = hashlib.sha256(b"".join((*plain.pieces, *dressed.pieces))).hexdigest()
    edge = b"=_" + digest[:32].encode()
    head = b'Content-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % edge
    between = (
        b"--%b\r\n%b" % (edge, _PLAIN),
        b"\r\n--%b\r\n%b" % (edge, _HTML),
        b"\r\n--%b--\r\n" % edge,
    )
    return _Body(_VERSION + head, between, (plain, dressed))


def _list_id(text: str) -> str:
    """``Name <id>``; a name beyond ASCII is left out, for this header is never encoded."""
    name, _, rest = _safe(text).rpartition("<")
    name, bare = name.strip(), _token(rest.rstrip("> ")).decode()
    return f"{name} <{bare}>" if name and name.isascii() and len(name) < 200 else f"<{bare}>"


def _address(text: str) -> Address:
    name = _safe(text).rpartition("<")[0].strip().strip('"')
    local, domain = _split(_bare(text))
    return Address(name, local, domain)


def _bare(text: str) -> str:
    return _safe(text).rpartition("<")[2].removesuffix(">").strip()


def _split(bare: str) -> tuple[str, str]:
    local, at, domain = bare.rpartition("@")
    if not (local and at and domain) or _IN_MAILBOX.search(bare):
        raise ValueError("not a mailbox that can stand in a mail header")
    return local, domain if domain.isascii() else idna.encode(domain, uts46=True).decode()


def _token(text: str) -> bytes:
    """One unbreakable word of ASCII."""
    if not text or not _safe(text).isascii() or " " in text or len(text) > _LONGEST_TOKEN:
        raise ValueError("not a word that can stand in a mail header")
    return text.encode("ascii")


def _safe(text: str) -> str:
    if _UNSAFE.search(text):
        raise ValueError("a control character or a line break can't stand in a mail header")
    return text

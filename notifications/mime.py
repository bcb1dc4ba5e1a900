"""Which bytes are this letter?

Built once and handed to SMTP as they are: a client that writes them anew folds them anew.
Rules: RFC 5322 with CRLF; 7-bit throughout (quoted-printable), so no relay has to convert;
``Auto-Submitted: auto-generated`` (RFC 3834); one-click unsubscribing (RFC 8058); no
``Precedence``. What machines read (ids, URIs) is never encoded and never broken inside: by
default Python folds a long token into an RFC 2047 encoded-word, and one-click unsubscribing
dies without a sound (cpython #85725). A line break in any field is refused.
"""

from __future__ import annotations

import re
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from typing import Any

import idna

from notifications.channel import Parcel
from notifications.plain import one_line

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_IN_MAILBOX = re.compile(r"[\s<>\"\\(),:;\[\]]")
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
    for name in ("message-id", "references", "in-reply-to", "list-id", "list-unsubscribe"):
        registry.map_to_type(name, Verbatim)
    return registry


_POLICY: EmailPolicy[Any] = SMTP.clone(header_factory=_registry())
_POLICY_UTF8: EmailPolicy[Any] = _POLICY.clone(utf8=True)


def message(parcel: Parcel) -> bytes:
    """The letter as it goes through DATA. Raises ``ValueError`` for what no header may hold."""
    utf8 = needs_smtputf8(parcel)
    mail = EmailMessage(policy=_POLICY_UTF8 if utf8 else _POLICY)
    mail["From"] = _address(parcel.sender)
    mail["To"] = _address(parcel.recipient)
    if parcel.reply_to:
        mail["Reply-To"] = _address(parcel.reply_to)
    mail["Subject"] = one_line(parcel.subject)
    mail["Date"] = parcel.sent_at
    mail["Message-ID"] = _token(parcel.message_id)
    _add_thread(mail, parcel)
    mail["Auto-Submitted"] = "auto-generated"
    _add_list(mail, parcel)
    mail.set_content(parcel.text, cte="quoted-printable")
    if parcel.html is not None:
        mail.add_alternative(parcel.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def mailbox(address: str) -> str:
    """The bare ``local@domain`` of ``Name <local@domain>``, its domain in ASCII (IDNA).

    Raises ``ValueError`` for what can't stand in an SMTP command.
    """
    local, domain = _split(_bare(address))
    return f"{local}@{domain}"


def needs_smtputf8(parcel: Parcel) -> bool:
    """Whether a mailbox before the @ has letters that only RFC 6531 carries."""
    who = (parcel.sender, parcel.recipient, parcel.reply_to or "")
    return not all(_bare(one).rpartition("@")[0].isascii() for one in who)


def _add_thread(mail: EmailMessage, parcel: Parcel) -> None:
    if parcel.references:
        tokens = [_token(reference) for reference in parcel.references]
        mail["In-Reply-To"] = tokens[-1]
        mail["References"] = " ".join(tokens)


def _add_list(mail: EmailMessage, parcel: Parcel) -> None:
    """RFC 2919 and RFC 8058: both headers of the one click, or neither."""
    if parcel.list_id:
        mail["List-Id"] = _list_id(parcel.list_id)
    if parcel.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{_token(parcel.unsubscribe_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _list_id(text: str) -> str:
    """``Name <id>``; a name beyond ASCII is left out, for this header is never encoded."""
    name, _, rest = _safe(text).rpartition("<")
    name, bare = name.strip(), _token(rest.rstrip("> "))
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


def _token(text: str) -> str:
    """One unbreakable word of ASCII."""
    if not text or not _safe(text).isascii() or " " in text or len(text) > _LONGEST_TOKEN:
        raise ValueError("not a word that can stand in a mail header")
    return text


def _safe(text: str) -> str:
    if _UNSAFE.search(text):
        raise ValueError("a control character or a line break can't stand in a mail header")
    return text

"""What is asked of a relay for one letter to one recipient?

One mail transaction (RFC 5321 3.3) with what may be asked of a relay that offers it: mailboxes
beyond ASCII (RFC 6531), and word of a letter that comes late or back, with its headers alone
(RFC 3461).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from notifications.channel import Outcome, Parcel
from notifications.mime import mailbox, needs_smtputf8

_XTEXT = re.compile(r"[^!-*,-<>-~]")  # RFC 3461 4: all but these stands for itself


class NotBegun(Exception):
    """Nothing was said of it: it may go over another connection at once."""


@dataclass(slots=True, eq=False)
class Transaction:
    """``raw``: the letter with CRLF, no line of which begins with a dot. ``options``: parameters of
    MAIL and RCPT.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    raw: bytes = field(repr=False)
    mail_options: tuple[str, ...] = ()
    rcpt_options: tuple[str, ...] = ()
    refused: Outcome | None = None
    """Why nobody was let in, while DATA is still to be answered."""

    @property
    def envelope(self) -> bytes:
        """The lines from MAIL to DATA, one group (RFC 2920)."""
        mail = " ".join((f"MAIL FROM:<{self.sender}>", *self.mail_options))
        rcpt = " ".join((f"RCPT TO:<{self.recipient}>", *self.rcpt_options))
        return f"{mail}\r\n{rcpt}\r\nDATA\r\n".encode()


def transaction(parcel: Parcel, raw: bytes, offers: Collection[str]) -> Transaction | None:
    """None: the relay does not take such mailboxes. Raises ``ValueError`` for what is no mailbox.

    ``offers``: keywords of its EHLO, in small letters.
    """
    utf8 = needs_smtputf8(parcel)
    if utf8 and "smtputf8" not in offers:
        return None
    asks = "dsn" in offers
    mail = ["SMTPUTF8"] if utf8 else []
    mail += ["BODY=8BITMIME"] if utf8 and "8bitmime" in offers else []
    mail += _returns(parcel) if asks else []
    return Transaction(
        sender=mailbox(parcel.envelope_sender or parcel.sender),
        recipient=mailbox(parcel.recipient),
        raw=raw,
        mail_options=tuple(mail),
        rcpt_options=("NOTIFY=FAILURE,DELAY",) if asks else (),
    )


def _returns(parcel: Parcel) -> list[str]:
    """ENVID: by which we know the letter that a report is about."""
    name = _XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", parcel.message_id.strip("<>"))
    return ["RET=HDRS", *([f"ENVID={name}"] if len(name) <= 100 else [])]

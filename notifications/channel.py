"""How is a word carried out of the house, and what may come of it?

A channel takes one parcel for one recipient and answers with a value: what happens out
there is not our mistake, so it is no exception. Everything that goes wrong is either
``Refused`` (never try this recipient with this parcel again) or ``Unreachable`` (later).
Rules: a channel finds its parcel complete, asks no clock and no row, ends within its own
time limit whatever the other side does, and logs no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, Protocol, Self

from notifications.card import Card
from notifications.dkim import Signer
from notifications.outbound import Reach
from notifications.relays import Relays


@dataclass(kw_only=True, slots=True)
class Parcel:
    """One letter, or one call to operators, to one recipient.

    ``recipient``: a bare mailbox for email, a URL for a webhook. ``sender``: ``Name <mailbox>``
    or a bare mailbox. ``envelope_sender``: the mailbox that hears when it comes back; None: the
    sender's. ``message_id`` and ``references`` in angle brackets (``identity``).
    ``places``: what goes where ``text`` and ``html`` have marks (``plain.PLACE``); they have
    none but for a channel that ``fills_in``. ``list_id``: ``Name <id.example>`` or a bare id.
    ``body``: what a program is given, JSON-ready; ``cards``: what a chat shows; other channels
    look at neither. ``secret``: what a call to this recipient is signed with. ``sent_at``: aware.
    Nobody changes one; it is not frozen because a frozen one takes three times as long to make.
    """

    sender: str
    recipient: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    html: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    reply_to: str | None = None
    references: tuple[str, ...] = ()
    envelope_sender: str | None = None
    list_id: str | None = None
    unsubscribe_url: str | None = None
    body: Mapping[str, Any] | None = None
    cards: tuple[Card, ...] = ()
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Accepted:
    """The other side has taken responsibility (RFC 5321 4.2.5). ``reply``: its words, one line."""

    reply: str = ""


@dataclass(frozen=True)
class Refused:
    """Never again: this recipient will not have this parcel. ``code``: SMTP or HTTP, if any."""

    reason: str
    code: int | None = None


@dataclass(frozen=True)
class Unreachable:
    """Later. ``ours``: the fault lies with us or our relay, not with this recipient. ``wait``: not
    before so long, they said.

    Our own faults (a refused login, relaying denied, our reputation) hold for every letter:
    the operators must hear of them, and no address may be put to rest because of them.
    """

    reason: str
    code: int | None = None
    ours: bool = False
    wait: timedelta | None = None


Outcome = Accepted | Refused | Unreachable


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What the configuration gives to channels; each takes what it needs.

    ``mail_server``: ``smtp://user:secret@host:port?starttls=never|auto|always`` or ``smtps://``;
    empty: there is none. ``second_server`` stands in for it. ``oauth_token_file``: holds the
    token that is shown in place of a password, read anew for each connection. ``connections``:
    how many may be kept to it. ``max_per_second``: letters over all of them, ``per_domain``: to
    one recipient's domain; 0: as fast as they are taken. ``relays``: what all lines know of
    them together; None: each line finds out by itself.
    ``webhook_secret``: ``whsec_…`` as in Standard Webhooks, or None: unsigned.
    ``signer``: signs mail as the sender's domain; None: the relay may.
    ``timeout_s``: the longest one exchange may take; None: the channel's own default.
    ``reach``: how far a stranger's address may lead us.
    """

    mail_server: str = "smtp://127.0.0.1:25"
    second_server: str = ""
    oauth_token_file: Path | None = None
    connections: int = 8
    max_per_second: float = 0
    per_domain: float = 0
    relays: Relays | None = None
    webhook_secret: str | None = None
    signer: Signer | None = None
    timeout_s: float | None = None
    reach: Reach = field(default_factory=Reach)


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a kind of channel is used when many parcels wait. ``lines``: how many channels are
    kept open; 0: nothing can leave this way. ``at_once``: how many parcels each of them may be
    given at a time. ``per_second``: parcels over all of them, ``per_domain`` of them to
    mailboxes of one domain; 0: as fast as they are taken.
    """

    lines: int = 16
    at_once: int = 1
    per_second: float = 0
    per_domain: float = 0


ToldIn = Literal["letters", "cards", "events"]


class Channel(Protocol):
    """A way out. ``schemes``: the URL schemes in ``[operators] notify`` that it serves.
    ``told_in``: ``letters``, with ``Parcel.text`` and ``html``; ``cards``, for a chat;
    ``events``, each word a call of its own with ``Parcel.body``. ``fills_in``: it puts what is
    personal into a letter by itself, for it has encoded the rest once for all readers.

    One channel takes ``Manners.at_once`` parcels at a time: for more, open more channels.
    """

    schemes: ClassVar[frozenset[str]]
    told_in: ClassVar[ToldIn]
    fills_in: ClassVar[bool]

    @classmethod
    def manners(cls, wiring: Wiring) -> Manners: ...

    @classmethod
    def wired(cls, wiring: Wiring) -> Self: ...

    @staticmethod
    def recipient(url: str) -> str:
        """The ``Parcel.recipient`` that an address in ``[operators] notify`` stands for."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def send(self, parcel: Parcel) -> Outcome: ...

"""How does a test receive letters, and be a relay that refuses, delays or hangs up?

A real SMTP server on 127.0.0.1 in a thread of its own, so that neither side waits for the other's
event loop. Replies can be scripted for a verb of RFC 5321, for one recipient or for all:

    relay.reply("RCPT", "550 5.1.1 no such user", recipient="gone@example.org")
    relay.reply("DATA", "451 4.3.0 later", times=2)
    relay.hang_up("DATA", times=1)           # the letter was taken, the answer never came
"""

import asyncio
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import answers, free_port

EVER = 1_000_000_000


@dataclass(frozen=True)
class Received:
    """One letter as the relay took it."""

    sender: str
    recipient: str
    raw: bytes
    at: float  # time.monotonic() when it was accepted

    @property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Its plain part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part"
        return str(part.get_content())


@dataclass
class _Script:
    """An answer to give in place of the usual one. `None`: hang up."""

    verb: str
    answer: str | None
    recipient: str | None
    left: int

    def fits(self, verb: str, recipient: str | None) -> bool:
        return (
            self.left > 0
            and self.verb == verb
            and (self.recipient is None or self.recipient == recipient)
        )


@dataclass
class Relay:
    """An SMTP server that keeps what it accepts. Made stopped; a context manager starts it.

    :param tls: TLS from the first byte, as `smtps://` has it
    :param options: further words for aiosmtpd's SMTP: `tls_context` (STARTTLS), `authenticator`, …
    :ivar letters: everything accepted, in order, one entry for each recipient
    :ivar connections: how many clients have connected so far
    """

    port: int = field(default_factory=free_port)
    tls: ssl.SSLContext | None = None
    options: dict[str, Any] = field(default_factory=dict)
    letters: list[Received] = field(default_factory=list)
    connections: int = 0
    _scripts: list[_Script] = field(default_factory=list)
    _thread: "_LoopThread | None" = None

    @property
    def dsn(self) -> str:
        """`smtp://127.0.0.1:port`."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Listen; letters from before a stop are kept. Twice is harmless."""
        if self._thread is None:
            self._thread = _LoopThread(self)
            self._thread.open()
        return self

    def stop(self) -> None:
        """Close the door and every conversation; afterwards connections are refused."""
        if self._thread is not None:
            self._thread.close()
            self._thread = None

    kill = close = stop

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(
        self, verb: str, answer: str, *, recipient: str | None = None, times: int = EVER
    ) -> None:
        """Answer MAIL, RCPT or DATA (at the end of the letter) otherwise, so many times.

        :param recipient: only for letters to this address; not for MAIL, which comes before it.
        """
        self._scripts.append(_Script(verb, answer, recipient, times))

    def hang_up(self, verb: str, *, recipient: str | None = None, times: int = 1) -> None:
        """Close the connection in place of an answer; after DATA the letter has been taken."""
        self._scripts.append(_Script(verb, None, recipient, times))

    def forget(self) -> None:
        """Drop the letters and the scripts."""
        self.letters.clear()
        self._scripts.clear()

    def to(self, recipient: str) -> list[Received]:
        """Return the letters to one address, oldest first."""
        return [letter for letter in self.letters if letter.recipient == recipient]

    async def wait(self, count: int = 1, *, to: str | None = None, seconds: float = 10) -> Received:
        """Wait until so many letters are in (to one address, or to all); return the last of them.

        :raises TimeoutError: with the subjects that did come.
        """
        deadline = time.monotonic() + seconds
        while True:
            letters = list(self.letters) if to is None else self.to(to)
            if len(letters) >= count:
                return letters[count - 1]
            if time.monotonic() > deadline:
                subjects = [letter.subject for letter in letters]
                raise TimeoutError(f"{len(letters)} of {count} letters came: {subjects}")
            await asyncio.sleep(0.01)

    def _scripted(self, verb: str, recipient: str | None = None) -> _Script | None:
        found = next((one for one in self._scripts if one.fits(verb, recipient)), None)
        if found is not None:
            found.left -= 1
        return found


class _Desk:
    """What aiosmtpd asks at each verb; runs in the relay's thread."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        answer = self._answer(server, self.relay._scripted("MAIL"))
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(mail_options)
        return answer or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        answer = self._answer(server, self.relay._scripted("RCPT", address))
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        script = self.relay._scripted("DATA", envelope.rcpt_tos[0])
        if script is None or script.answer is None:
            self._keep(envelope)
        return self._answer(server, script) or "250 2.0.0 OK: queued"

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self.relay.letters.append(
                Received(envelope.mail_from or "", recipient, raw, time.monotonic())
            )

    def _answer(self, server: SMTP, script: _Script | None) -> str | None:
        if script is None or script.answer is not None:
            return script.answer if script else None
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "421 4.3.2 gone"


class _Conversation(SMTP):
    """One client's connection; noted, so that a stop can end it."""

    conversations: set[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.conversations.add(transport)
        super().connection_made(transport)


class _LoopThread(threading.Thread):
    """An event loop of its own with one listening socket."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(name=f"relay-{relay.port}", daemon=True)
        self._relay = relay
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._listening: Future[None] = Future()
        self._conversations: set[asyncio.BaseTransport] = set()

    def open(self) -> None:
        self.start()
        self._listening.result(timeout=10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(timeout=10)
        assert not answers(self._relay.port), "the relay still listens"

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        where = ("127.0.0.1", self._relay.port)
        try:
            server = await self._loop.create_server(self._converse, *where, ssl=self._relay.tls)
        except OSError as refused:
            self._listening.set_exception(refused)
            return
        self._listening.set_result(None)
        await self._end.wait()
        server.close()
        for transport in self._conversations:
            transport.close()
        await server.wait_closed()

    def _converse(self) -> SMTP:
        self._relay.connections += 1
        words = {"enable_SMTPUTF8": True, "hostname": "relay.test", **self._relay.options}
        conversation = _Conversation(_Desk(self._relay), loop=self._loop, **words)
        conversation.conversations = self._conversations
        return conversation

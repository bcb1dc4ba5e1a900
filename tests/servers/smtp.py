"""How does a test receive letters, and be a relay that refuses, delays or hangs up?

A real SMTP server on 127.0.0.1 in a thread of its own, so that neither side waits for the other's
event loop. Replies can be scripted for a verb of RFC 5321, for one recipient or for all:

    relay.reply("RCPT", "550 5.1.1 no such user", recipient="gone@example.org")
    relay.reply("DATA", "451 4.3.0 later", times=2)
    relay.hang_up("DATA", times=1)           # the letter was taken, the answer never came
"""

import asyncio
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.smtp import SMTP

from tests.servers.desk import Desk, Script
from tests.servers.listener import Listener, Note
from tests.servers.ports import free_port
from tests.servers.received import Received

EVER = 1_000_000_000


@dataclass
class Relay:
    """An SMTP server that keeps what it accepts. Made stopped; a context manager starts it.

    :param tls: TLS from the first byte, as `smtps://` has it
    :param options: further words for aiosmtpd's SMTP: `tls_context` (STARTTLS), `authenticator`, …
    :ivar connections: how many clients have connected so far
    """

    port: int = field(default_factory=free_port)
    tls: ssl.SSLContext | None = None
    options: dict[str, Any] = field(default_factory=dict)
    connections: int = 0
    _desk: Desk = field(default_factory=Desk)
    _listener: Listener | None = None

    @property
    def letters(self) -> list[Received]:
        """Everything accepted, in order, one entry for each recipient."""
        return self._desk.letters

    @property
    def dsn(self) -> str:
        """`smtp://127.0.0.1:port`."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Listen; letters from before a stop are kept. Twice is harmless."""
        if self._listener is None:
            self._listener = Listener(self.port, self._converse, self.tls)
            self._listener.open()
        return self

    def stop(self) -> None:
        """Close the door and every conversation; afterwards connections are refused."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

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
        self._desk.scripts.append(Script(verb, answer, recipient, times))

    def hang_up(self, verb: str, *, recipient: str | None = None, times: int = 1) -> None:
        """Close the connection in place of an answer; after DATA the letter has been taken."""
        self._desk.scripts.append(Script(verb, None, recipient, times))

    def forget(self) -> None:
        """Drop the letters and the scripts."""
        self.letters.clear()
        self._desk.scripts.clear()

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

    def _converse(self, loop: asyncio.AbstractEventLoop, note: Note) -> SMTP:
        self.connections += 1
        words = {"enable_SMTPUTF8": True, "hostname": "relay.test", **self.options}
        conversation = _Conversation(self._desk, loop=loop, **words)
        conversation.note = note
        return conversation


class _Conversation(SMTP):
    note: Note

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.note(transport)
        super().connection_made(transport)

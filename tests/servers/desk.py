"""What does the tests' relay say at each verb of SMTP: the usual, or what the test told it to?

Everything here runs in the relay's thread.
"""

import asyncio
import time
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.received import Received


@dataclass
class Script:
    """An answer to give in place of the usual one. `None`: hang up."""

    verb: str
    answer: str | None
    recipient: str | None
    left: int  # how many more times

    def fits(self, verb: str, recipient: str | None) -> bool:
        return (
            self.left > 0
            and self.verb == verb
            and (self.recipient is None or self.recipient == recipient)
        )


@dataclass
class Desk:
    """The handler that aiosmtpd asks; it keeps the letters that it accepts."""

    letters: list[Received] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        answer = self._answer(server, self._scripted("MAIL"))
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
        answer = self._answer(server, self._scripted("RCPT", address))
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        script = self._scripted("DATA", envelope.rcpt_tos[0])
        if script is None or script.answer is None:
            self._keep(envelope)
        return self._answer(server, script) or "250 2.0.0 OK: queued"

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self.letters.append(
                Received(envelope.mail_from or "", recipient, raw, time.monotonic())
            )

    def _answer(self, server: SMTP, script: Script | None) -> str | None:
        if script is None or script.answer is not None:
            return script.answer if script else None
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "421 4.3.2 gone"

    def _scripted(self, verb: str, recipient: str | None = None) -> Script | None:
        found = next((one for one in self.scripts if one.fits(verb, recipient)), None)
        if found is not None:
            found.left -= 1
        return found

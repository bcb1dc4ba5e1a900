"""How are we let in?

aiosmtplib connects, encrypts and logs in. From there on a relay that offers PIPELINING takes
several letters at a time, any other one after the other.
"""

from __future__ import annotations

import asyncio
import socket
from functools import cache
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from notifications.relay import Relay
from notifications.relays import Relays
from notifications.replies import outcome
from notifications.smtp.connection import Connection
from notifications.smtp.stepwise import Stepwise

Session = Connection | Stepwise


_TURN_S = 15.0
"""So long the first is waited for, where a second can be asked."""


async def enter(relays: Relays, timeout_s: float) -> tuple[Session, Relay]:
    """Raises ``SMTPException`` and ``OSError`` (``TimeoutError`` too): nobody let us in."""
    now = asyncio.get_running_loop().time
    *firsts, last = relays.in_turn(now())
    for relay in firsts:
        try:
            session = await _enter(relay, min(timeout_s / 2, _TURN_S))
        except (SMTPException, OSError) as error:
            relays.refused(relay, now(), outcome(error, in_envelope=False).reason)
        else:
            relays.let_in(relay)
            return session, relay
    session = await _enter(last, timeout_s / 2 if firsts else timeout_s)
    relays.let_in(last)
    return session, last


async def _enter(relay: Relay, timeout_s: float) -> Session:
    smtp = SMTP(**relay.options(), timeout=timeout_s, local_hostname=_own_name())
    try:
        async with asyncio.timeout(timeout_s):
            await smtp.connect()
            await _greet(smtp)
    except BaseException:
        smtp.close()
        raise
    if smtp.supports_extension("pipelining"):
        transport = cast("asyncio.Transport", smtp.transport)
        return Connection(transport, frozenset(smtp.esmtp_extensions))
    return Stepwise(smtp)


async def _greet(smtp: SMTP) -> None:
    """Said here, not with the first letter, so that a relay's bad day is not a letter's."""
    if smtp.is_ehlo_or_helo_needed:
        try:
            await smtp.ehlo()
        except SMTPHeloError:
            if not smtp.is_connected:
                raise
            await smtp.helo()


@cache
def _own_name() -> str:
    """For EHLO (RFC 5321 4.1.4). Not ``getfqdn``: it asks a DNS server that may be what is down."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"

"""What does a mail server's answer mean for this letter?

The first digit decides (RFC 5321 4.2.1): 4 is later, 5 is never. Except: 421 closes the
connection and says nothing of the letter, and 5.7.x (RFC 3463: security and policy) is
about us: a refused login, relaying denied, our reputation. No recipient may be put to rest
for our own faults. Reasons are stored and shown to operators, so addresses are taken out.
"""

from __future__ import annotations

import re

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from notifications.channel import Refused, Unreachable
from notifications.plain import one_line

_POLICY = re.compile(r"\b5\.7\.\d{1,3}\b")
_RELAYING = re.compile(r"\brelay(ing)?\b", re.IGNORECASE)
_OUR_CODES = (530, 534, 535, 538)  # RFC 4954: authentication, whatever command was answered so
_ADDRESS = re.compile(r"[^\s<>,:;\"'()]+@[^\s<>,:;\"'()]+")
_LONGEST = 300


def outcome(error: Exception, *, in_envelope: bool) -> Refused | Unreachable:
    """What an exception of aiosmtplib means. ``in_envelope``: the relay had let us in already."""
    if isinstance(error, SMTPRecipientsRefused):
        first = error.recipients[0]  # one recipient a message, so the first is the only one
        return answered(first.code, first.message)
    if isinstance(error, SMTPSenderRefused | SMTPAuthenticationError | SMTPHeloError):
        return Unreachable(readable(error.message), error.code, ours=error.code != 421)
    if isinstance(error, SMTPResponseException):
        met = answered(error.code, error.message)
        return met if in_envelope else Unreachable(met.reason, error.code, ours=True)
    if isinstance(error, SMTPNotSupported) and in_envelope:
        return Refused("the mail server does not take addresses beyond ASCII (SMTPUTF8)")
    return Unreachable(_silence(error), ours=not in_envelope)


def _silence(error: Exception) -> str:
    """In words, why there was no answer."""
    if isinstance(error, SMTPTimeoutError | TimeoutError):
        return "the mail server did not answer in time"
    if isinstance(error, SMTPConnectError):
        return f"no connection to the mail server: {readable(str(error.__cause__ or error))}"
    if isinstance(error, ConnectionError):
        return "the mail server closed the connection"
    return readable(str(error))


def answered(code: int, text: str) -> Refused | Unreachable:
    """What a negative reply to RCPT or DATA means."""
    reason = readable(text)
    if not 500 <= code <= 599:  # 4xx; nonsense too, for it says nothing of the letter
        return Unreachable(reason, code)
    relaying = code >= 550 and _RELAYING.search(text)
    if code in _OUR_CODES or _POLICY.search(text) or relaying:
        return Unreachable(reason, code, ours=True)
    return Refused(reason, code)


def readable(text: str) -> str:
    """One short line without addresses."""
    return _ADDRESS.sub("(address)", one_line(text[:_LONGEST])) or "no reason given"

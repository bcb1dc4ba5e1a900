"""What does an error of the network mean, in one plain sentence?

The sentences are for operators. They are made here from the error's type and number,
never from a driver's message: those quote users, connection strings and queries.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator

from checks.line import Line
from checks.result import Fault

UNREACHABLE = {
    errno.ENETUNREACH: "no route to its network",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETDOWN: "our own network is down",
    errno.EHOSTDOWN: "the host is down",
    errno.EACCES: "not permitted",
    errno.EADDRNOTAVAIL: "no local address is free",
}
# X509 verification codes that OpenSSL gives, and what an operator calls them.
CERTIFICATE = {
    9: "the certificate is not yet valid",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the chain ends in a self-signed certificate that is not trusted",
    20: "the issuer of the certificate is not known",
    21: "the certificate can't be verified",
    23: "the certificate was revoked",
    62: "the certificate is for another name",
    64: "the certificate is for another address",
}


class Failure(Exception):
    """A look that failed in a way its probe can name; ``says`` is one whole sentence."""

    def __init__(self, fault: Fault, says: str) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.says = says


def explain(error: BaseException, line: Line) -> Failure | None:
    """The failure that an error, or what lies behind it, stands for; None if it is our own."""
    for cause in _behind(error):
        failure = cause if isinstance(cause, Failure) else _network_failure(cause, line)
        if failure is not None:
            return failure
    return None


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what raised it, outermost first, no longer than ten deep."""
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _network_failure(error: BaseException, line: Line) -> Failure | None:
    if isinstance(error, asyncio.IncompleteReadError):
        return _closed(line)
    if not isinstance(error, OSError):
        return None
    meanings = (meaning for kind, meaning in _MEANINGS if isinstance(error, kind))
    return next(meanings, _system_failure)(error, line)


def _closed(line: Line) -> Failure:
    return Failure(Fault.CLOSED, f"{line.place} closed the connection without an answer.")


def _name_failure(error: OSError, line: Line) -> Failure:
    if error.errno == socket.EAI_AGAIN:
        says = f"The name {line.host} could not be looked up: the name server gave no answer."
    else:
        says = f"The name {line.host} was not found."
    return Failure(Fault.NAME_NOT_FOUND, says)


def _tls_failure(error: OSError, _line: Line) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = CERTIFICATE.get(error.verify_code, "the certificate can't be verified")
        return Failure(Fault.TLS, f"TLS: {why}.")
    if isinstance(error, ssl.SSLEOFError):
        return Failure(Fault.TLS, "TLS: the connection was closed during the handshake.")
    reason = getattr(error, "reason", None)
    if reason == "WRONG_VERSION_NUMBER":
        return Failure(Fault.TLS, "TLS: the other side does not speak TLS on this port.")
    why = (reason or "the handshake failed").replace("_", " ").lower()
    return Failure(Fault.TLS, f"TLS: {why}.")


def _system_failure(error: OSError, line: Line) -> Failure | None:
    if error.errno in UNREACHABLE:
        says = f"{line.place} can't be reached: {UNREACHABLE[error.errno]}."
        return Failure(Fault.UNREACHABLE, says)
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        return None  # we ran out, not they
    return Failure(Fault.UNREACHABLE, f"{line.place} can't be reached.")


# From the particular to the general: the first that fits an error explains it.
_MEANINGS: tuple[tuple[type[OSError], Callable[[OSError, Line], Failure | None]], ...] = (
    (socket.gaierror, _name_failure),
    (ssl.SSLError, _tls_failure),
    (
        ConnectionRefusedError,
        lambda _, line: Failure(Fault.REFUSED, f"Connection refused by {line.place}."),
    ),
    (ConnectionError, lambda _, line: _closed(line)),
    (TimeoutError, lambda _, line: Failure(Fault.TIMED_OUT, f"{line.place} did not answer.")),
)

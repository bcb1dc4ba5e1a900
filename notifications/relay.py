"""Which mail server, reached how?

Reads ``smtp://user:secret@host:port?starttls=never|auto|always`` and ``smtps://…``. Rules:
``smtps`` and ``always`` verify the certificate. ``auto`` encrypts where the server offers it
and takes any certificate, as opportunistic TLS does (RFC 7435), for it would also go on in
clear; but a secret is never sent that way: with a login, ``auto`` means ``always``, unless
the server is on this machine. Error texts never show the secret.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_ALLOWED = "smtp://user:secret@host:port?starttls=never|auto|always, or smtps://…"
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Relay:
    """``starttls``: True always, None where offered, False never."""

    host: str
    port: int
    user: str | None = None
    secret: str | None = field(default=None, repr=False)
    tls: bool = False
    starttls: bool | None = None
    token_file: Path | None = None
    """Holds what is shown in place of ``secret`` (XOAUTH2)."""

    @property
    def verifies(self) -> bool:
        return self.tls or self.starttls is True

    def options(self) -> dict[str, Any]:
        """What ``aiosmtplib.SMTP`` is opened with."""
        if self.token_file is not None:
            shows: dict[str, Any] = {"oauth_token_generator": partial(read_token, self.token_file)}
        else:
            shows = {"password": self.secret}
        return {
            "hostname": self.host,
            "port": self.port,
            "username": self.user,
            **shows,
            "use_tls": self.tls,
            "start_tls": self.starttls,
            "tls_context": _tls_context(verifying=self.verifies),
        }


async def read_token(file: Path) -> str:
    """Anew for each connection, for such tokens live an hour and something else renews them.
    Raises ``OSError`` that names no path.
    """
    try:
        return (await asyncio.to_thread(file.read_text)).strip()
    except OSError as error:
        raise OSError(f"the OAuth token can't be read: {error.strerror}") from None


def parse(url: str, token_file: Path | None = None) -> Relay:
    """Raises ``ValueError`` that says what is allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"not a mail server; allowed is {_ALLOWED}") from error
    query = parse_qs(parts.query, keep_blank_values=True)
    mode = query.pop("starttls", ["auto"])[-1]
    known = parts.scheme in ("smtp", "smtps") and mode in ("never", "auto", "always")
    if not known or query or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"not a mail server; allowed is {_ALLOWED}")
    user = unquote(parts.username) if parts.username else None
    tls = parts.scheme == "smtps"
    return Relay(
        host=parts.hostname,
        port=port or _usual_port(tls=tls, login=user is not None),
        user=user,
        secret=unquote(parts.password or "") if user else None,
        tls=tls,
        token_file=token_file if user is not None else None,
        starttls=False if tls else _starttls(mode, secret=user is not None, host=parts.hostname),
    )


def _starttls(mode: str, *, secret: bool, host: str) -> bool | None:
    if mode == "auto":
        return True if secret and host not in _HERE else None
    return mode == "always"


def _usual_port(*, tls: bool, login: bool) -> int:
    """RFC 8314 and RFC 6409: submission with TLS, submission, relay."""
    return 465 if tls else 587 if login else 25


@cache
def _tls_context(*, verifying: bool) -> ssl.SSLContext:
    """Once for all connections: loading the certificates takes 70 ms."""
    context = ssl.create_default_context()
    if not verifying:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

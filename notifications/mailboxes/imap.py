r"""How is a mailbox read by IMAP (RFC 3501), while people use it too?

A keyword of ours marks what was looked at, so that neither ``\Seen`` nor a folder of others
is touched; what was ours is marked as seen, too. A server that keeps no keywords is asked for
what is unseen, and we remember how far we came. Each look is a connection of its own: a
firewall forgets one that is silent for a minute. The standard library's client waits in every
line for the whole time that it was given, so ``close`` from another thread cuts it off.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from notifications.bounce import MOST_BYTES
from notifications.channel import Unreachable
from notifications.mailbox import Mail
from notifications.replies import readable

LOOKED_AT = "AvvisoLooked"
LINE_S = 10.0
"""For each answer of the server."""
_TROUBLE = (OSError, imaplib.IMAP4.error, ValueError)
_UID = re.compile(rb"[0-9]+")


class Imap:
    """``url``: ``imaps://user:secret@host:port/Folder``; ``imap://`` is without TLS."""

    def __init__(self, url: str, line_s: float = LINE_S) -> None:
        self._at, self._line_s = urlsplit(url), line_s
        self._open: imaplib.IMAP4 | None = None
        self._socket: socket.socket | None = None
        self._keeps_keywords = True
        self._came_to: tuple[bytes, int] = (b"", 0)
        """Of a server without keywords: which mailbox it was (UIDVALIDITY), and how far."""

    def fetch(self, most: int, since: datetime) -> Sequence[Mail] | Unreachable:
        try:
            return [mail for uid in self._unread(since)[:most] for mail in self._mail(uid)]
        except _TROUBLE as error:
            self.close()
            return Unreachable(_told(error), ours=True)

    def settle(self, keys: Sequence[str], *, ours: bool) -> None:
        flags = [LOOKED_AT] if self._keeps_keywords else []
        flags += ["\\Seen"] if ours else []
        self._came_to = (self._came_to[0], max([self._came_to[1], *map(int, keys)]))
        if not keys or not flags:
            return
        with contextlib.suppress(*_TROUBLE):  # then we read it again, and it is known already
            self._connection().uid("STORE", ",".join(keys), "+FLAGS.SILENT", f"({' '.join(flags)})")

    def close(self) -> None:
        connection, self._open = self._open, None
        held, self._socket = self._socket, None
        if held is not None:
            with contextlib.suppress(OSError):  # it also wakes a thread that waits for an answer
                held.shutdown(socket.SHUT_RDWR)
            held.close()
        if connection is not None:
            with contextlib.suppress(*_TROUBLE):
                connection.shutdown()

    def _connection(self) -> imaplib.IMAP4:
        if self._open is None:
            self._open = self._connect()
            _log_in(self._open, unquote(self._at.username or ""), unquote(self._at.password or ""))
            self._select(self._open)
        return self._open

    def _connect(self) -> imaplib.IMAP4:
        """The socket is kept before anything is said on it, to be cut off at any line."""
        host, is_safe = self._at.hostname or "", self._at.scheme == "imaps"
        port = self._at.port or (993 if is_safe else 143)
        self._socket = socket.create_connection((host, port), timeout=self._line_s)
        if is_safe:
            self._socket = wrapped = ssl.create_default_context().wrap_socket(
                self._socket, server_hostname=host, do_handshake_on_connect=False
            )
            wrapped.do_handshake()
        return _Client(self._socket)

    def _select(self, connection: imaplib.IMAP4) -> None:
        folder = unquote(self._at.path.removeprefix("/")) or "INBOX"
        quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
        _must(connection.select(f'"{quoted}"'))
        kept = connection.response("PERMANENTFLAGS")[1]
        self._keeps_keywords = any(b"\\*" in flags for flags in kept if flags)
        validity = next((one for one in connection.response("UIDVALIDITY")[1] if one), b"")
        if validity != self._came_to[0]:
            self._came_to = (validity, 0)

    def _unread(self, since: datetime) -> list[str]:
        """A mailbox may hold a hundred thousand letters of years: an answer with all of them
        would be longer than the client takes. A day more, for servers count in their zone.
        """
        connection = self._connection()
        day = imaplib.Time2Internaldate(since - timedelta(days=1))[1:12].strip()
        wanted = ("UNKEYWORD", LOOKED_AT) if self._keeps_keywords else ("UNSEEN",)
        found = _must(connection.uid("SEARCH", "UNDELETED", "SINCE", day, *wanted))
        uids = sorted(int(uid) for line in found for uid in _UID.findall(line))
        beyond = -1 if self._keeps_keywords else self._came_to[1]
        return [str(uid) for uid in uids if uid > beyond]

    def _mail(self, uid: str) -> list[Mail]:
        """One, or none when somebody has deleted it meanwhile."""
        parts = self._connection().uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")[1]
        bodies = [part[1] for part in parts if isinstance(part, tuple)]
        return [Mail(uid, body) for body in bodies[:1]]


class _Client(imaplib.IMAP4):
    """On a connection that is there."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        super().__init__()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002
        return self._connected


def _log_in(connection: imaplib.IMAP4, user: str, secret: str) -> None:
    """In a form that knows more than ASCII, where it is offered (RFC 4616)."""
    if "AUTH=PLAIN" in connection.capabilities:
        connection.authenticate("PLAIN", lambda _: f"\0{user}\0{secret}".encode())
    else:
        connection.login(user, secret)


def _must(answer: tuple[str, Sequence[bytes | None]]) -> list[bytes]:
    said, lines = answer[0], [line for line in answer[1] if line]
    if said != "OK":
        raise imaplib.IMAP4.error(b" ".join(lines).decode("ascii", "replace"))
    return lines


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the mailbox did not answer in time"
    if isinstance(error, imaplib.IMAP4.abort):
        return "the mailbox closed the connection"
    if isinstance(error, OSError):
        return f"no connection to the mailbox: {readable(error.strerror or str(error))}"
    return f"the mailbox says: {readable(str(error))}"

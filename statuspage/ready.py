"""What lies ready for a request, and has somebody asked in these very words before?

``answer`` chooses among a path's variants. ``asked`` and ``again`` are for a connection that
writes bytes by itself (``shortcut``): the reply to a reading request, ready for the wire. Who
asks twice sends the same bytes twice, and they mean the same until the pages change; so those
of the last askers are kept beside their replies, and a repeat is one look-up. Strangers choose
what they send: few are kept, and none that is long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from statuspage.answers import Answer, Head, Policy, moment_in
from statuspage.choices import Choices, wishes_in
from statuspage.memory import Memory, Prepared
from statuspage.metrics import Metrics

KEPT = 1024
LONGEST_KEPT = 1200
"""Bytes of a whole request; a browser sends 300 to 700."""
_ENTITY_TAG = re.compile(rb'"([\x21\x23-\x7e\x80-\xff]*)"')

Fields = Sequence[tuple[bytes, bytes]]
"""A request's headers."""


class Reply(NamedTuple):
    """What goes over the wire; between ``wire`` and ``body`` come the connection's own headers."""

    status: int
    wire: bytes
    body: bytes


class Ready:
    """The answers of one process's pages."""

    def __init__(self, memory: Memory, policy: Policy, metrics: Metrics) -> None:
        self._memory, self._policy, self._metrics = memory, policy, metrics
        self._pages = memory.pages
        self._choices: dict[str, Choices] = {}
        self._replies: dict[bytes, Reply] = {}

    def answer(self, path: str, variants: tuple[Prepared, ...], headers: Fields) -> Answer:
        """The one of ``variants``, which are the path's, that this client likes best."""
        if self._pages is not self._memory.pages:
            self._turn()
        choices = self._choices.get(path)
        if choices is None:
            choices = self._choices[path] = Choices(variants, self._policy)
        return choices.choose(wishes_in(headers))

    def asked(self, target: bytes, headers: Fields) -> Reply | None:
        """The reply to a GET that says no more than which page; None where the ordinary way has
        more to say: no page of this name, or one that is no plain 200.
        """
        path = target.decode("latin-1")  # as it came: what is escaped or has a query finds none
        variants = self._memory.pages.get(path)
        if variants is None:
            return None
        answer = self.answer(path, variants, headers)
        if answer.unchanged is None:
            return None
        head, body = chosen(answer, answer.unchanged, headers)
        self._metrics.page_requested(head.status)
        return Reply(head.status, head.wire, body)

    def again(self, request: bytes) -> Reply | None:
        """The reply to a whole request that was replied to in these bytes."""
        if self._pages is not self._memory.pages:
            return None
        reply = self._replies.get(request)
        if reply is not None:
            self._metrics.page_requested(reply.status)
        return reply

    def keep(self, request: bytes, reply: Reply) -> None:
        """These bytes are one whole request, and this is the reply to it."""
        if len(request) <= LONGEST_KEPT and self._pages is self._memory.pages:
            if len(self._replies) >= KEPT:
                self._replies.clear()
            self._replies[request] = reply

    def _turn(self) -> None:
        """The pages are others; what was chosen stands where a page has stayed as it was."""
        self._pages, self._replies = self._memory.pages, {}
        kept = self._choices.items()
        self._choices = {
            path: choices for path, choices in kept if choices.variants == self._pages.get(path)
        }


def chosen(answer: Answer, unchanged: Head, headers: Fields) -> tuple[Head, bytes]:
    """The whole answer, or that it is the one which the client has."""
    return (unchanged, b"") if _is_known(answer, headers) else (answer.head, answer.body)


def _is_known(answer: Answer, headers: Fields) -> bool:
    """If-None-Match by weak comparison: proxies that recompress weaken our tags. Who sends none,
    as simple feed readers do, may go by the time (RFC 9110, 13.2.2).
    """
    asked, since = b"", b""
    for name, value in headers:
        if name == b"if-none-match":
            asked = asked + b"," + value if asked else value
        elif name == b"if-modified-since":
            since = value
    if asked:
        return asked.strip() == b"*" or answer.etag.strip(b'"') in _ENTITY_TAG.findall(asked)
    if not since or answer.modified_at is None:
        return False
    known_at = moment_in(since.decode("latin-1"))
    return known_at is not None and known_at >= answer.modified_at

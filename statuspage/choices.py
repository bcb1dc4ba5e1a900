"""Which variant of a page does this client get, and what was chosen for the one before?

Clients wish by three headers, and most wish alike: what was chosen is kept with its
finished headers, so a page view is two look-ups. Strangers choose what they send, so
little is kept for each path, and nothing that is long.
"""

from __future__ import annotations

from collections.abc import Iterable

from statuspage.answers import Answer, Policy, page_answer
from statuspage.memory import Prepared
from statuspage.rules.negotiation import best_coding, best_language, best_type

KEPT = 256
LONGEST_KEPT = 400
"""Bytes of the three headers together."""

Wishes = tuple[bytes, bytes, bytes]
"""Accept, Accept-Language, Accept-Encoding."""


class Choices:
    """The variants of one path, and what was chosen of them for which wishes."""

    __slots__ = ("_made", "_policy", "_types", "_vary", "variants")

    def __init__(self, variants: tuple[Prepared, ...], policy: Policy) -> None:
        self.variants, self._policy = variants, policy
        self._types = _html_first(variant.page.media_type for variant in variants)
        languages = {variant.page.language for variant in variants}
        self._vary = ["Accept-Encoding"]
        self._vary += ["Accept-Language"] if len(languages) > 1 else []
        self._vary += ["Accept"] if len(self._types) > 1 else []
        self._made: dict[Wishes, Answer] = {}

    def choose(self, wishes: Wishes) -> Answer:
        """The answer for these wishes; the same wishes are weighed once."""
        answer = self._made.get(wishes)
        if answer is None:
            answer = self._weigh(*(wish.decode("latin-1") for wish in wishes))
            if len(self._made) >= KEPT:
                self._made.clear()
            if sum(map(len, wishes)) <= LONGEST_KEPT:
                self._made[wishes] = answer
        return answer

    def _weigh(self, accept: str, accept_language: str, accept_encoding: str) -> Answer:
        kind = best_type(accept, self._types)
        of_kind = [variant for variant in self.variants if variant.page.media_type == kind]
        spoken = [variant.page.language or "" for variant in of_kind]
        prepared = of_kind[spoken.index(best_language(accept_language, spoken))]
        sizes = {coding: len(body) for coding, body in prepared.codings.items()}
        coding = best_coding(accept_encoding, sizes)
        return page_answer(prepared, coding, self._vary, self._policy)


def wishes_in(headers: Iterable[tuple[bytes, bytes]]) -> Wishes:
    """The wishes of a request; a repeated field is one list (RFC 9110, 5.3)."""
    accept = language = encoding = b""
    for name, value in headers:
        if name == b"accept":
            accept = accept + b"," + value if accept else value
        elif name == b"accept-language":
            language = language + b"," + value if language else value
        elif name == b"accept-encoding":
            encoding = encoding + b"," + value if encoding else value
    return accept, language, encoding


def _html_first(media_types: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(media_types), key=lambda one: not one.startswith("text/html"))

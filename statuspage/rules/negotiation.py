"""Which of our representations does a client like best (RFC 9110, 12.5)?

Nothing here looks at a clock, a socket or a row. Headers come from strangers: an element
that cannot be read is as if it had not been sent, and a client that would accept nothing
of what we have gets our first choice all the same. In an outage it is better to be read
than to be right with a 406, and the standard leaves the choice to us.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_MOST_ELEMENTS = 50
_QUALITY = re.compile(r"[01]?(\.[0-9]*)?")
_ALIASES = {"x-gzip": "gzip"}
_ALSO_ASKED_AS = {"application/problem+json": "application/json"}
"""Who asks for JSON takes a problem in JSON (RFC 9457)."""


def best_coding(accept_encoding: str, sizes: Mapping[str, int]) -> str:
    """A content coding of those in ``sizes`` (coding -> bytes): of those liked best the
    smallest. A coding that is not named is not acceptable, except ``identity``, which
    is as good as the best named one (RFC 9110, 12.5.3).
    """
    asked = {_ALIASES.get(name, name): quality for name, quality in _elements(accept_encoding)}
    named = [quality for name, quality in asked.items() if name != "identity"]
    everything_else = asked.get("*", 0.0)
    liked = {coding: asked.get(coding, everything_else) for coding in sizes}
    if "identity" not in asked and "*" not in asked:
        liked["identity"] = max(named, default=1.0) or 1.0
    best = max(liked, key=lambda coding: (liked[coding], -sizes[coding]))
    return best if liked[best] > 0 else "identity"


def best_language(accept_language: str, offered: Sequence[str]) -> str:
    """One of ``offered``, whose first is the default. A range matches a language as far
    as the shorter of both goes (RFC 4647: "it-CH" finds "it", "it" finds "it-CH"); of
    equals the one that is named first.
    """
    ranges = _elements(accept_language)

    def liking(language: str) -> tuple[float, int]:
        quality, place = _language_quality(language.lower(), ranges)
        return quality, -place

    best = max(offered, key=liking)
    return best if liking(best)[0] > 0 else offered[0]


def best_type(accept: str, offered: Sequence[str]) -> str:
    """One media type of ``offered`` (parameters do not matter), whose first is the
    default. Of equally liked types the more precisely named one wins, so a program's
    "application/json, */*" asks for JSON, and a browser or a bare "*/*" does not.
    """
    ranges = dict(_elements(accept))
    likings = {one: _type_quality(one.partition(";")[0].strip(), ranges) for one in offered}
    best = max(offered, key=lambda one: likings[one])
    return best if likings[best][0] > 0 else offered[0]


def _elements(header: str) -> list[tuple[str, float]]:
    """The readable elements of a list with qualities, in order, in lower case."""
    elements = []
    for element in header.lower().split(",")[:_MOST_ELEMENTS]:
        name, *parameters = (part.strip() for part in element.split(";"))
        quality = _quality(parameters)
        if name and quality is not None:
            elements.append((name, quality))
    return elements


def _quality(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            readable = value.strip(".") and _QUALITY.fullmatch(value)
            return min(float(value), 1.0) if readable else None
    return 1.0


def _language_quality(language: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    anything = (0.0, len(ranges))
    found: list[tuple[float, int]] = []
    for place, (asked, quality) in enumerate(ranges):
        if asked == language and quality == 0:
            return 0.0, place
        if asked == "*":
            anything = (quality, place)
        elif f"{language}-".startswith(f"{asked}-") or f"{asked}-".startswith(f"{language}-"):
            found.append((quality, place))
    return max(found, key=lambda one: (one[0], -one[1]), default=anything)


def _type_quality(media_type: str, ranges: Mapping[str, float]) -> tuple[float, int]:
    names = [media_type, _ALSO_ASKED_AS.get(media_type, media_type)]
    exact = [ranges[name] for name in names if name in ranges]
    if exact:
        return max(exact), 2
    family = f"{media_type.partition('/')[0]}/*"
    if family in ranges:
        return ranges[family], 1
    # a client that sends no Accept at all takes anything
    return (ranges.get("*/*", 0.0) if ranges else 1.0), 0
